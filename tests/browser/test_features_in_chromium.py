"""A person's features in a real browser: accessible, at 320 px, decided and searched without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from bedside.genome.features import Decision
from bedside.service.features import confirmed_case, decide, search_terms, suggest_from_note
from bedside.service.house import House
from tests.browser.conftest import Served, found_wrong, serve
from tests.made_up_record import INGRID, open_record

NOTE = "Microcephaly and seizures. No ataxia. Mother has hearing loss. Possible cleft palate. Low-set ears."


def told(house: House) -> House:
    suggest_from_note(house, INGRID, NOTE, source="a letter", by="dr-lee")
    for term, decision in (
        ("HP:0000252", Decision.CONFIRMED),
        ("HP:0001251", Decision.EXCLUDED),
        ("HP:0000365", Decision.REJECTED),
    ):
        decide(house, INGRID, term, decision, by="dr-lee")
    return house


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    yield from serve(told(open_record(tmp_path_factory.mktemp("features"))))


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (320, "dark"), (1280, "light")])
def test_it_is_accessible_and_never_wider_than_the_screen(
    browser: Browser, served: Served, width: int, scheme: Literal["light", "dark"]
) -> None:
    assert found_wrong(browser, [served.address(INGRID, "/phenotype")], width, scheme) == []


def test_a_term_is_searched_and_decided_without_scripts_and_by_keyboard(
    plain_page: Page, served: Served
) -> None:
    page = plain_page
    page.goto(served.address(INGRID, "/phenotype"))
    page.get_by_role("button", name=re.compile("^It is there ?: Seizure$")).press("Enter")
    page.get_by_text("2 features confirmed").wait_for()
    page.get_by_label("Name or id of a feature").fill("micrognathia")
    page.get_by_label("Name or id of a feature").press("Enter")
    page.get_by_role("button", name=re.compile("^It is not there ?: Micrognathia$")).press("Enter")
    page.get_by_text("2 confirmed as not there").wait_for()
    case = confirmed_case(served.house, INGRID)
    assert "HP:0001250" in case.observed
    assert search_terms(served.house, "micrognathia")[0].id in case.excluded
