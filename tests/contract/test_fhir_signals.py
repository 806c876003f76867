"""Dispenses, administrations, appointments and preauthorisations over FHIR: what they say of a care pathway,
once, corrected when they are, and never more than they say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bedside.genome.signal import standing_signals
from bedside.service.house import House, open_house
from bedside.service.pathway_signals import record_signal, signals_of
from bedside.service.pathway_worklist import worklist
from bedside.service.scopes import Act, allows, parse_scope
from bedside.settings import Settings
from tests.contract.site import RXNORM
from tests.contract.test_fhir_operations import Fhir
from tests.contract.test_fhir_write import ADA, made, send

OSIMERTINIB = {"coding": [{"system": RXNORM, "code": "1721560", "display": "osimertinib"}]}
REVIEW = "https://codesystem.x12.org/005010/306"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = open_house(Settings(store_url=f"sqlite:///{tmp_path / 'ledger.db'}"))
    yield opened
    opened.close()


@pytest.fixture
def fhir(house: House) -> Fhir:
    return Fhir(house)


@pytest.fixture
def ada(fhir: Fhir) -> str:
    """Ada's reference; her cancer was diagnosed and her drug ordered and agreed on."""
    reference = f"Patient/{made(fhir, ADA)['id']}"
    person = person_of(fhir.house)
    for signal, said in (
        ("diagnosed", {"disease": "nsclc-advanced"}),
        ("therapy-ordered", {"class": "targeted", "route": "oral"}),
        ("authorisation-approved", {}),
    ):
        record_signal(fhir.house, person, signal, by="clinic", attributes=said)
    return reference


def person_of(house: House) -> str:
    (one,) = house.ledger.people()
    return one.person


def said(house: House) -> list[tuple[str, str, dict[str, str]]]:
    """What FHIR said that stands: signal, day and attributes."""
    standing = standing_signals(signals_of(house, person_of(house)))
    return [
        (one.name, one.at.date().isoformat(), dict(one.attributes))
        for one in standing
        if one.signal_id.startswith("fhir:")
    ]


def dispense(subject: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationDispense",
        "identifier": [{"system": "urn:pharmacy", "value": "d-1"}],
        "status": "completed",
        "subject": {"reference": subject},
        "medicationCodeableConcept": OSIMERTINIB,
        "whenHandedOver": "2026-02-03T10:00:00+01:00",
        **more,
    }


def appointment(subject: str, status: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Appointment",
        "identifier": [{"system": "urn:clinic", "value": "a-1"}],
        "status": status,
        "serviceType": [{"text": "genetic counselling"}],
        "start": "2026-03-02T09:00:00Z",
        "participant": [
            {"actor": {"reference": "Practitioner/7"}, "status": "accepted"},
            {"actor": {"reference": subject}, "status": "accepted"},
        ],
        **more,
    }


def response(subject: str, code: str = "", **more: Any) -> dict[str, Any]:
    coded = {"coding": [{"system": REVIEW, "code": code}]}
    action = {"url": "number", "extension": [{"url": "reviewActionCode", "valueCodeableConcept": coded}]}
    items = [{"itemSequence": 1, "adjudication": [{"extension": [action]}]}] if code else []
    return {
        "resourceType": "ClaimResponse",
        "identifier": [{"system": "urn:payer", "value": "pa-1"}],
        "status": "active",
        "use": "preauthorization",
        "patient": {"reference": subject},
        "created": "2026-02-01",
        "insurer": {"display": "Example Health Plan"},
        "outcome": "complete",
        "item": items,
        **more,
    }


