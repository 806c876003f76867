"""Whether the evidence for a decision is ready: ready only when everything required is met."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from bedside.knowledge.readiness import ReadinessChecklist, ReadinessItem


class Met(Enum):
    """How an item stands. What nobody answered is unknown, and never met."""

    MET = "met"
    NOT_MET = "not met"
    UNKNOWN = "unknown"


class Ready(Enum):
    """How the whole stands."""

    READY = "ready"
    NOT_READY = "not ready"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about an item: how it stands, why, and where that is written."""

    met: Met
    why: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """An item with what was found. overdue: not met, and its day is past."""

    item: ReadinessItem
    found: Finding
    overdue: bool


@dataclass(frozen=True, slots=True)
class Readiness:
    """The answer with every item; gaps: those that are required and not met, the overdue first."""

    answer: Ready
    judged: tuple[Judged, ...]

    @property
    def gaps(self) -> tuple[Judged, ...]:
        """What stands in the way."""
        found = [one for one in self.judged if one.item.required and one.found.met is not Met.MET]
        return tuple(sorted(found, key=lambda one: (not one.overdue, one.item.due, one.item.name)))


def judge(checklist: ReadinessChecklist, found: Mapping[str, Finding], today: date) -> Readiness:
    """The answer from what was found by item; an item of which nothing was found is unknown."""
    judged = []
    for item in checklist.items:
        held = found.get(item.name, Finding(Met.UNKNOWN, "nobody has answered it"))
        judged.append(Judged(item, held, held.met is not Met.MET and item.due < today))
    required = [one.found.met for one in judged if one.item.required]
    if Met.NOT_MET in required:
        answer = Ready.NOT_READY
    elif Met.UNKNOWN in required or not required:
        answer = Ready.UNKNOWN
    else:
        answer = Ready.READY
    return Readiness(answer, tuple(judged))
