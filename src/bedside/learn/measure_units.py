"""Everybody a measure counts, and what became of each: the one table behind its number and its drill-down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time

import numpy as np
import numpy.typing as npt

from bedside.knowledge.measure import WHOLE, Measure, Pattern, Prevails, Shape, State
from bedside.learn.event_columns import ABSENT, Codes, EventColumns, Integers, Rows
from bedside.learn.event_matching import NEVER, Matched, linked, match

HOUR = 3_600_000_000
"""Microseconds in an hour."""
NOT_SAID = "not said"
BACKWARDS = "a later step is dated before the earlier one"

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Units:
    """One row for each that is counted, in the order of the ledger. person: code, ABSENT where the event
    names nobody. at: µs since 1970. state: a `State`. decided: the place of the event that settled it, 0 for
    none. hours: from `at` until then, until now for who waits. reason: place in `reasons`, -1 for none.
    value: code of the word a distribution shares out."""

    sequence: Integers
    person: Codes
    at: Integers
    state: npt.NDArray[np.int8]
    decided: Integers
    hours: Floats
    reason: npt.NDArray[np.int16]
    reasons: tuple[str, ...]
    value: Codes

    def __len__(self) -> int:
        return len(self.sequence)

    def only(self, keep: npt.NDArray[np.bool_]) -> Units:
        """Some of them."""
        return Units(
            self.sequence[keep],
            self.person[keep],
            self.at[keep],
            self.state[keep],
            self.decided[keep],
            self.hours[keep],
            self.reason[keep],
            self.reasons,
            self.value[keep],
        )

    def count(self, state: State) -> int:
        """How many are in a state."""
        return int((self.state == state.value).sum())


def units_of(measure: Measure, events: EventColumns, now: int) -> Units:
    """Everybody a measure counts. events: those that stand at `now` (µs since 1970)."""
    counted = _counted(measure, events)
    rows, number = counted.rows, len(counted.rows)
    state = np.full(number, State.WAITING.value, np.int8)
    reasons = tuple(dict.fromkeys((NOT_SAID, BACKWARDS, *(one.reason for one in measure.ended))))
    reason = np.full(number, -1, np.int16)
    if measure.shape in (Shape.RATE, Shape.DISTRIBUTION):
        state[:] = State.MET.value
        settled = Matched.none(number)
    else:
        met = _first(measure, counted, measure.met, events)
        failed = _first(measure, counted, measure.failed, events)
        ended = _first(measure, counted, measure.ended, events)
        settled = _settle(measure, state, met, failed, ended, _limit(measure, counted, events), now)
        named = np.array([reasons.index(one.reason) for one in measure.ended] or [0], np.int16)
        out = (settled.sequence > 0) & (settled.sequence == ended.sequence)
        reason[out] = named[ended.which[out]]
        # A clock that ran wrong: nothing is known of how long it took.
        back = met.backwards & (state == State.MET.value)
        state[back], reason[back] = State.UNKNOWN.value, 1
    for path in (*measure.known, *((measure.value,) if measure.value else ())):
        silent = rows.codes(path) == ABSENT
        state[silent], reason[silent] = State.UNKNOWN.value, 0
    hours = (np.where(settled.at == NEVER, now, settled.at) - rows.at) / HOUR
    value = rows.codes(measure.value) if measure.value else np.full(number, ABSENT, np.int32)
    return Units(rows.sequence, rows.person, rows.at, state, settled.sequence, hours, reason, reasons, value)


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted, and the path of its key."""

    rows: Rows
    key: str


def rows_of(pattern: Pattern, events: EventColumns) -> Rows:
    """The events of a pattern."""
    rows = events.rows(pattern.table)
    keep = np.ones(len(rows), np.bool_)
    for path, words in pattern.where.items():
        codes = events.vocabulary.find(words)
        codes = codes[codes != ABSENT]
        if len(rows):
            said = _of_the_whole(pattern, path, rows, events) if path.startswith(WHOLE) else rows.codes(path)
            keep &= np.isin(said, codes)
    return rows.only(keep)


def _of_the_whole(pattern: Pattern, path: str, rows: Rows, events: EventColumns) -> Codes:
    """What the events say whose entries these rows are; ABSENT where the event does not stand."""
    whole = events.rows(pattern.whole)
    if not len(whole):
        return np.full(len(rows), ABSENT, np.int32)
    place = np.minimum(np.searchsorted(whole.sequence, rows.sequence), len(whole) - 1)
    said = whole.codes(path.removeprefix(WHOLE))[place]
    return np.where(whole.sequence[place] == rows.sequence, said, ABSENT).astype(np.int32)


def _counted(measure: Measure, events: EventColumns) -> Counted:
    parts = [(one, rows_of(one, events)) for one in measure.counted]
    paths = sorted({path for one in measure.counted for t, path in measure.reads() if t == one.table})
    rows = _joined([_named(one, rows, paths) for one, rows in parts])
    key = "key" if any(one.key for one in measure.counted) else ""
    if key:
        rows = _once(rows, measure.latest, any(one.by_person for one in measure.counted))
    return Counted(rows, key)


