"""Whether a letter of medical necessity says what the record and the citations hold, and nothing else. It
reads the finished text back, and shares no code with what wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from bedside.act.letter_check import Fault
from bedside.act.necessity_letter import LetterFact, LetterSentence, NecessityFacts
from bedside.genome.authorisation import DenialClass
from bedside.knowledge.necessity_template import APPEAL, FIRST, NecessitySentence, NecessityTemplate

_PLACE = re.compile(r"\$([a-z_]+)")
Row = Mapping[str, LetterFact]


def check_necessity(
    text: str,
    sentences: Sequence[LetterSentence],
    template: NecessityTemplate,
    facts: NecessityFacts,
    events: Collection[int],
    denial: DenialClass | None = None,
) -> tuple[Fault, ...]:
    """Every fault of a letter, none when it may be signed. facts: what is on record now; events: the places
    of this person's events in the ledger."""
    return tuple(_faults(text, sentences, template, facts, frozenset(events), denial))


def _faults(
    text: str,
    sentences: Sequence[LetterSentence],
    template: NecessityTemplate,
    facts: NecessityFacts,
    events: frozenset[int],
    denial: DenialClass | None,
) -> Iterator[Fault]:
    letter = FIRST if denial is None else APPEAL
    wanted = list(_wanted(template, facts, letter, denial))
    lines = [line for line in text.split("\n") if line]
    frame = {template.titles[letter], template.awaits, *template.headings.values()}
    if lines[:2] != [template.titles[letter], template.awaits]:
        yield Fault(1, "does not begin with its title and that it awaits a signature")
    told = [line for line in lines if line not in frame]
    for at, line in enumerate(told, 1):
        if at > len(wanted):
            yield Fault(at, "says something that no fact stands for")
            continue
        sentence, held = wanted[at - 1]
        yield from (Fault(at, why) for why in _against(line, sentence, held))
    for sentence, _ in wanted[len(told) :]:
        yield Fault(0, f"the sentence {sentence.id} is missing")
    if [one.text for one in sentences] != told:
        yield Fault(0, "its sentences are not those of its text")
    for at, one in enumerate(sentences, 1):
        yield from (Fault(at, why) for why in _unfounded(one, events))


def _wanted(
    template: NecessityTemplate, facts: NecessityFacts, letter: str, denial: DenialClass | None
) -> Iterator[tuple[NecessitySentence, Row]]:
    """What has to stand there, section after section, worked out from the facts alone."""
    for section in template.headings:
        for sentence in template.sentences:
            if sentence.section != section or letter not in sentence.letters:
                continue
            if sentence.denials and denial not in sentence.denials:
                continue
            candidates: Sequence[Row] = facts.rows.get(sentence.each, ()) if sentence.each else ({},)
            for row in candidates:
                held = dict(facts.single) | dict(row)
                if set(_PLACE.findall(sentence.text)) <= held.keys():
                    yield sentence, held


def _against(line: str, sentence: NecessitySentence, held: Row) -> Iterator[str]:
    names, pattern, at = [], "", 0
    for found in _PLACE.finditer(sentence.text):
        pattern += re.escape(sentence.text[at : found.start()]) + "(.+?)"
        names.append(found[1])
        at = found.end()
    read = re.fullmatch(pattern + re.escape(sentence.text[at:]), line)
    if read is None:
        yield f"is not the sentence {sentence.id}"
        return
    expected = sentence.text
    for name in sorted(names, key=len, reverse=True):
        expected = expected.replace(f"${name}", held[name].shown)
    if line != expected:
        yield f"says something otherwise than {sentence.id} holds it"


def _unfounded(one: LetterSentence, events: frozenset[int]) -> Iterator[str]:
    """Every fact of a sentence stands in an event of this person or in a citation."""
    if not one.facts:
        yield f"{one.id} rests on no fact"
    for fact in one.facts:
        if not fact.bases or not all(basis.stands for basis in fact.bases):
            yield f"{one.id}: {fact.name} stands nowhere"
        for basis in fact.bases:
            if basis.event is not None and basis.event not in events:
                yield f"{one.id}: {fact.name} names an event that is not this person's"
        if not fact.shown.strip() or not fact.shown.isprintable():
            yield f"{one.id}: {fact.name} is empty or not one line of text"
