"""The programme's own pages in a real browser: accessible, never wider than the screen, without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Served, found_wrong, serve
from tests.made_up_newborn import open_newborn

PAGES = ("executive", "maturity", "report", "content", "playbooks", "decisions", "decide")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    yield from serve(open_newborn(tmp_path_factory.mktemp("programme")))


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
def test_they_are_accessible_and_never_wider_than_the_screen(
    browser: Browser, served: Served, width: int, scheme: Literal["light", "dark"]
) -> None:
    addresses = [f"{served.url}/programme/{one}" for one in PAGES]
    assert found_wrong(browser, addresses, width, scheme) == []


def test_a_decision_is_written_down_without_scripts(plain_page: Page, served: Served) -> None:
    page = plain_page
    page.goto(f"{served.url}/programme/decisions")
    page.get_by_role("link", name="Write a decision down").click()
    page.get_by_label("What was decided").fill("Codeine interrupts")
    page.get_by_label("In which role you decided").fill("pharmacist")
    page.get_by_label("Why", exact=True).fill("two harms in a year")
    page.get_by_role("button", name="Write it down").click()
    page.get_by_role("heading", name="Codeine interrupts").wait_for()
