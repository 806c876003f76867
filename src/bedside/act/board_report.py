"""The two lines for the community oncologist: what was found, what to do next, whom to ask. And how hard
they read."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from bedside.act.board_packet import BoardPacket, PanelState
from bedside.genome.board import AdviceKind, BoardAdvice, UseType
from bedside.knowledge.board_policy import BoardWords

MOST_NAMED = 4
_VOWELS = re.compile(r"[aeiouy]+")
_WORDS = re.compile(r"[A-Za-z][A-Za-z'-]*")
_SENTENCES = re.compile(r"[.!?]+(?:\s|$)")


@dataclass(frozen=True, slots=True)
class TwoLines:
    """The report. names: gene and drug names in it, which no wording can make easier."""

    found: str
    next: str
    contact: str
    names: frozenset[str]


def two_lines(packet: BoardPacket, advice: BoardAdvice | None, words: BoardWords, contact: str) -> TwoLines:
    """The report of a packet and, where one is signed, its recommendation."""
    told = {one.biomarker for one in (*packet.options, *packet.resistance)}
    genes = {name.split()[0] for name in told if name}
    driving = [
        one
        for one in packet.lines(PanelState.FOUND)
        if genes & set(one.name.split("::")) or (one.kind == "marker" and _asked(one.name, packet))
    ]
    shown = [one.said or one.words for one in driving[:MOST_NAMED]]
    first = words.say("found", found="; ".join(shown)) if shown else words.say("found_none")
    expected = [one for one in packet.panel if one.expected]
    blank = [one for one in expected if one.state in (PanelState.NOT_TESTED, PanelState.UNDETERMINED)]
    if blank:
        first += " " + words.say("not_known", count=len(blank), expected=len(expected))
    against = list(dict.fromkeys(one.regimen for one in packet.resistance if not _unsure(one.warnings)))
    second = _next(advice, words)
    taken = "" if advice is None else advice.what.casefold()
    weighed = [one for one in against if taken and one.casefold() in taken]
    against = [one for one in against if one not in weighed]
    if weighed:
        second += " " + words.say("weighed", drugs=", ".join(weighed))
    if against:
        second += " " + words.say("against", drugs=", ".join(against[:MOST_NAMED]))
    names = {*shown, *against, *weighed, advice.what if advice else ""}
    return TwoLines(first, second, words.say("contact", contact=contact), frozenset(names - {""}))


def _asked(marker: str, packet: BoardPacket) -> bool:
    return any(marker.casefold() in one.why.casefold() for one in packet.options)


def _unsure(warnings: Collection[str]) -> bool:
    return "it cannot be told whether this finding counts" in warnings


def _next(advice: BoardAdvice | None, words: BoardWords) -> str:
    if advice is None:
        return words.say("none_yet")
    match advice.kind:
        case AdviceKind.TREATMENT:
            name = {
                UseType.OFF_LABEL: "treatment_off",
                UseType.COMPASSIONATE: "treatment_compassionate",
            }.get(advice.use, "treatment")
        case AdviceKind.TRIAL:
            name = "trial"
        case AdviceKind.FURTHER_TEST:
            name = "further_test"
        case AdviceKind.NO_CHANGE:
            name = "no_change"
    due = "" if advice.due is None else f"{advice.due.day} {advice.due:%B %Y}"
    owner = advice.owner[:1].upper() + advice.owner[1:]
    return f"{words.say(name, what=advice.what)} {words.say('who', owner=owner, due=due)}"


def reading_grade(text: str, names: Collection[str] = ()) -> float:
    """The Flesch-Kincaid grade of a text; names count as a word of one syllable each."""
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "X")
    words = _WORDS.findall(text)
    sentences = max(1, len(_SENTENCES.findall(text)))
    if not words:
        return 0.0
    syllables = sum(_syllables(word) for word in words)
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59


def _syllables(word: str) -> int:
    lower = word.casefold()
    count = len(_VOWELS.findall(lower))
    if lower.endswith("e") and not lower.endswith("le") and count > 1:
        count -= 1
    return max(1, count)