def _named(pattern: Pattern, rows: Rows, paths: list[str]) -> Rows:
    """The rows with their key under one name, whatever each pattern calls it."""
    nothing = np.full(len(rows), ABSENT, np.int32)
    held = {path: rows.attributes.get(path, nothing) for path in paths}
    held["key"] = rows.codes(pattern.key) if pattern.key and len(rows) else nothing
    return Rows(rows.sequence, rows.person, rows.at, held)


def _joined(parts: list[Rows]) -> Rows:
    if len(parts) == 1:
        return parts[0]
    sequence = np.concatenate([one.sequence for one in parts])
    order = np.argsort(sequence, kind="stable")
    held = {p: np.concatenate([one.attributes[p] for one in parts])[order] for p in parts[0].attributes}
    person, at = np.concatenate([one.person for one in parts]), np.concatenate([one.at for one in parts])
    return Rows(sequence[order], person[order], at[order], held)


def _once(rows: Rows, latest: bool, own: bool) -> Rows:
    """The first (or last) event of each key by when it happened; one that says no key counts by itself. own:
    a key is a person's own, and another's means something else."""
    key = rows.codes("key").astype(np.int64)
    if own:
        key = np.where(key == ABSENT, ABSENT, (rows.person.astype(np.int64) << 32) | np.maximum(key, 0))
    key = np.where(key == ABSENT, -1 - np.arange(len(rows)), key)
    order = np.lexsort((rows.sequence, rows.at, key))
    ordered = key[order]
    edge = np.ones(len(rows), np.bool_)
    if len(rows):
        other = ordered[1:] != ordered[:-1]
        edge = np.concatenate((other, [True])) if latest else np.concatenate(([True], other))
    keep = np.zeros(len(rows), np.bool_)
    keep[order[edge]] = True
    return rows.only(keep)


def _first(
    measure: Measure, counted: Counted, patterns: tuple[Pattern, ...], events: EventColumns
) -> Matched:
    """For each that is counted the event of any of the patterns that came first (or last)."""
    best = Matched.none(len(counted.rows))
    last = measure.prevails is Prevails.LAST
    for place, pattern in enumerate(patterns):
        rows = rows_of(pattern, events)
        if len(rows) and len(counted.rows):
            mine, theirs = linked(pattern, counted.rows, rows)
            found = match(mine, counted.rows.at, theirs, rows, after=pattern.by_person, last=last)
            best = best.better(found, place, last)
    return best


def _limit(measure: Measure, counted: Counted, events: EventColumns) -> Integers:
    limit = np.full(len(counted.rows), NEVER, np.int64)
    if measure.within_hours is not None:
        limit = counted.rows.at + round(measure.within_hours * HOUR)
    if measure.deadline:
        codes = counted.rows.codes(measure.deadline)
        distinct, place = np.unique(codes, return_inverse=True)
        limit = np.array([_end_of(events, int(one)) for one in distinct], np.int64)[place]
    return limit


def _end_of(events: EventColumns, code: int) -> int:
    """The last moment of a day, or the moment itself."""
    if code == ABSENT:
        return NEVER
    said = datetime.fromisoformat(events.vocabulary[code])
    if said.tzinfo is None:
        said = (
            datetime.combine(said.date(), time.max, UTC)
            if said.time() == time()
            else said.replace(tzinfo=UTC)
        )
    return round(said.timestamp() * 1_000_000)


def _settle(
    measure: Measure,
    state: npt.NDArray[np.int8],
    met: Matched,
    failed: Matched,
    ended: Matched,
    limit: Integers,
    now: int,
) -> Matched:
    """Write what became of each into `state`; the event that settled it."""
    last = measure.prevails is Prevails.LAST
    is_met, is_failed = met.at <= limit, failed.at <= limit
    is_met, is_failed = is_met & (met.at != NEVER), is_failed & (failed.at != NEVER)
    later = (failed.at > met.at) | ((failed.at == met.at) & (failed.sequence > met.sequence))
    both = is_met & is_failed
    is_met &= ~(both & (later if last else ~later))
    is_failed &= ~(both & (~later if last else later))
    settled = met.where(is_met).or_else(failed.where(is_failed))
    out = (
        (ended.at != NEVER)
        & (ended.at <= limit)
        & (ended.at <= np.where(settled.at == NEVER, NEVER, settled.at))
    )
    out &= ~((settled.at != NEVER) & (ended.at == settled.at) & (settled.sequence <= ended.sequence))
    over = (
        (limit < now)
        if measure.within_hours is not None or measure.deadline
        else np.ones(len(limit), np.bool_)
    )
    state[over] = measure.otherwise.value
    state[~over] = State.WAITING.value
    state[is_met], state[is_failed] = State.MET.value, State.FAILED.value
    state[out] = State.FAILED.value if measure.shape is Shape.INTERVAL else State.EXCLUDED.value
    return ended.where(out).or_else(settled)
