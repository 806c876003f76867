"""The report: one document that needs nothing beside it, with everything a reader must not miss."""

from __future__ import annotations

import re
from datetime import date

from bedside.decide.recommend import recommend_all
from bedside.decide.sample_answer import SampleAnswer
from bedside.knowledge.phrases import load_phrases
from bedside.service.house import House
from bedside.web import report
from tests.made_up_record import AMARAS_CALLS, INGRID, INGRIDS_CALLS
from tests.unit.web.conftest import Pages
from tests.unit.web.read import text


def made(house: House) -> str:
    phrases = load_phrases()
    samples = [
        SampleAnswer(name, calls, recommend_all(house.pgx, phrases, {call.gene: call for call in calls}))
        for name, calls in (("SAMPLE-1", INGRIDS_CALLS), ("SAMPLE-2", AMARAS_CALLS))
    ]
    return report.render(house.pgx, phrases, samples, made_on=date(2026, 10, 1))


def test_a_report_from_a_file_needs_nothing_beside_it(house: House) -> None:
    page = made(house)
    assert "<style>" in page
    assert not re.search(r"<script|<link|@import|url\(", page)
    assert not re.search(r'(?:src|href)="/', page)


def test_a_report_says_who_when_by_what_and_who_has_still_to_check_it(house: House) -> None:
    said = text(made(house))
    release = f"CPIC 5 Nov 2025, digest {house.pgx.release.sha256[:12]}"
    assert f"SAMPLE-1 Made on : 1 Oct 2026 Knowledge : {release}".replace(" :", "") in said
    assert said.count("Codes assigned by rule; awaiting pharmacist's sign-off.") == 2


def test_a_report_lists_what_changes_treatment_and_what_was_not_tested(house: House) -> None:
    first = text(made(house).split("SAMPLE-2")[0])
    assert "Critical: clopidogrel after ACS or PCI Avoid; choose another drug." in first
    assert "Nothing may be concluded about these genes; not tested is not normal." in first
    assert re.search(r"Not tested [A-Z0-9, -]*HLA-B", first)


def test_the_report_of_a_person_is_the_same_document_with_the_sites_stylesheet(pages: Pages) -> None:
    page = pages.get(pages.address(INGRID, "/report"))
    assert page.status_code == 200
    assert 'href="/static/report.css"' in page.text
    assert "Example Laboratory: genotyping array, received 2 Mar 2026" in text(page.text)


def test_two_samples_are_two_parts_that_each_start_a_page(house: House) -> None:
    page = made(house)
    assert page.count('<article class="subject">') == 2
    assert ".subject + .subject { break-before: page;" in page
