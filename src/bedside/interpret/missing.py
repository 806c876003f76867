"""Positions without a usable observation, and whether an observation there could change the answer.

Each documented genotype of a missing position is tried, all else being equal. A position whose every value
leaves the look-up keys as they are could not change the phenotype on its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from bedside.genome.state import PositionState
from bedside.interpret.allele_table import AlleleTable
from bedside.interpret.answer import Answer, Found, answer
from bedside.interpret.gene_call import MissingPosition
from bedside.interpret.options import CallOptions
from bedside.interpret.phenotype import Meanings
from bedside.interpret.sites import Site, Sites, in_words
from bedside.knowledge.pgx import Position

MOST_POSITIONS = 64
"""How many missing positions of a gene are worked out; with more, the answer rests on little anyway."""


def missing_positions(
    table: AlleleTable,
    rank: Meanings,
    states: tuple[PositionState, ...],
    sites: Sites,
    found: Answer,
    options: CallOptions,
) -> tuple[MissingPosition, ...]:
    """The gene's missing positions in order."""
    positions = table.gene.positions
    work = options.missing_effects and len(sites.missing) <= MOST_POSITIONS
    now = _keys(rank, found)
    return tuple(
        MissingPosition(
            locus=f"{positions[place].chromosome}:{positions[place].position}",
            rsid=positions[place].rsid,
            state=in_words(states[place]),
            could_change_phenotype=_could_change(table, rank, sites, place, found, now, options)
            if work
            else None,
        )
        for place in sites.missing
    )


def _keys(rank: Meanings, found: Answer) -> frozenset[str]:
    return frozenset(rank.of(pair).lookup_key for pair in found.recommendation)


def _could_change(
    table: AlleleTable,
    rank: Meanings,
    sites: Sites,
    place: int,
    found: Answer,
    now: frozenset[str],
    options: CallOptions,
) -> bool | None:
    position = table.gene.positions[place]
    if found.found is Found.REQUIRED_MISSING and position.required:
        return True
    if not found.recommendation or not rank.gene.rules or found.found is Found.COMBINATION:
        return None
    for site in _values(position, place, sites.haploid):
        if _keys(rank, answer(table, rank, sites.observing(site), options)) != now:
            return True
    return False


def _values(position: Position, place: int, haploid: bool) -> Iterator[Site]:
    """Every documented genotype of a position, the likeliest to change something first."""
    bases = (*position.alternates, position.reference)
    if not haploid:
        for first, second in combinations(reversed(bases), 2):
            yield Site(place, first, second, -1 - place)
    for base in bases:
        yield Site(place, base, base, None)
