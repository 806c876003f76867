"""What one record says about one defined position, for every distinct sample field."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from bedside.genome.state import (
    NOT_TESTED,
    Called,
    Filtered,
    HalfCall,
    NoCall,
    PositionState,
    Reason,
    ReferenceBlock,
    Undocumented,
)
from bedside.intake.compare_alleles import Meaning, Relation, reference_agrees, relate, trim
from bedside.intake.policy import IntakePolicy
from bedside.intake.row import Codes, Row, SampleField, is_reference_block
from bedside.intake.target import Target

_BAD = {
    Meaning.SYMBOLIC: Reason.SYMBOLIC_ALLELE,
    Meaning.SPANNING: Reason.SPANNING_DELETION,
    Meaning.TAKEN_AWAY: Reason.SPANNING_DELETION,
    Meaning.NOT_BASES: Reason.NOT_A_BASE_SEQUENCE,
}


DefinedChanges = frozenset[tuple[str, int, str, str]]


class Kind(Enum):
    """How directly a record speaks about a position."""

    SITE = "a record of the position"
    BLOCK = "a reference block over the position"
    OVERLAP = "a record of another variant that overlaps the position"
    MISMATCH = "a record whose reference bases are not those of the definition"


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """`states[codes[sample]]` is what the record says; code 0 is NotTested. `alleles`: the changes a SITE
    record names.

    overrules: an OVERLAP that takes the bases away in a way no definition knows stands above every SITE
    record.
    """

    kind: Kind
    alleles: frozenset[str]
    source: str
    line: int | None
    states: tuple[PositionState, ...]
    codes: Codes
    overrules: bool = False


def read_evidence(row: Row, target: Target, policy: IntakePolicy, changes: DefinedChanges) -> Evidence | None:
    """What the record says about the target; None when it says nothing. `changes` are those that the
    definitions know: the bases that a defined deletion takes away count as reference at the other positions
    of that allele.
    """
    if is_reference_block(row.alternates, policy):
        return _block_evidence(row, target, policy)
    reference = row.reference.upper()
    if not reference_agrees(target, row.position, reference):
        if row.position == target.start:
            return _same_for_all(row, Kind.MISMATCH, _mismatch(row, target))
        return None
    relations = tuple(
        relate(target, row.position, reference, alternate.upper()) for alternate in row.alternates
    )
    exact = row.position == target.start and reference == target.window
    about = exact or any(
        relation.meaning in (Meaning.DEFINED, Meaning.UNDOCUMENTED) for relation in relations
    )
    if not about:
        return _overlap_evidence(row, target, relations, policy, changes)
    relations = tuple(
        _forgive(row, alternate.upper(), relation, changes)
        for alternate, relation in zip(row.alternates, relations, strict=True)
    )
    read = _SiteReader(row, target, relations, policy)
    named = frozenset(relation.sequence for relation in relations if relation.sequence)
    return _evidence(row, Kind.SITE, tuple(read.state(field) for field in row.fields), named)


class _SiteReader:
    """Turns the sample fields of one record of the position into states."""

    def __init__(
        self, row: Row, target: Target, relations: tuple[Relation, ...], policy: IntakePolicy
    ) -> None:
        self.target, self.relations = target, relations
        self.failed = failed_filters(row, policy)
        self.policy = policy
        multi_base = any(len(alternate) > 1 and alternate.isalpha() for alternate in row.alternates)
        self.compare_as_is = target.expects_insertion and not multi_base
        self.one_copy = target.chromosome in ("chrY", "chrM")

    def state(self, field: SampleField) -> PositionState:
        if not field.alleles:
            return NoCall(Reason.NO_GENOTYPE_FIELD)
        alleles = field.alleles
        if self.one_copy and len(alleles) > 1:
            alleles = tuple(allele for allele in alleles if allele is not None)[:1] or (None,)
        if all(allele is None for allele in alleles):
            return NoCall(Reason.GENOTYPE_MISSING)
        if (failed := self.failed or self._failed_sample(field)) is not None:
            return failed
        if field.depth_contradicts:
            return NoCall(Reason.DEPTH_CONTRADICTS)
        return self._called(alleles, field)

    def _failed_sample(self, field: SampleField) -> Filtered | None:
        if not field.failed_filter or self.policy.ignore_filters:
            return None
        return Filtered(Reason.FILTER_FAILED, field.failed_filter)

    def _called(self, alleles: tuple[int | None, ...], field: SampleField) -> PositionState:
        sequences: list[str | None] = []
        undocumented = False
        for allele in alleles:
            relation = self.relations[allele - 1] if allele else None
            if relation is not None and relation.meaning in _BAD:
                return NoCall(_BAD[relation.meaning])
            undocumented |= relation is not None and relation.meaning is Meaning.UNDOCUMENTED
            sequences.append(None if allele is None else self._sequence(relation))
        phased = field.phased and len(sequences) > 1
        if None in sequences:
            if not phased:
                sequences.sort(key=lambda sequence: sequence is None)
            return HalfCall(tuple(sequences), phased, field.phase_set if phased else None)
        called = tuple(sequence for sequence in sequences if sequence is not None)
        if not phased:
            called = self._in_order(called)
        phase_set = field.phase_set if phased and len(set(called)) > 1 else None
        if undocumented and not self.compare_as_is:
            return Undocumented(called, phased, phase_set)
        return Called(called, phased, phase_set)

    def _sequence(self, relation: Relation | None) -> str:
        return relation.sequence if relation is not None and relation.sequence else self.target.window

    def _in_order(self, alleles: tuple[str, ...]) -> tuple[str, ...]:
        return in_definition_order(self.target, alleles)


def in_definition_order(target: Target, alleles: tuple[str, ...]) -> tuple[str, ...]:
    """Alleles whose order means nothing, in the order of the definition: so 1/0 equals 0/1."""
    order = (target.position.reference, *target.position.alternates)
    return tuple(
        sorted(alleles, key=lambda allele: (order.index(allele) if allele in order else len(order), allele))
    )


def failed_filters(row: Row, policy: IntakePolicy) -> Filtered | None:
    """The record's verdict by the laboratory's caller, None when it passed or filters are ignored."""
    failed = sorted(set(row.filters) - policy.passing_filters)
    if not failed or policy.ignore_filters:
        return None
    return Filtered(Reason.FILTER_FAILED, ";".join(failed))


def _block_evidence(row: Row, target: Target, policy: IntakePolicy) -> Evidence | None:
    if not reference_agrees(target, row.position, row.reference.upper()):
        return _same_for_all(row, Kind.MISMATCH, _mismatch(row, target))
    if (
        not row.has_end
        and not row.alternates
        and row.position == target.start
        and row.reference.upper() == target.window
    ):
        read = _SiteReader(row, target, (), policy)
        return _evidence(row, Kind.SITE, tuple(read.state(field) for field in row.fields), frozenset())
    states = tuple(_block_state(row, target, field, policy) for field in row.fields)
    return _evidence(row, Kind.BLOCK, states, frozenset())


def _block_state(row: Row, target: Target, field: SampleField, policy: IntakePolicy) -> PositionState:
    if not field.alleles:
        return NoCall(Reason.NO_GENOTYPE_FIELD)
    if any(allele is None for allele in field.alleles):
        return NoCall(Reason.GENOTYPE_MISSING)
    if any(field.alleles):
        return NoCall(Reason.SYMBOLIC_ALLELE)
    if (failed := failed_filters(row, policy)) is not None:
        return failed
    if field.failed_filter and not policy.ignore_filters:
        return Filtered(Reason.FILTER_FAILED, field.failed_filter)
    if row.position > target.start or row.end < target.end:
        return NoCall(Reason.BLOCK_DOES_NOT_SPAN)
    if field.low_quality:
        return Filtered(Reason.LOW_QUALITY, field.low_quality)
    seen = row.position == target.start and len(row.reference) >= len(target.window)
    if not target.window_known and not seen:
        return NoCall(Reason.REFERENCE_BASE_UNKNOWN)
    ploidy = 1 if target.chromosome in ("chrY", "chrM") else len(field.alleles)
    if target.window != target.position.reference:
        return Called((target.window,) * ploidy)
    return ReferenceBlock(target.window, ploidy)


def _overlap_evidence(
    row: Row,
    target: Target,
    relations: tuple[Relation, ...],
    policy: IntakePolicy,
    changes: DefinedChanges,
) -> Evidence | None:
    """Another variant's record: it speaks only of samples that carry a change of this position's bases."""
    if failed_filters(row, policy) is not None:
        return None
    meanings = tuple(
        _overlap_meaning(row, index, relation, policy) for index, relation in enumerate(relations)
    )
    states = tuple(_overlap_state(field, meanings) for field in row.fields)
    if all(state == NOT_TESTED for state in states):
        return None
    unknown = any(
        meaning is Meaning.TAKEN_AWAY and not _is_defined(row, alternate, changes)
        for meaning, alternate in zip(meanings, row.alternates, strict=True)
    )
    evidence = _evidence(row, Kind.OVERLAP, states, frozenset())
    return Evidence(
        evidence.kind, evidence.alleles, row.source, row.line, evidence.states, evidence.codes, unknown
    )


def _overlap_meaning(row: Row, index: int, relation: Relation, policy: IntakePolicy) -> Meaning:
    if relation.meaning is Meaning.SYMBOLIC:
        return Meaning.TAKEN_AWAY if policy.is_deletion_symbol(row.alternates[index]) else Meaning.ELSEWHERE
    return relation.meaning


def _overlap_state(field: SampleField, meanings: tuple[Meaning, ...]) -> PositionState:
    if field.failed_filter or field.depth_contradicts:
        return NOT_TESTED
    carried = [meanings[allele - 1] for allele in field.alleles if allele]
    if Meaning.TAKEN_AWAY in carried:
        return NoCall(Reason.SPANNING_DELETION)
    if Meaning.INSIDE in carried:
        return NoCall(Reason.OTHER_VARIANT)
    return NOT_TESTED


def _forgive(row: Row, alternate: str, relation: Relation, changes: DefinedChanges) -> Relation:
    """In a record joined with a deletion that the definitions know, its bases count as reference: the
    definitions say so for the other positions of that allele. A change of a part leaves the rest to its own
    record.
    """
    defined = relation.meaning is Meaning.TAKEN_AWAY and _is_defined(row, alternate, changes)
    if defined or relation.meaning is Meaning.INSIDE:
        return Relation(Meaning.ELSEWHERE)
    return relation


def _is_defined(row: Row, alternate: str, changes: DefinedChanges) -> bool:
    return trimmed(row.chromosome, row.position, row.reference.upper(), alternate.upper()) in changes


def trimmed(chromosome: str, position: int, reference: str, alternate: str) -> tuple[str, int, str, str]:
    """A change without the reference it shares, as a key."""
    change = trim(position, reference, alternate)
    return chromosome, change.start, change.reference, change.alternate


def _mismatch(row: Row, target: Target) -> NoCall:
    known_otherwise = not target.window_known and row.reference.upper() in target.alternates
    return NoCall(Reason.REFERENCE_BASE_UNKNOWN if known_otherwise else Reason.REFERENCE_MISMATCH)


def _same_for_all(row: Row, kind: Kind, state: PositionState) -> Evidence:
    codes = np.ones(len(row.codes), np.uint8)
    return Evidence(kind, frozenset(), row.source, row.line, (NOT_TESTED, state), codes)


def _evidence(row: Row, kind: Kind, states: tuple[PositionState, ...], alleles: frozenset[str]) -> Evidence:
    known: dict[PositionState, int] = {NOT_TESTED: 0}
    remap = np.array([known.setdefault(state, len(known)) for state in states])
    remap = remap.astype(np.uint8 if len(known) < 256 else np.uint32)
    return Evidence(kind, alleles, row.source, row.line, tuple(known), remap[row.codes])
