"""What a test may cost the person: by hand, and never the covered figure alone unless it is covered."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bedside.decide.coverage_answer import CoverageAnswer
from bedside.decide.out_of_pocket import covered_share, estimate, share_left
from bedside.errors import RequestError
from bedside.exchange.coverage_terms import terms_of_coverage
from bedside.genome.cost import (
    Amount,
    ListPrice,
    PlanTerms,
    estimate_of,
    exactly,
    plain_estimate,
)
from bedside.genome.coverage import Answer, PaNeeded

DAY = date(2026, 11, 26)
PRICE = ListPrice("pgx-full", exactly(1000), "USD", DAY, "a site's table")
BEFOREHAND = "it is covered only if the payer agrees beforehand"
TERMS = PlanTerms("p", "USD", exactly(300), exactly(0.2), exactly(0), exactly(2000), "the plan", DAY)


def answered(answer: Answer, pa: PaNeeded | None = PaNeeded.NO_AUTH) -> CoverageAnswer:
    return CoverageAnswer(answer, "", "o", "p", DAY, DAY, pa_needed=pa)


@pytest.mark.parametrize(
    ("price", "deductible", "coinsurance", "copay", "maximum", "left"),
    [
        (1000, 300, 0.2, 0, 2000, 440),
        (1000, 0, 0.2, 0, 2000, 200),
        (1000, 0, 0, 50, 2000, 50),
        (1000, 1500, 0.2, 0, 2000, 1000),
        (1000, 300, 0.2, 0, 350, 350),
        (1000, 300, 0.2, 100, 2000, 300 + 100 + 120),
        (1000, 0, 0.2, 0, 0, 0),
        (0, 300, 0.2, 50, 2000, 0),
    ],
)
def test_the_deductible_comes_first_then_the_copay_then_the_share_up_to_the_years_maximum(
    price: float, deductible: float, coinsurance: float, copay: float, maximum: float, left: float
) -> None:
    assert share_left(price, deductible, coinsurance, copay, maximum) == pytest.approx(left)


def test_a_covered_test_is_estimated_by_the_plans_terms() -> None:
    found = estimate("o", PRICE, TERMS, answered(Answer.COVERED))
    assert (found.pays, found.not_covered, found.why) == (exactly(440), exactly(1000), ())


@pytest.mark.parametrize(
    ("coverage", "why"),
    [
        (None, "nobody has asked whether it is covered"),
        (answered(Answer.UNKNOWN, None), "whether it is covered is not known"),
        (answered(Answer.CONDITIONAL), "it is covered only on conditions that are not settled"),
        (answered(Answer.COVERED, PaNeeded.AUTH_NEEDED), BEFOREHAND),
        (answered(Answer.COVERED, None), BEFOREHAND),
        (
            answered(Answer.COVERED, PaNeeded.INDETERMINATE),
            BEFOREHAND,
        ),
    ],
)
def test_what_is_not_surely_covered_may_cost_the_whole_price(
    coverage: CoverageAnswer | None, why: str
) -> None:
    found = estimate("o", PRICE, TERMS, coverage)
    assert (found.pays, found.why) == (Amount(440, 1000), (why,))


def test_what_is_not_covered_costs_the_whole_price_whatever_the_plan() -> None:
    found = estimate("o", PRICE, None, answered(Answer.NOT_COVERED))
    assert (found.pays, found.why) == (exactly(1000), ("it is not covered: the whole price is the person's",))


def test_terms_nobody_said_can_leave_nothing_or_all() -> None:
    assert covered_share(exactly(1000), None) == Amount(0, 1000)
    some = replace(TERMS, deductible_left=None)
    assert covered_share(exactly(1000), some) == Amount(200, 1000)
    found = estimate("o", PRICE, some, answered(Answer.COVERED))
    assert found.why == ("not known of the plan: deductible left",)
    assert covered_share(exactly(1000), replace(some, maximum_left=exactly(250))) == Amount(200, 250)


def test_without_a_price_nothing_is_said_in_numbers_and_two_currencies_are_refused() -> None:
    found = estimate("o", None, TERMS, answered(Answer.COVERED))
    assert (found.pays, found.why) == (None, ("the price is not known",))
    with pytest.raises(ValueError, match="the price is in USD, the plan's terms in EUR"):
        estimate("o", PRICE, replace(TERMS, currency="EUR"), None)


def test_an_estimate_is_written_and_read_back_the_same() -> None:
    for one in (
        estimate("o", PRICE, TERMS, None),
        estimate("o", None, None, answered(Answer.COVERED)),
    ):
        assert estimate_of(plain_estimate(one)) == one


def coverage(*costs: dict[str, object]) -> dict[str, object]:
    return {"resourceType": "Coverage", "costToBeneficiary": list(costs)}


def cost(code: str, **value: object) -> dict[str, object]:
    system = "http://terminology.hl7.org/CodeSystem/coverage-copay-type"
    return {"type": {"coding": [{"system": system, "code": code}]}, **value}


def money(value: float, currency: str = "USD") -> dict[str, object]:
    return {"valueMoney": {"value": value, "currency": currency}}


def test_a_fhir_coverage_says_what_the_plan_has_so_that_what_is_left_is_a_range() -> None:
    found = terms_of_coverage(
        coverage(
            cost("deductible", **money(500)),
            cost("copaypct", valueQuantity={"value": 20, "unit": "%"}),
            cost("maxoutofpocket", **money(3000)),
        ),
        "p",
        DAY,
    )
    assert (found.deductible_left, found.coinsurance, found.copay, found.maximum_left) == (
        Amount(0, 500),
        exactly(0.2),
        None,
        Amount(0, 3000),
    )


@pytest.mark.parametrize(
    "wrong",
    [
        cost("deductible", valueQuantity={"value": 500}),
        cost("deductible", valueMoney={"value": 500}),
        cost("deductible", valueMoney={"value": -5, "currency": "USD"}),
        cost("copaypct", valueQuantity={"value": 0.2}),
        cost("copaypct", valueQuantity={"value": 120, "unit": "%"}),
        {**cost("copay", **money(20)), "exception": [{"type": {"text": "retired"}}]},
    ],
)
def test_an_amount_that_cannot_be_read_is_refused_and_not_left_out(wrong: dict[str, object]) -> None:
    with pytest.raises(RequestError, match=r"costToBeneficiary\[0\]"):
        terms_of_coverage(coverage(wrong), "p", DAY)
    with pytest.raises(RequestError, match="2 currencies"):
        terms_of_coverage(
            coverage(cost("copay", **money(1)), cost("deductible", **money(1, "EUR"))), "p", DAY
        )
