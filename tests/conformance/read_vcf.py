"""The suite's small single-sample VCF files → typed states, by the rules that PharmCAT documents."""

from __future__ import annotations

from pathlib import Path

from bedside.genome.state import (
    NOT_TESTED,
    Called,
    HalfCall,
    NoCall,
    PositionState,
    Reason,
    Undocumented,
)
from bedside.knowledge.pgx import Gene, Position

BASES = frozenset("ACGT")


def read_states(path: Path, gene: Gene) -> tuple[PositionState, ...]:
    """The states of the gene's positions; the first valid record at a position wins."""
    wanted = {(position.chromosome, position.position): position for position in gene.positions}
    states: dict[tuple[str, int], PositionState] = {}
    sets: dict[str, int] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        chromosome, place, _, reference, alternates, _, _, _, layout, sample = line.split("\t")[:10]
        key = (chromosome, int(place))
        if key not in wanted or isinstance(states.get(key), Called | HalfCall | Undocumented):
            continue
        fields = dict(zip(layout.split(":"), sample.split(":"), strict=False))
        states[key] = _state(wanted[key], reference, [reference, *alternates.split(",")], fields, sets)
    return tuple(
        states.get((position.chromosome, position.position), NOT_TESTED) for position in gene.positions
    )


def _state(
    position: Position, reference: str, alleles: list[str], fields: dict[str, str], sets: dict[str, int]
) -> PositionState:
    if reference != position.reference:
        return NoCall(Reason.REFERENCE_MISMATCH)
    genotype = fields.get("GT", "")
    phased = "|" in genotype
    numbers = genotype.replace("|", "/").split("/")[:2]
    if all(number in (".", "") for number in numbers):
        return NoCall(Reason.GENOTYPE_MISSING)
    seen = tuple(None if number == "." else alleles[int(number)] for number in numbers)
    if any(base is not None and not BASES.issuperset(base) for base in seen):
        return NoCall(Reason.NOT_A_BASE_SEQUENCE)
    phase_set = None
    if phased and fields.get("PS", ".") != ".":
        phase_set = sets.setdefault(fields["PS"], len(sets) + 1)
    whole = tuple(base for base in seen if base is not None)
    if len(whole) < len(seen):
        if position.chromosome == "chrX":
            return Called(whole)
        return HalfCall(seen, phased, phase_set)
    documented = {position.reference, *position.alternates}
    if documented.issuperset(whole):
        return Called(whole, phased, phase_set)
    return Undocumented(whole, phased, phase_set)
