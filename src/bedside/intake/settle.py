"""What several records say together about one position: split multi-allelics joined, duplicates, blocks,
contradictions.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bedside.genome.genotypes import Notice
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
from bedside.intake.evidence import Evidence, Kind, in_definition_order
from bedside.intake.row import Codes
from bedside.intake.sample_columns import distinct
from bedside.intake.target import Target

Genotype = Called | Undocumented | HalfCall
_KINDS = (Kind.SITE, Kind.BLOCK, Kind.OVERLAP, Kind.MISMATCH)


def settle(
    target: Target, evidence: Sequence[Evidence], notices: list[Notice]
) -> tuple[tuple[PositionState, ...], Codes]:
    """The states of a position and a code per sample, from everything one file says about it."""
    used = _without_repeats(target, evidence, notices)
    if len(used) == 1:
        alone = tuple(_final(target, (state,), used) for state in used[0].states)
        return _coded(alone, used[0].codes)
    packed = np.zeros(len(used[0].codes), np.int64)
    for one in used:
        packed = packed * len(one.states) + one.codes
    values, codes = distinct(packed)
    states = tuple(_final(target, _unpack(value, used), used) for value in values)
    return _coded(states, codes)


def _unpack(value: int, evidence: Sequence[Evidence]) -> tuple[PositionState, ...]:
    states: list[PositionState] = []
    for one in reversed(evidence):
        value, code = divmod(value, len(one.states))
        states.append(one.states[code])
    return tuple(reversed(states))


def _coded(states: tuple[PositionState, ...], codes: Codes) -> tuple[tuple[PositionState, ...], Codes]:
    known: dict[PositionState, int] = {NOT_TESTED: 0}
    remap = np.array([known.setdefault(state, len(known)) for state in states])
    narrow: Codes = remap.astype(np.uint8 if len(known) < 256 else np.uint32)
    return tuple(known), narrow[codes]


def _without_repeats(
    target: Target, evidence: Sequence[Evidence], notices: list[Notice]
) -> tuple[Evidence, ...]:
    """Records that name a change again are set aside as repeats, with a notice; at most a handful remain."""
    seen: set[str] = set()
    kept: list[Evidence] = []
    repeats: list[Evidence] = []
    plain = False
    for one in evidence:
        repeated = one.kind is Kind.SITE and (bool(one.alleles & seen) or (not one.alleles and plain))
        (repeats if repeated else kept).append(one)
        if one.kind is Kind.SITE:
            seen |= one.alleles
            plain |= not one.alleles
    for one in repeats:
        notices.append(
            _notice(
                "duplicate-record",
                "a second record of the same change; the first valid one is used",
                one,
                target,
            )
        )
    for one in kept:
        if one.kind is Kind.MISMATCH:
            reason = "the record's REF is not the reference allele of the definition; the record is not used"
            notices.append(_notice("reference-mismatch", reason, one, target))
    return tuple(sorted([*kept, *repeats], key=lambda one: _KINDS.index(one.kind)))


def _notice(code: str, reason: str, evidence: Evidence, target: Target) -> Notice:
    return Notice(code, reason, evidence.source, evidence.line, target.locus)


def _final(target: Target, states: tuple[PositionState, ...], evidence: Sequence[Evidence]) -> PositionState:
    """One sample's state; `states` are aligned to `evidence`."""
    told = [(one, state) for one, state in zip(evidence, states, strict=True) if state != NOT_TESTED]
    if not told:
        return NOT_TESTED
    for one, state in told:
        if one.overrules:
            return state
    site = [(one, state) for one, state in told if one.kind is Kind.SITE]
    if site:
        return _half_reference(target, _join(target, site))
    blocks = [state for one, state in told if one.kind is Kind.BLOCK]
    for state in blocks:
        if isinstance(state, ReferenceBlock | Called):
            return state if not _overlapped(told) else _overlapped(told)[0]
    return (_overlapped(told) or blocks or [state for _, state in told])[0]


def _overlapped(told: Sequence[tuple[Evidence, PositionState]]) -> list[PositionState]:
    return [state for one, state in told if one.kind is Kind.OVERLAP]


