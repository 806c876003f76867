"""Equivalent places of an insertion or deletion: in a repeat the same sequence results from several."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bedside.genome.variant import Variant
from bedside.interpret.germline.coding import Bases

FARTHEST = 200
"""Bases that a change is moved at most in either direction."""


@dataclass(frozen=True, slots=True)
class Change:
    """A variant without what its alleles share: the reference bases from `start` to `end` become `inserted`.
    An insertion has `end` = `start` - 1."""

    start: int
    end: int
    inserted: str

    @property
    def deleted(self) -> int:
        """How many reference bases go."""
        return self.end - self.start + 1

    def touches(self, first: int, last: int) -> bool:
        """Whether it takes away a base of a stretch, or puts one between two of them."""
        if self.deleted:
            return self.start <= last and self.end >= first
        return first < self.start <= last


def change_of(variant: Variant) -> Change:
    """The variant without the bases its alleles share at their ends (the right end is trimmed first)."""
    reference, alternate, start = variant.reference, variant.alternate, variant.position
    while reference and alternate and reference[-1] == alternate[-1]:
        reference, alternate = reference[:-1], alternate[:-1]
    while reference and alternate and reference[0] == alternate[0]:
        reference, alternate, start = reference[1:], alternate[1:], start + 1
    return Change(start, start + len(reference) - 1, alternate)


def equivalents(change: Change, chromosome: str, bases: Bases) -> Iterator[Change]:
    """The change as it stands, then its other places to the right and to the left, as far as sequence is at
    hand. A change that both takes and puts bases has one place."""
    yield change
    if change.deleted and change.inserted:
        return
    yield from _moved(change, chromosome, bases, 1)
    yield from _moved(change, chromosome, bases, -1)


def _moved(change: Change, chromosome: str, bases: Bases, step: int) -> Iterator[Change]:
    for _ in range(FARTHEST):
        entering = change.end + 1 if step > 0 else change.start - 1
        base = _base(bases, chromosome, entering)
        if base is None:
            return
        if change.deleted:
            leaving = _base(bases, chromosome, change.start if step > 0 else change.end)
            inserted = ""
        else:
            leaving = change.inserted[0 if step > 0 else -1]
            turned = change.inserted[1:] + change.inserted[0]
            inserted = turned if step > 0 else change.inserted[-1] + change.inserted[:-1]
        if leaving is None or base != leaving:
            return
        change = Change(change.start + step, change.end + step, inserted)
        yield change


def _base(bases: Bases, chromosome: str, position: int) -> str | None:
    found = bases(chromosome, position, position) if position >= 1 else None
    return None if found is None else found.upper()
