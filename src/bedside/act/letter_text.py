"""A letter from its template: each sentence filled from facts, left out where the record does not hold what
it needs, and the whole letter refused where it must be said and cannot.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from string import Template

from bedside.errors import InputError, Problem
from bedside.genome.letter import Fact, Facts, Line, Row, Section
from bedside.knowledge.letter_rules import LetterRules
from bedside.knowledge.letter_templates import LetterTemplate, Sentence


def compose(template: LetterTemplate, facts: Facts) -> tuple[Line, ...]:
    """The sentences of the letter. Raises `InputError` naming every fact that is missing for a sentence that
    must be said, and every one that is empty or not one line of text."""
    problems = [
        Problem("letter", f"the fact {one.name} is empty or not one line of text")
        for one in facts.every()
        if not one.shown.strip() or not one.shown.isprintable()
    ]
    lines: list[Line] = []
    for sentence in template.sentences:
        said = list(_lines(sentence, facts))
        if sentence.must and not said:
            lacks = ", ".join(sorted(_lacking(sentence, facts))) or sentence.each or sentence.id
            problems.append(Problem("letter", f"cannot say {sentence.id}: the record does not hold {lacks}"))
        lines += said
    if problems:
        raise InputError(problems)
    return tuple(lines)


def _lines(sentence: Sentence, facts: Facts) -> Iterator[Line]:
    rows: Sequence[Row] = facts.rows.get(sentence.each, ()) if sentence.each else ({},)
    for number, row in enumerate(rows):
        held: dict[str, Fact] = {**facts.single, **row}
        if sentence.needs <= held.keys() and not sentence.unless & held.keys():
            words = {name: held[name].shown for name in sentence.needs}
            text = Template(sentence.text).substitute(words)
            yield Line(sentence.id, sentence.section, number if sentence.each else -1, text)


def _lacking(sentence: Sentence, facts: Facts) -> frozenset[str]:
    held = set(facts.single)
    for row in facts.rows.get(sentence.each, ()):
        held |= set(row)
    return sentence.needs - held


def letter_text(template: LetterTemplate, rules: LetterRules, lines: Sequence[Line]) -> str:
    """The letter as text: its title, then each section under its heading, one sentence on a line."""
    parts = [template.title]
    for section in Section:
        said = [_written(line) for line in lines if line.section is section]
        if said:
            parts.append("\n".join((rules.headings[section], *said)))
    return "\n\n".join(parts) + "\n"


def lines_of(text: str, rules: LetterRules) -> tuple[Line, ...]:
    """The lines of a letter that was kept as text, for showing it as it is."""
    headings = {words: one for one, words in rules.headings.items()}
    found: list[Line] = []
    section = Section.FOUND
    for line in text.split("\n")[1:]:
        if line in headings:
            section = headings[line]
        elif line:
            found.append(Line("", section, 0 if line.startswith("- ") else -1, line.removeprefix("- ")))
    return tuple(found)


def _written(line: Line) -> str:
    return line.text if line.row < 0 else f"- {line.text}"
