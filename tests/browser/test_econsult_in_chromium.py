"""Asking and answering between sites in a real browser: accessible in each state, small, without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.sync_api import Page

from bedside.service.answer_econsult import answer, say, sign
from bedside.service.ask_econsult import draft
from bedside.service.record_ids import record_ids
from tests.browser.conftest import Served, serve, violations
from tests.browser.test_pages_in_chromium import open_details
from tests.made_up_record import AMARA, INGRID
from tests.two_sites import HUB, SPOKE, WISH, Two, open_two


@dataclass
class Both:
    """Both sites served, and an eConsult in each state by its name."""

    two: Two
    spoke: Served
    hub: Served
    consults: dict[str, str]

    def address(self, state: str, person: str = INGRID) -> str:
        """The page of a state at the asking site."""
        ids = record_ids(self.spoke.house.ledger)
        return f"{self.spoke.url}/people/{ids.of(person)}/econsults/{self.consults[state]}"


@contextmanager
def served_house(house) -> Iterator[Served]:
    yield from serve(house)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """A spoke and a hub, with questions in every state."""
    folder: Path = tmp_path_factory.mktemp("sites")
    two = open_two(folder)
    consults: dict[str, str] = {}
    for state in ("received", "wanted", "unsigned", "signed"):
        chosen = frozenset({"genotypes:CYP2C19", "genotypes:NAT2", "medicines:RXNORM|6809"})
        consults[state] = two.ask(replace(WISH, chosen=chosen, days=3)).consult.consult
    two.meet()
    say(two.hub, two.hub_sites, consults["wanted"], "want", "Which weight, and since when?", HUB)
    for state in ("unsigned", "signed"):
        given = answer(two.hub, two.hub_sites, consults[state], "Another drug.", ["A guideline"], HUB)
        if state == "signed":
            sign(two.hub, two.hub_sites, consults[state], given.consult.opinion.step, HUB)
    two.meet()
    agreed = folder / "hub" / "sites.toml"
    text = agreed.read_text()
    agreed.write_text(text.replace("asks = true", "asks = false"))
    two.ask(WISH, AMARA)
    two.meet()
    agreed.write_text(text)
    consults["draft"] = draft(two.spoke, two.spoke_sites, INGRID, WISH, actor=SPOKE.name).consult
    consults["waiting"] = two.ask().consult.consult
    with ExitStack() as stack:
        spoke = stack.enter_context(served_house(two.spoke))
        hub = stack.enter_context(served_house(two.hub))
        yield Both(two, spoke, hub, consults)


def addresses(both: Both) -> dict[str, str]:
    """Every page that this is about."""
    own = {f"asked, {state}": both.address(state) for state in ("draft", "wanted", "signed", "waiting")}
    there = {
        f"answering, {state}": f"{both.hub.url}/econsults/queue/{both.consults[state]}"
        for state in ("received", "unsigned")
    }
    return {
        **own,
        **there,
        "the form": both.spoke.address(INGRID, "/econsults"),
        "everything asked": f"{both.spoke.url}/econsults",
        "the queue": f"{both.hub.url}/econsults/queue",
        "the sites": f"{both.spoke.url}/sites",
    }


def test_every_page_in_every_state_is_accessible_and_fits_a_small_screen(both: Both, page: Page) -> None:
    wrong = {}
    page.set_viewport_size({"width": 320, "height": 800})
    for name, address in addresses(both).items():
        page.goto(address)
        open_details(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        found = [*violations(page), *([f"{wide} px wide"] if wide > 320 else [])]
        if found:
            wrong[name] = found
    assert wrong == {}


def test_a_question_is_asked_and_answered_without_scripts(both: Both, plain_page: Page) -> None:
    page = plain_page
    page.goto(both.spoke.address(AMARA))
    page.get_by_role("link", name="Ask another site").click()
    page.get_by_label("What do you want to know?").fill("Which dose of the next drug?")
    page.get_by_label("Why do you ask?").fill("A new order")
    page.get_by_label("CYP2C19").check()
    page.get_by_role("button", name="Show what would leave the house").click()
    assert page.get_by_role("heading", name="What leaves").is_visible()
    page.get_by_label("Your name").fill("Dr Spoke")
    page.get_by_label("Your role").fill("general practitioner")
    page.get_by_role("button", name="Send it to The hub").click()
    page.get_by_text("1 step waits for the network").wait_for()
    both.two.meet()
    page.goto(f"{both.hub.url}/econsults/queue")
    page.get_by_role("link", name="Which dose of the next drug?").click()
    page.get_by_label("What is advised").fill("Half the usual dose.")
    form = page.locator("form", has=page.get_by_label("What is advised"))
    form.get_by_label("Your name").fill("Dr Hub")
    form.get_by_label("Your role").fill("clinical geneticist")
    page.get_by_role("button", name="Give it, to be signed off").click()
    form = page.locator("form", has=page.get_by_role("button", name="Sign it off"))
    form.get_by_label("Your name").fill("Prof Hub")
    form.get_by_label("Your role").fill("head of service")
    page.get_by_role("button", name="Sign it off").click()
    assert page.get_by_text("Signed off", exact=True).first.is_visible()
