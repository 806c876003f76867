"""Every page in a real browser: accessible, strict, usable with a keyboard, without scripts, small and on
paper.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from bedside.web.vendored import vendored
from tests.browser.conftest import AXE, Served, found_wrong_in_every_look, open_page, violations
from tests.made_up_record import AMARA, INGRID, TOMAS

PAGES = {
    "people": ("/", None),
    "tasks": ("/tasks", None),
    "knowledge": ("/knowledge", None),
    "about": ("/about", None),
    "sign in": ("/sign-in", None),
    "an error": ("/nowhere", None),
    "the chart of somebody with every kind of answer": ("", INGRID),
    "the chart of somebody never tested": ("", TOMAS),
    "a chart of the past": ("?as_of=2025-01-01", INGRID),
    "prescribe": ("/prescribe", INGRID),
    "order sets": ("/order-sets", INGRID),
    "report": ("/report", INGRID),
}


def address(served: Served, name: str) -> str:
    path, person = PAGES[name]
    return served.url + path if person is None else served.address(person, path)


def open_details(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")


def order(page: Page, served: Served, person: str, drug: str) -> None:
    page.goto(served.address(person, "/prescribe"))
    page.get_by_label("Drug to order").fill(drug)
    page.get_by_role("button", name="Order and see the guidance").click()
    page.get_by_role("heading", name=f"for {drug}").wait_for()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_in_every_look_and_fits_a_narrow_screen(
    browser: Browser, served: Served, name: str
) -> None:
    problems: list[str] = []
    context = browser.new_context(bypass_csp=False)
    page = open_page(context, problems)
    page.goto(address(served, name))
    assert found_wrong_in_every_look(page) == []
    context.close()
    missing = ["error: Failed to load resource: the server responded with a status of 404 (Not Found)"]
    assert problems == (missing if name == "an error" else [])


@pytest.mark.parametrize("drug", ["clopidogrel", "aspirin"])
def test_cards_and_their_absence_have_no_accessibility_violation(
    page: Page, served: Served, drug: str
) -> None:
    order(page, served, INGRID, drug)
    open_details(page)
    assert violations(page) == []


def test_an_order_set_has_no_accessibility_violation(page: Page, served: Served) -> None:
    page.goto(served.address(INGRID, "/order-sets"))
    page.get_by_role("button", name="Show it for this person").click()
    page.get_by_role("heading", name="change").wait_for()
    assert violations(page) == []


def test_cards_fit_a_narrow_screen(browser: Browser, served: Served) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640})
    page = context.new_page()
    order(page, served, INGRID, "clopidogrel")
    open_details(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    context.close()


def test_the_policy_stops_an_injected_script(browser: Browser, served: Served) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(served.url)
    blocked: list[str] = []
    page.on("console", lambda message: blocked.append(message.text))
    page.evaluate(
        "const one = document.createElement('script'); one.textContent = 'window.harmed = 1';"
        "document.body.append(one); document.body.setAttribute('style', 'color: red')"
    )
    assert page.evaluate("window.harmed") is None
    assert len([text for text in blocked if "Content Security Policy" in text]) == 2
    context.close()


def test_search_narrows_the_list_without_leaving_the_page(page: Page, served: Served) -> None:
    page.goto(served.url)
    page.evaluate("window.stayed = true")
    page.get_by_label("Name or number").fill("okafor")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("heading", name="1 person found").wait_for()
    assert page.locator("tbody th").all_inner_texts() == ["Amara Okafor"]
    assert page.evaluate("window.stayed") is True
    assert page.url == f"{served.url}/"


def test_without_scripts_one_can_search_look_back_and_prescribe(plain_page: Page, served: Served) -> None:
    page = plain_page
    page.goto(served.url)
    page.get_by_label("Gene", exact=True).select_option("CYP2C19")
    page.get_by_label("Phenotype").select_option("Poor Metabolizer")
    page.get_by_role("button", name="Find").click()
    assert page.locator("tbody th").all_inner_texts() == ["Ingrid Holm"]
    page.get_by_role("link", name="Ingrid Holm").click()
    page.get_by_label("Show the chart as it was known on").fill("2025-01-01")
    page.get_by_role("button", name="Show that day").click()
    assert "This is what was known on 1 Jan 2025" in page.locator("main").inner_text()
    page.get_by_role("link", name="Show what is known now").click()
    page.get_by_role("link", name="Prescribe").click()
    page.get_by_label("Drug to order").fill("clopidogrel")
    page.get_by_role("button", name="Order and see the guidance").click()
    card = page.locator("article.cds")
    assert card.locator("h3").inner_text().startswith("Clopidogrel after ACS or PCI: avoid")
    card.get_by_role("button", name=re.compile("^Replace clopidogrel")).first.click()
    assert page.locator("#cards").inner_text().count("Accepted: Replace clopidogrel with") == 1


def test_with_the_keyboard_alone_one_gets_from_search_to_card(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/about")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to the answer"
    press_tab_until(page, "Find a person by name or number")
    page.keyboard.type("holm")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{served.url}/")
    press_tab_until(page, "Ingrid Holm")
    page.keyboard.press("Enter")
    page.wait_for_url("**/people/*")
    press_tab_until(page, "Prescribe")
    page.keyboard.press("Enter")
    page.wait_for_url("**/prescribe")
    assert page.locator(":focus").get_attribute("id") == "drug"
    page.keyboard.type("clopidogrel")
    page.keyboard.press("Enter")
    page.locator("article.cds").wait_for()
    press_tab_until(page, "Keep clopidogrel, with a reason")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    press_tab_until(page, "Keep clopidogrel")
    page.keyboard.press("Enter")
    page.get_by_text("Reason recorded: does not apply to this patient.").wait_for()


def press_tab_until(page: Page, words: str, most: int = 60) -> None:
    """Tab to the element of these words, with the focus to be seen at each step."""
    for _ in range(most):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        outline = focused.evaluate("one => getComputedStyle(one).outlineStyle")
        assert outline != "none", f"no focus to be seen on {focused.inner_html()[:60]}"
        label = focused.evaluate("one => (one.labels && one.labels[0] || one).textContent.trim()")
        if label == words:
            return
    raise AssertionError(f"no {words!r} within {most} steps")


def test_a_card_is_announced_when_it_arrives(page: Page, served: Served) -> None:
    order(page, served, INGRID, "clopidogrel")
    assert page.locator("[aria-live=polite] #cards h2").first.inner_text() == "1 card for clopidogrel"


@pytest.mark.parametrize("name", ["report", "the chart of somebody with every kind of answer"])
def test_a_page_prints_to_a_pdf(page: Page, served: Served, name: str, tmp_path: Path) -> None:
    page.goto(address(served, name))
    made = page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
    assert made.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", made)) >= 1
    assert len(made) > 10_000


def test_the_printed_report_repeats_its_headers_and_breaks_no_row(page: Page, served: Served) -> None:
    page.goto(address(served, "report"))
    page.emulate_media(media="print")
    style = "(selector, name) => getComputedStyle(document.querySelector(selector))[name]"
    asked = [("thead", "display"), ("tr", "breakInside"), (".last", "breakInside")]
    assert [
        page.evaluate(f"([selector, name]) => ({style})(selector, name)", list(one)) for one in asked
    ] == [
        "table-header-group",
        "avoid",
        "avoid",
    ]


def test_the_record_of_one_person_never_shows_another(page: Page, served: Served) -> None:
    page.goto(served.address(AMARA))
    said = page.locator("body").inner_text()
    assert ("Amara Okafor" in said, "Ingrid" in said) == (True, False)


def test_the_checker_of_accessibility_is_byte_for_byte_what_its_makers_published() -> None:
    (listed,) = vendored(AXE.parent)
    assert (listed.path, listed.sha256) == (AXE.name, hashlib.sha256(AXE.read_bytes()).hexdigest())