def harm(subject: str, **more: Any) -> dict[str, Any]:
    """A rash under osimertinib, as a pharmacovigilance system sends it."""
    return {
        "resourceType": "AdverseEvent",
        "identifier": {"system": "urn:safety", "value": "ae-1"},
        "actuality": "actual",
        "subject": {"reference": subject},
        "event": {"coding": [{"system": "http://snomed.info/sct", "code": "271807003", "display": "Rash"}]},
        "date": "2026-02-20T09:00:00Z",
        "seriousness": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/adverse-event-seriousness",
                    "code": "non-serious",
                }
            ]
        },
        "contained": [{"resourceType": "Medication", "id": "m", "code": OSIMERTINIB}],
        "suspectEntity": [{"instance": {"reference": "#m"}}],
        **more,
    }


def post(fhir: Fhir, resource: dict[str, Any]) -> int:
    return send(fhir, "POST", f"/fhir/{resource['resourceType']}", resource).status_code


def test_a_dispense_is_taken_once_and_proves_pick_up_only(fhir: Fhir, ada: str) -> None:
    assert [post(fhir, dispense(ada)) for _ in range(2)] == [201, 200]
    assert said(fhir.house) == [("dispensed", "2026-02-03", {"drug": "1721560", "class": "targeted"})]
    (item,) = worklist(fhir.house, pathway="nsclc").items
    assert item.move.step == "first-dose"


def test_a_dose_that_was_given_ends_the_pathway(fhir: Fhir, ada: str) -> None:
    given = {
        "resourceType": "MedicationAdministration",
        "identifier": [{"system": "urn:ward", "value": "g-1"}],
        "status": "completed",
        "subject": {"reference": ada},
        "medicationCodeableConcept": OSIMERTINIB,
        "effectivePeriod": {"start": "2026-02-05T08:00:00Z"},
    }
    assert post(fhir, {**given, "status": "not-done"}) == 200
    assert said(fhir.house) == []
    assert post(fhir, given) == 201
    assert worklist(fhir.house, pathway="nsclc").ended == 1


def test_what_is_sent_otherwise_is_corrected_and_what_was_in_error_never_was(fhir: Fhir, ada: str) -> None:
    post(fhir, dispense(ada))
    assert post(fhir, dispense(ada, whenHandedOver="2026-02-04")) == 201
    assert [day for _, day, _ in said(fhir.house)] == ["2026-02-04"]
    assert post(fhir, dispense(ada, status="entered-in-error")) == 201
    assert said(fhir.house) == []
    assert post(fhir, dispense(ada)) == 201
    assert [day for _, day, _ in said(fhir.house)] == ["2026-02-03"]


def test_an_appointment_is_made_missed_and_kept_after_all(fhir: Fhir, ada: str) -> None:
    post(fhir, appointment(ada, "booked", created="2026-02-20"))
    post(fhir, appointment(ada, "noshow"))
    assert [name for name, _, _ in said(fhir.house)] == ["appointment-made", "appointment-missed"]
    post(fhir, appointment(ada, "fulfilled"))
    assert said(fhir.house) == [
        ("appointment-made", "2026-02-20", {"with": "genetic counselling"}),
        ("appointment-kept", "2026-03-02", {"with": "genetic counselling"}),
    ]


@pytest.mark.parametrize(
    ("code", "more", "signal"),
    [
        ("A1", {}, "authorisation-approved"),
        ("A3", {}, "authorisation-denied"),
        ("A4", {}, None),
        ("", {"preAuthRef": "123"}, "authorisation-approved"),
        ("", {"outcome": "queued"}, None),
    ],
)
def test_what_a_payer_decided_is_read_from_its_code(
    fhir: Fhir, ada: str, code: str, more: dict[str, Any], signal: str | None
) -> None:
    assert post(fhir, response(ada, code, **more)) in (200, 201)
    assert [name for name, _, _ in said(fhir.house)] == ([signal] if signal else [])


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"whenHandedOver": None}, "what is only prepared was not picked up"),
        ({"whenHandedOver": "2026-02-03T10:00:00"}, "no moment with its zone"),
        ({"whenHandedOver": "2999-01-01"}, "is still to come"),
        ({"identifier": []}, "so that the same is taken once"),
        ({"medicationCodeableConcept": {"text": "the pink one"}}, "names no drug that is coded"),
        ({"status": "nearly"}, "is not understood"),
        ({"subject": {"reference": "Patient/nobody"}}, "is nobody known here"),
    ],
)
def test_what_cannot_be_told_is_refused_with_the_reason_and_nothing_is_written(
    fhir: Fhir, ada: str, changed: dict[str, Any], told: str
) -> None:
    resource = {name: value for name, value in {**dispense(ada), **changed}.items() if value is not None}
    answer = send(fhir, "POST", "/fhir/MedicationDispense", resource)
    assert answer.status_code in (400, 422)
    assert told in answer.text
    assert said(fhir.house) == []


