"""Guidance that is true of everybody tested but matters to few goes no further than it is of use."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bedside.decide.decision import decide
from bedside.decide.recommend import recommend_all
from bedside.decide.recommendation import Recommendation, SilenceReason, Urgency
from bedside.knowledge.hook import Hook
from bedside.service.chart import Look
from bedside.service.chart_rows import gene_rows
from tests.unit.decide.people import called, moment, pack, rules

CFTR = {"CFTR": called("CFTR", "ivacaftor non-responsive in CF patients", diplotype="Reference/Reference")}
REASON = "Matters only in cystic fibrosis; no such problem is recorded."


def hook(name: str) -> Hook:
    return next(one for one in rules().hooks.values() if one.hook == name)


def about(problems: frozenset[str] | None) -> Recommendation:
    (found,) = recommend_all(pack(), rules().phrases, CFTR, problems)
    return found


@pytest.mark.parametrize("problems", [None, frozenset(), frozenset({"E84X", "E11.9", "22298006"})])
def test_nobody_without_cystic_fibrosis_is_told_that_ivacaftor_changes_treatment(
    problems: frozenset[str] | None,
) -> None:
    found = about(problems)
    assert (found.urgency, found.held_back, found.why.endswith(REASON)) == (Urgency.INFO, REASON, True)
    (row,) = (one for one in gene_rows(pack(), rules().phrases, CFTR, [found]) if one.gene == "CFTR")
    assert row.look is Look.NOTE


@pytest.mark.parametrize("problem", ["E84", "E84.0", "190905008"])
def test_somebody_with_cystic_fibrosis_is(problem: str) -> None:
    found = about(frozenset({problem}))
    assert (found.urgency, found.held_back) == (Urgency.WARNING, "")


def test_an_order_for_ivacaftor_gets_its_card_whatever_the_problems() -> None:
    at = replace(moment("ivacaftor"), problems=frozenset())
    (plan,) = decide(rules(), hook("order-sign"), CFTR, at).plans
    assert (plan.drug.name, plan.urgency) == ("ivacaftor", Urgency.WARNING)


def test_the_opening_of_the_chart_says_why_it_keeps_silent_about_ivacaftor() -> None:
    at = replace(moment(hook="patient-view"), problems=frozenset())
    decision = decide(rules(), hook("patient-view"), CFTR, at)
    assert decision.plans == ()
    assert [(one.drug, one.reason, one.detail) for one in decision.silences] == [
        ("ivacaftor", SilenceReason.BELOW_THIS_HOOK, REASON)
    ]


def test_one_drug_to_avoid_is_said_in_the_singular() -> None:
    calls = {"HLA-B": called("HLA-B", "*57:01 positive")}
    (plan,) = decide(rules(), hook("patient-view"), calls, moment(hook="patient-view")).plans
    assert plan.summary == "HLA-B on file: 1 drug to avoid: abacavir"
