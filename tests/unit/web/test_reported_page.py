"""The chart page shows what laboratories reported, as theirs."""

from __future__ import annotations

import json

from bedside.service.house import House
from bedside.service.receive_fhir import keep_fhir
from bedside.service.receive_result import Fate, receive_kept
from bedside.service.register_person import register_person
from tests.unit.service.fhir_reports import VARIANT, changed, coded, document, swapped
from tests.unit.service.test_receive_hl7 import ADA
from tests.unit.web.conftest import Pages
from tests.unit.web.read import text


def take(house: House, content: bytes) -> None:
    (kept,) = keep_fhir(house, content)
    assert receive_kept(house, kept).fate is Fate.ACCEPTED


def test_a_reported_variant_stands_on_the_chart_with_who_said_it(pages: Pages, house: House) -> None:
    register_person(house, ADA)
    before = text(pages.get(pages.address("p1")).text)
    assert "Reported by laboratories" not in before
    take(house, document())
    page = text(pages.get(pages.address("p1")).text)
    told = page[page.index("Reported by laboratories") :]
    for words in (
        "Bedside worked out none of it",
        "BRCA1 NM_007294.4:c.68_69del",
        "Present, heterozygous, germline",
        "Pathogenic for hereditary breast and ovarian cancer",
        "Reported by Genlab on 2026-03-01",
        "/entry/5/resource",
    ):
        assert words in told


def test_what_a_report_holds_cannot_become_markup(pages: Pages, house: House) -> None:
    register_person(house, ADA)
    nasty = json.loads(
        json.dumps(VARIANT).replace("NM_007294.4:c.68_69del", "NM_1:c.1<script>alert(1)</script>")
    )
    take(house, document(*swapped(nasty)))
    page = pages.get(pages.address("p1")).text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_absent_is_shown_as_absent(pages: Pages, house: House) -> None:
    register_person(house, ADA)
    take(house, document(*swapped(changed(VARIANT, valueCodeableConcept=coded("LA9634-2", "Absent")))))
    page = text(pages.get(pages.address("p1")).text)
    assert "Absent, heterozygous, germline" in page
