"""Stretches of the genome and what is known of each: joined, cut from one another, lifted.

A place is one number, chromosome << 32 | position, so that stretches of all chromosomes are one sorted list.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bedside.genome.evidence import Regions, Seen
from bedside.genome.liftover import Chain

BITS = 32
_WORST_FIRST = (Seen.NO_CALL, Seen.HALF_CALL, Seen.FILTERED, Seen.LOW_QUALITY, Seen.STATED, Seen.REFERENCE)


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """Stretches from place to place, both ends included."""

    start: NDArray[np.int64]
    end: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.start)

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> Spans:
        """Some of the stretches."""
        return Spans(self.start[rows], self.end[rows])


_NO_STATE = np.zeros(0, np.int8)
NOTHING = Spans(np.zeros(0, np.int64), np.zeros(0, np.int64))


def places(chromosome: NDArray[np.int8], position: NDArray[np.int64]) -> NDArray[np.int64]:
    """Chromosomes and positions as places."""
    return chromosome.astype(np.int64) << BITS | position


def together(several: Iterable[Spans]) -> Spans:
    """All of them, joined."""
    every = [spans for spans in several if len(spans)]
    if not every:
        return NOTHING
    if len(every) == 1:
        return joined(every[0])
    start, end = (np.concatenate([getattr(spans, side) for spans in every]) for side in ("start", "end"))
    return joined(Spans(start, end))


def joined(spans: Spans) -> Spans:
    """Sorted, with those that touch or overlap made one."""
    start, end = spans.start, spans.end
    if len(start) < 2 or bool((start[1:] > end[:-1] + 1).all()):
        return spans
    if bool((start[1:] < start[:-1]).any()):
        order = np.argsort(start, kind="stable")
        start, end = start[order], end[order]
    reach = np.maximum.accumulate(end)
    begins = np.flatnonzero(np.append(True, start[1:] > reach[:-1] + 1))
    return Spans(start[begins], reach[np.append(begins[1:], len(start)) - 1])


def without(spans: Spans, others: Spans) -> Spans:
    """What is left of joined stretches outside other joined ones."""
    if not len(spans) or not len(others):
        return spans
    low = np.searchsorted(others.end, spans.start)
    count = np.searchsorted(others.start, spans.end, side="right") - low
    cut = np.flatnonzero(count > 0)
    if not len(cut):
        return spans
    many = count[cut] + 1
    row = np.repeat(np.arange(len(cut)), many)
    number = np.arange(len(row)) - np.repeat(np.cumsum(many) - many, many)
    other = low[cut][row] + number
    last = len(others) - 1
    start = np.where(number == 0, spans.start[cut][row], others.end[np.clip(other - 1, 0, last)] + 1)
    end = np.where(number == many[row] - 1, spans.end[cut][row], others.start[np.clip(other, 0, last)] - 1)
    kept = start <= end
    whole = count <= 0
    return _sorted(
        np.concatenate([spans.start[whole], start[kept]]), np.concatenate([spans.end[whole], end[kept]])
    )


def lifted(spans: Spans, chain: Chain) -> Spans:
    """The pieces of stretches that a chain carries over, joined."""
    if not len(spans) or not len(chain.start):
        return NOTHING
    blocks = Spans(places(chain.chromosome, chain.start + 1), places(chain.chromosome, chain.end))
    low = np.searchsorted(blocks.end, spans.start)
    count = np.maximum(np.searchsorted(blocks.start, spans.end, side="right") - low, 0)
    row = np.repeat(np.arange(len(spans)), count)
    block = low[row] + np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    start = np.maximum(spans.start[row], blocks.start[block])
    end = np.minimum(spans.end[row], blocks.end[block])
    size = end - start
    position = start & ((1 << BITS) - 1)
    moved = chain.lift(chain.chromosome[block], position, size + 1)
    first = places(moved.chromosome, moved.position)[moved.mapped]
    return joined(Spans(first, first + size[moved.mapped]))


def regions_of(states: dict[Seen, Spans]) -> Regions:
    """The stretches of each state as regions that do not overlap: what could not be called wins over
    reference. `states` is used up."""
    taken = NOTHING
    found: list[tuple[Seen, Spans]] = []
    for state in _WORST_FIRST:
        left = without(joined(states.pop(state, NOTHING)), taken)
        if len(left):
            found.append((state, left))
        if state is not Seen.REFERENCE:
            taken = together((taken, left))
    number = np.concatenate([np.full(len(spans), state, np.int8) for state, spans in found] or [_NO_STATE])
    start, end = (_end_to_end(found, side) for side in ("start", "end"))
    del found
    if bool((start[1:] < start[:-1]).any()):
        order = np.argsort(start, kind="stable")
        start, end, number = start[order], end[order], number[order]
    mask = (1 << BITS) - 1
    return Regions(
        (start >> BITS).astype(np.int8),
        (start & mask).astype(np.int32),
        (end & mask).astype(np.int32),
        number,
    )


def _end_to_end(found: list[tuple[Seen, Spans]], side: str) -> NDArray[np.int64]:
    """The starts or ends of all stretches, without copying when there is one state only."""
    arrays: list[NDArray[np.int64]] = [getattr(spans, side) for _, spans in found] or [NOTHING.start]
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _sorted(start: NDArray[np.int64], end: NDArray[np.int64]) -> Spans:
    order = np.argsort(start, kind="stable")
    return Spans(start[order], end[order])
