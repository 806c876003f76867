"""The pages of authorisation: the form, what is sent, what a payer said, the worklist."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bedside.demo.payer import Manner, Payer
from bedside.genome.authorisation import Status
from bedside.service.authorisation_view import lines
from bedside.service.authorisations import authorisation_of
from bedside.service.order_test import Wish, order_test
from bedside.service.page_keys import page_key
from bedside.web.app import create_app
from tests.made_up_record import INGRID, open_record
from tests.served_payer import served
from tests.unit.web.conftest import Pages


@pytest.fixture
def page(pages: Pages) -> tuple[Pages, str, str]:
    """The pages, the address of an authorisation, and the order."""
    wish = Wish("pgx-full", "Dr Who", answers={"transplant": "no"}, despite="her plan wants it")
    order = order_test(pages.house, INGRID, wish).order.order
    return pages, pages.address(INGRID, f"/orders/{page_key(order)}/authorisation"), order


def test_a_form_says_of_each_answer_where_it_is_from_and_leaves_open_what_nobody_knows(
    page: tuple[Pages, str, str],
) -> None:
    pages, address, _ = page
    assert "None was begun." in pages.get(address).text
    assert pages.post(address, address, act="begin", payer="medicare-moldx").status_code == 303
    text = pages.get(address).text
    assert "current medicine: clopidogrel" in text
    assert "Known so far, from the chart: azathioprine, clopidogrel (there may be more)" in text
    assert 'name="fact-result-needed"' in text
    pages.post(address, address, act="answer", **{"fact-result-needed": "yes"})
    text = pages.get(address).text
    assert 'name="fact-result-needed"' not in text
    assert "said by a person" in text
    wrong = pages.post(address, address, act="answer", **{"fact-result-needed": "perhaps"})
    assert (wrong.status_code, "neither yes nor no" in wrong.text) == (422, True)


@pytest.mark.parametrize(("payer", "sure"), [("medicaid-ca", True), ("example-commercial", False)])
def test_a_limit_that_no_source_at_hand_confirms_says_so(
    page: tuple[Pages, str, str], payer: str, sure: bool
) -> None:
    pages, address, order = page
    pages.post(address, address, act="begin", payer=payer)
    assert "not confirmed" not in pages.get(address).text
    assert pages.post(address, address, act="send", to="portal").status_code == 303
    assert ("this limit is not confirmed" in pages.get(address).text) is not sure
    assert ("not confirmed" in pages.get("/authorisations").text) is not sure
    held = authorisation_of(pages.house, INGRID, order)
    assert held is not None
    (said,) = (one for one in lines(pages.house, held) if one.startswith("The payer answers by"))
    assert said.endswith("this limit is not confirmed") is not sure


def test_a_request_is_handed_in_and_the_payers_word_written_down(page: tuple[Pages, str, str]) -> None:
    pages, address, order = page
    pages.post(address, address, act="begin", payer="medicaid-ca")
    assert pages.post(address, address, act="send", to="portal").status_code == 303
    doubtful = pages.post(address, address, act="record", verdict="approved", way="phone", reference="call 1")
    assert (doubtful.status_code, "without an authorisation number" in doubtful.text) == (422, True)
    assert "The payer answers by" not in pages.get("/authorisations").text
    assert "Submitted" in pages.get("/authorisations").text
    said = {"verdict": "denied", "way": "paper", "reference": "letter 2", "denial": "investigational"}
    assert pages.post(address, address, act="record", **said).status_code == 303
    held = authorisation_of(pages.house, INGRID, order)
    assert held is not None
    assert held.status is Status.DENIED
    assert "Investigational" in pages.get("/authorisations").text
    letter = pages.get(f"{address}/letter")
    assert (letter.status_code, "Appeal of a refusal" in letter.text) == (200, True)
    assert "<style>" not in letter.text, "the site's own stylesheet, as the policy of content wants it"


def test_a_payer_that_lies_is_shown_as_not_believed(tmp_path: Path) -> None:
    payer = Payer(Manner.OTHER_PERSON)
    with served(payer) as url:
        opened = open_record(tmp_path)
        payer.clock = opened.clock
        house = replace(opened, settings=replace(opened.settings, payers=url))
        pages = Pages(create_app(house), house)
        wish = Wish("pgx-full", "Dr Who", answers={"transplant": "no"}, despite="her plan wants it")
        order = order_test(house, INGRID, wish).order.order
        address = pages.address(INGRID, f"/orders/{page_key(order)}/authorisation")
        pages.post(address, address, act="begin", payer="medicaid-ca")
        pages.post(address, address, act="send", to=url)
        text = pages.get(address).text
        assert "it is about another person" in text
        assert "number AUTH" not in text
        elsewhere = pages.post(address, address, act="inquire", url="https://elsewhere.example/fhir")
        assert (elsewhere.status_code, "BEDSIDE_PAYERS" in elsewhere.text) == (422, True)
        opened.close()


def test_an_order_that_is_not_there_has_no_page(pages: Pages) -> None:
    assert pages.get(pages.address(INGRID, "/orders/unknown/authorisation")).status_code == 404
    assert "Nothing waits." in pages.get("/authorisations").text
