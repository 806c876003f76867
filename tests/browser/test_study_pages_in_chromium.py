"""The pages of studies in a real browser: accessible, at 320 px, and without a console message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Served, found_wrong, serve
from tests.made_up_study import open_studies


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    yield from serve(open_studies(tmp_path_factory.mktemp("studies")))


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (320, "dark"), (1280, "light")])
def test_they_are_accessible_and_never_wider_than_the_screen(
    browser: Browser, served: Served, width: int, scheme: Literal["light", "dark"]
) -> None:
    pages = ("", "/clopidogrel-card-followed", "/clopidogrel-guided", "/nsclc-external-control")
    assert found_wrong(browser, [f"{served.url}/studies{page}" for page in pages], width, scheme) == []


def test_the_checklist_opens_by_keyboard_without_scripts(plain_page: Page, served: Served) -> None:
    page = plain_page
    page.goto(f"{served.url}/studies/clopidogrel-card-followed")
    page.get_by_text("Item by item").press("Enter")
    page.get_by_text("Not filled: people have to write this").first.wait_for()
