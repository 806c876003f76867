"""Room for a language model that words a finished letter more simply, and no room for more than that.

It gets sentences and gives sentences. What it gives is held to the same check as the letter it started from:
every fact in its place, every weighty word or one that may stand for it, the claims untouched, not harder to
read. Otherwise the original is used, and the letter says why. No model is shipped and nothing is called.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bedside.act.letter_check import check_letter, sentences_of
from bedside.act.letter_text import letter_text
from bedside.act.readability import too_hard
from bedside.genome.letter import Facts, Line, Section
from bedside.knowledge.letter_rules import LetterRules
from bedside.knowledge.letter_templates import LetterTemplate

PLAIN = tuple(section for section in Section if section is not Section.DETAILS)
"""The sections that are written for the person, and measured."""


class Rephraser(Protocol):
    """Something that may word sentences otherwise: as many as it was given, in their order."""

    def rephrase(self, sentences: Sequence[str], language: str) -> Sequence[str]:
        """The sentences in other words."""
        ...


@dataclass(frozen=True, slots=True)
class Rephrasing:
    """The lines to use. used: whether they are the rephraser's; refused: why not."""

    lines: tuple[Line, ...]
    used: bool
    refused: tuple[str, ...] = ()


def rephrase(
    rephraser: Rephraser,
    lines: Sequence[Line],
    template: LetterTemplate,
    rules: LetterRules,
    facts: Facts,
) -> Rephrasing:
    """The lines as a rephraser words them where that passes, else as they were, with every reason."""
    original = tuple(lines)
    claims = {one.id for one in template.sentences if one.claim}
    open_to = [
        place for place, one in enumerate(original) if one.section in PLAIN and one.sentence not in claims
    ]
    try:
        given = list(rephraser.rephrase([original[place].text for place in open_to], template.language))
    except Exception as error:  # noqa: BLE001 (whatever it is, the letter stands as it was)
        return Rephrasing(original, False, (f"the rephrasing failed: {type(error).__name__}",))
    if len(given) != len(open_to) or not all(isinstance(one, str) for one in given):
        return Rephrasing(original, False, ("the rephrasing left out or added sentences",))
    changed = list(original)
    for place, text in zip(open_to, given, strict=True):
        changed[place] = replace(original[place], text=text)
    refused = tuple(_against(changed, template, rules, facts))
    return Rephrasing(original if refused else tuple(changed), not refused, refused)


def _against(lines: Sequence[Line], template: LetterTemplate, rules: LetterRules, facts: Facts) -> list[str]:
    if any(not one.text.strip() or not one.text.isprintable() for one in lines):
        return ["a sentence of the rephrasing is empty or not one line"]
    text = letter_text(template, rules, lines)
    faults = [str(one) for one in check_letter(text, template, rules, facts, rephrased=True)]
    return faults + list(too_hard(sentences_of(text, rules, PLAIN), rules))
