"""The measures of a house at a moment: read from its events alone, for everybody and by group.

The columns are kept in memory and go on from where they were read; they are thrown away when a measure reads
something else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from bedside.knowledge.measure import Measure, Table, reads_of, words_of
from bedside.knowledge.measures import load_measures
from bedside.learn.event_columns import Codes, EventColumns
from bedside.learn.measure_units import Units
from bedside.learn.measures import Counts, Figure, Measured, counts_of, measured
from bedside.learn.people_groups import REGISTERED, groups_of_people
from bedside.learn.signal_columns import microseconds
from bedside.learn.standing_events import needed, standing
from bedside.service.house import House
from bedside.store.event_columns import KeptColumns, last_known
from bedside.store.sql_ledger import SqlLedger

_KEPT: WeakKeyDictionary[SqlLedger, KeptColumns] = WeakKeyDictionary()
_LOCK = Lock()
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch of time in which what is counted began: from `since`, and before `until`. None: no end."""

    since: datetime | None = None
    until: datetime | None = None

    def holds(self, units: Units) -> Mask:
        """Which of them began in it."""
        keep = np.ones(len(units), np.bool_)
        if self.since is not None:
            keep &= units.at >= microseconds(self.since)
        if self.until is not None:
            keep &= units.at < microseconds(self.until)
        return keep


@dataclass(frozen=True, slots=True)
class Tile:
    """A measure as it is shown: the figure in the window, and everybody behind it. among: who of everybody
    counted is in it, and may be counted for who asks; allowed: the same, whatever the window."""

    found: Measured
    figure: Figure
    among: Mask | None
    against: Mask | None
    allowed: Mask
    allowed_against: Mask | None
    vocabulary: Words

    @property
    def measure(self) -> Measure:
        """The definition."""
        return self.found.measure

    @property
    def units(self) -> Units | None:
        """Everybody counted in the window; None where it cannot be computed."""
        held = self.found.units
        return held if held is None or self.among is None else held.only(self.among)

    @property
    def counts(self) -> Counts | None:
        """What became of them."""
        return None if self.units is None else counts_of(self.units)

    def of(self, among: Mask, against: Mask | None = None) -> Figure:
        """The figure of some of everybody (of all that was counted, whatever the window)."""
        return self.found.figure(self.vocabulary, among, against)


class Words(dict[int, str]):
    """The words of codes, looked up when they are asked for."""

    def __init__(self, columns: EventColumns) -> None:
        super().__init__()
        self._columns = columns

    def get(self, code: int, default: object = None) -> str:
        """The word of a code."""
        return self._columns.vocabulary[code]


@dataclass(frozen=True, slots=True)
class MeasureReport:
    """Every measure at a moment, by name. events: those that stood then; head: the last of them."""

    at: datetime
    window: Window
    tiles: Mapping[str, Tile]
    events: EventColumns

    @property
    def head(self) -> int:
        """The place in the ledger of the last event that was looked at."""
        return self.events.head

    def groups(self, by: str) -> tuple[Mapping[int, int], tuple[str, ...]]:
        """The group of each person who is in one, by code, and the names of the groups."""
        return groups_of_people(self.events, by)


def measure_report(
    house: House,
    at: datetime | None = None,
    *,
    names: Sequence[str] = (),
    window: Window | None = None,
    people: frozenset[str] | None = None,
    as_known_then: bool = True,
) -> MeasureReport:
    """Every measure (or those named) at a moment. as_known_then: without what was written down later. people:
    count these alone."""
    when, asked = at or house.clock(), window or Window()
    every = load_measures(house.settings.knowledge_folder)
    now = microseconds(when)
    held = columns_kept(house.ledger, needed({**reads_of(every), **REGISTERED}), words_of(every))
    until = last_known(house.ledger, when) if at is not None and as_known_then else None
    events = standing(held, now, until)
    words = Words(events)
    allowed = None if people is None else events.vocabulary.find(sorted(people))
    tiles = {}
    for name, measure in every.items():
        if not names or name in names:
            tiles[name] = _tile(measured(measure, events, now), asked, words, allowed)
    return MeasureReport(when, asked, tiles, events)


def _tile(found: Measured, window: Window, words: Words, allowed: Codes | None) -> Tile:
    mine, theirs = _allowed(found.units, allowed), _allowed(found.against, allowed)
    among = None if found.units is None or mine is None else mine & window.holds(found.units)
    against = None if found.against is None or theirs is None else theirs & window.holds(found.against)
    held = np.zeros(0, np.bool_) if mine is None else mine
    return Tile(found, found.figure(words, among, against), among, against, held, theirs, words)


def _allowed(units: Units | None, allowed: Codes | None) -> Mask | None:
    """Who of them may be counted for who asks."""
    if units is None:
        return None
    if allowed is None:
        return np.ones(len(units), np.bool_)
    return np.isin(units.person, allowed[allowed >= 0])


def columns_kept(
    ledger: SqlLedger, reads: Mapping[Table, Sequence[str]], words: tuple[str, ...]
) -> EventColumns:
    """The columns of a ledger, as of its last event. words: those that will be asked for."""
    with _LOCK:
        kept = _KEPT.get(ledger)
        if kept is None or kept.reads != reads:
            kept = _KEPT[ledger] = KeptColumns(reads, words)
        try:
            return kept.up_to_date(ledger)
        except BaseException:
            del _KEPT[ledger]
            raise
