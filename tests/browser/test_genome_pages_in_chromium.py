"""The pages of genomes in a real browser: accessible in each state, without scripts, by keyboard, small."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Served, found_wrong_in_every_look, open_page, serve, violations
from tests.browser.test_pages_in_chromium import open_details, press_tab_until
from tests.demo_record import open_demo, person_of

Show = Callable[[Page, Served], None]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The made-up health system with its genomes, served."""
    yield from serve(open_demo(tmp_path_factory.mktemp("genomes")))


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A copy of it that a test may change."""
    yield from serve(open_demo(tmp_path_factory.mktemp("own")))


def at(role: str, page: str) -> Show:
    """The page of the person of a role."""
    return lambda page_, served: open_it(page_, served.address(person_of(role), page))


def open_it(page: Page, address: str) -> None:
    page.goto(address)


def asked(role: str, gene: str) -> Show:
    """The genome of a role, asked for a gene."""

    def show(page: Page, served: Served) -> None:
        page.goto(served.address(person_of(role), "/genome"))
        page.get_by_label("Gene or place").fill(gene)
        page.get_by_role("button", name="Ask").click()
        page.get_by_role("heading", name=f"in {gene}").wait_for()

    return show


def cohort(typed: str, purpose: str = "screening") -> Show:
    """The cohort asked for something."""

    def show(page: Page, served: Served) -> None:
        page.goto(f"{served.url}/cohort")
        page.get_by_label("Gene, place or variant").fill(typed)
        page.get_by_label("Asked for").select_option(purpose)
        page.get_by_role("button", name="Ask").click()
        page.get_by_role("heading", name="By ancestry").wait_for()

    return show


def plain(address: str) -> Show:
    """A page without a person."""
    return lambda page, served: open_it(page, served.url + address)


def looked(page: Page, served: Served) -> None:
    """A release looked at."""
    page.goto(f"{served.url}/impact")
    page.get_by_role("button", name="Work it out").click()
    page.get_by_role("heading", name="Adopt it").wait_for(timeout=60_000)


STATES: dict[str, Show] = {
    "a genome with a finding": at("nobody-answers", "/genome"),
    "a genome with findings to judge": at("two-in-one-gene", "/genome"),
    "a research genome": at("research-genome", "/genome"),
    "a child's genome": at("child", "/genome"),
    "a genome that is not read": at("withdrawn", "/genome"),
    "a genome asked for a gene": asked("told-and-later-lowered", "BRCA1"),
    "a genome asked for a gene that was not tested": asked("one-copy", "PALB2"),
    "consent": at("child", "/consent"),
    "the inbox": plain("/reanalysis"),
    "the worklist": plain("/disclosure"),
    "findings with a family": at("family-asked", "/findings"),
    "a finding that is stuck": at("no-contact-agreed", "/findings"),
    "a finding not confirmed": at("research-genome", "/findings"),
    "the cohort": plain("/cohort"),
    "the cohort of a variant": cohort("chr17-43091434-C-T"),
    "the cohort of a gene": cohort("BRCA2"),
    "the cohort counted for research": cohort("BRCA2", "research"),
    "releases": plain("/impact"),
    "the impact of a release": looked,
}


@pytest.mark.parametrize("name", STATES)
def test_a_page_of_genomes_is_accessible_in_every_look_and_fits_a_narrow_screen(
    browser: Browser, told: Served, name: str
) -> None:
    problems: list[str] = []
    context = browser.new_context()
    page = open_page(context, problems)
    STATES[name](page, told)
    assert found_wrong_in_every_look(page) == []
    context.close()
    assert problems == []


def test_what_was_refused_is_accessible_and_said_to_a_screen_reader(browser: Browser, told: Served) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(told.address(person_of("nobody-answers"), "/genome"))
    page.get_by_label("Gene or place").fill("NOSUCHGENE")
    page.get_by_role("button", name="Ask").click()
    assert "is not a gene of" in page.get_by_role("alert").inner_text()
    assert violations(page) == []
    context.close()


def test_a_release_is_looked_at_and_adopted_with_its_steps_told_as_they_come(page: Page, own: Served) -> None:
    page.goto(f"{own.url}/impact")
    page.evaluate("window.name = 'same window'")
    looked(page, own)
    page.get_by_label("Who decides").fill("Dr Example")
    page.get_by_label("Why it may pass although it changes so much").fill("compared by hand")
    page.get_by_label("I have looked at the rows").check()
    page.get_by_role("button", name="Adopt ClinVar 26 Feb 2026").click()
    page.get_by_role("heading", name="Adopted: 5 tasks opened").wait_for(timeout=60_000)
    assert violations(page) == []
    page.get_by_role("link", name="Open the inbox").click()
    page.get_by_text("In force: ClinVar 26 Feb 2026.").wait_for()
    open_details(page)
    assert violations(page) == []


def test_without_scripts_one_can_ask_a_genome_look_at_a_release_and_adopt_it(
    plain_page: Page, own: Served
) -> None:
    page = plain_page
    page.goto(own.address(person_of("nobody-answers"), "/genome"))
    page.get_by_label("Gene or place").fill("BRCA2")
    page.get_by_role("button", name="Ask").click()
    assert "1 variant in BRCA2" in page.locator("main").inner_text()
    page.goto(f"{own.url}/impact")
    page.get_by_role("button", name="Work it out").click()
    page.get_by_role("heading", name="Adopt it").wait_for(timeout=60_000)
    page.get_by_label("Who decides").fill("Dr Example")
    page.get_by_label("Why it may pass although it changes so much").fill("compared by hand")
    page.get_by_label("I have looked at the rows").check()
    page.get_by_role("button", name="Adopt ClinVar 26 Feb 2026").click()
    page.get_by_role("heading", name="Adopted: 5 tasks opened").wait_for(timeout=60_000)


def test_without_scripts_consent_is_changed_and_a_step_is_recorded(plain_page: Page, own: Served) -> None:
    page = plain_page
    page.goto(own.address(person_of("no-contact-agreed"), "/consent"))
    page.get_by_label("Contact about results").check()
    page.get_by_label("It is allowed", exact=True).check()
    page.get_by_role("button", name="Record what was said").click()
    assert "Contact about results: allowed" in page.locator("main").inner_text()
    page.goto(own.address(person_of("no-contact-agreed"), "/findings"))
    assert "Stuck" not in page.locator("main").inner_text()
    page.get_by_label("Reached").check()
    page.get_by_role("button", name="Record the step").click()
    assert "Genetic counsellor: tell the person the finding" in page.locator("main").inner_text()


def test_with_the_keyboard_alone_one_gets_from_the_worklist_to_a_recorded_step(
    page: Page, own: Served
) -> None:
    known = own.house.ledger.person(person_of("nobody-answers"))
    assert known is not None
    page.goto(f"{own.url}/disclosure")
    press_tab_until(page, f"{known.given} {known.family}")
    page.keyboard.press("Enter")
    page.wait_for_url("**/findings")
    press_tab_until(page, "Reached then: disclosure")
    page.keyboard.press("Space")
    press_tab_until(page, "Record the step")
    page.keyboard.press("Enter")
    page.get_by_text("Genetic counsellor: tell the person the finding and what can be done.").wait_for()


def test_a_letter_prints_without_the_page_around_it(page: Page, own: Served) -> None:
    page.goto(own.address(person_of("nobody-answers"), "/findings"))
    page.get_by_label("Write a letter").select_option("please-call")
    page.get_by_role("button", name="Write it").click()
    page.wait_for_url("**/letters/*")
    assert violations(page) == []
    page.emulate_media(media="print")
    assert not page.get_by_text("On the envelope").is_visible()
    assert page.get_by_label("The letter").is_visible()
