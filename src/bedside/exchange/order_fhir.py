"""An order as a FHIR R4 transaction bundle (Patient, Specimen wanted, ServiceRequest, answers), and the
order back from the bundle.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from bedside.errors import IntakeError
from bedside.genome.code import Code, System
from bedside.genome.order import AskedAnswer, LocalCode, Order, Priority, SpecimenWanted, Subject
from bedside.genome.person import Identifier, Sex

NAMESPACE = UUID("6b3f7f0a-3c52-5b0e-8d52-1f2a9c4e7d10")
NUMBER, PERSON, DIGEST = "urn:bedside:order", "urn:bedside:person", "urn:bedside:order-digest"
TEST, QUESTION, DESPITE = "urn:bedside:test", "urn:bedside:question", "urn:bedside:order-despite"
SOURCE_OF = "urn:bedside:answer-source"
LOCAL = "urn:bedside:coding-system:"
SPECIMEN_TYPES = "http://terminology.hl7.org/CodeSystem/v2-0487"
_WHERE = "bundle"


def order_bundle(order: Order) -> dict[str, Any]:
    """The order as a transaction; sent twice it makes one order (`ifNoneExist`)."""
    patient, specimen = (_address(order, kind) for kind in ("Patient", "Specimen"))
    answers = [(_address(order, f"Observation/{place}"), one) for place, one in enumerate(order.answers)]
    supporting = [{"reference": url} for url, _ in answers]
    entries = [
        _entry(patient, _patient(order.subject), f"identifier={PERSON}|{order.subject.person}"),
        _entry(specimen, _specimen(order, patient)),
        *(_entry(url, _observation(one, patient)) for url, one in answers),
        _entry(
            _address(order, "ServiceRequest"),
            _request(order, patient, specimen, supporting),
            f"identifier={NUMBER}|{order.order}",
        ),
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def _address(order: Order, kind: str) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE, f'{order.order}/{kind}')}"


def _entry(url: str, resource: dict[str, Any], unless: str = "") -> dict[str, Any]:
    request = {"method": "POST", "url": resource["resourceType"]}
    if unless:
        request["ifNoneExist"] = unless
    return {"fullUrl": url, "resource": resource, "request": request}


def _some(**elements: Any) -> dict[str, Any]:
    """Elements that say something: FHIR knows no empty text and no empty list."""
    return {name: value for name, value in elements.items() if value not in ("", [], {}, None)}


def _patient(subject: Subject) -> dict[str, Any]:
    name = _some(family=subject.family, given=[subject.given] if subject.given else [])
    return _some(
        resourceType="Patient",
        identifier=[
            {"system": PERSON, "value": subject.person},
            *({"system": one.system, "value": one.value} for one in subject.identifiers),
        ],
        name=[name] if name else [],
        gender=subject.sex.value,
        birthDate=None if subject.birth_date is None else subject.birth_date.isoformat(),
    )


def _specimen(order: Order, patient: str) -> dict[str, Any]:
    wanted = order.specimen
    kind = _some(system=SPECIMEN_TYPES, code=wanted.kind, display=wanted.name)
    container = [{"type": {"text": wanted.container}}] if wanted.container else []
    return _some(
        resourceType="Specimen",
        type={"coding": [kind]},
        subject={"reference": patient},
        container=container,
    )


def _observation(one: AskedAnswer, patient: str) -> dict[str, Any]:
    asked = _some(system=QUESTION, code=one.question, display=one.text)
    return _some(
        resourceType="Observation",
        status="final",
        category=[{"coding": [{"system": SOURCE_OF, "code": one.source}]}],
        code={"coding": [asked]},
        subject={"reference": patient},
        valueString=one.value,
    )


def _request(order: Order, patient: str, specimen: str, supporting: list[dict[str, str]]) -> dict[str, Any]:
    code = order.code
    coding = [
        _some(system=f"{LOCAL}{code.system}", code=code.code, display=code.name),
        {"system": TEST, "code": order.test},
    ]
    reasons = [
        {"coding": [_some(system=one.system.value, code=one.code, display=one.display)]}
        for one in order.reasons
    ]
    despite = [{"authorString": DESPITE, "text": order.despite}] if order.despite else []
    return _some(
        resourceType="ServiceRequest",
        identifier=[
            {"system": NUMBER, "value": order.order},
            {"system": DIGEST, "value": order.digest},
        ],
        status="active",
        intent="order",
        priority=order.priority.value,
        code={"coding": coding},
        subject={"reference": patient},
        authoredOn=order.placed_at.isoformat(),
        requester={"display": order.orderer},
        performer=[{"display": order.laboratory}],
        reasonCode=reasons,
        supportingInfo=supporting,
        specimen=[{"reference": specimen}],
        note=despite,
    )


def read_order_bundle(bundle: Mapping[str, Any]) -> Order:
    """The order of a bundle of `order_bundle`; raises `IntakeError` when it is none, or was changed on its
    way."""
    try:
        order, stated = _read(bundle)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, StopIteration) as error:
        raise IntakeError.one(_WHERE, "is not an order as Bedside writes it") from error
    if order.digest != stated:
        raise IntakeError.one(_WHERE, "the order is not what its digest says", remedy="send it again")
    return order


def _read(bundle: Mapping[str, Any]) -> tuple[Order, str]:
    by_url = {entry["fullUrl"]: entry["resource"] for entry in bundle["entry"]}
    request = next(one for one in by_url.values() if one["resourceType"] == "ServiceRequest")
    patient = by_url[request["subject"]["reference"]]
    specimen = by_url[request["specimen"][0]["reference"]]
    identifiers = {one["system"]: one["value"] for one in request["identifier"]}
    local, test = request["code"]["coding"]
    kind = specimen["type"]["coding"][0]
    container = specimen.get("container", [{}])[0].get("type", {}).get("text", "")
    name = patient.get("name", [{}])[0]
    born = patient.get("birthDate")
    order = Order(
        order=identifiers[NUMBER],
        subject=Subject(
            person=patient["identifier"][0]["value"],
            family=name.get("family", ""),
            given=name.get("given", [""])[0],
            birth_date=None if born is None else date.fromisoformat(born),
            sex=Sex(patient["gender"]),
            identifiers=tuple(Identifier(one["system"], one["value"]) for one in patient["identifier"][1:]),
        ),
        test=test["code"],
        code=LocalCode(local["code"], local.get("display", ""), local["system"].removeprefix(LOCAL)),
        laboratory=request["performer"][0]["display"],
        reasons=tuple(_code(one["coding"][0]) for one in request.get("reasonCode", ())),
        specimen=SpecimenWanted(kind["code"], kind.get("display", ""), container),
        orderer=request["requester"]["display"],
        placed_at=datetime.fromisoformat(request["authoredOn"]),
        answers=tuple(_answer(by_url[one["reference"]]) for one in request.get("supportingInfo", ())),
        priority=Priority(request["priority"]),
        despite=request.get("note", [{}])[0].get("text", ""),
    )
    return order, identifiers[DIGEST]


def _code(coding: Mapping[str, Any]) -> Code:
    return Code(System(coding["system"]), coding["code"], coding.get("display", ""))


def _answer(one: Mapping[str, Any]) -> AskedAnswer:
    asked = one["code"]["coding"][0]
    source = one["category"][0]["coding"][0]["code"]
    return AskedAnswer(asked["code"], asked.get("display", ""), one["valueString"], source)
