"""A person's chart as FHIR resources, folded from the ledger's events: also as it was after any of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bedside.act.orders import orders
from bedside.exchange.fhir_chart import (
    medication_request,
    medication_statement,
    problem_condition,
    service_request,
    specimen,
)
from bedside.exchange.fhir_rest import patient
from bedside.genome.event import Event, EventKind
from bedside.genome.person import Person
from bedside.genome.record import medication_of, person_of, problem_of
from bedside.genome.specimen import specimens
from bedside.service.fhir_versions import medication_name, problem_name

Resource = dict[str, Any]
Identify = Callable[[str], str]
ORDERING = (EventKind.ORDER_PLACED, EventKind.ORDER_ENDED, EventKind.RESULT_WITHDRAWN)


def governing(
    events: Sequence[Event], kind: EventKind, name: Callable[[Mapping[str, Any]], str]
) -> Mapping[str, Event]:
    """For each name the event that holds: the one true latest, then learned latest."""
    found: dict[str, Event] = {}
    for event in events:
        if event.kind is kind:
            held = found.get(name(event.payload))
            if held is None or event.valid_at >= held.valid_at:
                found[name(event.payload)] = event
    return dict(sorted(found.items()))


def chart(
    kind: str, events: Sequence[Event], person: str, subject: str, identify: Identify
) -> Sequence[Resource]:
    """The resources of a settled type as these events leave them. identify: the id of a name."""
    return _MADE[kind](events, person, subject, identify)


def _patient(events: Sequence[Event], person: str, subject: str, identify: Identify) -> Sequence[Resource]:
    said = governing(events, EventKind.PERSON_REGISTERED, lambda payload: "").get("")
    known = Person(person) if said is None else person_of(said)
    return (patient(subject.removeprefix("Patient/"), known),)


def _statements(events: Sequence[Event], person: str, subject: str, identify: Identify) -> Sequence[Resource]:
    found = governing(events, EventKind.MEDICATION_RECORDED, medication_name)
    return tuple(
        medication_statement(
            identify(name), subject, medication_of(event), _sent(event, "MedicationStatement")
        )
        for name, event in found.items()
    )


def _requests(events: Sequence[Event], person: str, subject: str, identify: Identify) -> Sequence[Resource]:
    found = {
        event.payload["fhir"]["item"]: event
        for event in events
        if event.kind is EventKind.MEDICATION_RECORDED and event.payload.get("fhir", {}).get("item")
    }
    return tuple(
        medication_request(identify(f"request/{item}"), subject, event.payload["fhir"]["resource"])
        for item, event in found.items()
    )


def _problems(events: Sequence[Event], person: str, subject: str, identify: Identify) -> Sequence[Resource]:
    found = governing(events, EventKind.PROBLEM_RECORDED, problem_name)
    return tuple(
        problem_condition(identify(name), subject, problem_of(event), _sent(event, "Condition"))
        for name, event in found.items()
    )


def _sent(event: Event, kind: str) -> Mapping[str, Any] | None:
    sent = event.payload.get("fhir", {}).get("resource")
    return sent if sent is not None and sent.get("resourceType") == kind else None


def _orders(events: Sequence[Event], person: str, subject: str, identify: Identify) -> Sequence[Resource]:
    held = orders(event for event in events if event.kind in ORDERING)
    return tuple(service_request(identify(f"order/{name}"), subject, one) for name, one in held.items())


def _specimens(events: Sequence[Event], person: str, subject: str, identify: Identify) -> Sequence[Resource]:
    held = orders(event for event in events if event.kind in ORDERING)
    return tuple(
        specimen(
            identify(f"specimen/{name}"), subject, one, held.get(one.order), identify(f"order/{one.order}")
        )
        for name, one in specimens(events).items()
    )


_MADE: Mapping[str, Callable[[Sequence[Event], str, str, Identify], Sequence[Resource]]] = {
    "Patient": _patient,
    "MedicationStatement": _statements,
    "MedicationRequest": _requests,
    "Condition": _problems,
    "ServiceRequest": _orders,
    "Specimen": _specimens,
}
