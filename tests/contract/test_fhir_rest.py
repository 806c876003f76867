"""The record over FHIR R4 REST: what can be read and searched, and what is never told."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route

from bedside.genome.code import Code, System
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.order import AskedAnswer, LocalCode, Order, SpecimenWanted, Subject, plain_order
from bedside.genome.person import Sex
from bedside.service.access import Access, Permission, TokenHolder
from bedside.service.fhir_record import EVERYTHING, KINDS
from bedside.service.house import House, open_house
from bedside.settings import Settings
from tests.contract.site import RXNORM, WHEN, record
from tests.contract.test_fhir_operations import TOKEN, Fhir

ANNA, BEN = "anna", "ben"
ORDER = Order(
    order="BS1",
    subject=Subject("anna", "Example", "Anna", None, Sex.FEMALE),
    test="panel",
    code=LocalCode("P1", "Panel", "lab"),
    laboratory="Lab",
    reasons=(Code(System.ICD10CM, "Z80.3"),),
    specimen=SpecimenWanted("BLD", "Blood"),
    orderer="dr",
    placed_at=WHEN,
    answers=(AskedAnswer("transplant", "Transplant?", "no"),),
)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = open_house(Settings(store_url=f"sqlite:///{tmp_path / 'ledger.db'}"))
    record(opened, ANNA, {"CYP2C19": "*2/*2", "CYP2D6": "*1/*1"})
    record(opened, BEN, {"CYP2C19": "*1/*17"})
    told = {
        "given": "Anna",
        "family": "Example",
        "birth_date": "1960-02-03",
        "sex": "female",
        "identifiers": [{"system": "urn:hospital", "value": "7"}],
    }
    said = {"scope": "clinical", "decision": "given", "by": "self"}
    duty = {"task": "t1", "kind": "call", "summary": "Call", "owner": "nurse", "due": "2026-03-01"}
    sent = {"resourceType": "MedicationRequest", "status": "active", "intent": "order"}
    sent |= {"medicationCodeableConcept": {"text": "warfarin"}}
    warfarin = {"system": RXNORM, "code": "11289", "display": "warfarin", "status": "active"}
    moved = {"specimen": "T1", "order": "BS1", "step": "label", "replaces": ""}
    events = [
        NewEvent(EventKind.PERSON_REGISTERED, "test", WHEN, ANNA, told),
        NewEvent(
            EventKind.MEDICATION_RECORDED,
            "test",
            WHEN,
            ANNA,
            {**warfarin, "fhir": {"item": "i1", "resource": sent}},
        ),
        NewEvent(EventKind.ORDER_PLACED, "test", WHEN, ANNA, {"order": plain_order(ORDER)}, "BS1"),
        NewEvent(EventKind.SPECIMEN_MOVED, "test", WHEN, ANNA, moved),
        NewEvent(EventKind.CONSENT_RECORDED, "test", WHEN, ANNA, said),
        NewEvent(EventKind.TASK_OPENED, "test", WHEN, ANNA, duty),
    ]
    opened.ledger.append(events)
    yield opened
    opened.close()


@pytest.fixture
def fhir(house: House) -> Fhir:
    return Fhir(house)


def valid(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    """The resource, once the R4B model of its type has taken it."""
    kind = resource["resourceType"]
    module = importlib.import_module(f"fhir.resources.R4B.{kind.lower()}")
    getattr(module, kind).model_validate(resource)
    return resource


def of_anna(fhir: Fhir) -> str:
    """The id of Anna's record."""
    found = fhir.ask("/fhir/Patient/_search", "POST", data={"identifier": "urn:hospital|7"}).json()
    (entry,) = valid(found)["entry"]
    return str(entry["resource"]["id"])


@pytest.mark.parametrize("kind", KINDS)
def test_each_type_is_searched_for_one_person_and_read_again_by_its_id(fhir: Fhir, kind: str) -> None:
    anna = of_anna(fhir)
    query = f"_id={anna}" if kind == "Patient" else f"patient=Patient/{anna}"
    found = valid(fhir.ask(f"/fhir/{kind}?{query}").json())
    assert found["total"] == len(found["entry"]) > 0
    for entry in found["entry"]:
        resource = valid(entry["resource"])
        again = fhir.ask(f"/fhir/{kind}/{resource['id']}")
        assert (again.status_code, again.json()) == (200, resource)


def test_genomic_observations_have_both_categories_and_what_they_derive_from(fhir: Fhir) -> None:
    bundle = fhir.ask(f"/fhir/Patient/{of_anna(fhir)}/$everything").json()
    valid(bundle)
    resources = [entry["resource"] for entry in bundle["entry"]]
    assert {one["resourceType"] for one in resources} == {*EVERYTHING, "OperationOutcome"}
    ids = {f"{one['resourceType']}/{one['id']}" for one in resources if "id" in one}
    for one in resources:
        if one["resourceType"] == "Observation":
            assert [c["coding"][0]["code"] for c in one["category"]] == ["laboratory", "GE"]
            assert {reference["reference"] for reference in one.get("derivedFrom", [])} <= ids
    report = next(one for one in resources if one["resourceType"] == "DiagnosticReport")
    assert {one["reference"] for one in report["result"]} <= ids
    assert report["category"][0]["coding"][0]["code"] == "GE"
    assert "Not tested is not normal." in report["conclusion"]


def test_a_search_is_narrowed_by_code(fhir: Fhir) -> None:
    path = f"/fhir/Observation?patient={of_anna(fhir)}&code="
    assert fhir.ask(f"{path}http://loinc.org|84413-4").json()["total"] == 2
    assert fhir.ask(f"{path}therapeutic-implication").json()["total"] > 0
    assert fhir.ask(f"{path}1234-5").json()["total"] == 0