def test_a_payer_that_says_nothing_clear_is_refused(fhir: Fhir, ada: str) -> None:
    answer = send(fhir, "POST", "/fhir/ClaimResponse", response(ada, outcome="error"))
    assert (answer.status_code, "does not say what the payer decided" in answer.text) == (422, True)
    both = response(ada, "A1")
    both["item"] += response(ada, "A3")["item"]
    assert post(fhir, both) == 422
    assert post(fhir, response(ada, "A1", use="claim")) == 422


def test_in_a_transaction_they_come_with_their_patient_or_not_at_all(fhir: Fhir) -> None:
    def entry(resource: dict[str, Any], url: str = "") -> dict[str, Any]:
        request = {"method": "POST", "url": resource["resourceType"]}
        return {"resource": resource, "request": request} | ({"fullUrl": url} if url else {})

    whole = {"resourceType": "Bundle", "type": "transaction", "entry": [entry(ADA, "urn:uuid:ada")]}
    whole["entry"].append(entry(dispense("urn:uuid:ada")))
    answer = send(fhir, "POST", "/fhir", whole)
    assert answer.status_code == 200, answer.text
    assert [one["response"]["status"] for one in answer.json()["entry"]] == ["201 Created", "201 Created"]
    assert [name for name, _, _ in said(fhir.house)] == ["dispensed"]
    whole["entry"].append(entry(appointment("urn:uuid:ada", "odd")))
    assert send(fhir, "POST", "/fhir", whole).status_code == 422


def test_they_are_no_resources_and_need_their_own_scope(fhir: Fhir, ada: str) -> None:
    assert fhir.ask("/fhir/MedicationDispense").status_code in (404, 405)
    statement = fhir.ask("/fhir/metadata").json()["rest"][0]["resource"]
    told = next(one for one in statement if one["type"] == "MedicationDispense")
    assert [one["code"] for one in told["interaction"]] == ["create"]
    scopes = [parse_scope("system/MedicationRequest.cu")]
    assert not allows(scopes, Act(("MedicationDispense",), "c"))


def test_a_suspected_harm_is_on_record_once_and_is_taken_back_when_it_was_not_one(
    fhir: Fhir, ada: str
) -> None:
    assert [post(fhir, harm(ada)) for _ in range(2)] == [201, 200]
    reaction = {"drug": "1721560", "reaction": "271807003", "serious": "no", "class": "targeted"}
    assert said(fhir.house) == [("adverse-reaction", "2026-02-20", reaction)]
    assert post(fhir, harm(ada, actuality="potential")) == 201
    assert said(fhir.house) == []


def test_a_harm_that_names_no_drug_no_reaction_and_no_day_is_refused_with_all_three_reasons(
    fhir: Fhir, ada: str
) -> None:
    bare = harm(ada, suspectEntity=[], event={"text": "a rash"})
    del bare["date"]
    answer = send(fhir, "POST", "/fhir/AdverseEvent", bare)
    assert answer.status_code == 422
    told = {issue["expression"][0] for issue in answer.json()["issue"]}
    assert told == {"AdverseEvent.date", "AdverseEvent.suspectEntity", "AdverseEvent.event"}
    assert said(fhir.house) == []
