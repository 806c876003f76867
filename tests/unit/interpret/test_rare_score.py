"""Every variant has a fit or a reason; scores are sums of parts; what is missing lowers the claim."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedside.genome.person import Sex
from bedside.genome.rare_fit import Doubt, Excluded, Mode
from bedside.genome.rare_variant import (
    Affected,
    Call,
    CallState,
    ClinicalClass,
    Effect,
    Frequency,
    FrequencyState,
    Place,
    RareVariant,
)
from bedside.interpret.rare_checks import SampleTally, Warned
from bedside.interpret.rare_score import Part, PhenotypeScore, rank_genes
from bedside.interpret.rare_variants import sift, why_aside
from bedside.knowledge.rare_variants import load_rare_policy
from tests.made_up_variants import called, family, variant

POLICY = load_rare_policy()
NEW = {"child": called(1), "mother": called(0), "father": called(0)}
COMMON = Frequency(FrequencyState.GIVEN, 0.02, "gnomAD", "v4.1")


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (variant(child=Call()), Excluded.NOT_LOOKED_AT),
        (variant(child=called(None)), Excluded.LOW_QUALITY),
        (variant(child=called(0)), Excluded.NOT_CARRIED),
        (variant(gene="", **NEW), Excluded.NO_GENE),
        (variant(kind=ClinicalClass.LIKELY_BENIGN, **NEW), Excluded.BENIGN),
        (variant(frequency=COMMON, **NEW), Excluded.TOO_COMMON),
        (variant(effect=Effect.SYNONYMOUS, **NEW), Excluded.EFFECT_MILD),
        (variant(effect=Effect.SYNONYMOUS, kind=ClinicalClass.PATHOGENIC, **NEW), None),
        (variant(frequency=COMMON, kind=ClinicalClass.PATHOGENIC, stars=2, **NEW), None),
        (variant(frequency=COMMON, kind=ClinicalClass.PATHOGENIC, stars=1, **NEW), Excluded.TOO_COMMON),
        (variant(effect=Effect.UNDETERMINED, **NEW), None),
        (variant(frequency=Frequency(), **NEW), None),
    ],
)
def test_why_a_variant_is_put_aside(one: RareVariant, reason: Excluded | None) -> None:
    assert why_aside(one, family(), POLICY) is reason


def test_what_is_missing_lowers_the_claim() -> None:
    whole = sift([variant(**NEW)], family(), POLICY, {"GENE1": frozenset({Mode.DOMINANT})})
    sure = rank_genes(whole, POLICY, {"GENE1": PhenotypeScore(2.0)})
    assert (sure[0].doubts, sure[0].provisional) == ((), False)
    bare = variant(frequency=Frequency(), kind=ClinicalClass.NOT_AT_HAND, child=called(1))
    (unsure,) = rank_genes(sift([bare], family(), POLICY), POLICY, None)
    assert set(unsure.doubts) == {
        Doubt.PARENTS_NOT_TESTED,
        Doubt.FREQUENCY_NOT_GIVEN,
        Doubt.CLASSIFICATION_NOT_AT_HAND,
        Doubt.INHERITANCE_NOT_KNOWN,
        Doubt.PHENOTYPE_NOT_GIVEN,
    }
    assert unsure.nats < sure[0].nats


def test_a_gene_that_the_findings_could_not_be_compared_with_counts_as_the_middle() -> None:
    made = [variant(f"chr{number}-5-A-C", gene=gene, **NEW) for number, gene in enumerate("ABCD", 1)]
    scores = {gene: PhenotypeScore(nats) for gene, nats in (("B", -3.0), ("C", 1.0), ("D", 5.0))}
    ranked = rank_genes(sift(made, family(), POLICY), POLICY, scores)
    assert [one.gene for one in ranked] == ["D", "A", "C", "B"]
    unscored = ranked[1]
    assert Doubt.PHENOTYPE_NOT_SCORED in unscored.doubts
    assert unscored.phenotype is not None
    assert unscored.phenotype.nats == 1.0
    assert [part.about for part in unscored.phenotype.parts] == ["not compared"]
    alone = rank_genes(sift(made, family(), POLICY), POLICY, {})
    assert all(one.phenotype is None and Doubt.PHENOTYPE_NOT_SCORED in one.doubts for one in alone)


def test_of_two_variants_the_weaker_counts() -> None:
    strong = variant("chr1-1-A-G", child=called(1), mother=called(1), father=called(0))
    weak = variant("chr1-2-A-G", effect=Effect.MISSENSE, child=called(1), mother=called(0), father=called(1))
    (both,) = rank_genes(sift([strong, weak], family(), POLICY), POLICY, None)
    assert both.genotype[0].found == "missense"


CALLS = st.sampled_from(
    [
        Call(),
        called(None),
        called(0),
        called(1),
        called(2),
        called(1, 1),
        called(1, 2, "s", 1),
        called(1, 2, "s", 2),
    ]
)


@st.composite
def variants(draw: st.DrawFn) -> list[RareVariant]:
    made = []
    for number in range(draw(st.integers(1, 6))):
        state = draw(st.sampled_from(list(FrequencyState)))
        made.append(
            variant(
                f"chr1-{number + 1}-A-G",
                gene=draw(st.sampled_from(["", "A", "B"])),
                place=draw(st.sampled_from(list(Place))),
                effect=draw(st.sampled_from(list(Effect))),
                frequency=Frequency(state, draw(st.sampled_from([0.0, 1e-5, 1e-3, 0.1]))),
                kind=draw(st.sampled_from(list(ClinicalClass))),
                stars=draw(st.integers(0, 4)),
                **{name: draw(CALLS) for name in ("child", "mother", "father", "sister")},
            )
        )
    return made


@given(
    variants(),
    st.sampled_from(list(Sex)),
    st.lists(st.sampled_from(list(Affected)), min_size=3, max_size=3),
    st.one_of(st.none(), st.frozensets(st.sampled_from(list(Mode)), min_size=1)),
)
def test_every_variant_is_in_a_fit_or_has_a_reason_and_scores_add_up(
    made: list[RareVariant], sex: Sex, affected: list[Affected], modes: frozenset[Mode] | None
) -> None:
    drawn = family(sex, *affected)
    found = sift(made, drawn, POLICY, None if modes is None else {"A": modes, "B": modes})
    fitting = {one.name for fit in found.fits for one in fit.variants}
    aside = {one.variant.name for one in found.aside}
    assert fitting | aside == {one.name for one in made}
    assert not fitting & aside
    assert all(one.reasons for one in found.aside)
    scores = {"A": PhenotypeScore(1.5, parts=(Part("HP:1", "x", 1.5),))}
    for gene in rank_genes(found, POLICY, scores):
        parts = [*gene.genotype, *(gene.phenotype.parts if gene.phenotype else ())]
        assert gene.nats == pytest.approx(sum(part.nats for part in parts))
        call = gene.fit.variants[0].of("child")
        assert call.state is CallState.CALLED
        assert call.copies
        if modes is not None:
            assert gene.fit.mode in modes


@given(variants(), st.sampled_from(list(Sex)))
def test_testing_nobody_but_the_child_never_makes_a_variant_new(made: list[RareVariant], sex: Sex) -> None:
    alone = [variant(one.name, one.gene, one.place, child=one.of("child")) for one in made]
    for fit in sift(alone, family(sex), POLICY).fits:
        assert not fit.standing.value.startswith("de-novo")
        if fit.mode in (Mode.DOMINANT, Mode.RECESSIVE):
            assert Doubt.PARENTS_NOT_TESTED in fit.doubts


def test_a_swapped_parent_a_wrong_sex_and_long_runs_are_seen() -> None:
    tally = SampleTally(family(Sex.MALE), POLICY.checks)
    for number in range(300):
        calls = {"child": called(2), "mother": called(0 if number % 10 == 0 else 1), "father": called(1)}
        tally.see("chr1", number * 100_000, Place.AUTOSOME, calls)
        tally.see("chrX", number, Place.X, {"child": called(1 + number % 2)})
    found = tally.result()
    assert found.warned == (Warned.NOT_THE_MOTHER, Warned.SEX_CONTRADICTED, Warned.HOMOZYGOUS_RUNS)
    assert found.parents == {"father": (300, 0), "mother": (300, 30)}
    assert found.run_bases == 299 * 100_000
