"""Whether a finished letter says what the record holds and nothing else. It reads the text back, sentence by
sentence, and shares no code with what wrote it.

Every line must be one that the template has for these facts, in its place; what stands in its places must be
the facts of that row, in the words that belong to their value; no line may be missing; nothing that a letter
of this class must not claim may be said, and what it must claim has to stand there word for word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bedside.act.letter_words import normal, own_words
from bedside.genome.letter import Fact, FactKind, Facts, Section
from bedside.knowledge.letter_rules import LetterRules
from bedside.knowledge.letter_templates import LetterTemplate, Sentence

_PLACE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_NUMBER = re.compile(r"\d")
_SYMBOL = re.compile(r"\b[A-Z][A-Z0-9]*[A-Z0-9]\b")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in a letter that the record does not hold, or something it holds that the letter hides. line:
    from 1, 0 for the letter as a whole."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}" if self.line else self.reason


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A line that has to stand in the letter."""

    section: Section
    sentence: Sentence
    held: Mapping[str, Fact]


def check_letter(
    text: str, template: LetterTemplate, rules: LetterRules, facts: Facts, *, rephrased: bool = False
) -> tuple[Fault, ...]:
    """Every fault of a letter, none when it may be released. rephrased: a sentence may differ from the
    template in light words and in words that may stand for one another; a claim may not."""
    return tuple(_faults(text, template, rules, facts, rephrased))


def _faults(
    text: str, template: LetterTemplate, rules: LetterRules, facts: Facts, rephrased: bool
) -> Iterator[Fault]:
    yield from _facts_as_shown(facts, rules)
    wanted = list(_wanted(template, facts))
    lines = text.split("\n")
    if lines[:1] != [template.title]:
        yield Fault(1, "the title is not that of its class")
    place, at, section = 0, 1, None
    headings = {words: one for one, words in rules.headings.items()}
    told = {one.section for one in wanted}
    if [headings[line] for line in lines if line in headings] != [one for one in Section if one in told]:
        yield Fault(0, "its headings are not those of its sections, each once and in order")
    for at, line in enumerate(lines[1:], 2):
        if not line:
            continue
        if line in headings:
            section = headings[line]
            continue
        if place >= len(wanted):
            yield Fault(at, "says something that no sentence of the template says")
            continue
        expected = wanted[place]
        place += 1
        if section is not expected.section:
            yield Fault(at, f"stands in another section than {expected.section.value}")
        yield from (Fault(at, reason) for reason in _against(line, expected, rules, rephrased))
        yield from (Fault(at, reason) for reason in _claimed(line, expected, template, rules))
    for one in wanted[place:]:
        yield Fault(0, f"the sentence {one.sentence.id} is missing")
    said = {line.removeprefix("- ") for line in lines}
    for claim in rules.wanted[template.about]:
        if rules.claims[claim] not in said:
            yield Fault(0, f"does not claim {claim} in its fixed words")


def _wanted(template: LetterTemplate, facts: Facts) -> Iterator[_Wanted]:
    """What has to stand there, worked out from the facts alone."""
    for sentence in template.sentences:
        candidates = [{}] if not sentence.each else facts.rows.get(sentence.each, ())
        for row in candidates:
            held = dict(facts.single) | dict(row)
            if all(name in held for name in sentence.needs) and not any(n in held for n in sentence.unless):
                yield _Wanted(sentence.section, sentence, held)


def _against(line: str, expected: _Wanted, rules: LetterRules, rephrased: bool) -> Iterator[str]:
    sentence = expected.sentence
    if sentence.each:
        if not line.startswith("- "):
            yield "is not written as one of a list"
        line = line.removeprefix("- ")
    if rephrased and not sentence.claim and sentence.section is not Section.DETAILS:
        names = [one[0] or one[1] for one in _PLACE.findall(sentence.text)]
        values = {name: expected.held[name].shown for name in names}
        if normal(line, rules, values) != normal(sentence.text, rules, {}):
            yield f"does not say what {sentence.id} says"
        return
    shape, names = _shape(sentence.text)
    found = shape.fullmatch(line)
    if found is None:
        yield f"is not the sentence {sentence.id}"
        return
    for name, said in zip(names, found.groups(), strict=True):
        if said != expected.held[name].shown:
            yield f"says {name} otherwise than the record holds it"


def _shape(text: str) -> tuple[re.Pattern[str], list[str]]:
    """A pattern that takes a sentence apart again, and the names of its places in order."""
    names, pattern, at = [], "", 0
    for found in _PLACE.finditer(text):
        pattern += re.escape(text[at : found.start()]) + "(.+?)"
        names.append(found[1] or found[2])
        at = found.end()
    return re.compile(pattern + re.escape(text[at:])), names


def _claimed(line: str, expected: _Wanted, template: LetterTemplate, rules: LetterRules) -> Iterator[str]:
    """What the words between the facts must not hold: a forbidden claim, a number, a symbol."""
    names = [one[0] or one[1] for one in _PLACE.findall(expected.sentence.text)]
    own = own_words(line, [expected.held[name].shown for name in names])
    for pattern in rules.forbidden[template.about]:
        if found := pattern.search(own):
            yield f"says {found[0]!r}, which no letter of its class may say"
    if _NUMBER.search(own):
        yield "has a number that is no fact of the record"
    allowed = set(_SYMBOL.findall(expected.sentence.text))
    for symbol in _SYMBOL.findall(own):
        if symbol not in allowed:
            yield f"names {symbol}, which is no fact of this line"


def _facts_as_shown(facts: Facts, rules: LetterRules) -> Iterator[Fault]:
    for one in facts.every():
        if not _right(one, rules):
            yield Fault(0, f"the fact {one.name} is shown otherwise than it is held")


def _right(fact: Fact, rules: LetterRules) -> bool:
    """Whether the words shown belong to the value that is held."""
    match fact.kind:
        case FactKind.DATE:
            day = rules.day_of(fact.shown)
            return day is not None and day == date.fromisoformat(fact.value)
        case FactKind.MEANING:
            return rules.meanings.get(fact.value) == fact.shown
        case FactKind.COPIES:
            return rules.copies.get(fact.value) == fact.shown
        case FactKind.ADVICE:
            said = {rules.advice.get(code, rules.unclear_advice) for code in fact.value.split("+")}
            return fact.shown == (said.pop() if len(said) == 1 else rules.unclear_advice)
        case FactKind.CONDITION if fact.source.path == "layperson":
            return True
    return fact.shown == fact.value


def sentences_of(text: str, rules: LetterRules, sections: Sequence[Section]) -> tuple[str, ...]:
    """The sentences of a letter's text that stand under some of its headings."""
    headings = {words: one for one, words in rules.headings.items()}
    section, found = None, []
    for line in text.split("\n")[1:]:
        if line in headings:
            section = headings[line]
        elif line and section in sections:
            found.append(line.removeprefix("- "))
    return tuple(found)
