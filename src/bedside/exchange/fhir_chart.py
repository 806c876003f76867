"""What the chart holds of a person as FHIR R4 resources: drugs, problems, orders and specimens.

Each function makes one plain dictionary. Where a resource came in as FHIR, what was sent is given back with
the record's own id, subject and status.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bedside.act.orders import HeldOrder, Outcome
from bedside.exchange.fhir_rest import TERMINOLOGY
from bedside.exchange.order_fhir import LOCAL, NUMBER, QUESTION, SPECIMEN_TYPES, TEST
from bedside.genome.code import Code
from bedside.genome.person import ItemStatus, Medication, Problem
from bedside.genome.specimen import Specimen, Stage, Step

Resource = dict[str, Any]
_TAKEN = {
    ItemStatus.ACTIVE: "active",
    ItemStatus.ENDED: "completed",
    ItemStatus.ENTERED_IN_ERROR: "entered-in-error",
}
_ORDERED = {Outcome.OPEN: "active", Outcome.RESULTED: "completed", Outcome.CANCELLED: "revoked"}
_SPECIMENS = {Stage.REJECTED: "unsatisfactory", Stage.LOST: "unavailable"}


def concept(code: Code) -> Resource:
    """A code as a CodeableConcept."""
    coding = {"system": code.system.value, "code": code.code}
    return {"coding": [coding | ({"display": code.display} if code.display else {})]}


def _owned(kind: str, identity: str, sent: Mapping[str, Any] | None) -> Resource:
    kept = {} if sent is None else dict(sent)
    return kept | {"resourceType": kind, "id": identity}


def medication_statement(
    identity: str, subject: str, one: Medication, sent: Mapping[str, Any] | None = None
) -> Resource:
    """That a person takes or took a drug. sent: the statement as it came in, None when it did not."""
    made = _owned("MedicationStatement", identity, sent)
    made["subject"] = {"reference": subject}
    if sent is None:
        made["status"] = _TAKEN[one.status]
        made["medicationCodeableConcept"] = concept(one.drug)
        if one.since is not None:
            made["effectivePeriod"] = {"start": one.since.isoformat()}
    return made


def medication_request(identity: str, subject: str, sent: Mapping[str, Any]) -> Resource:
    """A prescription as another system sent it."""
    return _owned("MedicationRequest", identity, sent) | {"subject": {"reference": subject}}


def problem_condition(
    identity: str, subject: str, one: Problem, sent: Mapping[str, Any] | None = None
) -> Resource:
    """A problem of the chart's list."""
    made = _owned("Condition", identity, sent)
    made["subject"] = {"reference": subject}
    if sent is not None:
        return made
    error = one.status is ItemStatus.ENTERED_IN_ERROR
    verified = "entered-in-error" if error else "confirmed"
    made["verificationStatus"] = _coded("condition-ver-status", verified)
    if not error:
        active = one.status is ItemStatus.ACTIVE
        made["clinicalStatus"] = _coded("condition-clinical", "active" if active else "inactive")
    made["category"] = [_coded("condition-category", "problem-list-item")]
    made["code"] = concept(one.condition)
    if one.since is not None:
        made["recordedDate"] = one.since.isoformat()
    return made


def _coded(system: str, code: str) -> Resource:
    return {"coding": [{"system": f"{TERMINOLOGY}/{system}", "code": code}]}


def service_request(identity: str, subject: str, held: HeldOrder) -> Resource:
    """An order for a genetic test and where it stands; the answers that went with it are contained."""
    order = held.order
    local = {"system": f"{LOCAL}{order.code.system}", "code": order.code.code}
    if order.code.name:
        local["display"] = order.code.name
    made: Resource = {
        "resourceType": "ServiceRequest",
        "id": identity,
        "identifier": [{"system": NUMBER, "value": order.order}],
        "status": _ORDERED[held.outcome],
        "intent": "order",
        "priority": order.priority.value,
        "code": {"coding": [local, {"system": TEST, "code": order.test}]},
        "subject": {"reference": subject},
        "authoredOn": order.placed_at.isoformat(),
        "requester": {"display": order.orderer},
        "performer": [{"display": order.laboratory}],
    }
    if order.reasons:
        made["reasonCode"] = [concept(one) for one in order.reasons]
    if order.answers:
        made["contained"] = [
            {
                "resourceType": "Observation",
                "id": f"answer-{place}",
                "status": "final",
                "code": {"coding": [{"system": QUESTION, "code": one.question}], "text": one.text},
                "subject": {"reference": subject},
                "valueString": one.value,
            }
            for place, one in enumerate(order.answers, 1)
        ]
        made["supportingInfo"] = [{"reference": f"#{one['id']}"} for one in made["contained"]]
    notes = [text for text in (order.despite, held.reason) if text]
    if notes:
        made["note"] = [{"text": text} for text in notes]
    return made


def specimen(identity: str, subject: str, one: Specimen, held: HeldOrder | None, request: str) -> Resource:
    """A specimen with its custody in words. held: the order it is of; request: the id of that order."""
    made: Resource = {
        "resourceType": "Specimen",
        "id": identity,
        "identifier": [{"system": "urn:bedside:specimen", "value": one.specimen}],
        "subject": {"reference": subject},
        "note": [
            {"text": f"{moved.step.value}: {moved.at.isoformat()}, {moved.by}".strip()}
            for moved in one.custody
        ],
    }
    status = "available" if one.stage in (Stage.RECEIVED, Stage.RESULTED) else _SPECIMENS.get(one.stage)  # type: ignore[arg-type]
    if status:
        made["status"] = status
    if held is not None:
        wanted = held.order.specimen
        coding = {"system": SPECIMEN_TYPES, "code": wanted.kind}
        made["type"] = {"coding": [coding | ({"display": wanted.name} if wanted.name else {})]}
        made["request"] = [{"reference": f"ServiceRequest/{request}"}]
    for moved in one.custody:
        if moved.step is Step.COLLECT:
            made["collection"] = {"collectedDateTime": moved.at.isoformat()}
        elif moved.step is Step.RECEIVE:
            made["receivedTime"] = moved.at.isoformat()
    return made
