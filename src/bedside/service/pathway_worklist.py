"""Who is stuck, how long, whose move: the open steps of everybody on every pathway, the most urgent first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bedside.act.pathway_guards import Fired, fired
from bedside.act.pathway_moves import Move, moves
from bedside.act.pathway_state import PathwayState, states
from bedside.genome.signal import Signal
from bedside.service.house import House
from bedside.service.pathway_check import Pathways, load_pathways
from bedside.service.pathway_signals import everybody

BARRIER, REMOVED = "barrier-noted", "barrier-removed"


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One open step of one person: whose move it is, and what warns beside it. barriers: what stands in the
    way, as noted and not removed."""

    move: Move
    pathway_title: str
    started: datetime
    warnings: tuple[Fired, ...]
    barriers: tuple[str, ...]

    @property
    def order(self) -> tuple[bool, datetime, str]:
        """Overdue first, then what is due first."""
        return (not self.move.overdue, self.move.due, self.move.person)


@dataclass(frozen=True, slots=True)
class Worklist:
    """The items that fit, and how many open cases there are in all."""

    at: datetime
    items: tuple[WorkItem, ...]
    cases: int
    ended: int


def worklist(
    house: House, now: datetime | None = None, *, role: str = "", pathway: str = "", person: str = ""
) -> Worklist:
    """Everybody's open steps at a moment. role: only whose move it is now; pathway, person: only these."""
    held, at = load_pathways(house.settings.knowledge_folder), now or house.clock()
    items, cases, ended = [], 0, 0
    for one, signals in everybody(house):
        if person and one != person:
            continue
        for state, work in cases_of(held, one, signals, at, pathway):
            cases += state.ended is None
            ended += state.ended is not None
            items += [item for item in work if not role or item.move.owner == role]
    return Worklist(at, tuple(sorted(items, key=lambda item: item.order)), cases, ended)


def cases_of(
    held: Pathways, person: str, signals: tuple[Signal, ...], at: datetime, only: str = ""
) -> Iterator[tuple[PathwayState, tuple[WorkItem, ...]]]:
    """Every case of a person with its open steps."""
    for pathway in held.by_name.values():
        if only and pathway.name != only:
            continue
        calendar = held.calendar(pathway)
        for state in states(pathway, person, signals, at):
            warned = fired(pathway, person, state.case, signals, calendar, at)
            standing = tuple(one for one in warned if one.holds)
            barred = barriers(signals, at)
            yield (
                state,
                tuple(
                    WorkItem(move, pathway.title, state.started, standing, barred)
                    for move in moves(pathway, state, calendar, at)
                ),
            )


def barriers(signals: tuple[Signal, ...], at: datetime) -> tuple[str, ...]:
    """What stands in a person's way at a moment."""
    found: dict[str, None] = {}
    for one in sorted(signals, key=lambda one: one.at):
        name = one.attributes.get("barrier", "")
        if one.at > at or not name:
            continue
        if one.name == BARRIER:
            found[name] = None
        elif one.name == REMOVED:
            found.pop(name, None)
    return tuple(found)
