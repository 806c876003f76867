"""How care pathways are said and drawn: spans of time in words, and a case as bars against its deadlines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from bedside.act.pathway_state import Status
from bedside.act.pathway_timeline import Stretch
from bedside.knowledge.calendars import Calendar
from bedside.service.pathway_case import CaseView
from bedside.web.words import day

WIDTH, LABELS, ROW, TOP = 1000, 300, 34, 34
_HOURS_BELOW = timedelta(hours=48)
_STANDS = {
    Status.WAITING: "waits for an earlier step",
    Status.OPEN: "open",
    Status.DONE: "done",
    Status.PASSED: "passed: a later step was done",
    Status.NOT_NEEDED: "not needed",
    Status.STOPPED: "stopped",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One step drawn. x, in_time, late: where the bar begins and how long its two parts are; due: where the
    deadline lies, None off the drawing."""

    y: int
    stretch: Stretch
    x: float
    in_time: float
    late: float
    due: float | None


@dataclass(frozen=True, slots=True)
class Drawing:
    """A case drawn: bars, and the days under them."""

    height: int
    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]


def drawing(view: CaseView) -> Drawing:
    """A case from its start until now or its end, as long as anything on it is due."""
    stretches = view.stretches
    last = view.at if view.state.ended is None else view.state.ended.at
    first = min((one.since for one in stretches if one.since is not None), default=view.state.started)
    first = min(first, view.state.started)
    due = [one.due for one in stretches if one.due is not None and one.status is Status.OPEN]
    end = max([last, *due]) + (last - first) * 0.02 + timedelta(hours=2)

    def place(moment: datetime) -> float:
        part = (moment - first) / (end - first)
        return round(LABELS + (WIDTH - LABELS - 10) * min(max(part, 0.0), 1.0), 1)

    bars = tuple(_bar(number, one, place, end) for number, one in enumerate(stretches))
    ticks = tuple((place(moment), house_day(moment, view.calendar)) for moment in _ticks(first, end))
    return Drawing(TOP + ROW * len(stretches) + 6, bars, ticks)


def _bar(number: int, one: Stretch, place: object, end: datetime) -> Bar:
    assert callable(place)
    y = TOP + ROW * number
    if one.since is None or one.until is None:
        return Bar(y, one, 0, 0, 0, None)
    begins, stops = place(one.since), place(one.until)
    due = None if one.due is None or one.due > end else place(one.due)
    turn = stops if one.due is None else min(max(place(min(one.due, end)), begins), stops)
    late = round(stops - turn, 1) if one.late else 0.0
    return Bar(y, one, begins, round(max(stops - begins - late, 0.0 if late else 4.0), 1), late, due)


def _ticks(first: datetime, end: datetime) -> Sequence[datetime]:
    return [first + (end - first) * part for part in (0.0, 0.33, 0.66)]


def stands(status: Status) -> str:
    """Where a step stands, in words."""
    return _STANDS[status]


def due_words(due: datetime, calendar: Calendar) -> str:
    """The last day on which something is in time, as the house counts days; to the minute where it is due
    within a day."""
    local = due.astimezone(calendar.zone)
    if local.time() == time():
        return day(local.date() - timedelta(days=1))
    return f"{day(local.date())}, {local:%H:%M}"


def house_day(moment: datetime, calendar: Calendar) -> str:
    """The day of a moment, as the house counts days."""
    return day(calendar.day(moment))


def span_words(span: timedelta) -> str:
    """`5 hours`, `3 days`; below two days in hours, below an hour `less than an hour`."""
    span = abs(span)
    if span < timedelta(hours=1):
        return "less than an hour"
    if span < _HOURS_BELOW:
        hours = int(span / timedelta(hours=1))
        return f"{hours} hour" + ("" if hours == 1 else "s")
    return f"{span.days} days"


def percent(value: float | None) -> str:
    """A share of one in percent with one decimal; a dash for none."""
    return "–" if value is None else f"{100 * value:.1f} %"


FILTERS = (stands, span_words, due_words, house_day, percent, drawing)
