"""A test is ordered with three decisions at most, unless the record has the answer."""

from __future__ import annotations

import json
from datetime import date

import pytest

from bedside.act.ordering import Advice
from bedside.errors import IntakeError, RequestError
from bedside.exchange.order_fhir import order_bundle, read_order_bundle
from bedside.exchange.order_hl7v2 import read_oml, write_oml
from bedside.genome.code import Code, System
from bedside.genome.event import EventKind
from bedside.genome.person import Identifier, Medication, Person, Problem, Sex
from bedside.genome.specimen import Stage, Step
from bedside.knowledge.test_catalogue import FromChart, load_tests
from bedside.service.accept_result import accept_files
from bedside.service.chart_over_fhir import chart_over_fhir
from bedside.service.move_specimen import label_specimen, move_specimen, specimens_of
from bedside.service.order_test import Wish, cancel_order, catalogue_entry, order_test, prefill
from bedside.service.receive_hl7 import receive_message
from bedside.service.register_person import register_person
from bedside.service.stored_answers import look_before, orders_of
from tests.unit.service.test_receive_hl7 import POOR, message

HOSPITAL = "urn:oid:2.16.840.1.113883.19.5"
ADA = Person("p1", "Ada", "Osei", date(1980, 1, 1), Sex.FEMALE, (Identifier(HOSPITAL, "MRN12345"),))
NO = {"transplant": "no"}


@pytest.fixture
def house(house):
    drug = Medication(Code(System.RXNORM, "32968", "clopidogrel"))
    register_person(house, ADA, [drug], [Problem(Code(System.ICD10CM, "Z80.3", "Family history"))])
    return house


@pytest.mark.parametrize("test", sorted(load_tests()))
def test_no_test_needs_more_than_three_decisions(house, test):
    """Which test, and what the chart does not answer; the fourth would be a form."""
    entry = catalogue_entry(house, test)
    reasons = [Code(System.ICD10CM, "Z80.3", "Family history")]
    filled = prefill(house, ADA, entry, reasons, "Dr Who")
    asked = [one for one in filled if one.question.required and not one.value]
    assert 1 + len(asked) <= 3
    assert {one.question.source for one in asked} <= {FromChart.ASKED}


def test_an_order_carries_what_the_chart_says(house):
    order = order_test(house, "p1", Wish("pgx-basic", "Dr Who", answers=NO)).order
    assert {one.question: one.value for one in order.answers} == {
        "medications": "clopidogrel (32968)", "transplant": "no",
    }  # fmt: skip
    (event,) = house.ledger.events(person="p1", kinds=(EventKind.ORDER_PLACED,))
    assert (event.payload["digest"], event.actor) == (order.digest, "Dr Who")


def test_after_a_panel_without_copy_number_the_larger_one_is_still_needed(house):
    number = order_test(house, "p1", Wish("pgx-basic", "Dr Who", answers=NO)).order.order
    gene = POOR[0].replace("HGNC:2621^CYP2C19", "HGNC:2625^CYP2D6").replace("1a", "1b")
    other = (gene, POOR[1].replace("CYP2C19 *2/*2", "*1/*4").replace("1a", "1b"))
    receive_message(house, message(*POOR, *other, placer=number))
    known = look_before(house, "p1", catalogue_entry(house, "pgx-full")).assessment
    assert known.advice is Advice.ORDER_FOR_THE_REST
    assert known.answered == ("CYP2C19",)
    (gap,) = [gap for gap in known.gaps if gap.gene == "CYP2D6"]
    assert [one.value for one in gap.aspects] == ["copy-number", "hybrids"]
    assert gap.why == "Pharmacogene panel without copy number could not see the copy number of CYP2D6"
    known = look_before(house, "p1", catalogue_entry(house, "pgx-basic")).assessment
    assert known.advice is Advice.ALREADY_DONE


def test_a_stored_file_answers_for_the_genes_it_shows(house, write_vcf):
    accept_files(house, [write_vcf("p1.vcf", {"p1": {}}, genes=("CYP2C19", "VKORC1"))])
    known = look_before(house, "p1", catalogue_entry(house, "pgx-basic")).assessment
    assert (known.advice, known.answered) == (Advice.ORDER_FOR_THE_REST, ("CYP2C19", "VKORC1"))


def test_calls_by_a_method_nobody_named_answer_for_nothing(house):
    receive_message(house, message(*POOR))
    known = look_before(house, "p1", catalogue_entry(house, "pgx-basic")).assessment
    (gap,) = [gap for gap in known.gaps if gap.gene == "CYP2C19"]
    assert gap.why == "a result of 2026-03-01 does not say what its method could see"


def test_a_cancelled_order_makes_room_for_another(house):
    first = order_test(house, "p1", Wish("pgx-basic", "Dr Who", answers=NO)).order.order
    with pytest.raises(RequestError, match="already-ordered"):
        order_test(house, "p1", Wish("pgx-basic", "Dr Who", answers=NO))
    cancel_order(house, "p1", first, by="Dr Who", reason="wrong person")
    order_test(house, "p1", Wish("pgx-basic", "Dr Who", answers=NO))
    assert [one.outcome.value for one in orders_of(house, "p1").values()] == ["cancelled", "open"]


