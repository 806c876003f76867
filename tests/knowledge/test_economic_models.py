"""Every economic model that ships: its worked cases hold, and what was published comes out again."""

from __future__ import annotations

import pytest

from bedside.knowledge.economic_model import EconomicModel
from bedside.knowledge.economic_model_file import load_models
from bedside.knowledge.nicu import load_nicu
from bedside.knowledge.reporting_checklist import load_reporting_checklist
from bedside.learn.economics.analysis import analyse, differences_of, example_holds
from bedside.learn.economics.draws import as_written
from bedside.learn.economics.outcomes import outcomes
from bedside.learn.nicu_outcomes import summarise
from bedside.service.economics import checklist_rows

MODELS = load_models()


@pytest.mark.parametrize("name", MODELS)
def test_worked_cases_of_a_model_hold_and_one_of_them_is_of_what_nobody_knows(name: str) -> None:
    model: EconomicModel = MODELS[name]
    wrong = [one.name for one in model.examples if not example_holds(model, one)]
    expected = {one.expect for one in model.examples}
    assert (wrong, len(model.examples) >= 3, "not known" in expected) == ([], True, True)


@pytest.mark.parametrize("name", MODELS)
def test_published_figures_come_out_again(name: str) -> None:
    found = analyse(MODELS[name], 200, 1).published
    assert found
    assert [(one.name, one.published, one.ours) for one in found if not one.same] == []


def test_the_intensive_care_model_says_the_loss_that_was_published() -> None:
    found = analyse(MODELS["picu_rapid_genome"], 200, 1).differences["rapid_genome"]
    assert found.cost == 54554
    assert found.effect == 12.1
    assert found.ratio is not None
    assert round(found.ratio) == 4509


def test_baby_bear_is_one_logic_in_the_unit_and_in_the_budget() -> None:
    """The range of what was saved beyond what was spent, from cases and from the model."""
    cases = summarise(load_nicu().published["baby-bear"].made_up).net("USD")
    held = analyse(MODELS["baby_bear"], 200, 1).tornado["rapid_genome"]
    ends = sorted(end for bar in held for end in (bar.budget_at_low, bar.budget_at_high) if end is not None)
    assert cases is not None
    assert [round(-ends[-1]), round(-ends[0])] == [round(one) for one in cases] == [500_000, 1_200_000]


def test_a_published_pharmacogenetic_tree_comes_out_again_for_payer_and_for_society() -> None:
    """Wolf 2010: a reaction costs 1,362 (of which 63.3 % in hospital) or 2,235; 44 or 127 saved a person."""
    payer = MODELS["abacavir_hla_b5701"]
    told = []
    for model in (payer, payer.given({"lost_work": 873})):
        numbers = as_written(model)
        cost = differences_of(model, outcomes(model, numbers, 1))["screening"].cost
        assert cost is not None
        told.append((round(numbers["reaction"].item()), round(-cost)))
    assert told == [(1362, 44), (2235, 127)]
    held = as_written(payer)
    assert round(100 * (held["hospital"] / held["reaction"]).item(), 1) == 63.3


def test_the_trial_is_told_by_risks_and_its_cost_is_not_known_and_not_nothing() -> None:
    found = analyse(MODELS["prepare_pgx_panel"], 200, 1)
    held = found.differences["guided"]
    assert held.effect is not None
    assert (round(100 * held.effect, 1), round(1 / held.effect)) == (6.8, 15)
    assert (held.cost, held.ratio, found.sure.thresholds, found.model.unknown) == (
        None,
        None,
        (),
        ("panel", "reaction"),
    )


def test_the_reporting_checklist_has_28_items_and_what_nobody_said_stays_open() -> None:
    checklist = load_reporting_checklist()
    assert [one.number for one in checklist.items] == list(range(1, 29))
    rows = {
        one["number"]: one["answer"] for one in checklist_rows(analyse(MODELS["baby_bear"], 50, 1), checklist)
    }
    assert rows[8] == MODELS["baby_bear"].perspective
    assert rows[28] == ""
