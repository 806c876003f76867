"""The workbench and the inbox of the unsolved in a real browser: accessible, at 320 px, without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from bedside.genome.features import Decision
from bedside.service.features import decide
from bedside.service.unsolved import look_again
from bedside.service.workbench import ranker_of
from tests.browser.conftest import Served, found_wrong, serve
from tests.made_up_newborn import CHILD, open_newborn

MARFAN = ("HP:0001166", "HP:0001083", "HP:0004942")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    house = open_newborn(tmp_path_factory.mktemp("unsolved"))
    for term in MARFAN:
        decide(house, CHILD, term, Decision.CONFIRMED, by="dr-lund")
    look_again(house, ranker_of(None), by="dr-lund")
    yield from serve(house)


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (320, "dark"), (1280, "light")])
def test_they_are_accessible_and_never_wider_than_the_screen(
    browser: Browser, served: Served, width: int, scheme: Literal["light", "dark"]
) -> None:
    assert (
        found_wrong(browser, [served.address(CHILD, "/ranking"), served.url + "/unsolved"], width, scheme)
        == []
    )


def test_from_the_inbox_to_the_workbench_without_scripts(plain_page: Page, served: Served) -> None:
    page = plain_page
    page.goto(served.url + "/unsolved")
    page.locator("main table a").first.click()
    page.get_by_role("heading", name="Variants and family").wait_for()
    assert "Marfan syndrome" in page.inner_text("main .lead")
