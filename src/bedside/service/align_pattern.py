"""An observation made under one knowledge release, put against the positions of another."""

from __future__ import annotations

from bedside.genome.locus import Build, Locus
from bedside.genome.observation import GenotypePattern
from bedside.genome.state import (
    NOT_TESTED,
    Called,
    NoCall,
    PositionState,
    Reason,
    ReferenceBlock,
    Undocumented,
)
from bedside.knowledge.pgx import Gene, Position


def align_pattern(pattern: GenotypePattern, gene: Gene) -> tuple[PositionState, ...]:
    """The states of the gene's positions. A position that the file was not read for then is not tested.

    Alleles are judged anew: one that the release now defines is called, one it no longer defines is
    undocumented. A reference block over another reference base than the release's says nothing.
    """
    seen = dict(zip(pattern.loci, pattern.states, strict=True))
    return tuple(_judged(seen.get(_locus(position), NOT_TESTED), position) for position in gene.positions)


def positions_unread(pattern: GenotypePattern, gene: Gene) -> int:
    """How many positions of the gene the file was not read for."""
    return len({_locus(position) for position in gene.positions} - set(pattern.loci))


def _locus(position: Position) -> Locus:
    return Locus(Build.GRCH38, position.chromosome, position.position)


def _judged(state: PositionState, position: Position) -> PositionState:
    defined = {position.reference, *position.alternates}
    match state:
        case Called() if not defined.issuperset(state.alleles):
            return Undocumented(state.alleles, state.phased, state.phase_set)
        case Undocumented() if defined.issuperset(state.alleles):
            return Called(state.alleles, state.phased, state.phase_set)
        case ReferenceBlock() if state.reference != position.reference:
            return NoCall(Reason.REFERENCE_MISMATCH)
    return state
