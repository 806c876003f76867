"""What a variant does to a transcript, in terms of the Sequence Ontology.

What can be said without sequence is said (a frameshift, a splice site, whole codons lost); what needs bases
that are not at hand is `Undetermined`, never "nothing happens".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from bedside.genome.variant import Variant
from bedside.interpret.germline.coding import (
    Bases,
    coding_bases,
    coding_index,
    other_strand,
    translate,
)
from bedside.interpret.germline.placement import Change, change_of, equivalents
from bedside.knowledge.transcripts import Transcript


class Term(Enum):
    """Terms of the Sequence Ontology, from the gravest to the mildest."""

    SPLICE_ACCEPTOR = "SO:0001574"
    SPLICE_DONOR = "SO:0001575"
    STOP_GAINED = "SO:0001587"
    FRAMESHIFT = "SO:0001589"
    STOP_LOST = "SO:0001578"
    START_LOST = "SO:0002012"
    INFRAME_INSERTION = "SO:0001821"
    INFRAME_DELETION = "SO:0001822"
    INFRAME_INDEL = "SO:0001820"
    MISSENSE = "SO:0001583"
    CODING = "SO:0001580"
    SPLICE_REGION = "SO:0001630"
    STOP_RETAINED = "SO:0001567"
    SYNONYMOUS = "SO:0001819"
    UTR_5 = "SO:0001623"
    UTR_3 = "SO:0001624"
    INTRON = "SO:0001627"


_PLACE = {one: place for place, one in enumerate(Term)}
READ_ON = 150
"""Coding bases read beyond a shift of the frame, to see whether the first changed residue is a stop."""

SPLICE_SITES = frozenset({Term.SPLICE_ACCEPTOR, Term.SPLICE_DONOR})
TRUNCATING = frozenset({Term.SPLICE_ACCEPTOR, Term.SPLICE_DONOR, Term.STOP_GAINED, Term.FRAMESHIFT})


class Undetermined(Enum):
    """Why part of the consequence could not be told."""

    NO_SEQUENCE = "needs the reference sequence, which is not at hand"
    OUTSIDE = "the variant lies outside the transcript"
    PLACEMENT = "stands at a splice site in one of its equivalent places and beside it in another"
    REFERENCE_DIFFERS = "the variant's reference allele differs from the reference sequence"


@dataclass(frozen=True, slots=True)
class Protein:
    """The change of the protein: the first residue's number, and the residues before and after."""

    first: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Consequence:
    """Terms from the gravest to the mildest. coding: the first coding base touched, from 1. protein: when the
    sequence was at hand. undetermined: what could not be told; the terms stand nevertheless."""

    transcript: str
    terms: tuple[Term, ...]
    coding: int | None = None
    protein: Protein | None = None
    undetermined: Undetermined | None = None

    @property
    def truncating(self) -> bool | None:
        """Whether the product is cut short; None when it cannot be told."""
        if TRUNCATING & set(self.terms):
            return True
        return None if self.undetermined else False


def consequence(variant: Variant, transcript: Transcript, bases: Bases) -> Consequence:
    """What the variant does to the transcript, as far as the bases at hand tell."""
    change = change_of(variant)
    if variant.chromosome != transcript.chromosome or not change.touches(transcript.start, transcript.end):
        return Consequence(transcript.accession, (), undetermined=Undetermined.OUTSIDE)
    known = bases(variant.chromosome, variant.position, variant.end)
    if known is not None and known.upper() != variant.reference:
        return Consequence(transcript.accession, (), undetermined=Undetermined.REFERENCE_DIFFERS)
    sparing = _sparing(change, transcript, bases)
    if sparing is not None:
        found = _consequence(sparing, transcript, bases)
        unsure = found.undetermined or (None if found.truncating else Undetermined.PLACEMENT)
        return replace(found, undetermined=unsure)
    return _consequence(change, transcript, bases)


def _consequence(change: Change, transcript: Transcript, bases: Bases) -> Consequence:
    terms = _splicing(change, transcript) | _untranslated(change, transcript)
    if not any(change.touches(start - (not change.deleted), end) for start, end in transcript.coding):
        return Consequence(transcript.accession, _graver_first(terms))
    index = _first_index(change, transcript)
    if index is None:
        return Consequence(transcript.accession, _graver_first(terms | {Term.CODING}), None)
    return _in_coding(change, transcript, bases, index, terms)


def _sparing(change: Change, transcript: Transcript, bases: Bases) -> Change | None:
    """An equivalent place at which a change at a splice site spares it: the sequence that results is the
    same, and a site that stands in it is not lost. None when there is none, or no site is touched."""
    if not _splicing(change, transcript) & SPLICE_SITES:
        return None
    others = equivalents(change, transcript.chromosome, bases)
    return next((one for one in others if not _splicing(one, transcript) & SPLICE_SITES), None)


def _graver_first(terms: set[Term]) -> tuple[Term, ...]:
    return tuple(sorted(terms, key=_PLACE.__getitem__))


