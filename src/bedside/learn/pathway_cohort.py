"""Where many people stand on a care pathway at a moment, and what is overdue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from bedside.act.pathway_state import PathwayState, Status, seen
from bedside.act.pathway_walk import Walk, advance
from bedside.genome.signal import Signal
from bedside.knowledge.calendars import Calendar
from bedside.knowledge.care_pathway import CarePathway, Span
from bedside.learn.signal_columns import (
    EPOCH,
    MICROSECONDS,
    SignalColumns,
    Whole,
    attributes_of,
    microseconds,
)
from bedside.learn.signal_patterns import Patterns, patterns

NEVER = np.iinfo(np.int64).min
"""No such time."""

STATUSES = tuple(Status)


@dataclass(frozen=True, slots=True)
class CohortStates:
    """Everybody on a pathway at a moment.

    status: people × steps, as places in STATUSES; -1 for somebody whom nothing put on it. started, ended:
    microseconds since 1970, or NEVER. end: the place of the coded reason in `reasons`, -1 while not ended.
    behind: people × steps, whether a step is, or was before somebody was sent back, behind the person;
    reached: when a goal was first reached.
    """

    pathway: CarePathway
    now: datetime
    steps: tuple[str, ...]
    reasons: tuple[str, ...]
    status: npt.NDArray[np.int8]
    started: Whole
    end: npt.NDArray[np.int16]
    ended: Whole
    behind: npt.NDArray[np.bool_]
    reached: Whole
    _times: _Times
    _since: Whole
    _closed: Whole

    @property
    def on_it(self) -> npt.NDArray[np.bool_]:
        """Who is, or was, on the pathway."""
        here: npt.NDArray[np.bool_] = self.started != NEVER
        return here

    def since(self, step: str, people: Whole | None = None) -> Whole:
        """From when a step was open for each person (or for these people): microseconds, or NEVER."""
        return self._times.of(self._since[:, self.steps.index(step)], people)

    def closed(self, step: str, people: Whole | None = None) -> Whole:
        """When a step was closed for each person (or for these people): microseconds, or NEVER."""
        return self._times.of(self._closed[:, self.steps.index(step)], people)


def cohort_states(pathway: CarePathway, held: SignalColumns, now: datetime) -> CohortStates:
    """Everybody's state at a moment: the same as `states` gives for each alone."""
    held = held.until(now)
    shared = patterns(held)
    steps, reasons = tuple(pathway.steps), tuple(pathway.reasons)
    walked = [_walked(pathway, held, order) for order in shared.orders]
    status = np.full((len(walked), len(steps)), -1, np.int8)
    since, closed = np.full(status.shape, -1, np.int64), np.full(status.shape, -1, np.int64)
    behind = np.zeros(status.shape, bool)
    started, ended, reached = (np.full(len(walked), -1, np.int64) for _ in range(3))
    end = np.full(len(walked), -1, np.int16)
    for row, state in enumerate(walked):
        if state is None:
            continue
        started[row], reached[row] = _tick(state.started), _tick(state.reached)
        if state.ended is not None:
            end[row], ended[row] = reasons.index(state.ended.reason), _tick(state.ended.at)
        for place, one in enumerate(state.steps.values()):
            status[row, place] = STATUSES.index(one.status)
            since[row, place], closed[row, place] = _tick(one.since), _tick(one.at)
            behind[row, place] = one.ever
    times = _Times(held, shared)
    return CohortStates(
        pathway, now, steps, reasons, status[shared.of], times.of(started), end[shared.of], times.of(ended),
        behind[shared.of], times.of(reached), times, since, closed,
    )  # fmt: skip


def _walked(
    pathway: CarePathway, held: SignalColumns, order: Sequence[tuple[int, int]]
) -> PathwayState | None:
    walk = Walk()
    for kind, tick in order:
        at = EPOCH + timedelta(seconds=tick)
        name = held.kinds[kind]
        walk = advance(pathway, walk, Signal(name[0], at, at, "", "", "", attributes_of(name)))
    return None if walk.started is None else seen(pathway, "", "", walk)


def _tick(moment: datetime | None) -> int:
    return -1 if moment is None else int((moment - EPOCH).total_seconds())


class _Times:
    """Turns the places of a pattern's signals into each person's times."""

    def __init__(self, held: SignalColumns, shared: Patterns) -> None:
        self._held, self._of = held, shared.of
        longest = max((len(order) for order in shared.orders), default=0)
        line = np.full((len(shared.orders), longest + 1), -1, np.int64)
        for row, order in enumerate(shared.orders):
            for place in range(len(order) - 1, -1, -1):
                line[row, order[place][1]] = place
        self._line = line

    def of(self, ticks: Whole, people: Whole | None = None) -> Whole:
        """Each person's time of the tick of their pattern (-1: NEVER)."""
        rows = np.arange(len(ticks))
        places = np.where(ticks < 0, -1, self._line[rows, np.maximum(ticks, 0)])
        of = self._of if people is None else self._of[people]
        begins = self._held.starts[:-1] if people is None else self._held.starts[people]
        place = places[of]
        found = np.full(len(of), NEVER, np.int64)
        known = np.flatnonzero(place >= 0)
        found[known] = self._held.at[begins[known] + place[known]]
        return found


def overdue(found: CohortStates, calendar: Calendar) -> npt.NDArray[np.bool_]:
    """People × steps: open, and past the time in which somebody should have acted."""
    is_open = found.status == STATUSES.index(Status.OPEN)
    late = np.zeros(found.status.shape, bool)
    now = microseconds(found.now)
    days: _Days | None = None
    for place, step in enumerate(found.pathway.steps.values()):
        rows = np.flatnonzero(is_open[:, place])
        if not len(rows):
            continue
        since = found.since(step.name, rows)
        if step.due.hours:
            late[rows, place] = now >= since + round(step.due.hours * 3600 * MICROSECONDS)
            continue
        if days is None:
            days = _Days(calendar, int(found.started[found.on_it].min()), now)
        late[rows, place] = now >= days.after(since, step.due)
    return late


class _Days:
    """The days of a calendar as a table: when each ends, and which are worked."""

    def __init__(self, calendar: Calendar, first: int, last: int) -> None:
        begin = calendar.day(EPOCH + timedelta(microseconds=int(first)))
        until = calendar.day(EPOCH + timedelta(microseconds=int(last)))
        span = (until - begin).days + 800
        days = [begin + timedelta(days=number) for number in range(span)]
        self._ends = np.array([microseconds(calendar.end_of(day)) for day in days], np.int64)
        self._works = np.flatnonzero([calendar.works(day) for day in days])
        self._before = np.searchsorted(self._works, np.arange(span), side="right")

    def after(self, since: Whole, span: Span) -> Whole:
        """The end of the day that is so many (working) days after a moment."""
        day = np.searchsorted(self._ends, since, side="right")
        if span.working_days:
            return self._ends[self._works[self._before[day] + span.working_days - 1]]
        return self._ends[day + span.days]
