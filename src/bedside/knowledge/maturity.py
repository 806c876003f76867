"""The maturity self-assessment: domains, indicators, and from which figure on a level is reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from bedside.errors import PackError, Problem
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files

KIND = "maturity"
LEVELS = 5


class How(Enum):
    """Where an indicator's level comes from."""

    DERIVED = "worked out from the record"
    SURVEY = "a survey, entered by a named person"
    ATTESTED = "answered by a named person"


@dataclass(frozen=True, slots=True)
class Indicator:
    """A question. fact: the figure it is worked out from. reach: the figure from which levels 2 to 5 are
    reached; lower: whether less is better. says: the five answers of an attested one. least: of fewer it is
    not known."""

    name: str
    domain: str
    asks: str
    how: How
    fact: str
    reach: tuple[float, ...]
    lower: bool
    says: tuple[str, ...]
    least: int

    def level(self, value: float) -> int:
        """The level that a figure reaches, 1 to 5."""
        passed = (value <= limit if self.lower else value >= limit for limit in self.reach)
        return 1 + sum(passed)


@dataclass(frozen=True, slots=True)
class Maturity:
    """The whole pack. levels: the names of levels 1 to 5. valid_days: after so long an answer is not known
    any more."""

    provenance: Provenance
    levels: tuple[str, ...]
    valid_days: int
    domains: Mapping[str, str]
    indicators: Mapping[str, Indicator]


def load_maturity(root: Path | None = None) -> Maturity:
    """The pack in force, a site's own in place of the shipped one. Raises PackError with every problem."""
    *_, file = rule_files(KIND, root)
    problems: list[Problem] = []
    document = file.document
    indicators: dict[str, Indicator] = {}
    domains = {str(one.get("name")): str(one.get("title")) for one in document.get("domain", ())}
    for domain in document.get("domain", ()):
        for one in _indicators(file, domain, problems):
            if one.name in indicators:
                problems.append(Problem(file.label, f"{one.name} stands twice"))
            indicators[one.name] = one
    levels = tuple(document.get("levels", ()))
    if len(levels) != LEVELS:
        problems.append(Problem(file.label, "needs the names of five levels"))
    if problems or not indicators:
        raise PackError(problems or [Problem(file.label, "holds no indicator")])
    return Maturity(file.provenance, levels, int(document.get("valid_days", 365)), domains, indicators)


def _indicators(file: RuleFile, domain: Mapping[str, Any], problems: list[Problem]) -> Iterator[Indicator]:
    for entry in domain.get("indicator", ()):
        name, lower = str(entry.get("name", "")), entry.get("better") == "lower"
        reach = tuple(float(one) for one in entry.get("reach", ()))
        says = tuple(str(one) for one in entry.get("says", ()))
        fact, survey = str(entry.get("fact", "")), bool(entry.get("survey", False))
        how = How.DERIVED if fact else How.SURVEY if survey else How.ATTESTED
        if not name or not entry.get("asks"):
            problems.append(Problem(file.label, f"an indicator without name or question: {name or '?'}"))
        if how is How.ATTESTED and len(says) != LEVELS:
            problems.append(Problem(file.label, f"{name} needs five answers, a fact, or survey = true"))
        if how is not How.ATTESTED and len(reach) != LEVELS - 1:
            problems.append(Problem(file.label, f"{name} needs four figures in reach, for levels 2 to 5"))
        if list(reach) != sorted(reach, reverse=lower):
            problems.append(
                Problem(file.label, f"{name}: a higher level is easier to reach than a lower one")
            )
        yield Indicator(
            name, str(domain.get("name", "")), str(entry.get("asks", "")), how, fact, reach, lower, says,
            int(entry.get("least", 0)),
        )  # fmt: skip
