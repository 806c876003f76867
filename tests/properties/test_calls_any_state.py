"""What must hold for every patient in whatever state each position is, and however the gene is called."""

from __future__ import annotations

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.genome.state import (
    NOT_TESTED,
    Called,
    Filtered,
    HalfCall,
    NoCall,
    NotTested,
    PositionState,
    Reason,
    ReferenceBlock,
    Undocumented,
)
from bedside.interpret.call_gene import call_gene
from bedside.interpret.gene_call import CallSource, CallStatus, GeneCall
from bedside.interpret.options import CallOptions
from bedside.interpret.outside_names import phenotype_terms
from bedside.knowledge.catalogue import load_pgx
from bedside.knowledge.pgx import Gene, Matcher, PgxPack, Position
from tests.examples import examples

States = tuple[PositionState, ...]
KINDS = ("reference", "called", "unphased", "haploid", "half", "odd", "block", "unread", "untested")
UNREAD = (NoCall(Reason.GENOTYPE_MISSING), NoCall(Reason.REFERENCE_MISMATCH), Filtered(Reason.FILTER_FAILED))


@cache
def pack() -> PgxPack:
    return load_pgx()


CALLABLE = [gene for gene in pack().genes.values() if gene.positions]


@st.composite
def options(draw: st.DrawFn) -> CallOptions:
    return CallOptions(draw(st.booleans()), draw(st.booleans()), draw(st.booleans()), missing_effects=False)


def state(draw: st.DrawFn, position: Position, kind: str) -> PositionState:
    bases = (position.reference, *position.alternates)
    base = st.sampled_from(bases)
    phase_set = draw(st.sampled_from((None, 1, 2)))
    match kind:
        case "reference":
            return Called((position.reference,) * 2, phase_set is None)
        case "called":
            return Called((draw(base), draw(base)), phased=True, phase_set=phase_set)
        case "unphased":
            return Called((draw(base), draw(base)))
        case "haploid":
            return Called((draw(base),))
        case "half":
            return HalfCall(tuple(draw(st.permutations((draw(base), None)))), True, phase_set)
        case "odd":
            odd = next(one for one in ("ACGTAC", "A", "C", "G", "T") if one not in bases)
            return Undocumented(draw(st.sampled_from(((odd, odd), (draw(base), odd), (odd,)))))
        case "block":
            return ReferenceBlock(position.reference, draw(st.sampled_from((1, 2))))
        case "unread":
            return draw(st.sampled_from(UNREAD))
        case _:
            return NOT_TESTED


@st.composite
def anybody(draw: st.DrawFn) -> tuple[Gene, States]:
    """A few odd positions in an otherwise plain gene: all reference, all unread, all half called."""
    gene = draw(st.sampled_from(CALLABLE))
    plain = draw(st.sampled_from(KINDS if len(gene.positions) < 20 else ("reference", *KINDS[3:])))
    odd = draw(st.dictionaries(st.integers(0, len(gene.positions) - 1), st.sampled_from(KINDS), max_size=16))
    return gene, tuple(
        state(draw, position, odd.get(place, plain)) for place, position in enumerate(gene.positions)
    )


def usable(gene: Gene, position: Position, seen: PositionState) -> bool:
    """Whether anything but `nothing` or `one strand, and that is reference` was seen where alleles differ."""
    match seen:
        case _ if position.extra:
            return False
        case ReferenceBlock(ploidy=ploidy):
            return ploidy == 2 or gene.haploid_in_males
        case Called(alleles=alleles) | Undocumented(alleles=alleles) | HalfCall(alleles=alleles):
            whole = len(alleles) == 2 and None not in alleles
            haploid = len(alleles) == 1 and gene.haploid_in_males
            return whole or haploid or any(one not in (None, position.reference) for one in alleles)
        case _:
            return False


def texts(found: GeneCall) -> list[str]:
    pairs = (*found.source_diplotypes, *found.possible_diplotypes, *found.recommendation_diplotypes)
    return [
        *map(str, pairs),
        *found.component_alleles,
        *found.display,
        *found.partial,
        *found.uncallable_alleles,
    ]


@settings(max_examples=examples(600), deadline=None)
@given(anybody(), options())
def test_whatever_was_seen_the_caller_answers_and_never_makes_more_of_it(
    who: tuple[Gene, States], asked: CallOptions
) -> None:
    gene, states = who
    found = call_gene(gene, states, asked)
    names = {gene.renames.get(allele.name, allele.name) for allele in gene.alleles}
    hidden = set(gene.renames) - names
    assert not any(name in text for name in hidden for text in texts(found))
    assert all(found.settle_with)
    assert all(limit.code and limit.text for limit in found.warnings)
    if found.status in (CallStatus.NO_CALL, CallStatus.NOT_TESTED):
        assert (found.source_diplotypes, found.component_alleles) == ((), ())
        assert found.settle_with
    if found.lookup_key is not None:
        assert found.lookup_key in {rule.lookup_key for rule in gene.rules}
        assert set(found.phenotypes) <= set(phenotype_terms(gene)) - {"Indeterminate"}
        assert all(set(pair.alleles) <= names for pair in found.recommendation_diplotypes)


@settings(max_examples=examples(400), deadline=None)
@given(anybody(), options())
def test_a_gene_without_a_usable_position_is_never_called(
    who: tuple[Gene, States], asked: CallOptions
) -> None:
    gene, states = who
    poorer = tuple(
        seen if not usable(gene, position, seen) else NoCall(Reason.GENOTYPE_MISSING)
        for position, seen in zip(gene.positions, states, strict=True)
    )
    for seen in (poorer, tuple(NOT_TESTED for _ in states)):
        found = call_gene(gene, seen, asked)
        looked_at = any(
            not isinstance(one, NotTested) and not position.extra
            for position, one in zip(gene.positions, seen, strict=True)
        )
        from_genotypes = gene.matcher is not Matcher.OUTSIDE_ONLY or asked.call_cyp2d6
        assert found.status is (CallStatus.NO_CALL if looked_at and from_genotypes else CallStatus.NOT_TESTED)
        assert found.source is (CallSource.MATCHER if looked_at and from_genotypes else CallSource.NONE)
        assert (texts(found)[: -len(found.uncallable_alleles) or None], found.lookup_keys) == ([], ())


@settings(max_examples=examples(300), deadline=None)
@given(anybody(), options())
def test_a_gene_is_never_called_without_a_position_it_needs(
    who: tuple[Gene, States], asked: CallOptions
) -> None:
    gene, states = who
    lacking = [
        position.rsid
        for position, seen in zip(gene.positions, states, strict=True)
        if position.required and not usable(gene, position, seen)
    ]
    if lacking:
        found = call_gene(gene, states, asked)
        assert found.status in (CallStatus.NO_CALL, CallStatus.NOT_TESTED)
        assert found.lookup_keys == ()
