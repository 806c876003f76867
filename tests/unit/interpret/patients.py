"""How tests write a patient's genotypes: reference everywhere, except where the test says otherwise."""

from __future__ import annotations

from functools import cache

from bedside.genome.state import (
    NOT_TESTED,
    Called,
    HalfCall,
    PositionState,
    Undocumented,
)
from bedside.interpret.call_gene import call_gene
from bedside.interpret.gene_call import GeneCall
from bedside.interpret.options import CallOptions
from bedside.knowledge.catalogue import load_pgx
from bedside.knowledge.pgx import Gene, PgxPack, Position


@cache
def pack() -> PgxPack:
    return load_pgx()


def gene(symbol: str) -> Gene:
    return pack().genes[symbol]


def name(position: Position) -> str:
    return position.rsid or str(position.position)


def seen(position: Position, written: str) -> PositionState:
    """`A/G`, `A|G`, `A|G@2` (phase set 2), `A` (one copy), `./A` (half call), `-` (not tested)."""
    if written == "-":
        return NOT_TESTED
    genotype, _, phase_set = written.partition("@")
    phased = "|" in genotype
    alleles = tuple(None if base == "." else base for base in genotype.replace("|", "/").split("/"))
    whole = tuple(base for base in alleles if base is not None)
    number = int(phase_set) if phase_set else None
    if len(whole) < len(alleles):
        return HalfCall(alleles, phased, number)
    documented = {position.reference, *position.alternates}
    if documented.issuperset(whole):
        return Called(whole, phased, number)
    return Undocumented(whole, phased, number)


def call(
    symbol: str,
    genotypes: dict[str, str] | None = None,
    *,
    phased: bool = False,
    copies: int = 2,
    only: bool = False,
    options: CallOptions | None = None,
) -> GeneCall:
    """The call of a person with these genotypes; with `only`, nothing else was tested."""
    wanted = dict(genotypes or {})
    found: list[PositionState] = []
    for position in gene(symbol).positions:
        written = wanted.pop(name(position), None)
        if written is not None:
            found.append(seen(position, written))
        elif only:
            found.append(NOT_TESTED)
        else:
            found.append(Called((position.reference,) * copies, phased and copies == 2))
    assert not wanted, f"{symbol} has no position {sorted(wanted)}"
    return call_gene(gene(symbol), tuple(found), options or CallOptions())


def pairs(found: GeneCall) -> list[str]:
    return [str(pair) for pair in found.source_diplotypes]


def advised(found: GeneCall) -> list[str]:
    return [str(pair) for pair in found.recommendation_diplotypes]


def codes(found: GeneCall) -> list[str]:
    return [limit.code for limit in found.warnings]
