"""The worklist, the outreach queue, one person's pathways and the funnel in a real browser: accessible,
narrow, by keyboard, without scripts and on paper."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from bedside.service.pathway_signals import signals_of
from tests.browser.conftest import Served, open_page, serve, violations
from tests.browser.test_pages_in_chromium import open_details, press_tab_until
from tests.made_up_pathways import open_pathways
from tests.made_up_record import AMARA, INGRID, TOMAS


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    yield from serve(open_pathways(tmp_path_factory.mktemp("pathways")))


def addresses(served: Served) -> dict[str, str]:
    return {
        "worklist": f"{served.url}/worklist",
        "board": f"{served.url}/worklist?view=board&pathway=nsclc",
        "outreach": f"{served.url}/worklist/outreach",
        "late at the last step": served.address(INGRID, "/pathways"),
        "missed an appointment": served.address(AMARA, "/pathways"),
        "funnels": f"{served.url}/funnel",
        "funnel": f"{served.url}/funnel/nsclc?by=payer",
        "people at a step": f"{served.url}/funnel/nsclc/first-dose",
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_pathways_has_an_accessibility_violation_or_scrolls_sideways(
    browser: Browser, served: Served, scheme: str
) -> None:
    problems: list[str] = []
    context = browser.new_context(color_scheme=scheme, viewport={"width": 320, "height": 640})
    page = open_page(context, problems)
    for name, address in addresses(served).items():
        page.goto(address)
        open_details(page)
        assert violations(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, name
    context.close()
    assert problems == []


def test_who_is_stuck_stands_at_the_top_of_a_wide_page(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/worklist")
    first = page.get_by_role("table").get_by_role("row").nth(1)
    assert first.get_by_role("link", name="Amara Okafor").is_visible()
    assert "people are past the time" in page.locator(".lead").inner_text()
    top = page.get_by_role("heading", name="Whose move").bounding_box()
    lead = page.locator(".lead").bounding_box()
    assert top
    assert lead
    assert abs(top["x"] - lead["x"]) < 2
    assert top["y"] < 400
    assert page.locator(".answer").bounding_box()["width"] > 900  # type: ignore[index]


def test_with_the_keyboard_alone_a_first_dose_is_confirmed(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/worklist")
    press_tab_until(page, "Ingrid Holm")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="First dose confirmed").wait_for()
    for _ in range(40):  # the parts of a field for days and times are stops of their own
        page.keyboard.press("Tab")
        if (
            page.evaluate("document.activeElement.textContent.trim()")
            == "Write it down: First dose confirmed"
        ):
            break
    page.keyboard.press("Enter")
    page.get_by_text("the first dose was given").first.wait_for()
    assert "first-dose-confirmed" in {one.name for one in signals_of(served.house, INGRID)}


def test_without_scripts_a_case_ends_with_its_reason_and_goes_on_again(
    plain_page: Page, served: Served
) -> None:
    page = plain_page
    page.goto(served.address(TOMAS, "/pathways"))
    page.get_by_text("It ends here, and why").click()
    page.get_by_label("Reason").select_option(label="The person refused")
    page.get_by_role("button", name="End it").click()
    page.get_by_text("ended 1 Oct 2026, the person refused").click()
    page.get_by_label("The person came back").check()
    page.get_by_role("button", name="Take up again").click()
    assert page.get_by_role("heading", name="Tissue taken").is_visible()


def test_the_way_so_far_prints_without_its_forms(page: Page, served: Served) -> None:
    page.goto(served.address(AMARA, "/pathways"))
    page.emulate_media(media="print")
    assert not page.get_by_role("button", name="Write it down").first.is_visible()
    assert page.get_by_role("table").first.is_visible()
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF-")