def test_a_search_comes_page_by_page(fhir: Fhir) -> None:
    anna = of_anna(fhir)
    whole = fhir.ask(f"/fhir/Observation?patient={anna}").json()
    path, seen = f"/fhir/Observation?patient={anna}&_count=3", []
    while path:
        page = fhir.ask(path).json()
        seen += [entry["resource"]["id"] for entry in page["entry"]]
        path = next((one["url"] for one in page.get("link", [])), "")
    assert seen == [entry["resource"]["id"] for entry in whole["entry"]]


def test_a_genomic_indicator_says_the_phenotype_in_words(fhir: Fhir) -> None:
    found = fhir.ask(f"/fhir/Condition?patient={of_anna(fhir)}").json()["entry"]
    assert {entry["resource"]["code"]["text"] for entry in found} == {
        "CYP2C19 Poor Metabolizer",
        "CYP2D6 Normal Metabolizer",
    }


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/fhir/Patient?name=Anna", 400),
        ("/fhir/Patient?identifier=urn:hospital|7", 400),
        ("/fhir/Observation", 400),
        ("/fhir/Observation?patient=nobody", 404),
        ("/fhir/Observation?patient=anna&value=1", 400),
        ("/fhir/Observation?patient=anna&_count=100000", 400),
        ("/fhir/Observation/unknown", 404),
        ("/fhir/Patient/unknown", 404),
        ("/fhir/Encounter?patient=anna", 404),
        ("/fhir/Patient/anna/$everything?_type=AuditEvent", 400),
    ],
)
def test_what_cannot_be_asked_is_an_operation_outcome(fhir: Fhir, path: str, status: int) -> None:
    answer = fhir.ask(path)
    assert (answer.status_code, answer.json()["resourceType"]) == (status, "OperationOutcome"), answer.text


def test_an_id_of_one_resource_opens_no_other_and_no_record(fhir: Fhir) -> None:
    anna = of_anna(fhir)
    (first, *_) = fhir.ask(f"/fhir/Observation?patient={anna}").json()["entry"]
    identity = first["resource"]["id"]
    assert fhir.ask(f"/fhir/Task/{identity}").status_code == 404
    assert fhir.ask(f"/fhir/Patient/{identity}").status_code == 404
    assert fhir.ask(f"/fhir/Observation/{anna}").status_code == 404


def test_every_look_is_an_audit_event_that_names_no_value(fhir: Fhir) -> None:
    anna = of_anna(fhir)
    fhir.ask(f"/fhir/Observation?patient={anna}")
    found = fhir.ask(f"/fhir/AuditEvent?patient={anna}").json()["entry"]
    looks = [one["resource"] for one in found if one["resource"]["action"] == "R"]
    assert [one["subtype"][0]["display"] for one in looks] == ["Observation", "AuditEvent"]
    assert "CYP2C19" not in str(found)


def test_whoever_may_open_some_records_finds_and_reads_no_other(house: House) -> None:
    held = hashlib.sha256(TOKEN.encode()).hexdigest()
    holder = TokenHolder("ben's app", held, frozenset(Permission), frozenset({BEN}))
    unlimited = Fhir(house)
    anna = of_anna(unlimited)
    theirs = {
        kind: unlimited.ask(f"/fhir/{kind}?patient={anna}").json()["entry"][0]["resource"]["id"]
        for kind in KINDS
        if kind != "Patient"
    }
    served = Fhir(house, Access(tokens={held: holder}))
    headers = {"authorization": f"Bearer {TOKEN}"}
    for kind, identity in {**theirs, "Patient": anna}.items():
        assert served.ask(f"/fhir/{kind}/{identity}", headers=headers).status_code == 403
        if kind != "Patient":
            assert served.ask(f"/fhir/{kind}?patient={anna}", headers=headers).status_code == 403
    everybody = served.ask("/fhir/Patient", headers=headers).json()
    assert everybody["total"] == 1
    form = {"identifier": "urn:hospital|7"}
    found = served.ask("/fhir/Patient/_search", "POST", data=form, headers=headers).json()
    assert found["total"] == 0
    assert served.ask(f"/fhir/Patient/{anna}/$everything", headers=headers).status_code == 403


def test_the_capability_statement_tells_of_the_routes_that_exist_and_no_other(fhir: Fhir) -> None:
    statement = valid(fhir.ask("/fhir/metadata").json())
    rest = statement["rest"][0]
    paths = {route.path for route in fhir.app.routes if isinstance(route, Route)}
    where = {
        "read": "/{id}",
        "vread": "/{id}/_history/{version}",
        "history-instance": "/{id}/_history",
        "history-type": "/_history",
        "search-type": "",
        "create": "",
        "update": "/{id}",
    }
    told = {f"/fhir/${one['name']}" for one in rest["operation"]}
    for one in rest["resource"]:
        path = f"/fhir/{one['type']}"
        may = {each["code"] for each in one["interaction"]}
        told |= {path + where[code] for code in may}
        told |= {f"{path}/_search"} if "search-type" in may else set()
        told |= {f"{path}/{{id}}/${each['name']}" for each in one.get("operation", [])}
    served = {path for path in paths if path.startswith("/fhir/") and "operations/" not in path}
    told |= {"/fhir/bulk/{job}", "/fhir/bulk/{job}/{file}"}
    told |= {f"/fhir/{one['type']}/$export" for one in rest["resource"] if one["type"] == "Patient"}
    told -= {"/fhir/Patient/{id}/$export"}
    assert served - told == {"/fhir/metadata", "/fhir/{rest:path}"}
    assert told <= served
    assert len(rest["operation"]) == 18
