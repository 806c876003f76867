"""Alleles in their shortest form, and as far left as a sequence allows: the one way to write a change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bedside.genome.texts import Texts

_PAD = 2_000
_APART = 50_000
_COMPLEMENT = np.arange(256, dtype=np.uint8)
_COMPLEMENT[[ord(base) for base in "ACGT"]] = [ord(base) for base in "TGCA"]

Fetch = Callable[[int, int, int], NDArray[np.uint8]]
"""Upper-case bases of a chromosome's number from a 1-based position up to another, both included."""


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """Changes as columns."""

    chromosome: NDArray[np.int8]
    position: NDArray[np.int64]
    reference: Texts
    alternate: Texts

    def __len__(self) -> int:
        return len(self.position)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Changes:
        """Some of the changes."""
        return Changes(
            self.chromosome[rows], self.position[rows], self.reference.take(rows), self.alternate.take(rows)
        )


def trimmed(changes: Changes) -> Changes:
    """Without the bases both alleles share at the end, then at the start; one base of each is left."""
    size, other = changes.reference.lengths.astype(np.int64), changes.alternate.lengths.astype(np.int64)
    rows = np.flatnonzero((size > 1) & (other > 1))
    if not len(rows):
        return changes
    start, begin, gone = _shared(changes, rows, least=1)
    if not bool(gone.any()):
        return changes
    position = changes.position.copy()
    position[rows] += start
    reference, alternate = changes.reference, changes.alternate
    ours, theirs = reference.offsets[:-1].astype(np.int64), alternate.offsets[:-1].astype(np.int64)
    ours[rows] += start
    theirs[rows] += begin
    size[rows] -= gone
    other[rows] -= gone
    return Changes(changes.chromosome, position, reference.part(ours, size), alternate.part(theirs, other))


def _shared(
    changes: Changes, rows: NDArray[np.intp], least: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """How many bases to take from the start of both alleles (twice), and from start and end together."""
    reference, alternate = changes.reference, changes.alternate
    first, other = (
        reference.offsets[:-1][rows].astype(np.int64),
        alternate.offsets[:-1][rows].astype(np.int64),
    )
    size, width = reference.lengths[rows].astype(np.int64), alternate.lengths[rows].astype(np.int64)
    gone = np.zeros(len(rows), np.int64)
    active = np.flatnonzero((size > least) & (width > least))
    while len(active):
        last = first[active] + size[active] - 1 - gone[active]
        end = other[active] + width[active] - 1 - gone[active]
        active = active[reference.data[last] == alternate.data[end]]
        gone[active] += 1
        active = active[(size[active] - gone[active] > least) & (width[active] - gone[active] > least)]
    start = np.zeros(len(rows), np.int64)
    active = np.flatnonzero((size - gone > least) & (width - gone > least))
    while len(active):
        active = active[
            reference.data[first[active] + start[active]] == alternate.data[other[active] + start[active]]
        ]
        start[active] += 1
        taken = gone[active] + start[active]
        active = active[(size[active] - taken > least) & (width[active] - taken > least)]
    return start, start, gone + start


def reverse_complement(texts: Texts) -> Texts:
    """Each text as the other strand reads it."""
    lengths = texts.lengths
    reverse = np.repeat(texts.offsets[:-1] + texts.offsets[1:] - 1, lengths) - np.arange(len(texts.data))
    return Texts(texts.offsets, _COMPLEMENT[texts.data[reverse]])


def left_aligned(changes: Changes, fetch: Fetch) -> Changes:
    """Trimmed changes with every insertion and deletion moved as far left as it reads the same; the reference
    alleles have been checked against the sequence."""
    size, other = changes.reference.lengths, changes.alternate.lengths
    pure = np.flatnonzero(
        ((size == 1) != (other == 1)) & (changes.reference.first == changes.alternate.first)
    )
    if not len(pure):
        return changes
    position = changes.position.copy()
    references, alternates = list(changes.reference.take(pure)), list(changes.alternate.take(pure))
    for number in np.unique(changes.chromosome[pure]).tolist():
        on_it = np.flatnonzero(changes.chromosome[pure] == number)
        for near in clusters(position[pure[on_it]]):
            mine = on_it[near]
            pair = changes.reference.take(pure[mine]), changes.alternate.take(pure[mine])
            shift, bases = _shifts(number, position[pure[mine]], pair, fetch)
            for place in np.flatnonzero(shift).tolist():
                row = int(mine[place])
                references[row], alternates[row] = _turned(
                    references[row], alternates[row], bases[place], int(shift[place])
                )
            position[pure[mine]] -= shift
    return Changes(
        changes.chromosome,
        position,
        _replaced(changes.reference, pure, references),
        _replaced(changes.alternate, pure, alternates),
    )


def clusters(positions: NDArray[np.int64]) -> list[NDArray[np.intp]]:
    """Rows in groups that lie near one another, so that no more sequence is read than needed."""
    order = np.argsort(positions, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(positions[order]) > _APART) + 1) if len(order) else []


def _turned(reference: str, alternate: str, anchor: str, steps: int) -> tuple[str, str]:
    """An insertion or deletion written so many bases to the left, behind this base."""
    piece = max(reference, alternate, key=len)[1:]
    turn = len(piece) - steps % len(piece)
    piece = piece[turn:] + piece[:turn]
    return (anchor + piece, anchor) if len(reference) > 1 else (anchor, anchor + piece)


def _shifts(
    number: int, position: NDArray[np.int64], alleles: tuple[Texts, Texts], fetch: Fetch
) -> tuple[NDArray[np.int64], list[str]]:
    """How far each indel of one chromosome moves left, and the base it then stands on."""
    reference, alternate = alleles
    deletes = reference.lengths > 1
    length = np.where(deletes, reference.lengths, alternate.lengths).astype(np.int64) - 1
    pad = _PAD
    while True:
        low = max(1, int(position.min()) - pad)
        sequence = fetch(number, low, int(position.max()))
        shift = np.zeros(len(position), np.int64)
        active = np.arange(len(position))
        while len(active):
            base = sequence[position[active] - low - shift[active]]
            at = 1 + (length[active] - 1 - shift[active]) % length[active]
            moved = np.where(deletes[active], _base(reference, active, at), _base(alternate, active, at))
            active = active[(moved == base) & (position[active] - shift[active] > 1)]
            active = active[position[active] - shift[active] > low]
            shift[active] += 1
        stuck = (position - shift == low) & (low > 1)
        if not bool(stuck.any()):
            break
        pad *= 20
    bases = sequence[position - low - shift]
    return shift, [chr(base) for base in bases.tolist()]


def _base(texts: Texts, rows: NDArray[np.intp], at: NDArray[np.int64]) -> NDArray[np.uint8]:
    found = texts.offsets[:-1][rows] + at
    bases: NDArray[np.uint8] = texts.data[np.minimum(found, len(texts.data) - 1)]
    return bases


def _replaced(texts: Texts, rows: NDArray[np.intp], by: list[str]) -> Texts:
    """The texts with some of them replaced."""
    new = Texts.of(by)
    data = np.concatenate([texts.data, new.data])
    start, length = texts.offsets[:-1].astype(np.int64), texts.lengths.copy()
    start[rows] = new.offsets[:-1].astype(np.int64) + len(texts.data)
    length[rows] = new.lengths
    return Texts(np.zeros(1, np.int32), data).part(start, length)
