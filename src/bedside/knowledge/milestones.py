"""The milestones of a site's start."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.genome.event import EventKind
from bedside.knowledge.provenance import Provenance, rule_files

KIND = "milestones"


@dataclass(frozen=True, slots=True)
class Milestone:
    """Reached when an event of this kind was written down of so many people."""

    name: str
    title: str
    event: EventKind
    people: int


@dataclass(frozen=True, slots=True)
class Milestones:
    """The milestones in order. least_sites: of fewer other sites nothing is forecast."""

    provenance: Provenance
    least_sites: int
    milestones: tuple[Milestone, ...]


def load_milestones(root: Path | None = None) -> Milestones:
    """The plan in force: a site's own file in place of the shipped one. Raises PackError."""
    *_, file = rule_files(KIND, root)
    found: list[Milestone] = []
    problems: list[Problem] = []
    for entry in file.document.get("milestone", ()):
        try:
            one = Milestone(
                str(entry["name"]), str(entry["title"]), EventKind(entry["event"]), int(entry["people"])
            )
        except (KeyError, TypeError, ValueError) as error:
            problems.append(Problem(file.label, f"a milestone is not whole: {error}"))
            continue
        if one.people < 1:
            problems.append(Problem(file.label, f"{one.name} needs at least one person"))
        found.append(one)
    least = file.document.get("least_sites", 0)
    if not isinstance(least, int) or least < 2:
        problems.append(Problem(file.label, "least_sites must be a whole number from 2 upwards"))
    if problems or not found:
        raise PackError(problems or [Problem(file.label, "holds no [[milestone]]")])
    return Milestones(file.provenance, least, tuple(found))
