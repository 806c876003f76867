"""Whose chart to look at, in a real browser: accessible, decided without scripts, small."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Served, open_page, serve, violations
from tests.browser.test_pages_in_chromium import open_details
from tests.made_up_undiagnosed import listed, open_charts


@pytest.fixture
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A record with a round of two people."""
    folder = tmp_path_factory.mktemp("charts")
    house = open_charts(folder)
    listed(house, folder, capacity=2)
    yield from serve(house)


def test_the_list_has_no_accessibility_violation_and_a_referral_needs_no_script(
    browser: Browser, served: Served
) -> None:
    problems: list[str] = []
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.goto(f"{served.url}/undiagnosed")
    page.get_by_text("Decide about Ann").click()
    page.get_by_role("row", name="Ann").get_by_role("button", name="Refer to genetics").click()
    assert page.get_by_text("Referred", exact=True).is_visible()
    context.close()
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme, viewport={"width": 320, "height": 640})  # type: ignore[arg-type]
        page = open_page(context, problems)
        page.goto(f"{served.url}/undiagnosed")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert violations(page) == []
        open_details(page)
        assert violations(page) == []
        context.close()
    assert problems == []
