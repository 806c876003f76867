"""Guidance for one drug: every row speaks for the person it was written for, and for nobody else."""

from __future__ import annotations

import pytest

from bedside.decide.evidence import MEANING_UNKNOWN, NO_RESULT
from bedside.decide.recommend import recommend, recommend_all
from bedside.decide.recommendation import Recommendation, Silence, SilenceReason, Urgency
from bedside.interpret.gene_call import CallStatus, GeneCall
from bedside.knowledge.pgx import Action, Guidance, Strength
from tests.unit.decide.people import called, pack, rules, unknown


def person_of(row: Guidance) -> dict[str, GeneCall]:
    """Somebody whose genes are exactly what the row asks for."""
    calls = {}
    for gene, key in row.criteria.items():
        if key in MEANING_UNKNOWN:
            calls[gene] = unknown(gene)
        elif key != NO_RESULT:
            calls[gene] = called(gene, key)
    return calls


def answers(drug: str, calls: dict[str, GeneCall]) -> tuple[Recommendation | Silence, ...]:
    return recommend(pack(), rules().phrases, calls, pack().drugs[drug])


def silence(drug: str, calls: dict[str, GeneCall]) -> Silence:
    (one,) = answers(drug, calls)
    assert isinstance(one, Silence)
    return one


@pytest.mark.parametrize("drug", sorted(pack().guidance))
def test_every_row_of_the_release_is_recommended_to_the_person_it_describes(drug: str) -> None:
    missed = []
    for row in pack().guidance[drug]:
        spoken = {a.guidance_id: a for a in answers(drug, person_of(row)) if isinstance(a, Recommendation)}
        if row.guidance_id not in spoken:
            missed.append(row.guidance_id)
            continue
        one = spoken[row.guidance_id]
        assert (one.action, one.strength, one.dose, one.citation) == (
            row.action,
            row.strength,
            row.dose,
            row.citation,
        )
        assert 0 < len(one.summary) < 140
        assert "…" not in one.summary
        assert one.why
        assert "\n" not in one.why
        assert rules().phrases.strengths[row.strength] in one.text
        assert row.source in one.text
        assert one.review_state == pack().review_state
    assert missed == []


def test_a_row_never_speaks_for_somebody_with_another_result() -> None:
    """Whoever gets a row has, for each of its genes, the key it asks for."""
    for drug in ("clopidogrel", "codeine", "simvastatin", "fluorouracil", "carbamazepine"):
        for row in pack().guidance[drug]:
            calls = person_of(row)
            for one in answers(drug, calls):
                if isinstance(one, Recommendation):
                    asked = next(
                        r for r in pack().guidance[drug] if r.guidance_id == one.guidance_id
                    ).criteria
                    assert asked == row.criteria


def test_nobody_tested_gets_no_advice_but_hears_what_to_test() -> None:
    one = silence("clopidogrel", {})
    assert (one.reason, one.genes, one.detail) == (
        SilenceReason.GENE_NOT_TESTED,
        ("CYP2C19",),
        "CYP2C19 not tested",
    )
    assert recommend_all(pack(), rules().phrases, {}) == ()


def test_a_gene_that_was_tested_but_not_called_is_not_called_untested() -> None:
    one = silence("clopidogrel", {"CYP2C19": unknown("CYP2C19", CallStatus.NO_CALL)})
    assert one.reason is SilenceReason.GENE_NOT_CALLED


@pytest.mark.parametrize("drug", sorted(pack().guidance))
def test_indeterminate_genes_never_lead_to_standard_dosing_as_if_they_were_normal(drug: str) -> None:
    genes = {gene for row in pack().guidance[drug] for gene in row.criteria}
    spoken = [a for a in answers(drug, {g: unknown(g) for g in genes}) if isinstance(a, Recommendation)]
    assert [one.action for one in spoken if one.action is Action.STANDARD_DOSING] == []


def test_advice_that_passes_over_an_unknown_gene_says_so_in_its_first_sentence() -> None:
    (one,) = answers(
        "azathioprine", {"TPMT": unknown("TPMT"), "NUDT15": called("NUDT15", "Normal Metabolizer")}
    )
    assert isinstance(one, Recommendation)
    assert one.unknown_genes == ("TPMT",)
    assert one.summary == (
        "Azathioprine: usual starting dose and more advice (NUDT15 normal metabolizer; TPMT not known)"
    )
    assert "Decided by NUDT15 alone." in one.text


