"""The page of a newborn in a real browser: accessible, at 320 px, without scripts, its form by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from bedside.service.nicu import notes_of
from tests.browser.conftest import Served, found_wrong, serve
from tests.made_up_newborn import CHILD, open_newborn


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    yield from serve(open_newborn(tmp_path_factory.mktemp("newborn")))


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (320, "dark"), (1280, "light")])
def test_it_is_accessible_and_never_wider_than_the_screen(
    browser: Browser, served: Served, width: int, scheme: Literal["light", "dark"]
) -> None:
    assert found_wrong(browser, [served.address(CHILD, "/nicu")], width, scheme) == []


def test_the_note_is_written_without_scripts(plain_page: Page, served: Served) -> None:
    page = plain_page
    page.goto(served.address(CHILD, "/nicu"))
    page.get_by_label("What changes", exact=True).select_option("treatment-started")
    page.get_by_label("In your own words").fill("as told on the ward")
    page.get_by_role("button", name="Write it down").click()
    page.get_by_text("as told on the ward").wait_for()
    assert [one.text for one in notes_of(served.house, CHILD)] == ["as told on the ward"]
