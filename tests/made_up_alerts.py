"""Events about cards, as the hooks and their feedback write them, for tests of alert stewardship."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bedside.genome.event import Event, EventKind

DAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DRUGS = {"32968": "clopidogrel", "613391": "prasugrel", "36567": "simvastatin"}
CODES = {name: code for code, name in DRUGS.items()}


def named(payload: Any) -> frozenset[str]:
    """The drug of a recorded medicine."""
    found = DRUGS.get(payload["code"])
    return frozenset() if found is None else frozenset({found})


def order(drug: str, dose: float | None = None) -> dict[str, Any]:
    """A draft, once a day."""
    if dose is None:
        return {"resourceType": "MedicationRequest"}
    timing = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}
    given = [{"doseQuantity": {"value": dose, "unit": "mg"}}]
    return {
        "resourceType": "MedicationRequest",
        "dosageInstruction": [{"timing": timing, "doseAndRate": given}],
    }


class Told:
    """Events in the order in which they happened."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def add(self, kind: EventKind, at: datetime, person: str | None, payload: dict[str, Any]) -> Event:
        """One event."""
        number = len(self.events) + 1
        event = Event(number, kind, "ehr", at, at, person, payload, None, "")
        self.events.append(event)
        return event

    def asked(
        self,
        at: datetime,
        person: str,
        number: str,
        drug: str,
        *,
        dose: float | None = None,
        cards: Sequence[dict[str, Any]] = (),
        quieted: Sequence[dict[str, Any]] = (),
        role: str = "prescriber",
        rules: str = "rules#1",
    ) -> None:
        """An order about to be signed, and what was shown."""
        inputs = {
            "hook": "order-sign",
            "patient": person,
            "drafts": [{"order": number, "drugs": [[drug, CODES[drug]]], "resource": order(drug, dose)}],
        }
        payload = {
            "inputs": inputs,
            "cards": list(cards),
            "role": role,
            "rules": rules,
            "quieted": list(quieted),
        }
        self.add(EventKind.HOOK_ANSWERED, at, person, payload)

    def fired(
        self, at: datetime, person: str, number: str, drug: str, *, card: str, rule: str = "R1", **more: Any
    ) -> None:
        """An order with one card. urgency: of the card."""
        urgency = more.pop("urgency", "warning")
        offers = more.pop("offers", ())
        actions = [
            {"type": "create", "resource": {"medicationCodeableConcept": {"text": name}}} for name in offers
        ]
        shown = {
            "uuid": card,
            "summary": f"{drug}: choose another drug",
            "indicator": urgency,
            "source": {"label": "a guideline", "url": "https://guideline.example"},
            "about": {"order": number, "drug": drug, "rxnorm": CODES[drug], "rules": [rule]},
            "suggestions": [{"actions": actions}] if actions else [],
        }
        self.asked(at, person, number, drug, cards=[shown], **more)

    def answered(self, at: datetime, card: str, outcome: str, reason: str = "") -> None:
        """A clinician's word about a card."""
        said = {
            "card": card,
            "outcome": outcome,
            "at": at.isoformat(),
            "reason": {"code": reason} if reason else {},
        }
        self.add(EventKind.FEEDBACK_RECEIVED, at, None, said)

    def takes(self, at: datetime, person: str, drug: str, status: str = "active") -> None:
        """A medicine on record."""
        payload = {"system": "rxnorm", "code": CODES[drug], "status": status}
        self.add(EventKind.MEDICATION_RECORDED, at, person, payload)

    def filtered(self, at: datetime, person: str, *done: str) -> None:
        """An order set opened, with what became of its items."""
        items = [{"disposition": one} for one in done]
        self.add(EventKind.ORDER_SET_FILTERED, at, person, {"items": items})

    def at_site(self, person: str, site: str) -> None:
        """Who cares for somebody."""
        self.add(EventKind.PROGRAMME_RECORDED, DAY, person, {"site": site})


def hours(count: float) -> timedelta:
    """So many hours."""
    return timedelta(hours=count)
