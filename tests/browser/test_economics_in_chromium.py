"""The pages of economics and evidence in a real browser: accessible, at 320 px, forms by keyboard and without
scripts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from bedside.genome.event import EventKind
from bedside.service.page_keys import page_key
from tests.browser.conftest import Served, found_wrong, serve
from tests.made_up_orders import open_ordered
from tests.made_up_record import AMARA

PAGES = (
    *("/economics", "/economics/hiv_chancellor", "/economics/prepare_pgx_panel", "/dossiers"),
    *("/dossiers/pgx_panel", "/readiness/payer_nicu_rapid_genome"),
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, str]]:
    made = open_ordered(tmp_path_factory.mktemp("economics"))
    for one in serve(made.house):
        yield one, made.orders["rejected"]


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
def test_they_are_accessible_and_never_wider_than_the_screen(
    browser: Browser, served: tuple[Served, str], width: int, scheme: Literal["light", "dark"]
) -> None:
    here, order = served
    cost = here.address(AMARA, f"/orders/{page_key(order)}/cost")
    assert found_wrong(browser, [*(here.url + page for page in PAGES), cost], width, scheme) == []


def test_a_cost_is_estimated_by_keyboard_without_scripts(
    plain_page: Page, served: tuple[Served, str]
) -> None:
    here, order = served
    page = plain_page
    page.goto(here.address(AMARA, f"/orders/{page_key(order)}/cost"))
    page.get_by_label("Deductible still to pay this year").fill("100")
    page.keyboard.press("Tab")
    page.keyboard.type("20")
    page.keyboard.press("Enter")
    page.get_by_text("Estimated").wait_for()
    assert len(list(here.house.ledger.events(kinds=(EventKind.COST_ESTIMATED,)))) == 1


def test_somebody_stands_for_an_item_without_scripts(plain_page: Page, served: tuple[Served, str]) -> None:
    here, _ = served
    plain_page.goto(f"{here.url}/readiness/payer_nicu_rapid_genome")
    plain_page.get_by_label("What it rests on").fill("sheet 4")
    plain_page.get_by_role("button", name="It is met").click()
    plain_page.get_by_text("Sheet 4").wait_for()
