"""Writing over FHIR: once, whole or not at all, for the right person, and never in silence."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from bedside.exchange.order_fhir import order_bundle
from bedside.genome.event import EventKind
from bedside.genome.person import ItemStatus
from bedside.service.access import Access, Permission, TokenHolder
from bedside.service.fhir_acts import act_of
from bedside.service.house import House, open_house
from bedside.service.scopes import allows, parse_scope
from bedside.service.stored_answers import orders_of
from bedside.settings import Settings
from tests.contract.site import RXNORM, record
from tests.contract.test_fhir_operations import Fhir
from tests.contract.test_fhir_rest import ORDER, valid

WARFARIN = {"coding": [{"system": RXNORM, "code": "11289", "display": "warfarin"}]}
DIABETES = {"coding": [{"system": "http://snomed.info/sct", "code": "73211009", "display": "Diabetes"}]}
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
ACTIVE = {"coding": [{"system": CLINICAL, "code": "active"}]}
ADA = {
    "resourceType": "Patient",
    "identifier": [{"system": "urn:hospital", "value": "42"}],
    "name": [{"family": "Osei", "given": ["Ada"]}],
    "gender": "female",
    "birthDate": "1980-01-31",
}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = open_house(Settings(store_url=f"sqlite:///{tmp_path / 'ledger.db'}"))
    yield opened
    opened.close()


@pytest.fixture
def fhir(house: House) -> Fhir:
    return Fhir(house)


def send(fhir: Fhir, method: str, path: str, body: object, **headers: str) -> httpx.Response:
    told = {"content-type": "application/fhir+json", **{k.replace("_", "-"): v for k, v in headers.items()}}
    return fhir.ask(path, method, content=json.dumps(body).encode(), headers=told)


def made(fhir: Fhir, body: Mapping[str, Any], status: int = 201) -> dict[str, Any]:
    """What became of a resource that must be taken."""
    answer = send(fhir, "POST", f"/fhir/{body['resourceType']}", body)
    assert answer.status_code == status, answer.text
    assert answer.headers["location"].endswith(f"/_history/{answer.json()['meta']['versionId']}")
    return dict(valid(answer.json()))


def request(subject: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "identifier": [{"system": "urn:ehr", "value": "rx-1"}],
        "status": "active",
        "intent": "order",
        "subject": {"reference": subject},
        "medicationCodeableConcept": WARFARIN,
        "authoredOn": "2026-02-01",
        "dosageInstruction": [{"text": "one a day"}],
        **more,
    }


def condition(about: str, **more: Any) -> dict[str, Any]:
    """more: what is said otherwise; None leaves an element out."""
    said = {
        "resourceType": "Condition",
        "clinicalStatus": ACTIVE,
        "code": DIABETES,
        "subject": {"reference": about},
        **more,
    }
    return {name: value for name, value in said.items() if value is not None}


def events(house: House) -> int:
    """How many events say something of somebody."""
    looks = len(list(house.ledger.events(kinds=(EventKind.ACCESSED,))))
    return len(list(house.ledger.events())) - looks


def test_a_patient_is_registered_once_however_often_it_is_sent(fhir: Fhir) -> None:
    first = made(fhir, ADA)
    again = made(fhir, ADA, 200)
    search = "identifier=urn:hospital|42"
    found = send(fhir, "POST", "/fhir/Patient", ADA, if_none_exist=search)
    assert (again, found.status_code, found.json()) == (first, 200, first)
    assert events(fhir.house) == 1
    other = send(fhir, "POST", "/fhir/Patient", {**ADA, "birthDate": "1990-01-01"})
    assert (other.status_code, events(fhir.house)) == (409, 1)
    assert "1990" not in other.text


def test_a_patient_is_replaced_in_the_version_that_was_read(fhir: Fhir) -> None:
    first = made(fhir, ADA)
    path = f"/fhir/Patient/{first['id']}"
    changed = {**ADA, "id": first["id"], "name": [{"family": "Mensah", "given": ["Ada"]}]}
    tag = fhir.ask(path).headers["etag"]
    done = send(fhir, "PUT", path, changed, if_match=tag)
    assert (done.status_code, done.json()["name"][0]["family"]) == (200, "Mensah")
    late = send(fhir, "PUT", path, {**ADA, "id": first["id"]}, if_match=tag)
    assert (late.status_code, fhir.ask(path).json()) == (412, done.json())
    assert fhir.ask(f"{path}/_history").json()["total"] == 2
    assert send(fhir, "PUT", "/fhir/Patient/unknown", ADA).status_code == 404


def test_a_prescription_reaches_the_chart_and_its_end_too(fhir: Fhir) -> None:
    subject = f"Patient/{made(fhir, ADA)['id']}"
    person = fhir.house.ledger.people()[0].person
    first = made(fhir, request(subject))
    assert first["dosageInstruction"] == [{"text": "one a day"}]
    assert made(fhir, request(subject), 200) == first
    (taken,) = fhir.house.ledger.medications(person)
    assert (taken.drug.code, taken.status) == ("11289", ItemStatus.ACTIVE)
    path = f"/fhir/MedicationRequest/{first['id']}"
    stopped = send(fhir, "PUT", path, request(subject, status="stopped"))
    assert (stopped.status_code, stopped.json()["status"]) == (200, "stopped")
    assert fhir.house.ledger.medications(person)[0].status is ItemStatus.ENDED
    assert send(fhir, "POST", "/fhir/MedicationRequest", request(subject)).status_code == 409


def test_a_drug_prescribed_twice_is_taken_until_both_have_ended(fhir: Fhir) -> None:
    subject = f"Patient/{made(fhir, ADA)['id']}"
    person = fhir.house.ledger.people()[0].person
    first = made(fhir, request(subject))
    second = made(fhir, request(subject, identifier=[{"system": "urn:ehr", "value": "rx-2"}]))
    for one, after in ((first, ItemStatus.ACTIVE), (second, ItemStatus.ENDED)):
        ended = {**one, "status": "completed"}
        assert send(fhir, "PUT", f"/fhir/MedicationRequest/{one['id']}", ended).status_code == 200
        assert fhir.house.ledger.medications(person)[0].status is after


def test_a_problem_and_a_statement_stand_in_the_chart_as_they_were_sent(fhir: Fhir) -> None:
    subject = f"Patient/{made(fhir, ADA)['id']}"
    person = fhir.house.ledger.people()[0].person
    problem = made(fhir, condition(subject, severity={"text": "mild"}))
    assert problem["severity"] == {"text": "mild"}
    assert fhir.house.ledger.problems(person)[0].condition.code == "73211009"
    statement = {
        "resourceType": "MedicationStatement",
        "status": "not-taken",
        "subject": {"reference": subject},
        "medicationCodeableConcept": WARFARIN,
    }
    made(fhir, statement)
    assert fhir.house.ledger.medications(person)[0].status is ItemStatus.ENDED


def transaction(*entries: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"fullUrl": url, "resource": one, "request": {"method": "POST", "url": one["resourceType"]}}
            for url, one in entries
        ],
    }


PATIENT_URL, DRUG_URL, PROBLEM_URL = (f"urn:uuid:{digit * 8}-0000-4000-8000-000000000000" for digit in "123")


def test_a_transaction_resolves_its_references_and_is_taken_once(fhir: Fhir) -> None:
    drug = request(PATIENT_URL, reasonReference=[{"reference": PROBLEM_URL}])
    bundle = transaction((DRUG_URL, drug), (PROBLEM_URL, condition(PATIENT_URL)), (PATIENT_URL, ADA))
    answer = send(fhir, "POST", "/fhir", bundle)
    assert answer.status_code == 200, answer.text
    said = [entry["response"] for entry in valid(answer.json())["entry"]]
    assert [one["status"] for one in said] == ["201 Created"] * 3
    where = [one["location"].partition("/_history")[0] for one in said]
    kept = fhir.ask(f"/fhir/{where[0]}").json()
    assert kept["reasonReference"] == [{"reference": where[1]}]
    assert kept["subject"] == {"reference": where[2]}
    before = events(fhir.house)
    again = send(fhir, "POST", "/fhir", bundle).json()["entry"]
    assert [entry["response"]["status"] for entry in again] == ["200 OK"] * 3
    assert [entry["response"]["location"] for entry in again] == [one["location"] for one in said]
    assert (events(fhir.house), before) == (3, 3)


@pytest.mark.parametrize(
    ("broken", "status"),
    [
        ({"clinicalStatus": None}, 422),
        ({"code": {"text": "sugar"}}, 422),
        ({"code": "sugar"}, 400),
        ({"subject": {"reference": "Patient/nobody"}}, 422),
        ({"evidence": [{"detail": [{"reference": "urn:uuid:99999999-0000-4000-8000-000000000000"}]}]}, 422),
    ],
)
def test_nothing_of_a_transaction_is_taken_when_one_entry_cannot_be(
    fhir: Fhir, broken: dict[str, Any], status: int
) -> None:
    bundle = transaction((PATIENT_URL, ADA), (PROBLEM_URL, condition(PATIENT_URL, **broken)))
    answer = send(fhir, "POST", "/fhir", bundle)
    assert (answer.status_code, answer.json()["resourceType"]) == (status, "OperationOutcome"), answer.text
    assert events(fhir.house) == 0


def test_each_entry_of_a_batch_is_taken_by_itself(fhir: Fhir) -> None:
    subject = f"Patient/{made(fhir, ADA)['id']}"
    bundle = transaction(("", request(subject, status="draft")), ("", condition(subject)))
    answer = send(fhir, "POST", "/fhir", {**bundle, "type": "batch"})
    said = [entry["response"] for entry in valid(answer.json())["entry"]]
    assert [one["status"] for one in said] == ["422", "201 Created"]
    assert "draft" not in said[0]["outcome"]["issue"][0]["diagnostics"].partition("(")[0]


def test_an_order_is_taken_as_it_is_sent_out_and_only_once(fhir: Fhir) -> None:
    bundle = order_bundle(ORDER)
    first = send(fhir, "POST", "/fhir", bundle)
    assert first.status_code == 200, first.text
    person = fhir.house.ledger.people()[0].person
    assert [one.order for one in orders_of(fhir.house, person).values()] == [ORDER]
    before = events(fhir.house)
    assert send(fhir, "POST", "/fhir", bundle).status_code == 200
    assert events(fhir.house) == before == 2
    bundle["entry"][-1]["resource"]["priority"] = "urgent"
    changed = send(fhir, "POST", "/fhir", bundle)
    assert (changed.status_code, events(fhir.house)) == (422, 2)


def test_what_is_not_written_over_fhir_is_refused_with_the_reason(fhir: Fhir) -> None:
    subject = made(fhir, ADA)["id"]
    for method, path, why in (
        ("POST", "/fhir/Observation", "POST the Bundle to /fhir"),
        ("PUT", "/fhir/Observation/1", "POST the Bundle to /fhir"),
        ("DELETE", f"/fhir/Patient/{subject}", "nothing is deleted"),
        ("PATCH", f"/fhir/Patient/{subject}", "PUT the whole resource"),
        ("POST", "/fhir/AuditEvent", "written by the record itself"),
    ):
        answer = send(fhir, method, path, ADA)
        assert (answer.status_code, why in answer.text) == (405, True), answer.text
        assert answer.headers["allow"]
    assert send(fhir, "POST", "/fhir", {"resourceType": "Bundle", "type": "message"}).status_code == 422
    for kind, content, status in (("application/json", b"{", 400), ("text/plain", b"a=1", 415)):
        headers = {"content-type": kind}
        answer = fhir.ask("/fhir/Patient", "POST", content=content, headers=headers)
        assert answer.status_code == status


def test_writing_needs_its_own_permission_and_the_record(house: House) -> None:
    record(house, "anna", {"CYP2C19": "*2/*2"})
    record(house, "ben", {"CYP2C19": "*2/*2"})

    def holder(name: str, granted: set[Permission], people: frozenset[str] | None = None) -> TokenHolder:
        return TokenHolder(name, hashlib.sha256(name.encode()).hexdigest(), frozenset(granted), people)

    both = {Permission.FHIR, Permission.FHIR_WRITE}
    holders = [holder("reader", {Permission.FHIR}), holder("ben's", both, frozenset({"ben"}))]
    fhir = Fhir(house, Access(tokens={one.token_sha256: one for one in holders}))
    unlimited = Fhir(house)
    ids = {entry["resource"]["id"] for entry in unlimited.ask("/fhir/Patient").json()["entry"]}
    (ben,) = (
        entry["resource"]["id"]
        for entry in fhir.ask("/fhir/Patient", headers={"authorization": "Bearer ben's"}).json()["entry"]
    )
    (anna,) = ids - {ben}
    for name, whose, status in (("reader", ben, 403), ("ben's", anna, 403), ("ben's", ben, 201)):
        body, bearer = condition(f"Patient/{whose}"), f"Bearer {name}"
        answer = send(fhir, "POST", "/fhir/Condition", body, authorization=bearer)
        assert answer.status_code == status, answer.text
    assert send(fhir, "POST", "/fhir/Patient", ADA, authorization="Bearer ben's").status_code == 409


def test_a_report_of_results_goes_the_way_of_every_result(fhir: Fhir) -> None:
    made(fhir, ADA)
    person = fhir.house.ledger.people()[0].person
    section = {"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "GE"}
    genotype = {
        "resourceType": "Observation",
        "status": "final",
        "category": [{"coding": [section]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "84413-4"}]},
        "subject": {"reference": PATIENT_URL},
        "valueCodeableConcept": {"text": "CYP2C19 *2/*2"},
        "component": [
            {
                "code": {"coding": [{"system": "http://loinc.org", "code": "48018-6"}]},
                "valueCodeableConcept": {"text": "CYP2C19"},
            }
        ],
    }
    report = {
        "resourceType": "DiagnosticReport",
        "identifier": [{"system": "urn:lab", "value": "R1"}],
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "51969-4"}]},
        "subject": {"reference": PATIENT_URL},
        "issued": "2026-02-01T10:00:00Z",
        "result": [{"reference": DRUG_URL}],
    }
    bundle = transaction((PATIENT_URL, ADA), (DRUG_URL, genotype), (PROBLEM_URL, report))
    answer = send(fhir, "POST", "/fhir", bundle)
    assert answer.status_code == 200, answer.text
    assert {entry["response"]["status"] for entry in valid(answer.json())["entry"]} == {"201"}, answer.text
    assert fhir.house.ledger.person_calls(person)["CYP2C19"].phenotypes == ("Poor Metabolizer",)
    again = send(fhir, "POST", "/fhir", bundle).json()["entry"]
    assert {entry["response"]["status"] for entry in again} == {"200"}
    assert len(fhir.house.ledger.results(person)) == 1
    waiting = send(
        fhir,
        "POST",
        "/fhir",
        transaction(
            (PATIENT_URL, {**ADA, "birthDate": "1990-01-01"}), (DRUG_URL, genotype), (PROBLEM_URL, report)
        ),
    )
    assert waiting.json()["entry"][0]["response"]["status"] == "202"


def test_a_smart_token_opens_bundles_by_scopes_over_all_that_they_may_bring() -> None:
    act = act_of("transaction")
    assert act is not None
    for text, opens in (("system/*.cu", True), ("system/*.cruds", True), ("system/*.rs", False)):
        assert allows([parse_scope(text)], act) is opens
    assert not allows([parse_scope("system/Patient.cu")], act)
