"""The letter to a person in a real browser: accessible, narrow, without scripts, and alone on one sheet."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from bedside.service.house import open_house
from bedside.service.page_keys import page_key
from bedside.settings import Settings
from tests.browser.conftest import Served, serve, violations
from tests.made_up_letters import PERSON, UNCERTAIN, ada, medicines, receive, reported


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, dict[str, str]]]:
    house = ada(open_house(Settings(store_url=f"sqlite:///{tmp_path_factory.mktemp('letters')}/ledger.db")))
    results = {
        "uncertain": receive(house, reported(UNCERTAIN)),
        "medicines": receive(house, medicines().replace(b'"R1"', b'"R2"')),
    }
    for served in serve(house):
        base = "/letters/result/"
        yield served, {name: served.address(PERSON, base + page_key(one)) for name, one in results.items()}


def test_letters_are_accessible_at_every_width_and_print_on_one_page(
    page: Page, letters: tuple[Served, dict[str, str]]
) -> None:
    for address in letters[1].values():
        for language in ("en", "es"):
            page.goto(f"{address}?language={language}")
            for width in (1280, 320):
                page.set_viewport_size({"width": width, "height": 900})
                assert violations(page) == []
                wide = page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, (language, width, wide)
            pdf = page.pdf(format="A4")
            assert pdf.count(b"/Type /Page\n") == 1, pdf.count(b"/Type /Page\n")


def test_a_letter_is_released_without_scripts(
    plain_page: Page, letters: tuple[Served, dict[str, str]]
) -> None:
    page = plain_page
    page.goto(letters[1]["uncertain"])
    assert page.get_by_text("It must not be sent or shown to the person.").is_visible()
    page.get_by_role("button", name="Release it to the person").click()
    page.get_by_text("Released, version 1").wait_for()
    assert page.get_by_text("It must not be sent or shown to the person.").count() == 0
