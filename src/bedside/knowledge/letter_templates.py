"""Templates of letters to a person, one for each class of result and language: sentences with typed places,
each kept or left out by what the record holds. The claims a class must make are checked when one is loaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

from bedside.errors import PackError, Problem
from bedside.genome.letter import Fact, FactKind, Facts, Holder, ResultClass, Section, Source
from bedside.knowledge.letter_rules import KIND, LetterRules, load_letter_rules
from bedside.knowledge.letters import places
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence. each: the list it is said for every row of. needs: the facts in it and those it waits
    for; unless: said only without these. must: the letter is refused when it cannot be said."""

    id: str
    section: Section
    text: str
    each: str = ""
    needs: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    must: bool = False
    claim: str = ""


@dataclass(frozen=True, slots=True)
class LetterTemplate:
    """The words of one class in one language. example: made-up facts it is shown and measured with."""

    provenance: Provenance
    about: ResultClass
    language: str
    title: str
    sentences: tuple[Sentence, ...]
    example: Facts


@dataclass(frozen=True, slots=True)
class LetterPack:
    """Templates by class and language, and the rules of each language."""

    templates: Mapping[tuple[ResultClass, str], LetterTemplate]
    rules: Mapping[str, LetterRules]

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages there are letters in."""
        return tuple(self.rules)

    def of(self, about: ResultClass, language: str) -> LetterTemplate:
        """One template; raises PackError when there is none."""
        found = self.templates.get((about, language))
        if found is None:
            have = ", ".join(sorted(lang for one, lang in self.templates if one is about)) or "none"
            raise PackError(
                [Problem(KIND, f"no letter of class {about.value} in {language}", remedy=f"there is: {have}")]
            )
        return found


def load_letter_pack(root: Path | None = None) -> LetterPack:
    """Every template and rule in force; a site's own takes the place of the shipped one. Raises PackError."""
    rules = load_letter_rules(root)
    templates: dict[tuple[ResultClass, str], LetterTemplate] = {}
    for file in rule_files(KIND, root):
        if "form" not in file.document:
            made = read_template(file, rules)
            templates[made.about, made.language] = made
    return LetterPack(templates, rules)


def read_template(file: RuleFile, rules: Mapping[str, LetterRules]) -> LetterTemplate:
    """The template in a rule file; raises PackError with everything wrong with it."""
    entry = file.document
    try:
        language = str(entry["language"])
        if language not in rules:
            raise file.fail(f"there are no rules of letters in {language}")
        made = LetterTemplate(
            file.provenance,
            ResultClass(entry["class"]),
            language,
            str(entry["heading"]),
            tuple(_sentence(one, rules[language]) for one in entry["sentence"]),
            _example(entry.get("example", {}), rules[language]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"not a letter to a person: {error!r}") from error
    problems = [Problem(file.label, reason) for reason in _flaws(made, rules[language])]
    if problems:
        raise PackError(problems)
    return made


def _sentence(entry: Mapping[str, Any], rules: LetterRules) -> Sentence:
    claim = str(entry.get("claim", ""))
    text = rules.claims[claim] if claim else str(entry["text"])
    return Sentence(
        str(entry["id"]),
        Section(entry["section"]),
        text,
        str(entry.get("each", "")),
        places(text) | frozenset(entry.get("only_if", ())),
        frozenset(entry.get("unless", ())),
        bool(entry.get("must", bool(claim))),
        claim,
    )


def _example(entry: Mapping[str, Any], rules: LetterRules) -> Facts:
    def fact(name: str, said: str) -> Fact:
        kind, _, value = said.partition(": ")
        shown = rules.words_for(FactKind(kind), value)
        return Fact(name, FactKind(kind), value, shown, Source(Holder.WRITER, "example"))

    single = {name: fact(name, said) for name, said in entry.get("single", {}).items()}
    rows = {
        name: tuple({key: fact(key, said) for key, said in row.items()} for row in several)
        for name, several in entry.get("rows", {}).items()
    }
    return Facts(single, rows)


def _flaws(made: LetterTemplate, rules: LetterRules) -> Iterator[str]:
    ids = [one.id for one in made.sentences]
    yield from (f"the sentence {name} stands twice" for name in sorted({n for n in ids if ids.count(n) > 1}))
    claims = {one.claim for one in made.sentences if one.must and not one.unless and not one.each}
    for claim in rules.wanted[made.about]:
        if claim not in claims:
            yield f"does not always say the claim {claim}, which every letter of its class makes"
    order = list(Section)
    places_of = [order.index(one.section) for one in made.sentences]
    if places_of != sorted(places_of) or len(set(places_of)) != len(order):
        yield "its sentences do not stand in the sections in their order, or a section is empty"
    for one in made.sentences:
        if "$" in Template(one.text).safe_substitute(dict.fromkeys(places(one.text), "")):
            yield f"{one.id} has a $ that is no place"
        own = Template(one.text).safe_substitute(dict.fromkeys(places(one.text), " "))
        for pattern in rules.forbidden[made.about]:
            if found := pattern.search(own):
                yield f"{one.id} says {found[0]!r}, which no letter of its class may say"
