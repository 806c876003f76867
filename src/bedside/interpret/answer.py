"""What a gene's sites say, before any words: the pairs that fit, and those that guidance is looked up with.

The order of trying is fixed: lowest-function genes by their own logic; otherwise exact pairs of named
alleles; then, only when asked for, combinations. A gene with an unseen strand at a variant position, or
without a position it needs, has no answer; nor has one of which no position could be used, in any way of
calling: what was not seen is never reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bedside.genome.diplotype import Diplotype, allele_order
from bedside.interpret.allele_table import AlleleTable
from bedside.interpret.combinations import combination_pairs
from bedside.interpret.lowest_function import call_lowest_function
from bedside.interpret.match_named_alleles import Match, match_named_alleles
from bedside.interpret.options import CallOptions
from bedside.interpret.phenotype import Meanings
from bedside.interpret.priorities import pick_by_frequency
from bedside.interpret.score_diplotypes import score
from bedside.interpret.sites import Sites
from bedside.interpret.strands import MOST_BLOCKS, Layout, lay_out
from bedside.knowledge.pgx import Matcher


class Found(Enum):
    """Which way an answer was found, or why there is none."""

    NAMED = "a pair of named alleles"
    COMBINATION = "a combination"
    LOWEST_FUNCTION = "the least functional alleles"
    NOTHING = "no pair of named alleles fits"
    HALF_CALL = "a strand was not seen"
    REQUIRED_MISSING = "a required position is missing"
    NOTHING_USABLE = "no position could be used"
    TOO_MANY_STRANDS = "too many pairs of strands are possible"


@dataclass(frozen=True, slots=True)
class Answer:
    """Pairs in order of fit. `possible`: all that fit, when frequency picked one. `warnings`: proxy codes."""

    found: Found
    diplotypes: tuple[Diplotype, ...] = ()
    possible: tuple[Diplotype, ...] = ()
    components: tuple[str, ...] = ()
    recommendation: tuple[Diplotype, ...] = ()
    warnings: frozenset[str] = frozenset()


def answer(table: AlleleTable, rank: Meanings, sites: Sites, options: CallOptions) -> Answer:
    """What the sites say about the gene."""
    gene = table.gene
    if sites.half_called and not options.combinations:
        return Answer(Found.HALF_CALL)
    if any(gene.positions[place].required for place in sites.missing):
        return Answer(Found.REQUIRED_MISSING)
    if not sites.usable:
        return Answer(Found.NOTHING_USABLE)
    layout, usable = lay_out(sites.sites), sites.usable
    if gene.matcher is Matcher.LOWEST_FUNCTION:
        lowest = call_lowest_function(table, rank, layout, usable, sites.haploid)
        return Answer(
            Found.LOWEST_FUNCTION,
            diplotypes=lowest.diplotypes,
            components=lowest.components,
            recommendation=(lowest.recommendation,),
            warnings=lowest.warnings,
        )
    matches = match_named_alleles(table, layout, usable, sites.haploid)
    if matches:
        return _named(table, layout, usable, matches, options)
    if not options.combinations:
        return Answer(Found.NOTHING)
    if len(layout.blocks) > MOST_BLOCKS:
        return Answer(Found.TOO_MANY_STRANDS)
    pairs = combined(table, sites, layout)
    return Answer(Found.COMBINATION, diplotypes=pairs, recommendation=pairs)


def _named(
    table: AlleleTable, layout: Layout, usable: int, matches: tuple[Match, ...], options: CallOptions
) -> Answer:
    gene = table.gene
    scored: dict[Diplotype, int] = {}
    for match in matches:
        pair = _diplotype(table, match)
        scored[pair] = max(scored.get(pair, -1), score(table, layout, usable, match))
    ordered = sorted(scored, key=lambda pair: (-scored[pair], tuple(map(allele_order, pair.alleles))))
    best = tuple(pair for pair in ordered if scored[pair] == scored[ordered[0]])
    if options.all_candidates:
        return Answer(Found.NAMED, diplotypes=tuple(ordered), recommendation=tuple(ordered))
    if not gene.priorities or layout.effectively_phased:
        return Answer(Found.NAMED, diplotypes=best, recommendation=best)
    pick = pick_by_frequency(tuple(map(str, ordered)), gene.priorities)
    chosen = tuple(pair for pair in ordered if pick is None or str(pair) == pick)
    possible = tuple(ordered) if len(ordered) > 1 else ()
    return Answer(Found.NAMED, diplotypes=chosen, possible=possible, recommendation=chosen)


def _diplotype(table: AlleleTable, match: Match) -> Diplotype:
    numbers = (match.first,) if match.second is None else (match.first, match.second)
    return Diplotype(table.gene.symbol, *map(table.reported, numbers))


def combined(table: AlleleTable, sites: Sites, layout: Layout) -> tuple[Diplotype, ...]:
    """Every pair of combinations that the strands allow, in the field's order."""
    reference, symbol = table.names[table.reference], table.gene.symbol
    pairs = {
        Diplotype(symbol, one.written(reference), None if sites.haploid else other.written(reference))
        for one, other in combination_pairs(table, layout, sites.usable)
    }
    return tuple(sorted(pairs, key=lambda pair: tuple(map(allele_order, pair.alleles))))
