"""The people and events behind a measure: everybody it counts, what became of each, and by which event."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bedside.errors import NotFound
from bedside.knowledge.measure import Shape, State
from bedside.learn.signal_columns import EPOCH
from bedside.service.measures import MeasureReport, Tile

PEOPLE_COLUMNS = ("person", "began", "event", "state", "settled_by", "hours", "reason", "value")
ENDED_OTHERWISE = "ended otherwise"


@dataclass(frozen=True, slots=True)
class Behind:
    """One that is counted. person: "" where the event names nobody. event, settled_by: places in the ledger,
    0 for none. hours: from `began` until it was settled, None while it waits."""

    person: str
    began: datetime
    event: int
    state: State
    settled_by: int
    hours: float | None
    reason: str
    value: str


def behind(report: MeasureReport, tile: Tile, state: State | None = None) -> Iterator[Behind]:
    """Everybody counted in the window, or those in one state, in the order of the ledger. As many as the
    figure says."""
    units, words = tile.units, report.events.vocabulary
    if units is None:
        return
    states = tuple(State)
    for row in range(len(units)):
        here = states[int(units.state[row])]
        if state is not None and here is not state:
            continue
        person, value, reason = int(units.person[row]), int(units.value[row]), int(units.reason[row])
        settled = int(units.decided[row])
        yield Behind(
            "" if person < 0 else words[person],
            EPOCH + timedelta(microseconds=int(units.at[row])),
            int(units.sequence[row]),
            here,
            settled,
            float(units.hours[row]) if settled else None,
            "" if reason < 0 else units.reasons[reason],
            "" if value < 0 else words[value],
        )


def state_words(tile: Tile, state: State) -> str:
    """How a state is told of a measure."""
    if state is State.FAILED and tile.measure.shape is Shape.INTERVAL:
        return ENDED_OTHERWISE
    return state.name.lower()


def people_lines(report: MeasureReport, name: str) -> Iterator[tuple[str, ...]]:
    """The lines of a table, in the order of PEOPLE_COLUMNS. Raises `NotFound`."""
    tile = report.tiles.get(name)
    if tile is None:
        raise NotFound.one("measure", "no measure has this name")
    for one in behind(report, tile):
        yield (
            one.person,
            one.began.isoformat(),
            str(one.event),
            state_words(tile, one.state),
            str(one.settled_by or ""),
            "" if one.hours is None else f"{one.hours:.2f}",
            one.reason,
            one.value,
        )