def _splicing(change: Change, transcript: Transcript) -> set[Term]:
    terms: set[Term] = set()
    for first, last in transcript.introns:
        if change.end < first - 4 or change.start > last + 4:
            continue
        if change.touches(first, last):
            terms.add(Term.INTRON)
        low, high = (Term.SPLICE_DONOR, Term.SPLICE_ACCEPTOR)
        if not transcript.forward:
            low, high = high, low
        if change.touches(first, min(first + 1, last)):
            terms.add(low)
        if change.touches(max(last - 1, first), last):
            terms.add(high)
        region = [(first - 3, first - 1), (first + 2, first + 7), (last - 7, last - 2), (last + 1, last + 3)]
        boundary = not change.deleted and change.start in (first, last + 1)
        if boundary or any(change.touches(*stretch) for stretch in region):
            terms.add(Term.SPLICE_REGION)
    return terms


def _untranslated(change: Change, transcript: Transcript) -> set[Term]:
    low, high = (Term.UTR_5, Term.UTR_3) if transcript.forward else (Term.UTR_3, Term.UTR_5)
    terms: set[Term] = set()
    for start, end in transcript.exons:
        if start < transcript.cds_start and change.touches(start, min(end, transcript.cds_start - 1)):
            terms.add(low)
        if end > transcript.cds_end and change.touches(max(start, transcript.cds_end + 1), end):
            terms.add(high)
    return terms


def _first_index(change: Change, transcript: Transcript) -> int | None:
    """The coding index of the first base of the change as read, when all of it lies in one coding stretch."""
    if not change.deleted:
        left, right = (coding_index(transcript, place) for place in (change.start - 1, change.start))
        if left is None and right is None:
            return None
        if transcript.forward:
            return right if right is not None else None if left is None else left + 1
        return left if left is not None else None if right is None else right + 1
    for start, end in transcript.coding:
        if start <= change.start and change.end <= end:
            return coding_index(transcript, change.start if transcript.forward else change.end)
    return None


def _in_coding(
    change: Change, transcript: Transcript, bases: Bases, index: int, terms: set[Term]
) -> Consequence:
    """The change of the codons it touches, read on a little way where the frame shifts."""
    inserted = change.inserted if transcript.forward else other_strand(change.inserted)
    shift = (len(inserted) - change.deleted) % 3 != 0
    length = transcript.coding_length
    first = index - index % 3
    last = index + change.deleted
    last += -last % 3
    at_start = index < 3 and not (index == 0 and not change.deleted)
    at_stop = last > length - 3
    reach = min(last + READ_ON, length) if shift else last
    before = coding_bases(transcript, first, reach, bases)
    if before is None:
        return _without_sequence(change, transcript, index, terms, shift, at_start)
    after = before[: index - first] + inserted + before[index - first + change.deleted :]
    old, new = translate(before), translate(after)
    terms = terms | {_coding_term(change, old, new, shift, at_start, at_stop)}
    return Consequence(
        transcript.accession, _graver_first(terms), index + 1, _trimmed(first // 3 + 1, old, new)
    )


def _coding_term(change: Change, old: str, new: str, shift: bool, at_start: bool, at_stop: bool) -> Term:
    """The one term for the residues before and after (`*` is a stop)."""
    if at_start and not new.startswith("M"):
        return Term.START_LOST
    changed = next((place for place, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), None)
    stop = new.find("*")
    early = stop >= 0 and not (at_stop and stop == len(new) - 1)
    if shift:
        return Term.STOP_GAINED if early and changed == stop else Term.FRAMESHIFT
    if early and not (at_stop and new[: stop + 1] == old):
        return Term.STOP_GAINED
    if at_stop and "*" not in new:
        return Term.STOP_LOST
    if old == new:
        return Term.STOP_RETAINED if at_stop else Term.SYNONYMOUS
    if len(old) == len(new):
        return Term.MISSENSE
    if not change.inserted:
        return Term.INFRAME_DELETION
    return Term.INFRAME_INDEL if change.deleted else Term.INFRAME_INSERTION


def _without_sequence(
    change: Change, transcript: Transcript, index: int, terms: set[Term], shift: bool, at_start: bool
) -> Consequence:
    """What stands without a single base: a frameshift, and whole codons taken out."""
    at_stop = index + change.deleted > transcript.coding_length - 3
    if shift and not at_start and not at_stop:
        return Consequence(transcript.accession, _graver_first(terms | {Term.FRAMESHIFT}), index + 1)
    whole = change.deleted and not change.inserted and not shift and index % 3 == 0
    if whole and not at_start and not at_stop:
        return Consequence(transcript.accession, _graver_first(terms | {Term.INFRAME_DELETION}), index + 1)
    if change.deleted == 1 and len(change.inserted) == 1 and index < 3:
        return Consequence(transcript.accession, _graver_first(terms | {Term.START_LOST}), index + 1)
    return Consequence(
        transcript.accession,
        _graver_first(terms | {Term.CODING}),
        index + 1,
        undetermined=Undetermined.NO_SEQUENCE,
    )


def _trimmed(first: int, old: str, new: str) -> Protein:
    """The residues that differ, without what both share at their ends; one that stays when none differ."""
    while len(old) > 1 and len(new) > 1 and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    while len(old) > 1 and len(new) > 1 and old[0] == new[0]:
        old, new, first = old[1:], new[1:], first + 1
    return Protein(first, old, new)
