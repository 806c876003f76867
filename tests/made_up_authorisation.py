"""A made-up request for authorisation, and answers of payers to it, for tests."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from bedside.exchange import pas_names as names
from bedside.exchange.pas_names import address
from bedside.genome.authorisation import Channel, Heard, Move, Purpose, Verdict, plain_heard
from bedside.genome.event import Event, EventKind

PERSON, OTHER = "made-up-1", "made-up-2"
ORDER, SERVICE = "BS1", "pgx-full"
AUTHORISATION = "PA1"
START = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)


class Log:
    """Events of one authorisation as a ledger would have written them, an hour apart."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.sequence = count(1)

    @property
    def now(self) -> datetime:
        """The time of the next event."""
        return START + timedelta(hours=len(self.events))

    def add(self, move: Move, person: str = PERSON, **more: Any) -> Log:
        """Write an event."""
        payload = {"authorisation": AUTHORISATION, "order": ORDER, "status": "", "move": move.value, **more}
        self.events.append(
            Event(
                next(self.sequence), EventKind.AUTHORISATION_MOVED, "desk", self.now, self.now, person,
                payload, None, "",
            )
        )  # fmt: skip
        return self

    def drafted(self) -> Log:
        """It was drafted."""
        return self.add(Move.DRAFTED, service=SERVICE, payer="example")

    def sending(self, claim: str = "C1", purpose: Purpose = Purpose.FIRST, level: int = 0) -> Log:
        """It is going to be sent."""
        return self.add(
            Move.SENDING, claim=claim, purpose=purpose.value, level=level, channel="fhir", document=""
        )

    def sent(self, claim: str = "C1", purpose: Purpose = Purpose.FIRST, level: int = 0) -> Log:
        """It was sent."""
        return self.sending(claim, purpose, level).add(Move.SENT, claim=claim)

    def heard(self, verdict: Verdict, **more: Any) -> Log:
        """The payer said something about the newest claim, just now."""
        return self.add(Move.HEARD, heard=plain_heard(heard(verdict, created=self.now, **more)))


_MESSAGES = count(1)


def heard(verdict: Verdict, **more: Any) -> Heard:
    """What a payer says of this request."""
    said: dict[str, Any] = {
        "message": f"M{next(_MESSAGES)}",
        "claim": "C1",
        "person": PERSON,
        "service": SERVICE,
        "verdict": verdict,
        "channel": Channel.FHIR,
    }
    if verdict.agrees:
        said |= {"number": "AUTH-7", "valid_from": date(2026, 9, 1), "valid_until": date(2026, 12, 31)}
    if verdict is Verdict.PARTLY_APPROVED:
        said["units"] = 1
    return Heard(**{**said, **more})


CODES = {"approved": "A1", "partly-approved": "A2", "denied": "A3", "pended": "A4"}


def answer(verdict: str, claim: str = "C1", *, at: datetime = START, **more: Any) -> dict[str, Any]:
    """A payer's response bundle. more: number, reason, asked, patient, claim_reference, items."""
    action: list[dict[str, Any]] = [
        {
            "url": names.REVIEW_ACTION_CODE,
            "valueCodeableConcept": {
                "coding": [{"system": "https://codesystem.x12.org/005010/306", "code": CODES[verdict]}]
            },
        }
    ]
    if number := more.get("number", "AUTH-7" if verdict in ("approved", "partly-approved") else ""):
        action.append({"url": "number", "valueString": number})
    if reason := more.get("reason", ""):
        concept = {"coding": [{"system": "urn:bedside:denial", "code": reason}]}
        action.append({"url": "reasonCode", "valueCodeableConcept": concept})
    item: dict[str, Any] = {
        "itemSequence": 1,
        "adjudication": [
            {
                "category": {"coding": [{"code": "submitted"}]},
                "extension": [{"url": names.REVIEW_ACTION, "extension": action}],
            }
        ],
        "extension": [],
    }
    if verdict in ("approved", "partly-approved"):
        period = {"start": "2026-09-01", "end": "2026-12-31"}
        item["extension"].append({"url": names.ITEM_PERIOD, "valuePeriod": period})
    if verdict == "partly-approved":
        quantity = {"url": "quantity", "valueQuantity": {"value": 1}}
        item["extension"].append({"url": names.ITEM_DETAIL, "extension": [quantity]})
    response = {
        "resourceType": "ClaimResponse",
        "id": "response",
        "identifier": [{"system": "urn:payer", "value": f"R-{claim}"}],
        "status": "active",
        "type": {"coding": [{"code": "professional"}]},
        "use": "preauthorization",
        "patient": {"reference": more.get("patient", address(AUTHORISATION, "Patient"))},
        "created": at.isoformat(),
        "insurer": {"reference": address(AUTHORISATION, "Insurer")},
        "request": {"reference": more.get("claim_reference", address(claim, "Claim"))},
        "outcome": "queued" if verdict == "pended" else "complete",
        "item": [item],
    }
    entries = [{"fullUrl": "urn:uuid:response", "resource": response}, *more.get("beside", ())]
    if asked := more.get("asked", ()):
        response["processNote"] = [{"number": at, "text": text} for at, text in enumerate(asked, 1)]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": at.isoformat(),
        "entry": entries,
    }


def written(document: object) -> bytes:
    """As bytes."""
    return json.dumps(document).encode()
