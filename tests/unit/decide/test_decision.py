"""What a hook says and keeps silent about: no top-tier finding is missed, and
every silence has its reason.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bedside.decide.decision import decide
from bedside.decide.moment import Taken, age_on
from bedside.decide.population import populations_for
from bedside.decide.recommend import recommend
from bedside.decide.recommendation import Recommendation, Silence, SilenceReason, Urgency
from bedside.decide.trace import trace
from bedside.interpret.gene_call import GeneCall
from bedside.knowledge.pgx import Action
from tests.unit.decide.people import called, moment, pack, rules, unknown
from tests.unit.decide.test_recommend import person_of

SIGN = rules().hooks["bedside-pgx-order-sign"]
SELECT = rules().hooks["bedside-pgx-order-select"]
POOR = {"CYP2C19": called("CYP2C19", "Poor Metabolizer", diplotype="*2/*2")}


def summaries(calls: dict[str, GeneCall], *ordered: str, hook: str = "order-sign") -> list[str]:
    service = rules().hooks[f"bedside-pgx-{hook}"]
    return [plan.summary for plan in decide(rules(), service, calls, moment(*ordered)).plans]


@pytest.mark.parametrize("drug", sorted(pack().guidance))
def test_no_critical_row_of_the_release_goes_unshown_at_signing(drug: str) -> None:
    missed = []
    for row in pack().guidance[drug]:
        calls = person_of(row)
        spoken = recommend(pack(), rules().phrases, calls, pack().drugs[drug])
        critical = [a for a in spoken if isinstance(a, Recommendation) and a.urgency is Urgency.CRITICAL]
        shown = decide(rules(), SIGN, calls, moment(drug)).plans if critical else ()
        if critical and not any(plan.urgency is Urgency.CRITICAL for plan in shown):
            missed.append(row.guidance_id)
    assert missed == []


@pytest.mark.parametrize("drug", sorted(pack().guidance))
def test_standard_dosing_never_interrupts_signing(drug: str) -> None:
    for row in pack().guidance[drug]:
        if row.action is Action.STANDARD_DOSING:
            plans = decide(rules(), SIGN, person_of(row), moment(drug)).plans
            acting = [one.action for plan in plans for one in plan.recommendations]
            assert Action.STANDARD_DOSING not in acting


@pytest.mark.parametrize("drug", ["clopidogrel", "amitriptyline", "carbamazepine", "codeine", "voriconazole"])
def test_the_trace_has_one_line_for_every_row_and_says_which_spoke(drug: str) -> None:
    rows = pack().guidance[drug]
    lines = trace(rules(), POOR, pack().drugs[drug], moment(drug))
    by_rule = {line.rule: line for line in lines if isinstance(line, Silence)}
    spoke = {line.guidance_id for line in lines if isinstance(line, Recommendation)}
    assert [
        row.guidance_id for row in rows if (row.guidance_id in spoke) == (row.guidance_id in by_rule)
    ] == []
    assert all(by_rule[row.guidance_id].detail for row in rows if row.guidance_id not in spoke)
    assert lines == trace(rules(), POOR, pack().drugs[drug], moment(drug))


def test_nobody_tested_is_told_to_test_first_where_the_pair_is_of_the_top_level() -> None:
    assert summaries({}, "clopidogrel") == ["Clopidogrel: test CYP2C19 first"]
    assert summaries({}, "hydralazine") == []


def test_a_result_without_a_meaning_is_a_note_without_a_directive() -> None:
    decision = decide(
        rules(), SELECT, {"CYP2C19": unknown("CYP2C19")}, moment("clopidogrel", hook="order-select")
    )
    assert [plan.urgency for plan in decision.plans] == [Urgency.INFO]
    assert [one.action for plan in decision.plans for one in plan.recommendations] == [
        Action.NO_RECOMMENDATION
    ] * 3


def test_rival_results_that_could_forbid_the_drug_warn_with_the_range() -> None:
    rivals = {"CYP2C19": called("CYP2C19", "Intermediate Metabolizer", "Normal Metabolizer")}
    (plan,) = decide(rules(), SIGN, rivals, moment("clopidogrel")).plans
    assert (plan.urgency, plan.summary) == (Urgency.WARNING, "Clopidogrel: result not certain, advice ranges")
    assert plan.recommendations == ()
    assert "a confirmatory test of CYP2C19" in plan.detail


def test_warfarin_shows_the_results_its_calculator_needs() -> None:
    calls = {"CYP2C9": called("CYP2C9", "1.0", diplotype="*1/*3")}
    (summary,) = summaries(calls, "warfarin", hook="order-select")
    assert summary == "Warfarin: dose by a genotype-guided calculator"


def test_a_draft_that_is_no_drug_we_know_is_silent_by_name() -> None:
    decision = decide(rules(), SIGN, POOR, moment("elixir"))
    assert [(one.rule, one.reason) for one in decision.silences] == [
        ("MedicationRequest/elixir", SilenceReason.DRUG_NOT_RECOGNISED)
    ]


def populations(drug: str, **known: object) -> set[str]:
    at = replace(moment(drug), **known)  # type: ignore[arg-type]
    return set(populations_for(rules().phrases.populations, pack(), pack().drugs[drug], at))


def test_age_chooses_and_an_unknown_age_keeps_both() -> None:
    assert populations("voriconazole", age=40) == {"adult"}
    assert populations("voriconazole", age=17) == {"pediatric"}
    assert populations("voriconazole", age=18) == {"adult"}
    assert populations("voriconazole", age=None) == {"adult", "pediatric"}


def test_a_known_problem_chooses_the_indication_and_its_absence_rules_nothing_out() -> None:
    everything = {"acs_or_pci", "neurovascular", "cv_non_acs_non_pci"}
    assert populations("clopidogrel", problems=None) == everything
    assert populations("clopidogrel", problems=frozenset()) == everything
    assert populations("clopidogrel", problems=frozenset({"230690007"})) == {"neurovascular"}
    assert populations("clopidogrel", problems=frozenset({"230690007", "22298006"})) == {
        "acs_or_pci",
        "neurovascular",
    }


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (None, {"phenytoin_naive", "phenytoin_use_gt3mo"}),
        (10, {"phenytoin_naive", "phenytoin_use_gt3mo"}),
        (91, {"phenytoin_use_gt3mo"}),
    ],
)
def test_long_use_of_phenytoin_is_told_from_a_first_prescription(
    days: int | None, expected: set[str]
) -> None:
    taken = (Taken(pack().drugs["phenytoin"], days),)
    assert populations("phenytoin", taken=taken) == expected
    assert populations("phenytoin", taken=()) == {"phenytoin_naive"}
    assert populations("phenytoin", taken=(), medications_known=False) == {
        "phenytoin_naive",
        "phenytoin_use_gt3mo",
    }


def test_age_in_completed_years() -> None:
    born = date(2008, 2, 29)
    assert [age_on(born, day) for day in (date(2026, 2, 28), date(2026, 3, 1))] == [17, 18]
