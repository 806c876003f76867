"""Ordering, following, the inbox and quarantine in a real browser: accessible, narrow, by keyboard, without
scripts, framed, and on paper.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from bedside.service.page_keys import page_key
from bedside.service.quarantine import waiting
from bedside.service.results_inbox import items_of
from tests.browser.conftest import Served, open_page, serve, violations
from tests.browser.test_in_an_ehr_frame import ehr  # noqa: F401
from tests.browser.test_pages_in_chromium import open_details, press_tab_until
from tests.made_up_orders import Ordered, open_ordered
from tests.made_up_record import AMARA, INGRID, TOMAS


@pytest.fixture(scope="module")
def ordered(tmp_path_factory: pytest.TempPathFactory) -> Ordered:
    return open_ordered(tmp_path_factory.mktemp("orders"))


@pytest.fixture(scope="module")
def served(ordered: Ordered) -> Iterator[Served]:
    yield from serve(ordered.house)


def order_of(served: Served, ordered: Ordered, person: str, what: str) -> str:
    return served.address(person, f"/orders/{page_key(ordered.orders[what])}")


def addresses(served: Served, ordered: Ordered) -> dict[str, str]:
    result = page_key(list(items_of(served.house, INGRID))[-1])
    places = {
        "orders": f"{served.url}/orders",
        "results": f"{served.url}/results",
        "quarantine": f"{served.url}/quarantine",
        "which test": served.address(AMARA, "/order"),
        "persons orders": served.address(INGRID, "/orders"),
        "an order to collect again": order_of(served, ordered, AMARA, "rejected"),
        "an order with its result": order_of(served, ordered, INGRID, "resulted"),
        "a result": served.address(INGRID, f"/results/{result}"),
        "its message": served.address(INGRID, f"/results/{result}/source"),
    }
    for one in waiting(served.house):
        places["a message to compare"] = f"{served.url}/quarantine/{one.number}"
    return places


def choose(page: Page, served: Served, person: str, test: str) -> None:
    page.goto(served.address(person, "/order"))
    page.get_by_role("button", name=f"Choose {test}").click()
    page.get_by_role("heading", name=test).first.wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_ordering_has_an_accessibility_violation_or_scrolls_sideways(
    browser: Browser, served: Served, ordered: Ordered, scheme: str
) -> None:
    problems: list[str] = []
    context = browser.new_context(color_scheme=scheme, viewport={"width": 320, "height": 640})
    page = open_page(context, problems)
    for name, address in addresses(served, ordered).items():
        page.goto(address)
        open_details(page)
        assert violations(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, name
    choose(page, served, INGRID, "Pharmacogene panel with CYP2D6")
    open_details(page)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    context.close()
    assert problems == []


def test_with_the_keyboard_alone_a_test_is_ordered_from_the_chart(page: Page, served: Served) -> None:
    page.goto(served.address(TOMAS))
    press_tab_until(page, "Order a test")
    page.keyboard.press("Enter")
    page.wait_for_url("**/order")
    press_tab_until(page, "Choose Pharmacogene panel with CYP2D6 copy number and HLA")
    page.keyboard.press("Enter")
    page.get_by_text("The test is needed.").wait_for()
    press_tab_until(page, "No")
    page.keyboard.press("Space")
    press_tab_until(page, "Order Pharmacogene panel with CYP2D6 copy number and HLA")
    page.keyboard.press("Enter")
    page.wait_for_url("**/orders/*")
    assert "Next: collecting ward or clinic, label a specimen." in page.locator("main").inner_text()


def test_without_scripts_a_specimen_is_followed_and_a_result_acknowledged(
    plain_page: Page, served: Served, ordered: Ordered
) -> None:
    page = plain_page
    page.goto(f"{served.url}/orders")
    page.get_by_role("row", name="Amara Okafor").get_by_role("link", name="Pharmacogene panel").click()
    page.get_by_label("Number on the tube").fill("T-B")
    page.get_by_role("button", name="Label a specimen").click()
    page.get_by_role("button", name="It is collected").click()
    assert "Next: collecting ward or clinic, send it to the laboratory." in page.locator("main").inner_text()
    page.goto(served.address(INGRID))
    page.locator("#origin ~ article h3 a").first.click()
    page.get_by_role("link", name="Source message").click()
    assert page.get_by_text("Read: CYP2C19").first.is_visible()
    page.go_back()
    page.get_by_role("button", name="Acknowledge").click()
    assert "Acknowledged by local-operator" in page.locator("main").inner_text()
    page.goto(f"{served.url}/results")
    assert "Everything was read." in page.locator("main").inner_text()


def test_an_order_prints_without_its_buttons(page: Page, served: Served, ordered: Ordered) -> None:
    page.goto(order_of(served, ordered, INGRID, "resulted"))
    page.emulate_media(media="print")
    assert not page.get_by_role("link", name="HL7 v2").is_visible()
    assert page.get_by_text(ordered.orders["resulted"]).is_visible()
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF-")


def test_a_test_is_ordered_in_the_frame_of_an_ehr(
    browser: Browser,
    ehr: tuple[str, Path],  # noqa: F811
    tmp_path: Path,
) -> None:
    url, folder = ehr
    house = open_ordered(tmp_path / "framed", frame_ancestors=url).house
    for framed in serve(house):
        address = framed.address(TOMAS, "/order")
        (folder / "chart.html").write_text(
            f'<!doctype html><title>EHR</title><iframe src="{address}" width="900"></iframe>'
        )
        page = browser.new_context().new_page()
        page.goto(f"{url}/chart.html")
        frame = page.frames[-1]
        frame.get_by_role("button", name="Choose Pharmacogene panel with CYP2D6").click()
        frame.get_by_label("No", exact=True).check()
        frame.get_by_role("button", name="Order Pharmacogene panel with CYP2D6").click()
        frame.get_by_text("Next: collecting ward or clinic").wait_for()
        page.context.close()
