"""What holds for every letter to a person in one language: headings, claims that must be made in fixed words,
words that must not occur, the plain words for codes, months, and what may stand for what in a rephrasing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.genome.letter import FactKind, ResultClass, Section
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files

KIND = "patient_letters"
RULES = "rules"
CLASSES = "classes"
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Readable:
    """How easy a letter must read. Flesch-Kincaid's grade at most, or Fernández-Huerta's score at least,
    and no sentence of more words."""

    formula: str
    limit: float
    most_words: int


@dataclass(frozen=True, slots=True)
class LetterRules:
    """The rules of one language. claims: id → the fixed sentence. wanted: class → claims it must make.
    forbidden: class → patterns that its own words never match. meanings, advice, copies: code → plain
    words. same: words that may stand for one another; light: words that a rephrasing may add or leave;
    kept: words that are neither, as they change what is claimed."""

    provenance: Provenance
    language: str
    headings: Mapping[Section, str]
    claims: Mapping[str, str]
    wanted: Mapping[ResultClass, tuple[str, ...]]
    forbidden: Mapping[ResultClass, tuple[re.Pattern[str], ...]]
    meanings: Mapping[str, str]
    advice: Mapping[str, str]
    unclear_advice: str
    copies: Mapping[str, str]
    months: tuple[str, ...]
    day: str
    contact: str
    awaits: str
    same: tuple[frozenset[str], ...]
    light: frozenset[str]
    kept: frozenset[str]
    readable: Readable

    def day_words(self, day: date) -> str:
        """A day as the language writes it."""
        return self.day.format(day=day.day, month=self.months[day.month - 1], year=day.year)

    def words_for(self, kind: FactKind, value: str) -> str:
        """How the language says a value of a kind, "" where it has no words for it."""
        match kind:
            case FactKind.DATE:
                return self.day_words(date.fromisoformat(value))
            case FactKind.MEANING:
                return self.meanings.get(value, "")
            case FactKind.COPIES:
                return self.copies.get(value, "")
            case FactKind.ADVICE:
                said = {self.advice.get(code, self.unclear_advice) for code in value.split("+")}
                return said.pop() if len(said) == 1 else self.unclear_advice
        return value

    def day_of(self, words: str) -> date | None:
        """The day that words name; None when they name none."""
        shape = re.escape(self.day).replace(r"\{day\}", r"(?P<day>\d{1,2})")
        shape = shape.replace(r"\{month\}", r"(?P<month>\w+)").replace(r"\{year\}", r"(?P<year>\d{4})")
        found = re.fullmatch(shape, words)
        if found is None or found["month"] not in self.months:
            return None
        try:
            return date(int(found["year"]), self.months.index(found["month"]) + 1, int(found["day"]))
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class LetterClasses:
    """Which words and codes of a laboratory lead to which class of letter."""

    provenance: Provenance
    causes: frozenset[str]
    uncertain: frozenset[str]
    mild: frozenset[str]
    recessive: frozenset[str]
    not_of_the_person: frozenset[str]


def load_letter_classes(root: Path | None = None) -> LetterClasses:
    """The classes in force; a site's own take the place of the shipped ones. Raises PackError."""
    files = [file for file in rule_files(KIND, root) if file.document.get("form") == CLASSES]
    if not files:
        raise PackError([Problem(KIND, "no file says which finding leads to which letter")])
    file = files[-1]
    names = ("causes", "uncertain", "mild", "recessive", "not_of_the_person")
    try:
        several = [frozenset(str(one).lower() for one in file.document[name]) for name in names]
    except (KeyError, TypeError) as error:
        raise file.fail(f"not classes of letters: {error!r}") from error
    return LetterClasses(file.provenance, *several)


def load_letter_rules(root: Path | None = None) -> Mapping[str, LetterRules]:
    """The rules by language; a site's own replace those that ship. Raises PackError."""
    return {
        rules.language: rules
        for file in rule_files(KIND, root)
        if file.document.get("form") == RULES
        for rules in (_rules(file),)
    }


def _rules(file: RuleFile) -> LetterRules:
    entry = file.document
    try:
        rules = LetterRules(
            file.provenance,
            str(entry["language"]),
            {Section(name): str(text) for name, text in entry["headings"].items()},
            {name: str(text) for name, text in entry["claims"].items()},
            {ResultClass(name): tuple(claims) for name, claims in entry["wanted"].items()},
            {one: _patterns(entry["forbidden"], one) for one in ResultClass},
            dict(entry["meanings"]),
            dict(entry["advice"]),
            str(entry["unclear_advice"]),
            dict(entry["copies"]),
            tuple(entry["months"]),
            str(entry["day"]),
            str(entry["contact"]),
            str(entry["awaits"]),
            tuple(frozenset(group) for group in entry["same"]),
            frozenset(entry["light"]),
            frozenset(entry["kept"]),
            Readable(**entry["readable"]),
        )
    except (KeyError, TypeError, ValueError, re.error) as error:
        raise file.fail(f"not rules of letters: {error!r}") from error
    problems = [Problem(file.label, reason) for reason in _flaws(rules)]
    if problems:
        raise PackError(problems)
    return rules


def _patterns(entry: Mapping[str, list[str]], about: ResultClass) -> tuple[re.Pattern[str], ...]:
    several = (*entry.get("all", ()), *entry.get(about.value, ()))
    return tuple(re.compile(rf"\b(?:{one})\b", re.IGNORECASE) for one in several)


def _flaws(rules: LetterRules) -> list[str]:
    flaws = [f"no heading for {one.value}" for one in Section if one not in rules.headings]
    flaws += [
        f"says nothing of what {one.value} must claim" for one in ResultClass if one not in rules.wanted
    ]
    named = {claim for several in rules.wanted.values() for claim in several}
    flaws += [f"the claim {one} has no words" for one in sorted(named - set(rules.claims))]
    loose = rules.light.union(*rules.same)
    flaws += [f"{one} changes what is claimed and may not be rephrased" for one in sorted(rules.kept & loose)]
    if len(set(rules.months)) != MONTHS:
        flaws.append("there are twelve months")
    return flaws
