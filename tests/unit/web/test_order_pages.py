"""A test ordered from the chart in three decisions, and followed until its result."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bedside.exchange.order_fhir import read_order_bundle
from bedside.exchange.order_hl7v2 import read_oml
from bedside.genome.event import EventKind
from bedside.genome.specimen import Stage
from bedside.service.move_specimen import specimens_of
from bedside.service.order_test import order_named
from bedside.service.page_keys import page_key
from bedside.service.stored_answers import orders_of
from bedside.web.app import create_app
from tests.made_up_orders import Ordered, open_ordered
from tests.made_up_record import AMARA, INGRID, TOMAS
from tests.unit.web.conftest import Pages
from tests.unit.web.read import rows, text

ONCE = re.compile(r'name="once" value="([^"]+)"')


@pytest.fixture
def ordered(tmp_path: Path) -> Iterator[Ordered]:
    held = open_ordered(tmp_path)
    yield held
    held.house.close()


@pytest.fixture
def pages(ordered: Ordered) -> Pages:
    return Pages(create_app(ordered.house), ordered.house)


def address_of(pages: Pages, person: str, order: str, page: str = "") -> str:
    return pages.address(person, f"/orders/{page_key(order)}{page}")


def chosen(pages: Pages, person: str, test: str) -> str:
    where = pages.address(person, "/order")
    return pages.post(where, on=where, test=test).text


def place(pages: Pages, person: str, test: str, once: str, **said: str):
    fields = {"answer-transplant": "no", **said}
    return pages.post(pages.address(person, "/order"), test=test, go="order", once=once, **fields)


def fields_asked(page: str) -> set[str]:
    """What a person can fill in on the order form: every name of a field that is not hidden."""
    form = page.split('class="card stack"')[1].split("</form>")[0]
    return set(re.findall(r'<input(?! type="hidden")[^>]* name="([^"]+)"', form))


def test_the_chart_leads_to_the_order_page_and_the_form_asks_only_what_the_chart_lacks(pages: Pages) -> None:
    chart = pages.get(pages.address(TOMAS)).text
    assert f'href="{pages.address(TOMAS, "/order")}"' in chart
    page = chosen(pages, TOMAS, "pgx-full")
    assert fields_asked(page) == {"answer-transplant", "priority"}
    said = text(page)
    assert "Current medicines simvastatin (36567) current medicines of the chart" in said
    assert "Birth date 1950-01-30 registration" in said


def test_before_ordering_the_page_says_gene_by_gene_what_is_known_and_what_was_not_seen(
    pages: Pages,
) -> None:
    lines = {row[0]: row[1:] for row in rows(chosen(pages, INGRID, "pgx-full"), "What stored data answer")}
    assert lines["CYP2C19"] == ["Answered", ""]
    assert lines["CYP2D6"] == [
        "Open",
        "Copy number, hybrids, small variants: a result of 2026-03-02 does not say what its method could see",
    ]
    assert lines["HLA-A, HLA-B"] == ["Open", "HLA type: not tested"]


def test_an_order_is_placed_with_its_next_step_and_leads_to_its_files(pages: Pages) -> None:
    answer = place(pages, TOMAS, "pgx-full", "one")
    assert answer.status_code == 303
    page = text(pages.get(answer.headers["location"]).text)
    assert "Next: collecting ward or clinic, label a specimen." in page
    order = orders_of(pages.house, TOMAS)
    (number,) = [name for name, held in order.items() if held.order.test == "pgx-full"]
    assert number in page
    held = order_named(pages.house, TOMAS, number).order
    where = answer.headers["location"]
    assert read_order_bundle(json.loads(pages.get(f"{where}/fhir").content)) == held
    assert read_oml(pages.get(f"{where}/hl7v2").content) == held
    assert pages.get(f"{where}/pdf").content.startswith(b"%PDF-")
    assert pages.get(f"{where}/fax").status_code == 404


def test_the_same_form_sent_twice_places_one_order_and_another_form_is_told(pages: Pages) -> None:
    first, second = (place(pages, TOMAS, "pgx-full", "one") for _ in range(2))
    assert (first.status_code, first.headers["location"]) == (303, second.headers["location"])
    assert len(orders_of(pages.house, TOMAS)) == 2
    changed = place(pages, TOMAS, "pgx-full", "one", priority="urgent")
    assert (changed.status_code, "placed an order already" in text(changed.text)) == (422, True)
    other = place(pages, TOMAS, "pgx-full", "two")
    assert (other.status_code, len(orders_of(pages.house, TOMAS))) == (422, 2)
    assert "This is on its way already." in text(other.text)


def test_what_the_record_advises_against_is_ordered_with_a_reason_only(pages: Pages) -> None:
    place(pages, TOMAS, "pgx-full", "one")
    refused = place(pages, TOMAS, "pgx-full", "two")
    assert "say why to order it all the same" in text(refused.text)
    placed = place(pages, TOMAS, "pgx-full", "two", despite="the first tube was taken from somebody else")
    assert placed.status_code == 303
    assert "the first tube was taken from somebody else" in text(pages.get(placed.headers["location"]).text)


def test_what_is_missing_is_said_and_what_was_typed_stays(pages: Pages) -> None:
    refused = place(pages, AMARA, "hereditary-cancer", "one", other="J45")
    said = text(refused.text)
    assert (refused.status_code, "Is no indication of this test" in said) == (422, True)
    assert 'value="J45"' in refused.text
    assert place(pages, AMARA, "no-such-test", "x").status_code in (404, 422)


def test_the_worklist_says_who_what_whose_move_and_how_old(pages: Pages, ordered: Ordered) -> None:
    lines = {row[0]: row[1:] for row in rows(pages.get("/orders").text, "Orders in progress")}
    assert set(lines) == {"Amara Okafor", "Tomás Reyes"}
    assert lines["Amara Okafor"][1:3] == [
        "To be collected again Haemolysed.",
        "Collecting ward or clinic: label a specimen",
    ]
    assert lines["Tomás Reyes"][1:3] == ["No specimen yet", "Collecting ward or clinic: label a specimen"]
    assert lines["Tomás Reyes"][3].startswith("today due 12 Oct 2026")
    everything = pages.post("/orders", on="/orders", over="yes").text
    assert "Open the result" in text(everything)
    assert "No order waits." in text(pages.post("/orders", on="/orders", whose="laboratory").text)


def test_steps_of_a_specimen_are_buttons_and_only_possible_ones(pages: Pages, ordered: Ordered) -> None:
    number = ordered.orders["waits"]
    where = address_of(pages, TOMAS, number)
    buttons = re.compile(r'name="step" value="(\w+)"')

    def step(name: str, **more: str) -> int:
        return pages.post(f"{where}/specimen", on=where, step=name, specimen="T1", **more).status_code

    assert buttons.findall(pages.get(where).text) == ["label"]
    assert (step("collect"), step("label", tube="T1"), step("label", tube="T2")) == (422, 303, 422)
    assert buttons.findall(pages.get(where).text) == ["collect", "lose"]
    assert (step("receive"), step("collect"), step("ship"), step("receive")) == (422, 303, 303, 303)
    assert buttons.findall(pages.get(where).text) == ["reject", "lose"]
    assert (step("result"), step("reject"), step("reject", why="clotted")) == (422, 422, 303)
    page = pages.get(where).text
    assert buttons.findall(page) == ["label"]
    assert "Collect again for Pharmacogene panel without copy number" in text(page)
    assert [one.stage for one in specimens_of(pages.house, TOMAS).values()] == [Stage.REJECTED]
    assert step("no-step") == 400


def test_an_order_is_cancelled_with_a_reason_and_its_tasks_end(pages: Pages, ordered: Ordered) -> None:
    where = address_of(pages, AMARA, ordered.orders["rejected"])
    assert pages.house.ledger.tasks(AMARA)
    assert pages.post(where, on=where, reason=" ").status_code == 422
    assert pages.post(where, on=where, reason="no longer wanted").status_code == 303
    page = pages.get(where).text
    assert ("Cancelled" in text(page), 'name="step"' in page) == (True, False)
    assert pages.house.ledger.tasks(AMARA) == ()
    assert pages.post(where, on=where, reason="again").status_code == 422


def test_an_order_of_one_person_is_not_found_under_another(pages: Pages, ordered: Ordered) -> None:
    assert pages.get(address_of(pages, AMARA, ordered.orders["waits"])).status_code == 404


def test_looking_and_fetching_are_on_record_and_no_number_stands_in_an_address(
    pages: Pages, ordered: Ordered
) -> None:
    where = address_of(pages, TOMAS, ordered.orders["waits"])
    before = len(list(pages.house.ledger.events(person=TOMAS, kinds=(EventKind.ACCESSED,))))
    pages.get(where)
    pages.get(f"{where}/pdf")
    seen = list(pages.house.ledger.events(person=TOMAS, kinds=(EventKind.ACCESSED,)))[before:]
    assert [event.payload["page"] for event in seen] == ["orders", "orders"]
    links = " ".join(re.findall(r'(?:href|action)="([^"]+)"', pages.get("/orders").text))
    assert all(number not in links for number in ordered.orders.values())
