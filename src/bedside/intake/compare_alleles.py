"""What one alternate allele of a record means for a defined position, however the record writes it.

The same change can be written with more or less reference around it, on its own or joined with others. Both
alleles are laid out over the same stretch of reference, so that equal sequences are equal changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bedside.intake.target import Target

BASES = frozenset("ACGT")


class Meaning(Enum):
    """How a record's allele relates to a defined position."""

    DEFINED = "the allele of the definition"
    UNDOCUMENTED = "changes the position in a way the definition does not know"
    ELSEWHERE = "leaves the position as it is"
    INSIDE = "changes part of the position's reference allele"
    TAKEN_AWAY = "takes the position's bases away"
    SYMBOLIC = "symbolic"
    SPANNING = "spanned by a deletion"
    NOT_BASES = "not a sequence of bases"


@dataclass(frozen=True, slots=True)
class Relation:
    """The meaning, and the position's sequence on a strand with the allele ("" when there is none)."""

    meaning: Meaning
    sequence: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """An alternate allele without the reference it shares: `reference` at `start` becomes `alternate`."""

    start: int
    reference: str
    alternate: str

    @property
    def end(self) -> int:
        return self.start + len(self.reference) - 1


def relate(target: Target, position: int, reference: str, alternate: str) -> Relation:
    """What `alternate` at `position` means for the target; the record must overlap the target.

    A record of exactly the target's reference allele is compared as it stands: what is not defined is
    undocumented.
    """
    if alternate == "*":
        return Relation(Meaning.SPANNING)
    if alternate.startswith("<") or "[" in alternate or "]" in alternate:
        return Relation(Meaning.SYMBOLIC)
    if not alternate or not set(alternate) <= BASES:
        return Relation(Meaning.NOT_BASES)
    defined = _defined(target, position, reference, alternate)
    if defined is not None:
        return Relation(Meaning.DEFINED, defined)
    if position == target.start and reference == target.window:
        return Relation(Meaning.UNDOCUMENTED, alternate)
    change = trim(position, reference, alternate)
    if change.start == target.start and change.reference == target.window:
        return Relation(Meaning.UNDOCUMENTED, change.alternate)
    return _by_overlap(target, change)


def reference_agrees(target: Target, position: int, reference: str) -> bool:
    """Whether the record's REF has the bases of the target's reference where they overlap."""
    first, last = max(target.start, position), min(target.end, position + len(reference) - 1)
    if first > last:
        return True
    theirs = reference[first - position : last - position + 1]
    return theirs == target.window[first - target.start : last - target.start + 1]


def _defined(target: Target, position: int, reference: str, alternate: str) -> str | None:
    """The defined allele that makes the same sequence over the stretch that record and definition span
    together.
    """
    end = position + len(reference) - 1
    if position > target.end or end < target.start:
        return None
    before, after = (
        reference[: max(0, target.start - position)],
        reference[len(reference) - max(0, end - target.end) :],
    )
    left = target.window[: max(0, position - target.start)]
    right = target.window[len(target.window) - max(0, target.end - end) :]
    changed = left + alternate + right
    for defined in target.alternates:
        if changed == before + defined + after:
            return defined
    return None


def trim(position: int, reference: str, alternate: str) -> Change:
    """Shared bases taken off, the end first; at least one base stays on each side, as VCF writes it."""
    while len(reference) > 1 and len(alternate) > 1 and reference[-1] == alternate[-1]:
        reference, alternate = reference[:-1], alternate[:-1]
    while len(reference) > 1 and len(alternate) > 1 and reference[0] == alternate[0]:
        reference, alternate, position = reference[1:], alternate[1:], position + 1
    return Change(position, reference, alternate)


def _by_overlap(target: Target, change: Change) -> Relation:
    anchored = len(change.reference) != len(change.alternate) and change.reference[0] == change.alternate[0]
    first = change.start + 1 if anchored else change.start
    if len(change.reference) == 1 and anchored:
        between = change.start
        inside = target.start <= between < target.end
        return Relation(Meaning.INSIDE) if inside else Relation(Meaning.ELSEWHERE)
    if first > target.end or change.end < target.start:
        return Relation(Meaning.ELSEWHERE)
    if len(change.reference) != len(change.alternate):
        return Relation(Meaning.TAKEN_AWAY)
    if target.start == target.end:
        return _base(target, change.alternate[target.start - change.start])
    return Relation(Meaning.INSIDE)


def _base(target: Target, base: str) -> Relation:
    """One base out of a longer substitution."""
    if base == target.window:
        return Relation(Meaning.ELSEWHERE)
    known = Meaning.DEFINED if base in target.alternates else Meaning.UNDOCUMENTED
    return Relation(known, base)
