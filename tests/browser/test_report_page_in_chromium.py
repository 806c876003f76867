"""The page on which a report is confirmed, in a real browser: accessible in each state, by keyboard, without
scripts, small.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from bedside.genome.draft import Verdict
from bedside.service.drafts import decide, open_draft
from bedside.service.house import open_house
from bedside.service.receive_report import receive_report
from bedside.service.register_person import register_person
from bedside.settings import Settings
from tests.browser.conftest import Served, open_page, serve, violations
from tests.browser.test_pages_in_chromium import open_details, press_tab_until
from tests.made_up_reports import VARIANT, Says, report
from tests.unit.service.test_reports import ANNA, confirm_all, sign

SAID = Says(
    calls=(("CYP2C19", "*1/*2", "Intermediate Metabolizer"),),
    variants=(VARIANT,),
    negative="No pathogenic variant was detected in BRCA1.",
)


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, dict[str, str]]]:
    """One report in each state, served."""
    folder = tmp_path_factory.mktemp("reports")
    house = open_house(Settings(store_url=f"sqlite:///{folder}/ledger.db"))
    register_person(house, ANNA)
    texts = {
        "waiting": report("classic", SAID),
        "nobody's": report("stacked", Says(number="A-9")),
        "ready": report("blocks", SAID),
        "signed": report("prose", SAID),
        "rejected": report("two columns", SAID),
        "keyboard": report("over pages", Says(calls=SAID.calls)),
    }
    drafts = {name: receive_report(house, content, "report.pdf").draft for name, content in texts.items()}
    decide(house, drafts["ready"], "genotype-1", Verdict.CORRECTED, value="*2/*2", by="reader")
    confirm_all(house, drafts["ready"])
    confirm_all(house, drafts["signed"])
    sign(house, drafts["signed"])
    from bedside.service.drafts import reject_draft

    reject_draft(house, drafts["rejected"], "not ours", by="reader")
    for served in serve(house):
        yield served, drafts


@pytest.mark.parametrize(
    ("name", "scheme", "width"),
    [
        ("waiting", "dark", 1280),
        ("nobody's", "light", 1280),
        ("ready", "light", 320),
        ("signed", "light", 1280),
        ("rejected", "dark", 320),
    ],
)
def test_it_has_no_accessibility_violation_and_fits(
    browser: Browser, reports: tuple[Served, dict[str, str]], name: str, scheme: str, width: int
) -> None:
    served, drafts = reports
    problems: list[str] = []
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    page = open_page(context, problems)
    page.goto(f"{served.url}/reports/{drafts[name]}", wait_until="networkidle")
    assert violations(page) == []
    open_details(page)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
    assert problems == []


def test_a_field_is_shown_on_the_page_without_scripts(
    plain_page: Page, reports: tuple[Served, dict[str, str]]
) -> None:
    served, drafts = reports
    plain_page.goto(f"{served.url}/reports/{drafts['waiting']}")
    plain_page.get_by_role("link", name=re.compile("Show on page 1.*Genotype, line 1")).click()
    marked = plain_page.locator("rect:target")
    assert marked.count() == 1
    box = marked.bounding_box()
    assert box is not None
    assert 0 <= box["y"] <= 900
    plain_page.get_by_role("button", name="Accept Patient (family, given)").click()
    assert plain_page.url.endswith("#f-birth-date")
    plain_page.get_by_text("Accepted by local-operator").first.wait_for()


def test_a_report_is_confirmed_and_signed_with_the_keyboard_alone(
    page: Page, reports: tuple[Served, dict[str, str]]
) -> None:
    served, drafts = reports
    draft = drafts["keyboard"]
    page.goto(f"{served.url}/reports/{draft}", wait_until="networkidle")
    for one in open_draft(served.house, draft).undecided():
        page.goto(f"{served.url}/reports/{draft}#f-{one.key}", wait_until="networkidle")
        page.locator(f"#f-{one.key} button[value=accept]").focus()
        page.keyboard.press("Enter")
        page.locator(f"#f-{one.key}.decided").wait_for()
    page.get_by_label("I compared this with the whole report").focus()
    page.keyboard.press("Space")
    press_tab_until(page, "Sign as local-operator")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="A report that was signed").wait_for()
    assert served.house.ledger.person_calls("p1")["CYP2C19"].phenotypes == ("Intermediate Metabolizer",)
