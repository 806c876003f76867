"""Alerts, laboratories and launches in a real browser: accessible, at 320 px, a proposal without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page

from bedside.service.alert_proposals import proposals_of
from tests.browser.conftest import Served, found_wrong, serve
from tests.made_up_alert_house import RULE, open_alert_house

LAUNCH = "/launches/companion-diagnostic"
PLACES = ("/alerts", f"/alerts/{quote(RULE)}", "/cycles", "/laboratories", "/launches", LAUNCH)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    yield from serve(open_alert_house(tmp_path_factory.mktemp("alerts")))


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (320, "dark"), (1280, "light")])
def test_they_are_accessible_and_never_wider_than_the_screen(
    browser: Browser, served: Served, width: int, scheme: Literal["light", "dark"]
) -> None:
    assert found_wrong(browser, [served.url + place for place in PLACES], width, scheme) == []


def test_a_proposal_is_made_without_scripts(plain_page: Page, served: Served) -> None:
    page = plain_page
    page.goto(served.url + PLACES[1])
    page.get_by_label("Your name").fill("Ana Ruiz")
    page.get_by_label("Its cards become").select_option("passive")
    page.get_by_label("Why").fill("nobody heeds it")
    page.get_by_label("What is to become better").fill("fewer warnings")
    page.get_by_label("What you expect").fill("no fewer orders change")
    page.get_by_role("button", name="Propose").click()
    page.get_by_role("heading", name="Open: make passive").wait_for()
    assert [one.made_by for one in proposals_of(served.house).values()] == ["Ana Ruiz"]
