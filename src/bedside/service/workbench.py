"""One unsolved person on one page: what fits, what speaks for it, what it leaves unexplained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from bedside.genome.case import Case
from bedside.interpret.phenotype_rank import Ranked, rank_diseases
from bedside.service.features import confirmed_case
from bedside.service.house import House
from bedside.service.rank_cases import Ranker, load_ranker
from bedside.service.unsolved import last_ranking, unsolved_people

SHOWN = 10
TELLING = 0.05
"""From this weight on a term speaks for a disease; below it, the disease leaves the term unexplained."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A term of the case: its name, its weight, and the name of the disease's term it was met at."""

    name: str
    weight: float
    through: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A disease with what speaks for it and what it leaves unexplained."""

    place: Ranked
    why: tuple[Reason, ...]
    unexplained: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Workbench:
    """What the page says. last: the ranking that was kept last, with what had changed then."""

    case: Case
    candidates: tuple[Candidate, ...]
    observed: tuple[str, ...]
    excluded: tuple[str, ...]
    release: str
    review_state: str
    last: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class UnsolvedLine:
    """One unsolved person: the first diseases of the last look, what had changed, and under which release."""

    person: str
    first: tuple[str, ...]
    changed: tuple[str, ...]
    release: str


@lru_cache(maxsize=1)
def ranker_of(root: Path | None) -> Ranker:
    """The ranker of the release that comes along, built once."""
    return load_ranker(None, root)


def workbench(house: House, person: str) -> Workbench:
    """A person's workbench; raises NotFound for somebody who is not in the record."""
    case = confirmed_case(house, person)
    ranker = ranker_of(house.settings.knowledge_folder)
    names = ranker.names
    found = tuple(_candidate(ranker, one) for one in rank_diseases(ranker.scorer, case, SHOWN))
    return Workbench(
        case,
        found,
        tuple(names.get(one, one) for one in case.observed),
        tuple(names.get(one, one) for one in case.excluded),
        ranker.release,
        ranker.scorer.index.parameters.provenance.review_state,
        last_ranking(house, person),
    )


def _candidate(ranker: Ranker, place: Ranked) -> Candidate:
    names = ranker.names
    why, unexplained = [], []
    for one in place.contributions:
        name = names.get(one.term, one.term)
        if one.weight < TELLING:
            unexplained.append(name)
            continue
        through = ranker.scorer.through(one.term, place.disease)
        why.append(Reason(name, one.weight, "" if through == one.term else names.get(through, through)))
    return Candidate(place, tuple(why), tuple(unexplained))


def unsolved_lines(house: House, only: frozenset[str] | None = None) -> tuple[UnsolvedLine, ...]:
    """Everybody unsolved, those for whom something changed at the last look first."""
    found = []
    for person in unsolved_people(house):
        if only is not None and person not in only:
            continue
        held = last_ranking(house, person)
        places, changed = ([], []) if held is None else (held["places"][:3], held["changes"])
        found.append(
            UnsolvedLine(
                person,
                tuple(str(one["label"]) for one in places),
                tuple(_told(one) for one in changed),
                "" if held is None else str(held["release"]),
            )
        )
    return tuple(sorted(found, key=lambda one: (not one.changed, one.person)))


def _told(change: Mapping[str, Any]) -> str:
    was = "was not among the first" if change["before"] is None else f"was number {change['before']}"
    return f"{change['label']}: now number {change['rank']}, {was}"
