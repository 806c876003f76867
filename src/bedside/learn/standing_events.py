"""The events that stand at a moment: known and true by then, and not taken back since."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bedside.genome.event import EventKind
from bedside.genome.person import ItemStatus
from bedside.knowledge.measure import KEY, Table
from bedside.learn.event_columns import ABSENT, Codes, EventColumns, Integers, Rows

TAKEN_BACK_BY: Mapping[EventKind, tuple[EventKind, str]] = {
    EventKind.RESULT_ACCEPTED: (EventKind.RESULT_WITHDRAWN, "result"),
    EventKind.ORDER_ENDED: (EventKind.RESULT_WITHDRAWN, "result"),
    EventKind.LETTER_RELEASED: (EventKind.LETTER_WITHDRAWN, "letter"),
}
"""Kinds that a later event of another kind takes back, and the path that both name it by."""

OWN_WORDS: Mapping[EventKind, tuple[str, ...]] = {
    EventKind.SIGNAL_RECORDED: ("id", "retracts"),
    EventKind.STEP_TAKEN: (KEY, "corrects"),
    EventKind.MEDICATION_RECORDED: ("code", "status"),
}
"""Kinds that an event of their own kind takes back, and what must be read of them to see it."""


def needed(reads: Mapping[Table, tuple[str, ...]]) -> Mapping[Table, tuple[str, ...]]:
    """What has to be read besides, to see what was taken back."""
    found = {table: set(paths) for table, paths in reads.items()}
    for (kind, each), paths in list(found.items()):
        paths.update(() if each else OWN_WORDS.get(kind, ()))
        by = TAKEN_BACK_BY.get(kind)
        if by is not None:
            paths.add(by[1])
            found.setdefault((by[0], ""), set()).add(by[1])
    return {table: tuple(sorted(paths)) for table, paths in found.items()}


def standing(held: EventColumns, now: int, known_until: int | None = None) -> EventColumns:
    """The events that stand. now: µs since 1970. known_until: the place of the last event known then."""
    last = held.head if known_until is None else known_until
    tables = {
        table: rows.only((rows.at <= now) & (rows.sequence <= last)) for table, rows in held.tables.items()
    }
    seen = EventColumns(tables, held.vocabulary, last)
    return EventColumns(
        {table: _kept(seen, table, rows) for table, rows in tables.items()}, held.vocabulary, last
    )


def _kept(held: EventColumns, table: Table, rows: Rows) -> Rows:
    kind, each = table
    if each or not len(rows):
        return rows
    if kind in TAKEN_BACK_BY:
        other, path = TAKEN_BACK_BY[kind]
        gone = held.rows((other, ""))
        named = rows.codes(path)
        return rows.only(~np.isin(named, _said(gone.codes(path)))) if len(gone) else rows
    if kind is EventKind.SIGNAL_RECORDED:
        return _signals(held, rows)
    if kind is EventKind.STEP_TAKEN:
        return _steps(rows)
    return _medicines(held, rows) if kind is EventKind.MEDICATION_RECORDED else rows


def _said(codes: Codes) -> Codes:
    held: Codes = codes[codes != ABSENT]
    return held


def _pair(person: Codes, word: Codes) -> Integers:
    """A person and a word as one number."""
    return (person.astype(np.int64) << 32) | word.astype(np.int64)


def _signals(held: EventColumns, rows: Rows) -> Rows:
    retracts = rows.codes("retracts")
    back = (retracts != ABSENT) & (retracts != held.vocabulary.find([""])[0])
    if not back.any():
        return rows
    own = rows.codes("id").copy()
    blank = (own == ABSENT) | (own == held.vocabulary.find([""])[0])
    named = held.vocabulary.find([f"event-{one}" for one in rows.sequence[blank].tolist()])
    own[blank] = named
    gone = np.isin(_pair(rows.person, own), _pair(rows.person[back], retracts[back])) & (own != ABSENT)
    return rows.only(~gone & ~back)


def _steps(rows: Rows) -> Rows:
    """Without the steps that a later one, itself in force, corrects."""
    corrects, keys = rows.codes("corrects"), rows.codes(KEY)
    correcting = np.flatnonzero(corrects != ABSENT)
    gone: set[int] = set()
    for place in correcting[::-1]:
        if int(keys[place]) not in gone:
            gone.add(int(corrects[place]))
    return rows.only(~np.isin(keys, np.array(sorted(gone), np.int32))) if gone else rows


def _medicines(held: EventColumns, rows: Rows) -> Rows:
    """Without what was entered in error, and without what such an entry takes back."""
    word = held.vocabulary.find([ItemStatus.ENTERED_IN_ERROR.value])[0]
    error = rows.codes("status") == word
    if word == ABSENT or not error.any():
        return rows
    which = _pair(rows.person, rows.codes("code"))
    order = np.argsort(which[error], kind="stable")
    named, until = which[error][order], rows.sequence[error][order]
    place = np.searchsorted(named, which, side="right") - 1
    same = (place >= 0) & (named[np.maximum(place, 0)] == which)
    gone = same & (rows.sequence < until[np.maximum(place, 0)])
    return rows.only(~gone & ~error)
