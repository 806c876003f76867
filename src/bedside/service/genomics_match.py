"""Whether a change that was asked for is one that a person carries, whichever way either is written.

Without the reference sequence an insertion or deletion cannot be moved along a repeat. What was asked names
some of the bases around it, so every spelling inside them is compared by the sequence that results; a change
of the same size and bases just outside might be the same one, and then it cannot be told.
"""

from __future__ import annotations

from collections.abc import Iterable

from bedside.genome.region import Region
from bedside.genome.variant import Variant
from bedside.service.genomics_places import Change

NEARBY = 1_000
"""How far along a repeat another spelling of an insertion or deletion is looked for, in bases."""


def core(start: int, deleted: str, inserted: str) -> tuple[int, str, str]:
    """A change without the bases that both alleles share, at the end first: start (from zero), out, in."""
    while deleted and inserted and deleted[-1] == inserted[-1]:
        deleted, inserted = deleted[:-1], inserted[:-1]
    while deleted and inserted and deleted[0] == inserted[0]:
        start, deleted, inserted = start + 1, deleted[1:], inserted[1:]
    return start, deleted, inserted


def core_of(variant: Variant) -> tuple[int, str, str]:
    """The core of a variant written as in a VCF."""
    return core(variant.position - 1, variant.reference, variant.alternate)


def spelled(change: Change) -> Variant | None:
    """The change as in a VCF; None for a bare insertion or deletion, which needs one more base."""
    start, deleted, inserted = core(change.start, change.deleted, change.inserted)
    if not deleted or not inserted:
        return None
    return Variant(change.chromosome, start + 1, deleted, inserted)


def unspelled(change: Change) -> Variant:
    """A bare insertion or deletion behind a base that is not known: asks whether its place was looked at."""
    start, deleted, inserted = change.start, change.deleted, change.inserted
    if start == 0:
        return Variant(change.chromosome, 1, f"{deleted}N", f"{inserted}N")
    return Variant(change.chromosome, start, f"N{deleted}", f"N{inserted}")


def near(change: Change) -> Region:
    """Where any spelling of the change can stand."""
    start, end = change.start - NEARBY, change.start + len(change.deleted) + NEARBY
    return Region(change.chromosome, max(1, start), max(1, end))


def same(change: Change, variants: Iterable[Variant]) -> tuple[Variant, ...]:
    """Those of some variants that give the very sequence that the change gives, within the bases it names."""
    return tuple(one for one in variants if _gives(change, one))


def maybe_same(change: Change, variants: Iterable[Variant]) -> tuple[Variant, ...]:
    """Those that may be the change moved along a repeat: as many bases in and out, the same ones turned."""
    _, deleted, inserted = core(change.start, change.deleted, change.inserted)
    found = []
    for one in variants:
        _, out, put = core_of(one)
        bare = not (deleted and inserted) and not (out and put)
        if bare and _turned(deleted, out) and _turned(inserted, put) and not _gives(change, one):
            found.append(one)
    return tuple(found)


def _gives(change: Change, variant: Variant) -> bool:
    start, out, put = core_of(variant)
    at = start - change.start
    if at < 0 or at + len(out) > len(change.deleted) or change.deleted[at : at + len(out)] != out:
        return False
    return change.deleted[:at] + put + change.deleted[at + len(out) :] == change.inserted


def _turned(one: str, other: str) -> bool:
    return len(one) == len(other) and other in one + one
