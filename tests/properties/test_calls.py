"""What must hold for every patient, whatever their genotypes."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.genome.observation import OutsideCall
from bedside.genome.state import NOT_TESTED, Called, PositionState
from bedside.interpret.allele_table import allele_table
from bedside.interpret.call_gene import call_gene
from bedside.interpret.gene_call import GeneCall
from bedside.interpret.match_named_alleles import match_named_alleles
from bedside.interpret.options import CallOptions
from bedside.interpret.outside import call_outside
from bedside.interpret.score_diplotypes import score
from bedside.interpret.sites import read_sites
from bedside.interpret.strands import lay_out
from bedside.knowledge.catalogue import load_pgx
from bedside.knowledge.pgx import Gene, Matcher, NamedAllele, PgxPack
from tests.examples import examples
from tests.properties.listed_strands import Seen, carried, fitting

States = tuple[PositionState, ...]
FAST = CallOptions(missing_effects=False, call_cyp2d6=True)


@cache
def pack() -> PgxPack:
    return load_pgx()


CALLABLE = [gene for gene in pack().genes.values() if gene.positions]
BY_PAIR = [gene for gene in CALLABLE if gene.matcher is not Matcher.LOWEST_FUNCTION]


@st.composite
def patients(draw: st.DrawFn, genes: list[Gene], phases: str = "unphased phased sets") -> tuple[Gene, States]:
    """Somebody with two named alleles, a few further variants, some positions missing, any phasing."""
    gene = draw(st.sampled_from(genes))
    numbers = [n for n, allele in enumerate(gene.alleles) if any(allele.bases)]
    rows = [list(carried(gene, draw(st.sampled_from(numbers)))) for _ in range(2)]
    for place in draw(st.lists(st.integers(0, len(gene.positions) - 1), max_size=3)):
        rows[draw(st.integers(0, 1))][place] = draw(st.sampled_from(gene.positions[place].alternates))
    missing = draw(st.sets(st.integers(0, len(gene.positions) - 1), max_size=4))
    kind = draw(st.sampled_from(phases.split()))
    sets = draw(st.lists(st.integers(1, 3), min_size=len(gene.positions), max_size=len(gene.positions)))
    states: list[PositionState] = []
    for place, both in enumerate(zip(*rows, strict=True)):
        if place in missing:
            states.append(NOT_TESTED)
        else:
            in_set = sets[place] if kind == "sets" else None
            states.append(Called(both, kind != "unphased", in_set))
    return gene, tuple(states)


def without_effects(found: GeneCall) -> GeneCall:
    return replace(found, missing_positions=())


@settings(max_examples=examples(300), deadline=None)
@given(patients(BY_PAIR))
def test_pairs_and_scores_are_those_that_listing_every_strand_finds(
    who: tuple[Gene, States],
) -> None:
    gene, states = who
    read = read_sites(gene, states, combinations=False)
    layout, table = lay_out(read.sites), allele_table(gene)
    if len(layout.blocks) > 9:
        return
    sites = [Seen(site.place, str(site.first), str(site.second), site.block) for site in read.sites]
    found = {}
    for match in match_named_alleles(table, layout, read.usable, haploid=False):
        assert match.second is not None
        found[table.names[match.first], table.names[match.second]] = score(table, layout, read.usable, match)
    assert found == fitting(gene, sites)


@settings(max_examples=examples(200), deadline=None)
@given(patients(CALLABLE), st.integers(0))
def test_which_strand_is_written_first_makes_no_difference(who: tuple[Gene, States], turned: int) -> None:
    gene, states = who
    swapped: list[PositionState] = []
    for place, state in enumerate(states):
        if isinstance(state, Called):
            block = (state.phase_set or 0) if state.phased else 4 + place
            if turned >> block & 1:
                state = replace(state, alleles=state.alleles[::-1])
        swapped.append(state)
    assert call_gene(gene, tuple(swapped), FAST) == call_gene(gene, states, FAST)


@settings(max_examples=examples(100), deadline=None)
@given(patients(CALLABLE), st.randoms(use_true_random=False))
def test_the_order_of_positions_makes_no_difference(who: tuple[Gene, States], random: Random) -> None:
    gene, states = who
    order = list(range(len(states)))
    random.shuffle(order)

    def shuffled(allele: NamedAllele) -> NamedAllele:
        return replace(allele, bases=tuple(allele.bases[place] for place in order))

    other = replace(
        gene,
        positions=tuple(gene.positions[place] for place in order),
        alleles=tuple(shuffled(allele) for allele in gene.alleles),
    )
    one = call_gene(gene, states, FAST)
    two = call_gene(other, tuple(states[place] for place in order), FAST)
    said = (one.status, one.source_diplotypes, one.component_alleles, one.recommendation_diplotypes)
    assert (two.status, two.source_diplotypes, two.component_alleles, two.recommendation_diplotypes) == said
    assert (two.phenotypes, two.lookup_keys) == (one.phenotypes, one.lookup_keys)


@settings(max_examples=examples(200), deadline=None)
@given(patients(BY_PAIR, "unphased"), st.data())
def test_leaving_a_position_out_never_changes_an_answer_without_saying_that_it_might(
    who: tuple[Gene, States], data: st.DataObject
) -> None:
    gene, states = who
    gene = replace(gene, priorities=())
    full = call_gene(gene, states, replace(FAST, missing_effects=True))
    seen = [
        place
        for place, state in enumerate(states)
        if isinstance(state, Called) and not gene.positions[place].extra
    ]
    if full.lookup_key is None or not seen:
        return
    left_out = data.draw(st.sampled_from(seen))
    fewer = call_gene(
        gene,
        tuple(NOT_TESTED if place == left_out else state for place, state in enumerate(states)),
        replace(FAST, missing_effects=True),
    )
    if fewer.lookup_key is None or fewer.lookup_key == full.lookup_key:
        return
    locus = f"{gene.positions[left_out].chromosome}:{gene.positions[left_out].position}"
    said = {one.locus: one.could_change_phenotype for one in fewer.missing_positions}
    assert said[locus] is not False


@settings(max_examples=examples(100), deadline=None)
@given(patients(CALLABLE))
def test_a_gene_called_again_or_from_a_fresh_copy_gives_the_same(who: tuple[Gene, States]) -> None:
    gene, states = who
    assert call_gene(gene, states, FAST) == call_gene(replace(gene), states, FAST)


@settings(max_examples=examples(100), deadline=None)
@given(patients(CALLABLE))
def test_working_out_missing_positions_changes_nothing_else(who: tuple[Gene, States]) -> None:
    gene, states = who
    fast, full = call_gene(gene, states, FAST), call_gene(gene, states, replace(FAST, missing_effects=True))
    assert without_effects(fast) == without_effects(full)


@settings(max_examples=examples(100), deadline=None)
@given(st.sampled_from(BY_PAIR), st.data())
def test_the_order_of_the_two_alleles_of_an_outside_call_makes_no_difference(
    gene: Gene, data: st.DataObject
) -> None:
    names = st.sampled_from([allele.name for allele in gene.alleles if "/" not in allele.name])
    one, other = data.draw(names), data.draw(names)
    calls = [
        call_outside(gene, (OutsideCall(gene.symbol, f"{a}/{b}"),)) for a, b in ((one, other), (other, one))
    ]
    assert calls[0] == calls[1]
