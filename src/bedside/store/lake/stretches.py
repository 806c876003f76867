"""Sorted lists of stretches of the genome as two arrays of places, and what is asked of them.

A place is one number, chromosome and position (`chromosome << 28 | position`), so that a list needs no
loop over chromosomes. Both ends are included; lists are sorted and do not overlap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_POSITION_BITS = 28
_NONE = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Stretches:
    """Stretches from `start` to `end` (places, included)."""

    start: NDArray[np.int64]
    end: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.start)

    def covers(self, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of some spans lie wholly inside one stretch."""
        if not len(self):
            return np.zeros(len(start), np.bool_)
        at = np.searchsorted(self.start, start, side="right") - 1
        return (at >= 0) & (self.end[np.maximum(at, 0)] >= end)

    def touching(self, start: int, end: int) -> slice:
        """Which stretches share a base with a span."""
        first = int(np.searchsorted(self.end, start, side="left"))
        return slice(first, max(first, int(np.searchsorted(self.start, end, side="right"))))


NOWHERE = Stretches(_NONE, _NONE)


def place(chromosome: NDArray[np.integer] | int, position: NDArray[np.integer] | int) -> NDArray[np.int64]:
    """The number of a place."""
    number = np.asarray(chromosome, np.int64) << _POSITION_BITS
    return number | np.asarray(position, np.int64)


def chromosome_and_position(places: NDArray[np.int64]) -> tuple[NDArray[np.int8], NDArray[np.int32]]:
    """The chromosome's number and the position of each place."""
    at = places & (1 << _POSITION_BITS) - 1
    return (places >> _POSITION_BITS).astype(np.int8), at.astype(np.int32)


def joined(start: NDArray[np.int64], end: NDArray[np.int64]) -> Stretches:
    """The union of spans in any order; spans that touch become one."""
    if not len(start):
        return NOWHERE
    if bool((start[1:] < start[:-1]).any()):
        order = np.argsort(start, kind="stable")
        start, end = start[order], end[order]
    reach = np.maximum.accumulate(end)
    new = np.concatenate(([True], start[1:] > reach[:-1] + 1))
    last = np.concatenate((np.flatnonzero(new)[1:] - 1, [len(start) - 1]))
    return Stretches(start[new], reach[last])


def without(whole: Stretches, taken: Stretches) -> Stretches:
    """What of `whole` lies in no stretch of `taken`."""
    if not len(whole) or not len(taken):
        return whole
    bounds = np.concatenate((whole.start, whole.end + 1, taken.start, taken.end + 1))
    change = np.repeat(np.array([2, -2, -1, 1], np.int64), [len(whole)] * 2 + [len(taken)] * 2)
    order = np.argsort(bounds, kind="stable")
    bounds, level = bounds[order], np.cumsum(change[order])
    final = np.concatenate((bounds[1:] != bounds[:-1], [True]))
    bounds, kept = bounds[final], level[final] == 2
    before = np.concatenate(([False], kept[:-1]))
    starts, ends = bounds[kept & ~before], bounds[~kept & before] - 1
    return Stretches(starts, ends)
