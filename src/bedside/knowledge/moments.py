"""The moments of life at which a genome stored in childhood is looked at again, as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bedside.errors import PackError, Problem
from bedside.knowledge.provenance import Provenance, rule_files

NAME = "moments"


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment: from an age on (in days, in years, or majority), or when an event is planned.

    until_years and until_days: the end of the age at which it helps most; later it is still due, and late.
    own_consent: from majority on nothing is looked at before the person was asked. Exactly one of
    from_days, from_years, at_majority and event says when.
    """

    name: str
    title: str
    owner: str
    action: str
    due_in_days: int
    from_days: int | None = None
    from_years: int | None = None
    until_days: int | None = None
    until_years: int | None = None
    at_majority: bool = False
    event: str = ""
    own_consent: bool = False
    panel: str = ""
    genes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Moments:
    """Every moment, by name."""

    provenance: Provenance
    by_name: Mapping[str, Moment]


def load_moments(root: Path | None = None) -> Moments:
    """The moments in force, a site's own file in place of the shipped one; raises PackError."""
    files = [file for file in rule_files("disclosure", root) if file.provenance.name == NAME]
    if not files:
        raise PackError([Problem("disclosure/moments.toml", "no such rule file")])
    file = files[-1]
    try:
        found = [_moment(entry) for entry in file.document["moment"]]
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"not a list of moments: {error}") from error
    problems = [Problem(file.label, reason) for moment in found for reason in _flaws(moment)]
    if len({moment.name for moment in found}) != len(found):
        problems.append(Problem(file.label, "two moments have one name"))
    if problems:
        raise PackError(problems)
    return Moments(file.provenance, {moment.name: moment for moment in found})


def _moment(entry: Mapping[str, Any]) -> Moment:
    return Moment(**{**entry, "genes": tuple(entry.get("genes", ()))})


def _flaws(moment: Moment) -> Iterator[str]:
    said = [
        moment.from_days is not None,
        moment.from_years is not None,
        moment.at_majority,
        bool(moment.event),
    ]
    if sum(said) != 1:
        yield f"{moment.name} says when in {sum(said)} ways, not in one"
    if not (moment.panel or moment.genes):
        yield f"{moment.name} names neither a panel nor genes"
    if not (moment.owner and moment.action):
        yield f"{moment.name} needs an owner and an action"
