"""Which events of the ledger made each resource what it is: its versions, when each became known, and the
resource as every one of them left it. The ledger is only added to, so a version that was read once is there
for good.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bedside.genome.event import Event, EventKind

DERIVED = ("", "")
"""What stands for everything that is worked out from results, meanings and the release in force."""
SETTLED = frozenset(
    {"Patient", "MedicationStatement", "MedicationRequest", "Condition", "ServiceRequest", "Specimen"}
)
"""Types of which a version is what one event says, so that each can be read again."""
MAKES: Mapping[str, tuple[EventKind, ...]] = {
    "Patient": (EventKind.PERSON_REGISTERED,),
    "MedicationStatement": (EventKind.MEDICATION_RECORDED,),
    "MedicationRequest": (EventKind.MEDICATION_RECORDED,),
    "Condition": (EventKind.PROBLEM_RECORDED,),
    "ServiceRequest": (EventKind.ORDER_PLACED, EventKind.ORDER_ENDED, EventKind.RESULT_WITHDRAWN),
    "Specimen": (EventKind.SPECIMEN_MOVED,),
}
"""The kinds of events that make versions of a settled type."""
KINDS = (
    *dict.fromkeys(kind for kinds in MAKES.values() for kind in kinds),
    EventKind.RESULT_ACCEPTED,
    EventKind.MEANINGS_DERIVED,
    EventKind.RELEASE_ADOPTED,
    EventKind.TASK_OPENED,
    EventKind.TASK_CLOSED,
    EventKind.CONSENT_RECORDED,
    EventKind.GENOME_STORED,
    EventKind.GENOME_ERASED,
    EventKind.STEP_TAKEN,
)
"""Every kind of event that changes a resource about a person."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A version: the event that made it, and when that became known."""

    version: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Touch:
    """An event and the resource it changed, by type and the name that its id is made from."""

    kind: str
    name: str
    event: Event


def medication_name(payload: Mapping[str, object]) -> str:
    """The name of the statement about a drug."""
    return f"medication/{payload['system']}|{payload['code']}"


def problem_name(payload: Mapping[str, object]) -> str:
    """The name of the condition about a problem."""
    return f"problem/{payload['system']}|{payload['code']}"


def touches(events: Iterable[Event]) -> Iterator[Touch]:
    """What each event changed, in the order written; an event may change several resources or none."""
    orders: dict[str, str] = {}
    for event in events:
        payload = event.payload
        match event.kind:
            case EventKind.PERSON_REGISTERED:
                yield Touch("Patient", "", event)
            case EventKind.MEDICATION_RECORDED:
                yield Touch("MedicationStatement", medication_name(payload), event)
                item = payload.get("fhir", {}).get("item")
                if item:
                    yield Touch("MedicationRequest", f"request/{item}", event)
            case EventKind.PROBLEM_RECORDED:
                yield Touch("Condition", problem_name(payload), event)
                yield Touch(*DERIVED, event)
            case EventKind.TASK_OPENED | EventKind.TASK_CLOSED:
                yield Touch("Task", f"task/{payload['task']}", event)
            case EventKind.CONSENT_RECORDED:
                yield Touch("Consent", f"consent/{payload['scope']}", event)
            case EventKind.SPECIMEN_MOVED:
                yield Touch("Specimen", f"specimen/{payload['specimen']}", event)
            case EventKind.ORDER_PLACED:
                yield Touch("ServiceRequest", f"order/{payload['order']['order']}", event)
            case EventKind.ORDER_ENDED:
                if payload.get("result"):
                    orders[str(payload["result"])] = str(payload["order"])
                yield Touch("ServiceRequest", f"order/{payload['order']}", event)
            case _:
                if event.kind is EventKind.RESULT_WITHDRAWN and payload["result"] in orders:
                    yield Touch("ServiceRequest", f"order/{orders[payload['result']]}", event)
                yield Touch(*DERIVED, event)


def stamps(events: Iterable[Event]) -> Mapping[tuple[str, str], Stamp]:
    """The version in force of each resource, by type and name; `DERIVED` of what is worked out."""
    found: dict[tuple[str, str], Stamp] = {}
    for one in touches(events):
        found[(one.kind, one.name)] = Stamp(one.event.sequence, one.event.known_at)
    return found


def versions(events: Sequence[Event], kind: str, name: str) -> tuple[Event, ...]:
    """The events that made a resource, oldest first."""
    return tuple(one.event for one in touches(events) if (one.kind, one.name) == (kind, name))
