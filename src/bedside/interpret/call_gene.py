"""One gene of one person: typed states → everything that can be said about it, and nothing more."""

from __future__ import annotations

from dataclasses import replace

from bedside.genome.state import PositionState
from bedside.interpret.allele_table import AlleleTable, allele_table, bits, callable_alleles
from bedside.interpret.answer import Answer, answer, combined
from bedside.interpret.display import printed
from bedside.interpret.fallback import single_position
from bedside.interpret.gene_call import CallSource, CallStatus, GeneCall, Limit
from bedside.interpret.limits import copy_number_unseen, matcher_limits, rival_meanings
from bedside.interpret.lowest_function import found_alleles
from bedside.interpret.meaning import with_meaning
from bedside.interpret.missing import missing_positions
from bedside.interpret.options import CallOptions
from bedside.interpret.phenotype import Meanings, meanings
from bedside.interpret.settle import settle_candidates, settle_nothing, settle_unknown
from bedside.interpret.sites import Sites, read_sites
from bedside.interpret.strands import lay_out
from bedside.knowledge.pgx import Gene, Matcher

MOST_PARTIALS = 16
"""How many possible pairs of strands a gene without a call lists as what is known."""

MOST_SHOWN_BLOCKS = 8
"""Beyond this many free blocks (128 pairs of strands) only alleles and variants are listed, not pairs."""


def call_gene(gene: Gene, states: tuple[PositionState, ...], options: CallOptions) -> GeneCall:
    """Call a gene from the states of its positions, aligned to `gene.positions`.

    Raises ValueError when they are not aligned.
    """
    sites = read_sites(gene, states, options.combinations)
    if not sites.tested:
        return GeneCall(gene.symbol, CallStatus.NOT_TESTED, settle_with=(f"a test of {gene.symbol}",))
    if gene.matcher is Matcher.OUTSIDE_ONLY and not options.call_cyp2d6:
        return GeneCall(
            gene.symbol,
            CallStatus.NOT_TESTED,
            settle_with=(f"a test of {gene.symbol} that measures copy number",),
            warnings=(copy_number_unseen(gene, called=False),),
        )
    table, rank = allele_table(gene), meanings(gene)
    found = answer(table, rank, sites, options)
    call = (
        _called(rank, table, sites, found) if found.recommendation else _not_called(table, rank, sites, found)
    )
    limits = matcher_limits(rank, sites, found)
    if gene.matcher is Matcher.OUTSIDE_ONLY:
        limits = (copy_number_unseen(gene, called=True), *limits)
        call = replace(call, lookup_keys=())
    return replace(
        call,
        source=CallSource.MATCHER,
        phased=lay_out(sites.sites).effectively_phased,
        missing_positions=missing_positions(table, rank, states, sites, found, options),
        uncallable_alleles=_uncallable(table, sites),
        warnings=(*limits, *call.warnings),
    )


def _called(rank: Meanings, table: AlleleTable, sites: Sites, found: Answer) -> GeneCall:
    gene = rank.gene
    call = with_meaning(
        rank,
        GeneCall(
            gene.symbol,
            CallStatus.CALLED,
            source_diplotypes=found.diplotypes,
            possible_diplotypes=found.possible,
            component_alleles=found.components,
            recommendation_diplotypes=found.recommendation,
            display=printed(gene, found.diplotypes, found.components),
        ),
    )
    if call.status is CallStatus.INDETERMINATE:
        return replace(call, settle_with=settle_unknown(rank, found.recommendation))
    if len(call.lookup_keys) < 2 and len({rank.of(pair).lookup_key for pair in found.possible}) < 2:
        return call
    settle = settle_candidates(table, sites, found.possible or found.diplotypes)
    return replace(call, settle_with=settle, warnings=(*call.warnings, *rival_meanings(call, settle)))


def _not_called(table: AlleleTable, rank: Meanings, sites: Sites, found: Answer) -> GeneCall:
    gene = table.gene
    call = GeneCall(
        gene.symbol,
        CallStatus.NO_CALL,
        partial=_what_is_known(table, sites),
        settle_with=settle_nothing(table, sites, found),
    )
    alone = single_position(gene, sites)
    if alone is None:
        return call
    pair, shown = alone
    text = f"the gene could not be called; guidance rests on {gene.fallback_rsid} alone"
    call = with_meaning(rank, replace(call, recommendation_diplotypes=(pair,), display=(shown,)))
    return replace(call, warnings=(*call.warnings, Limit("single-position", text)))


def _what_is_known(table: AlleleTable, sites: Sites) -> tuple[str, ...]:
    """Every pair of strands by what it carries, or only what is found, when there are too many pairs."""
    layout = lay_out(sites.sites)
    if not sites.sites:
        return ()
    if len(layout.blocks) <= MOST_SHOWN_BLOCKS:
        return tuple(map(str, combined(table, sites, layout)[:MOST_PARTIALS]))
    return tuple(dict.fromkeys(found_alleles(table, layout, sites.usable)))[:MOST_PARTIALS]


def _uncallable(table: AlleleTable, sites: Sites) -> tuple[str, ...]:
    able = callable_alleles(table, sites.usable)
    seen = {table.reported(number) for number in bits(able)}
    names = dict.fromkeys(map(table.reported, bits((1 << len(table.names)) - 1 & ~able)))
    return tuple(name for name in names if name not in seen)
