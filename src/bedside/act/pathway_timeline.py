"""A person's way along a pathway as stretches of time, each against its deadline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bedside.act.pathway_moves import moment_after
from bedside.act.pathway_state import PathwayState, Status, StepState
from bedside.knowledge.calendars import Calendar
from bedside.knowledge.care_pathway import CarePathway


@dataclass(frozen=True, slots=True)
class Stretch:
    """One step in time. since: from when somebody had to see to it; due: by when; until: when it was closed,
    or the moment that is asked about while it is open. since is None for what was never anybody's move."""

    step: str
    title: str
    owner: str
    status: Status
    since: datetime | None
    due: datetime | None
    until: datetime | None
    turn: int

    @property
    def late(self) -> timedelta:
        """How far past its deadline it was closed, or is; nothing for what was in time."""
        if self.due is None or self.until is None:
            return timedelta()
        return max(self.until - self.due, timedelta())


def timeline(
    pathway: CarePathway, state: PathwayState, calendar: Calendar, now: datetime
) -> tuple[Stretch, ...]:
    """Every step that concerns the person, in the order of the pathway; steps on call only once somebody was
    sent there. A step that was passed over because a later one was done has no end of its own."""
    stop = now if state.ended is None else state.ended.at
    found = []
    for name, one in state.steps.items():
        step = pathway.steps[name]
        if step.on_call and not one.turn:
            continue
        since, until = _span(one, stop)
        due = None if since is None else moment_after(step.due, since, calendar)
        found.append(Stretch(name, step.title, step.owner, one.status, since, due, until, one.turn))
    return tuple(found)


def _span(one: StepState, stop: datetime) -> tuple[datetime | None, datetime | None]:
    """From when until when a step was somebody's move; a step done before its turn took no time."""
    if one.status is Status.NOT_NEEDED:
        return None, None
    if one.status in (Status.OPEN, Status.STOPPED):
        return one.since, stop if one.since is not None else None
    if one.at is None:
        return None, None
    return min(one.since or one.at, one.at), one.at
