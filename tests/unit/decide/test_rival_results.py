"""Results that leave a choice: what is the same for every choice is certain, the rest says its range."""

from __future__ import annotations

from bedside.decide.decision import decide
from bedside.decide.recommend import recommend
from bedside.decide.recommendation import Recommendation, Silence, Urgency
from bedside.genome.observation import OutsideCall
from bedside.interpret.gene_call import GeneCall
from bedside.interpret.outside import call_outside
from bedside.knowledge.pgx import Action, Dose, Strength
from tests.unit.decide.people import called, moment, pack, rules


def reported(gene: str, phenotype: str) -> GeneCall:
    """A laboratory that gives no more than the phenotype."""
    return call_outside(pack().genes[gene], (OutsideCall(gene, phenotype=phenotype),))


def answer(drug: str, *calls: GeneCall) -> Recommendation | Silence:
    (one, *_) = recommend(pack(), rules().phrases, {call.gene: call for call in calls}, pack().drugs[drug])
    return one


def advice(drug: str, *calls: GeneCall) -> Recommendation:
    one = answer(drug, *calls)
    assert isinstance(one, Recommendation)
    return one


def test_a_poor_metabolizer_of_dpyd_without_a_score_is_kept_from_capecitabine_for_certain() -> None:
    one = advice("capecitabine", reported("DPYD", "Poor Metabolizer"))
    assert (one.action, one.urgency) == (Action.AVOID_USE_ALTERNATIVE, Urgency.CRITICAL)
    assert one.summary == "Capecitabine: avoid; choose another drug (DPYD poor metabolizer)"
    assert "The guideline says more about dosing here" in one.text
    assert "strongly reduced" not in one.text


def test_an_ultrarapid_metabolizer_without_a_score_is_kept_from_codeine_for_certain() -> None:
    one = advice("codeine", reported("CYP2D6", "Ultrarapid Metabolizer"))
    assert (one.action, one.urgency) == (Action.AVOID_USE_ALTERNATIVE, Urgency.CRITICAL)


def test_a_certain_critical_finding_becomes_a_card_and_a_task() -> None:
    sign = next(hook for hook in rules().hooks.values() if hook.hook == "order-sign")
    calls = {"DPYD": reported("DPYD", "Poor Metabolizer")}
    decision = decide(rules(), sign, calls, moment("fluorouracil"))
    assert [plan.urgency for plan in decision.plans] == [Urgency.CRITICAL]
    assert [one.drug.name for one in decision.tracked] == ["fluorouracil"]


def test_an_intermediate_metabolizer_without_a_score_still_hears_the_dose_of_nortriptyline() -> None:
    one = advice("nortriptyline", reported("CYP2D6", "Intermediate Metabolizer"))
    assert (one.action, one.dose) == (Action.REDUCE_DOSE, Dose(75, 75, basis="start"))
    assert (one.strength, one.urgency) == (Strength.OPTIONAL, Urgency.INFO)
    assert one.why == "CYP2D6 Intermediate Metabolizer: intermediate metabolizer"


def test_both_of_two_phenotypes_that_share_the_advice_are_named() -> None:
    one = advice("codeine", called("CYP2D6", "2.5", "3.0", diplotype="*1/*2x2"))
    assert one.action is Action.AVOID_USE_ALTERNATIVE


def test_advice_that_differs_says_its_range_with_doses_most_cautious_first() -> None:
    one = answer("capecitabine", called("DPYD", "0.5", "1.0"))
    assert isinstance(one, Silence)
    assert (one.worst, one.least) == (Urgency.CRITICAL, Urgency.WARNING)
    assert "avoid; choose another drug / reduce the dose (about 50% of the usual starting dose)" in one.detail
