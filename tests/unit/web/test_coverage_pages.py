"""The pages of coverage: the answer first, never "covered" of what is not; what is missing can be said."""

from __future__ import annotations

import pytest

from bedside.genome.coverage import Answer
from bedside.genome.event import EventKind, NewEvent
from bedside.knowledge.coverage_policies import load_coverage
from bedside.service.ask_coverage import coverage_of
from bedside.service.coverage_view import style_of
from bedside.service.house import House
from bedside.service.order_test import Wish, order_test
from bedside.service.page_keys import page_key
from tests.made_up_record import INGRID
from tests.unit.web.conftest import Pages
from tests.unit.web.read import text

FORM = {
    "fact-condition-established": "yes",
    "fact-result-needed": "yes",
    "fact-orderer-prescribes": "yes",
    "fact-test-assessed": "yes",
    "fact-combinatorial-algorithm": "no",
    "fact-selected-drugs": "clopidogrel, codeine",
    "fact-actionable-drugs": "clopidogrel, codeine",
    "fact-needed-genes": "CYP2C19, CYP2D6",
}


@pytest.fixture
def order(house: House) -> str:
    wish = Wish(test="pgx-basic", orderer="Dr Early", answers={"transplant": "no"}, despite="all of it")
    return order_test(house, INGRID, wish).order.order


def insured(house: House, payer: str) -> None:
    event = NewEvent(EventKind.PROGRAMME_RECORDED, "registrar", house.clock(), INGRID, {"payer": payer})
    house.ledger.append([event])


def test_an_order_of_which_no_plan_is_known_says_unknown_first_and_is_styled_so(
    pages: Pages, order: str
) -> None:
    page = pages.get(pages.address(INGRID, f"/orders/{page_key(order)}/coverage")).text
    assert "Not known: do not count on payment" in text(page)
    assert '<li class="absent">' in page
    assert '<li class="calm">' not in page
    assert "Which plan insures the patient?" in text(page)


def test_what_is_missing_is_said_on_the_page_and_then_it_is_covered(
    pages: Pages, house: House, order: str
) -> None:
    insured(house, "Example Medicare")
    address = pages.address(INGRID, f"/orders/{page_key(order)}/coverage")
    before = text(pages.get(address).text)
    assert "Not settled" in before
    assert "Is the result needed to choose or to dose this medicine safely?" in before
    assert pages.post(address, on=address, **FORM).status_code == 303
    page = pages.get(address).text
    assert '<li class="calm">' in page
    assert "every criterion is met" in text(page)
    assert "Unconfirmed" in text(page)
    assert "the same to the byte" in text(page)
    assert [one.answer.answer for one in coverage_of(house, INGRID, order)] == [
        Answer.CONDITIONAL,
        Answer.COVERED,
    ]
    followed = text(pages.get(pages.address(INGRID, f"/orders/{page_key(order)}")).text)
    assert "Why, criterion by criterion" in followed


def test_a_value_that_is_none_is_refused_and_nothing_of_it_is_kept(
    pages: Pages, house: House, order: str
) -> None:
    insured(house, "Example Medicare")
    address = pages.address(INGRID, f"/orders/{page_key(order)}/coverage")
    answer = pages.post(address, on=address, **{**FORM, "fact-test-assessed": "perhaps"})
    assert (answer.status_code, "is neither yes nor no" in text(answer.text)) == (422, True)
    assert not any(one.stated for one in coverage_of(house, INGRID, order))


def test_the_plan_is_chosen_on_the_page_and_stays_with_the_order(
    pages: Pages, house: House, order: str
) -> None:
    address = pages.address(INGRID, f"/orders/{page_key(order)}/coverage")
    pages.post(address, on=address, **{"fact-plan-payer": "medicare-moldx"})
    assert "Medicare, MolDX: pharmacogenomic tests" in text(pages.get(address).text)
    assert coverage_of(house, INGRID, order)[-1].asked.plan.contractor == "moldx"


def test_before_a_test_is_ordered_the_page_looks_ahead_and_stores_nothing(pages: Pages, house: House) -> None:
    insured(house, "Example Medicare")
    address = pages.address(INGRID, "/order")
    page = pages.post(address, on=address, test="pgx-basic").text
    assert "Coverage, if ordered today" in text(page)
    assert not coverage_of(house, INGRID)


def test_the_list_shows_every_policy_with_dates_owner_review_and_examples(pages: Pages) -> None:
    page = text(pages.get("/coverage").text)
    for policy in load_coverage().policies.values():
        assert policy.title in page
        assert policy.version in page
    assert "Not in force" in page
    assert "fail" not in page


def test_an_order_that_is_nobodys_is_not_found(pages: Pages) -> None:
    assert pages.get(pages.address(INGRID, "/orders/unknown/coverage")).status_code == 404


def test_only_covered_looks_as_if_all_were_well() -> None:
    assert [one for one in Answer if style_of(one) == "calm"] == [Answer.COVERED]
