"""What a laboratory reported is shown in its words, and goes out and comes in as it was."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bedside.errors import InputError
from bedside.exchange.fhir_check import check
from bedside.service.genomics_export import export_fhir
from bedside.service.receive_fhir import keep_fhir
from bedside.service.receive_result import receive_kept
from bedside.service.register_person import register_person
from bedside.service.reported_findings import reported_of
from bedside.service.rules import rules_of
from bedside.service.show_chart import show_chart
from bedside.service.show_person import show
from bedside.service.write_person import rendered
from tests.unit.service.fhir_reports import (
    PATIENT,
    REPORT,
    VARIANT,
    changed,
    coded,
    component,
    document,
    swapped,
)
from tests.unit.service.test_receive_hl7 import ADA

SAID = "BRCA1 NM_007294.4:c.68_69del: present, heterozygous, germline; Pathogenic for hereditary breast "
MARKER = {
    **changed(VARIANT, id="burden", code=coded("94076-7", "Mutations/Megabase")),
    "valueQuantity": {"value": 12.5, "unit": "1/1000000{Base}"},
    "component": [component("biomarker-category", {"text": "tumour burden"})],
}
del MARKER["valueCodeableConcept"]


@pytest.fixture
def house(house):
    register_person(house, ADA)
    receive(house, document())
    return house


def receive(house, content):
    (kept,) = keep_fhir(house, content)
    return receive_kept(house, kept)


def findings(house):
    return [one.finding for one in reported_of(house, house.ledger.results("p1"))]


def test_the_record_shows_it_as_reported(house):
    view = show(house, "p1")
    text = rendered(house, view, "text")
    assert f"{SAID}and ovarian cancer (Reported by Genlab on 2026-03-01)" in text
    (plain,) = json.loads(rendered(house, view, "json"))["reported"]
    assert (plain["reported_by"], plain["gene"]) == ("Reported by Genlab on 2026-03-01", "BRCA1")
    assert plain["places"][0] == ["json", "/entry/5/resource", *plain["places"][0][2:]]


def test_the_chart_shows_it_and_what_was_known_before_does_not(house):
    chart = show_chart(house, rules_of(house).ruleset, "p1", "x")
    (line,) = chart.reported
    assert (line.answer, line.word) == (
        "present, heterozygous, germline",
        "Pathogenic for hereditary breast and ovarian cancer",
    )
    earlier = show_chart(house, rules_of(house).ruleset, "p1", "x", house.clock().date().replace(year=2000))
    assert earlier.reported == ()


def test_it_goes_out_as_fhir_that_holds_its_profiles_and_comes_in_as_the_same_statement(house):
    receive(house, document(PATIENT, MARKER))
    sent = export_fhir(house, "p1")
    assert check(sent).faults == ()
    (kept,) = keep_fhir(house, json.dumps(sent).encode())
    before, after = (
        next(one for one in several if one.gene == "BRCA1")
        for several in (findings(house), kept.read(house).findings)
    )
    left_out = {"places": (), "details": (), "comment": "", "condition": None, "classification": None}
    assert replace(after, **left_out) == replace(before, **left_out)
    assert (after.classification.code, after.condition.text) == ("LA6668-3", before.condition.text)
    assert "Reported by Genlab on 2026-03-01" in after.comment
    assert "0.48 relative frequency" in after.comment


def test_every_answer_goes_out_as_itself(house):
    codes = {"LA9634-2": "absent", "LA11884-6": "indeterminate", "LA18198-4": "no-call"}
    for number, (code, presence) in enumerate(codes.items()):
        report = changed(REPORT, identifier=[{"system": "urn:genlab", "value": f"R{number}x"}])
        receive(house, document(*swapped(changed(VARIANT, valueCodeableConcept=coded(code)), report)))
        (kept,) = keep_fhir(house, json.dumps(export_fhir(house, "p1")).encode())
        assert presence in {one.presence.value for one in kept.read(house).findings}


def test_nobody_is_asked_to_act_on_it(house):
    assert {task.kind for task in house.ledger.tasks("p1")} == {"read-uncoded-result"}
    assert "BRCA1" not in rendered(house, show(house, "p1"), "text").partition("Reported by")[0]


def test_a_report_of_nothing_is_no_report(house):
    with pytest.raises(InputError):
        keep_fhir(house, document(PATIENT))