def test_rival_results_are_not_chosen_between() -> None:
    rivals = called("CYP2C19", "Intermediate Metabolizer", "Normal Metabolizer", settle=("rs12248560",))
    one = silence("clopidogrel", {"CYP2C19": rivals})
    assert one.reason is SilenceReason.CANDIDATES_DISAGREE
    assert one.worst is Urgency.CRITICAL
    assert "Intermediate Metabolizer or Normal Metabolizer" in one.detail
    assert "avoid; choose another drug" in one.detail
    assert "rs12248560" in one.detail


def test_ties_that_share_the_key_are_recommended() -> None:
    tie = GeneCall(
        "CYP2C19", CallStatus.CALLED, phenotypes=("Poor Metabolizer",), lookup_keys=("Poor Metabolizer",)
    )
    assert {a.urgency for a in answers("clopidogrel", {"CYP2C19": tie}) if isinstance(a, Recommendation)} == {
        Urgency.CRITICAL,
        Urgency.WARNING,
    }


def test_each_hla_allele_answers_for_itself() -> None:
    typed = {"HLA-B": called("HLA-B", "*15:02 negative", "*57:01 positive", "*58:01 negative")}
    (abacavir,) = answers("abacavir", typed)
    (allopurinol,) = answers("allopurinol", typed)
    assert isinstance(abacavir, Recommendation)
    assert isinstance(allopurinol, Recommendation)
    assert (abacavir.action, abacavir.summary) == (Action.AVOID, "Abacavir: avoid (HLA-B *57:01 present)")
    assert allopurinol.action is Action.STANDARD_DOSING


def test_an_hla_allele_nobody_asked_about_is_not_negative() -> None:
    one = silence("allopurinol", {"HLA-B": called("HLA-B", "*57:01 positive")})
    assert (one.reason, one.genes) == (SilenceReason.GENE_NOT_TESTED, ("HLA-B",))


def test_contradicting_hla_answers_are_rivals() -> None:
    both = called("HLA-B", "*57:01 positive", "*57:01 negative")
    assert silence("abacavir", {"HLA-B": both}).reason is SilenceReason.CANDIDATES_DISAGREE


def test_a_population_that_is_ruled_out_is_silent_by_name() -> None:
    calls = {"CYP2C19": called("CYP2C19", "Poor Metabolizer")}
    drug = pack().drugs["voriconazole"]
    everybody = recommend(pack(), rules().phrases, calls, drug)
    adults = recommend(pack(), rules().phrases, calls, drug, populations={"adult"})
    assert [a.population for a in everybody if isinstance(a, Recommendation)] == ["adult", "pediatric"]
    assert [a.population for a in adults if isinstance(a, Recommendation)] == ["adult"]
    nobody = recommend(pack(), rules().phrases, calls, drug, populations=set())
    assert [a.reason for a in nobody if isinstance(a, Silence)] == [SilenceReason.OTHER_POPULATION]


def test_a_drug_whose_guideline_is_a_calculation_names_its_genes() -> None:
    one = silence("warfarin", {"CYP2C9": called("CYP2C9", "1.0")})
    assert (one.reason, set(one.genes) >= {"CYP2C9", "VKORC1"}) == (SilenceReason.NO_GUIDANCE_FOR_DRUG, True)


def test_every_term_that_guidance_uses_has_words() -> None:
    keys = {
        key
        for rows in pack().guidance.values()
        for row in rows
        for gene, key in row.criteria.items()
        if key[0] not in "*≥" and not key[0].isdigit()
    }
    guided = {gene for rows in pack().guidance.values() for row in rows for gene in row.criteria}
    phenotypes = {rule.phenotype for gene in guided for rule in pack().genes[gene].rules}
    assert sorted((keys | phenotypes) - set(rules().phrases.phenotypes)) == []


def test_every_population_and_monitoring_code_has_words() -> None:
    rows = [row for several in pack().guidance.values() for row in several]
    assert {row.population for row in rows} - set(rules().phrases.populations.by_id) == set()
    assert {code for row in rows for code in row.monitor} - set(rules().phrases.monitor) == set()
    assert {row.dose.basis for row in rows if row.dose} - set(rules().phrases.dose_basis) == set()


def test_the_strongest_advice_on_the_best_evidence_is_critical_and_optional_advice_is_not() -> None:
    tiers = rules().phrases.tiers
    assert tiers.of(Action.AVOID_USE_ALTERNATIVE, Strength.STRONG, "A").urgency is Urgency.CRITICAL
    assert tiers.of(Action.AVOID_USE_ALTERNATIVE, Strength.STRONG, "C").urgency is Urgency.WARNING
    assert tiers.of(Action.CONSIDER_ALTERNATIVE, Strength.OPTIONAL, "A").urgency is Urgency.INFO
    assert tiers.of(Action.STANDARD_DOSING, Strength.STRONG, "A").urgency is Urgency.INFO
