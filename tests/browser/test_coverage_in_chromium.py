"""The pages of coverage in a real browser: accessible, at 320 px, without scripts, the form by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from bedside.genome.event import EventKind, NewEvent
from bedside.service.ask_coverage import coverage_of
from bedside.service.order_test import Wish, order_test
from bedside.service.page_keys import page_key
from tests.browser.conftest import Served, found_wrong, serve
from tests.made_up_record import INGRID, open_record


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    house = open_record(tmp_path_factory.mktemp("coverage"))
    insured = {"payer": "Example Medicare"}
    house.ledger.append([NewEvent(EventKind.PROGRAMME_RECORDED, "registrar", house.clock(), INGRID, insured)])
    wish = Wish(test="pgx-basic", orderer="Dr Early", answers={"transplant": "no"}, despite="all of it")
    order_test(house, INGRID, wish)
    yield from serve(house)


def page_of(served: Served) -> str:
    (order,) = served.house.ledger.events(person=INGRID, kinds=(EventKind.ORDER_PLACED,))
    return f"/orders/{page_key(order.payload['order']['order'])}/coverage"


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (320, "dark"), (1280, "light")])
def test_they_are_accessible_and_never_wider_than_the_screen(
    browser: Browser, served: Served, width: int, scheme: Literal["light", "dark"]
) -> None:
    of_order = served.address(INGRID, page_of(served))
    hub = f"{of_order.split('/people/')[0]}/coverage"
    followed = of_order.removesuffix("/coverage")
    assert found_wrong(browser, [of_order, hub, followed], width, scheme) == []


def test_what_is_missing_is_said_by_keyboard_and_without_scripts(plain_page: Page, served: Served) -> None:
    page = plain_page
    page.goto(served.address(INGRID, page_of(served)))
    group = page.get_by_role("group", name="Is the result needed to choose")
    group.get_by_label("Yes").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Say it and ask again").focus()
    page.keyboard.press("Enter")
    page.get_by_text("stated on the form").first.wait_for()
    (first, second) = coverage_of(served.house, INGRID)
    assert ("result-needed" in first.stated, "result-needed" in second.stated) == (False, True)
