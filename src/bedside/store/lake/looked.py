"""Where a run looked: a list of stretches shared by many runs, and what is a run's own.

The stretches an exome kit covers are the same for everybody tested with it. So the list is kept once, and a
run keeps its differences from it: stretches seen that are not on the list, stretches of the list that were
not seen, and those without a usable answer. Which list to compare with is chosen by likeness, so that a file
whose stretches are cut differently is still exact, only larger.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bedside.genome.evidence import Genome, Seen
from bedside.store.lake.stretches import NOWHERE, Stretches, joined, place, without

NOT_SEEN = 0
"""State of a stretch of the shared list that the run did not look at."""

SEEN = int(Seen.REFERENCE)
"""State of a stretch outside the shared list that the run looked at."""

ALIKE = 4
"""A list is shared when the differences are at most one for so many stretches."""


@dataclass(frozen=True, slots=True, eq=False)
class Own:
    """A run's own stretches, sorted by start; they may overlap. `state` is `NOT_SEEN`, `SEEN`, or a number
    of `Seen` that has no usable answer."""

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    state: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.start)


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """Where one run looked."""

    shared: Stretches
    own: Own

    def codes(self, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.int8]:
        """Of each span: 0 not tested, 1 seen throughout, else the number of `Seen` that spoils it."""
        codes = self.shared.covers(start, end).astype(np.int8)
        if not len(self.own):
            return codes
        reach = np.maximum.accumulate(self.own.end)
        first = np.searchsorted(reach, start, side="left")
        last = np.searchsorted(self.own.start, end, side="right")
        for at in np.flatnonzero(first < last):
            rows = slice(int(first[at]), int(last[at]))
            near = self.own.end[rows] >= start[at]
            part = Own(self.own.start[rows][near], self.own.end[rows][near], self.own.state[rows][near])
            codes[at] = code(self.shared, part, int(start[at]), int(end[at]))
        return codes


def code(shared: Stretches, own: Own, start: int, end: int) -> int:
    """The code of one span; `own` holds the run's own stretches that touch it, no others."""
    spoiled = own.state[own.state > SEEN]
    if len(spoiled):
        return int(spoiled.min())
    if bool((own.state == NOT_SEEN).any()):
        return 0
    rows = shared.touching(start, end)
    pieces = joined(
        np.concatenate((shared.start[rows], own.start)), np.concatenate((shared.end[rows], own.end))
    )
    return int(bool(pieces.covers(np.array([start]), np.array([end]))[0]))


def all_looked(genome: Genome) -> tuple[Stretches, Own]:
    """Everything a genome looked at, and the stretches of it that have no usable answer: those the file
    names, and the places of records that were filtered or called on one strand only."""
    regions, evidence = genome.regions, genome.evidence
    start, end = place(regions.chromosome, regions.start), place(regions.chromosome, regions.end)
    first = evidence.key >> 30
    last = first + evidence.reference.lengths - 1
    looked = joined(np.concatenate((start, first)), np.concatenate((end, last)))
    bad = regions.state != SEEN
    filtered = ~evidence.passed.astype(np.bool_)
    half = ~filtered & (evidence.missing > 0)
    state = np.where(filtered, int(Seen.FILTERED), int(Seen.HALF_CALL)).astype(np.int8)
    spoiled = filtered | half
    return looked, sorted_own(
        np.concatenate((start[bad], first[spoiled])),
        np.concatenate((end[bad], last[spoiled])),
        np.concatenate((regions.state[bad].astype(np.int8), state[spoiled])),
    )


def sorted_own(start: NDArray[np.int64], end: NDArray[np.int64], state: NDArray[np.int8]) -> Own:
    """Own stretches in order, each once."""
    order = np.lexsort((state, end, start))
    start, end, state = start[order], end[order], state[order]
    if not len(start):
        return Own(start, end, state)
    same = (start[1:] == start[:-1]) & (end[1:] == end[:-1]) & (state[1:] == state[:-1])
    new = np.concatenate(([True], ~same))
    return Own(start[new], end[new], state[new])


def differences(looked: Stretches, shared: Stretches, spoiled: Own) -> Own:
    """What a run with this list keeps as its own."""
    rest, other = _unlike(looked, shared), _unlike(shared, looked)
    extra, lacking = without(rest, other), without(other, rest)
    states = np.repeat(np.array([SEEN, NOT_SEEN], np.int8), [len(extra), len(lacking)])
    return sorted_own(
        np.concatenate((spoiled.start, extra.start, lacking.start)),
        np.concatenate((spoiled.end, extra.end, lacking.end)),
        np.concatenate((spoiled.state, states)),
    )


def alike(looked: Stretches, own: Own, spoiled: Own) -> bool:
    """Whether keeping the differences is less than keeping the list."""
    return (len(own) - len(spoiled)) * ALIKE <= len(looked)


def _unlike(stretches: Stretches, others: Stretches) -> Stretches:
    """The stretches that are not in the other list just so."""
    if not len(others):
        return stretches
    if np.array_equal(stretches.start, others.start) and np.array_equal(stretches.end, others.end):
        return NOWHERE
    at = np.minimum(np.searchsorted(others.start, stretches.start), len(others) - 1)
    unlike = (others.start[at] != stretches.start) | (others.end[at] != stretches.end)
    return Stretches(stretches.start[unlike], stretches.end[unlike]) if len(stretches) else NOWHERE
