"""The pages of authorisation in a real browser: accessible, at 320 px, without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from bedside.service.draft_authorisation import Wish, draft
from bedside.service.order_test import Wish as OrderWish
from bedside.service.order_test import order_test
from bedside.service.page_keys import page_key
from tests.browser.conftest import Served, found_wrong, serve
from tests.made_up_record import INGRID, open_record


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, str]]:
    """The pages, and the place of an order's authorisation."""
    house = open_record(tmp_path_factory.mktemp("authorisation"))
    wish = OrderWish("pgx-full", "Dr Who", answers={"transplant": "no"}, despite="her plan wants it")
    order = order_test(house, INGRID, wish).order.order
    draft(house, INGRID, order, Wish("medicare-moldx"), actor="desk")
    for one in serve(house):
        yield one, f"/orders/{page_key(order)}/authorisation"


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (320, "dark"), (1280, "light")])
def test_they_are_accessible_and_never_wider_than_the_screen(
    browser: Browser, served: tuple[Served, str], width: int, scheme: Literal["light", "dark"]
) -> None:
    site, place = served
    one = site.address(INGRID, place)
    everybody = one.partition("/people/")[0] + "/authorisations"
    assert found_wrong(browser, [one, f"{one}/letter", everybody], width, scheme) == []


def test_a_question_is_answered_without_scripts(plain_page: Page, served: tuple[Served, str]) -> None:
    site, place = served
    plain_page.goto(site.address(INGRID, place))
    plain_page.get_by_label("Is the result needed to choose or to dose").select_option("yes")
    plain_page.get_by_role("button", name="Say it").click()
    plain_page.get_by_text("said by a person").first.wait_for()