def _join(target: Target, told: Sequence[tuple[Evidence, PositionState]]) -> PositionState:
    """Records of the position: different changes are joined; the same change again counts when the first is
    not valid.
    """
    chosen: list[tuple[frozenset[str], PositionState]] = []
    for one, state in told:
        clash = next(
            (index for index, (alleles, _) in enumerate(chosen) if _same(alleles, one.alleles)), None
        )
        if clash is None:
            chosen.append((one.alleles, state))
        elif not isinstance(chosen[clash][1], Genotype) and isinstance(state, Genotype):
            chosen[clash] = (one.alleles, state)
    states = [state for _, state in chosen]
    if len(states) == 1:
        return states[0]
    genotypes = [state for state in states if isinstance(state, Genotype)]
    others = [state for state in states if not isinstance(state, Genotype)]
    if not genotypes:
        return next((state for state in others if isinstance(state, Filtered)), others[0])
    joined = _join_genotypes(target, genotypes)
    if others and not _every_strand_changed(target, joined):
        return _why_not(others, joined, target)
    return joined


def _same(first: frozenset[str], second: frozenset[str]) -> bool:
    return bool(first & second) or first == second


def _why_not(others: Sequence[PositionState], joined: PositionState, target: Target) -> PositionState:
    """A record that could not be read leaves open whether its change is there. Only a missing genotype
    beside a record that names a change on one strand is read as tools write it that split records: the other
    strand is told there.
    """
    real = [state for state in others if state != NoCall(Reason.GENOTYPE_MISSING)]
    if real:
        return real[0]
    changed = isinstance(joined, Genotype) and any(
        allele not in (None, target.window) for allele in joined.alleles
    )
    return joined if changed else others[0]


def _every_strand_changed(target: Target, state: PositionState) -> bool:
    return isinstance(state, Genotype) and all(
        allele not in (None, target.window) for allele in state.alleles
    )


def _join_genotypes(target: Target, genotypes: Sequence[Genotype]) -> PositionState:
    ploidy = max(len(state.alleles) for state in genotypes)
    if any(len(state.alleles) != ploidy for state in genotypes):
        return NoCall(Reason.CONFLICTING_RECORDS)
    undocumented = any(isinstance(state, Undocumented) for state in genotypes)
    ordered = [state for state in genotypes if state.phased]
    loose = [state for state in genotypes if not state.phased and len(set(state.alleles)) > 1]
    sets = {state.phase_set for state in ordered if len(set(state.alleles)) > 1}
    if ordered and not loose and len(sets) <= 1:
        alleles = _by_strand(target, genotypes, ploidy)
        phased, phase_set = True, next(iter(sets), None)
    else:
        alleles = _by_count(target, genotypes, ploidy)
        phased, phase_set = False, None
    if alleles is None:
        return NoCall(Reason.CONFLICTING_RECORDS)
    return _genotype(target, alleles, undocumented, phased, phase_set)


def _by_strand(target: Target, genotypes: Sequence[Genotype], ploidy: int) -> tuple[str | None, ...] | None:
    alleles: list[str | None] = []
    for strand in range(ploidy):
        there = {state.alleles[strand] for state in genotypes}
        changes = there - {None, target.window}
        if len(changes) > 1:
            return None
        alleles.append(next(iter(changes), None if None in there else target.window))
    return tuple(alleles)


def _by_count(target: Target, genotypes: Sequence[Genotype], ploidy: int) -> tuple[str | None, ...] | None:
    changes = [
        allele for state in genotypes for allele in state.alleles if allele not in (None, target.window)
    ]
    if len(changes) > ploidy:
        return None
    unexplained = max(_unexplained(target, state, len(changes)) for state in genotypes)
    filled: list[str | None] = [*changes, *[target.window] * (ploidy - len(changes) - unexplained)]
    return (*filled, *[None] * (ploidy - len(filled)))


def _unexplained(target: Target, state: Genotype, changes: int) -> int:
    """Strands that a record leaves open and that no other record's change explains."""
    own = sum(allele not in (None, target.window) for allele in state.alleles)
    return max(0, sum(allele is None for allele in state.alleles) - (changes - own))


def _genotype(
    target: Target, alleles: tuple[str | None, ...], undocumented: bool, phased: bool, phase_set: int | None
) -> PositionState:
    if None in alleles:
        return HalfCall(alleles, phased, phase_set)
    whole = tuple(allele for allele in alleles if allele is not None)
    if not phased:
        whole = in_definition_order(target, whole)
    if len(set(whole)) == 1:
        phase_set = None
    return Undocumented(whole, phased, phase_set) if undocumented else Called(whole, phased, phase_set)


def _half_reference(target: Target, state: PositionState) -> PositionState:
    """`0/.` tells nothing that a caller may use: the unseen strand could carry anything."""
    if isinstance(state, HalfCall) and all(allele in (None, target.window) for allele in state.alleles):
        return NoCall(Reason.HALF_CALL_REFERENCE)
    return state