def test_a_rejected_specimen_is_a_task_at_once_until_another_is_labelled(house):
    number = order_test(house, "p1", Wish("pgx-basic", "Dr Who", answers=NO)).order.order
    tube = label_specimen(house, "p1", number, by="nurse", specimen="T1").specimen
    with pytest.raises(RequestError, match="on its way"):
        label_specimen(house, "p1", number, by="nurse")
    for step in (Step.COLLECT, Step.SHIP, Step.RECEIVE):
        move_specimen(house, "p1", tube, step, by="courier")
    with pytest.raises(RequestError, match="--why"):
        move_specimen(house, "p1", tube, Step.REJECT, by="laboratory")
    move_specimen(house, "p1", tube, Step.REJECT, by="laboratory", reason="haemolysed")
    (task,) = house.ledger.tasks("p1")
    assert (task.kind, task.about["order"]) == ("recollect-specimen", number)
    second = label_specimen(house, "p1", number, by="nurse", specimen="T2")
    assert (second.replaces, house.ledger.tasks("p1")) == ("T1", ())
    assert [one.stage for one in specimens_of(house, "p1").values()] == [Stage.REJECTED, Stage.LABELLED]


def test_a_step_that_cannot_follow_is_refused_and_a_tube_has_one_owner(house):
    register_person(house, Person("p2", "Bea", "Osei", date(1981, 1, 1)))
    first = order_test(house, "p1", Wish("pgx-basic", "Dr Who", answers=NO)).order.order
    other = order_test(house, "p2", Wish("pgx-basic", "Dr Who", answers=NO)).order.order
    label_specimen(house, "p1", first, by="nurse", specimen="T1")
    with pytest.raises(RequestError, match="another specimen"):
        label_specimen(house, "p2", other, by="nurse", specimen="T1")
    with pytest.raises(RequestError, match="the specimen is labelled; `receive` cannot follow"):
        move_specimen(house, "p1", "T1", Step.RECEIVE, by="laboratory")


def _bundle(family="Osei", **about):
    subject = {"subject": {"reference": "Patient/x"}}
    patient = {
        "resourceType": "Patient",
        "id": "x",
        "identifier": [{"system": HOSPITAL, "value": "MRN12345"}],
        "name": [{"family": family, "given": ["Ada"]}],
        "birthDate": "1980-01-01",
    }
    asked = {"coding": [{"system": "urn:bedside:question", "code": "transplant"}]}
    answer = {"resourceType": "Observation", "status": "final", "code": asked, "valueString": "no"}
    drug = {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "6809"}]}
    taken = {"resourceType": "MedicationRequest", "status": "active", "medicationCodeableConcept": drug}
    mother = {
        "resourceType": "FamilyMemberHistory",
        "status": "completed",
        "relationship": {"text": "Mother"},
    }
    mother["patient"] = subject["subject"]
    other = {**answer, "valueString": "yes", "subject": {"reference": "Patient/somebody-else"}}
    every = [patient, {**answer, **subject, **about}, {**taken, **subject}, mother, other]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [
        {"resource": one} for one in every
    ]}).encode()  # fmt: skip


def test_the_ehr_s_chart_answers_over_fhir_only_where_the_record_says_nothing(house):
    told = chart_over_fhir(house, "p1", _bundle())
    order = order_test(house, "p1", Wish("pgx-basic", "Dr Who", elsewhere=told)).order
    assert {one.question: (one.value, one.source) for one in order.answers} == {
        "medications": ("clopidogrel (32968)", "chart"), "transplant": ("no", "fhir"),
    }  # fmt: skip
    assert (read_oml(write_oml(order, order.placed_at)), read_order_bundle(order_bundle(order))) == (
        order, order,
    )  # fmt: skip
    hereditary = order_test(house, "p1", Wish("hereditary-cancer", "Dr Who", elsewhere=told)).order
    assert [(one.value, one.source) for one in hereditary.answers if one.question == "family"] == [
        ("mother", "fhir")
    ]


def test_the_chart_of_somebody_else_or_an_answer_that_is_not_final_fills_in_nothing(house):
    with pytest.raises(RequestError, match="family name differs"):
        chart_over_fhir(house, "p1", _bundle(family="Osej"))
    with pytest.raises(IntakeError, match="one Patient"):
        chart_over_fhir(house, "p1", b'{"resourceType": "Bundle"}')
    with pytest.raises(IntakeError, match="no JSON"):
        chart_over_fhir(house, "p1", b"MSH|")
    told = chart_over_fhir(house, "p1", _bundle(status="preliminary"))
    with pytest.raises(RequestError, match="the laboratory asks"):
        order_test(house, "p1", Wish("pgx-basic", "Dr Who", elsewhere=told))
