"""For each that is counted, the first or last event linked to it, all at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bedside.knowledge.measure import Pattern
from bedside.learn.event_columns import ABSENT, Integers, Rows

NEVER = np.iinfo(np.int64).max
"""The time of what did not happen."""


@dataclass(frozen=True, slots=True)
class Matched:
    """The event found for each. at: NEVER where there is none. which: the place of its pattern. backwards:
    it is dated before what it answers to."""

    sequence: Integers
    at: Integers
    which: npt.NDArray[np.int16]
    backwards: npt.NDArray[np.bool_]

    @staticmethod
    def none(number: int) -> Matched:
        """Nothing found for anybody."""
        return Matched(
            np.zeros(number, np.int64),
            np.full(number, NEVER, np.int64),
            np.zeros(number, np.int16),
            np.zeros(number, np.bool_),
        )

    def better(self, other: Matched, place: int, last: bool) -> Matched:
        """Of two the one that came first (or last), with its pattern's place."""
        found, had = other.at != NEVER, self.at != NEVER
        beats = (other.at > self.at) if last else (other.at < self.at)
        take = found & (~had | beats)
        return Matched(
            np.where(take, other.sequence, self.sequence),
            np.where(take, other.at, self.at),
            np.where(take, np.int16(place), self.which),
            np.where(take, other.backwards, self.backwards),
        )

    def where(self, keep: npt.NDArray[np.bool_]) -> Matched:
        """Nothing for the others."""
        return Matched(
            np.where(keep, self.sequence, 0),
            np.where(keep, self.at, NEVER),
            self.which,
            self.backwards & keep,
        )

    def or_else(self, other: Matched) -> Matched:
        """The other's where this has nothing."""
        none = self.at == NEVER
        return Matched(
            np.where(none, other.sequence, self.sequence),
            np.where(none, other.at, self.at),
            np.where(none, other.which, self.which),
            np.where(none, other.backwards, self.backwards),
        )


def linked(pattern: Pattern, counted: Rows, rows: Rows) -> tuple[Integers, Integers]:
    """By what those counted and the events are linked, as numbers; below 0 for what is linked to nothing."""
    theirs = rows.codes(pattern.key).astype(np.int64) if pattern.key else np.zeros(len(rows), np.int64)
    mine = np.zeros(len(counted), np.int64)
    if pattern.key:
        mine = counted.codes(pattern.of or "key").astype(np.int64)
    lost, gone = mine < 0, theirs < 0
    if pattern.by_person:
        lost, gone = lost | (counted.person == ABSENT), gone | (rows.person == ABSENT)
        mine = (counted.person.astype(np.int64) << 32) | np.maximum(mine, 0)
        theirs = (rows.person.astype(np.int64) << 32) | np.maximum(theirs, 0)
    mine, theirs = np.where(lost, -1, mine), np.where(gone, -2, theirs)
    return mine, theirs


def match(
    mine: Integers, since: Integers, theirs: Integers, rows: Rows, *, after: bool, last: bool
) -> Matched:
    """For each of `mine` the first (or last) row of the same number. after: only rows not earlier than
    `since`."""
    order = np.lexsort((rows.sequence, rows.at, theirs))
    theirs, at, sequence = theirs[order], rows.at[order], rows.sequence[order]
    begin = np.searchsorted(theirs, mine, side="left")
    end = np.searchsorted(theirs, mine, side="right")
    if after:
        begin = _not_before(at, begin, end, since)
    found = (begin < end) & (mine >= 0)
    place = np.where(found, end - 1 if last else begin, 0)
    when = np.where(found, at[place], NEVER)
    return Matched(
        np.where(found, sequence[place], 0),
        when,
        np.zeros(len(mine), np.int16),
        found & (when < since),
    )


def _not_before(at: Integers, begin: Integers, end: Integers, since: Integers) -> Integers:
    """The first place in [begin, end) of each whose time is not before `since`: everybody's search by
    halves, at once."""
    low, high = begin.astype(np.int64), end.astype(np.int64)
    while (low < high).any():
        middle = (low + high) // 2
        early = (low < high) & (at[np.minimum(middle, len(at) - 1)] < since)
        high = np.where((low < high) & ~early, middle, high)
        low = np.where(early, middle + 1, low)
    return low
