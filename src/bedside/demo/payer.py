"""A made-up payer on this machine: it approves, pends, denies, is slow, and lies, as it is told.

What it answers follows from its manner, which a test or the demonstration sets. It keeps what was submitted
under its claim number and takes the same number twice as the same request, as a payer should.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bedside.exchange import pas_names as names

MEDIA = "application/fhir+json"
X12 = "https://codesystem.x12.org/005010/306"
Json = dict[str, Any]


class Manner(Enum):
    """How the payer behaves. Everything from OTHER_PERSON on is a lie or nonsense."""

    APPROVES = "approves"
    PART = "approves a part"
    PENDS = "pends"
    DENIES = "denies"
    QUEUES = "queues"
    SILENT = "answers too late"
    BUSY = "cannot now"
    REFUSES = "does not take it"
    OTHER_PERSON = "approves for another person"
    OTHER_CLAIM = "approves another request"
    OTHER_SERVICE = "approves another service"
    NO_NUMBER = "approves without a number"
    MALFORMED = "answers with no JSON"
    CONTRADICTS = "says yes and no at once"
    OUTCOME = "says 200 and an OperationOutcome"
    HUGE = "answers with two megabytes"
    EMPTY = "answers with nothing"
    TWO = "answers twice"
    UNKNOWN_CODE = "answers with a code of its own"
    FAR_CLOCK = "dates its pend into the future"


_CODES = {
    Manner.APPROVES: "A1",
    Manner.PART: "A2",
    Manner.PENDS: "A4",
    Manner.DENIES: "A3",
    Manner.FAR_CLOCK: "A4",
}


@dataclass
class Payer:
    """A payer. manner: how it answers a submission; later: how an inquiry, None for the same. submitted: the
    bundles by claim number; posts: how often each number was submitted; asked: how many inquiries came.
    reason: its code of a denial. slow: seconds it waits when it is silent."""

    manner: Manner = Manner.APPROVES
    later: Manner | None = None
    reason: str = "not-medically-necessary"
    slow: float = 1.0
    submitted: dict[str, Json] = field(default_factory=dict)
    posts: dict[str, int] = field(default_factory=dict)
    asked: int = 0
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def app(self) -> Starlette:
        """The server."""
        return Starlette(
            routes=[
                Route("/fhir/Claim/$submit", self._submit, methods=["POST"]),
                Route("/fhir/Claim/$inquire", self._inquire, methods=["POST"]),
            ]
        )

    async def _submit(self, request: Request) -> Response:
        answer = self.take(await request.body())
        if self.manner is Manner.SILENT:
            await asyncio.sleep(self.slow)
        return answer

    def take(self, body: bytes) -> Response:
        """Take a request in, and answer it."""
        bundle = json.loads(body)
        claim = _claim(bundle)
        self.posts[claim] = self.posts.get(claim, 0) + 1
        self.submitted.setdefault(claim, bundle)
        return self._answer(self.manner, self.submitted[claim])

    async def _inquire(self, request: Request) -> Response:
        self.asked += 1
        bundle = json.loads(await request.body())
        claim = _claim(bundle)
        manner = self.later or self.manner
        if manner is Manner.SILENT:
            await asyncio.sleep(self.slow)
        if claim not in self.submitted:
            return _json({"resourceType": "Bundle", "type": "collection", "entry": []})
        return self._answer(manner, self.submitted[claim])

    def _answer(self, manner: Manner, bundle: Json) -> Response:
        match manner:
            case Manner.BUSY:
                return Response(status_code=503)
            case Manner.REFUSES:
                return _json(_outcome("invalid"), 422)
            case Manner.MALFORMED:
                return Response(b'{"resourceType": "Bundle", "entry": [', media_type=MEDIA)
            case Manner.OUTCOME:
                return _json(_outcome("processing"))
            case Manner.HUGE:
                return Response(b" " * (2 << 20), media_type=MEDIA)
            case Manner.EMPTY:
                return Response(b"", media_type=MEDIA)
        return _json(self._response(manner, bundle))

    def _response(self, manner: Manner, bundle: Json) -> Json:
        code = _CODES.get(manner, "ZZ" if manner is Manner.UNKNOWN_CODE else "A1")
        response = self._claim_response(code, bundle, manner)
        entries = [{"fullUrl": "urn:uuid:answer", "resource": response}]
        if manner is Manner.OTHER_PERSON:
            somebody = {"resourceType": "Patient", "identifier": [{"system": names.MEMBER, "value": "X-999"}]}
            response["patient"] = {"reference": "urn:uuid:somebody-else"}
            entries.append({"fullUrl": "urn:uuid:somebody-else", "resource": somebody})
        if manner is Manner.OTHER_CLAIM:
            response["request"] = {"identifier": {"system": names.CLAIM_NUMBER, "value": "PA-OF-ANOTHER-1"}}
        if manner is Manner.OTHER_SERVICE:
            concept = {"coding": [{"system": names.CODE_SYSTEMS["cpt"], "code": "00000"}]}
            detail = [{"url": "productOrServiceCode", "valueCodeableConcept": concept}]
            response["item"][0]["extension"].append({"url": names.ITEM_DETAIL, "extension": detail})
        if manner is Manner.TWO:
            entries.append(
                {"fullUrl": "urn:uuid:again", "resource": self._claim_response("A3", bundle, manner)}
            )
        if manner is Manner.CONTRADICTS:
            response["item"][0]["adjudication"][0]["extension"][0]["extension"].append(_code("A3"))
        if manner is Manner.FAR_CLOCK:
            response["created"] = (self.clock() + timedelta(days=400)).isoformat()
        return {
            "resourceType": "Bundle",
            "type": "collection",
            "timestamp": self.clock().isoformat(),
            "entry": entries,
        }

    def _claim_response(self, code: str, bundle: Json, manner: Manner) -> Json:
        claim = bundle["entry"][0]
        resource = claim["resource"]
        today = self.clock().date()
        action = [_code(code)]
        agrees = code in ("A1", "A2")
        if agrees and manner is not Manner.NO_NUMBER:
            action.append({"url": "number", "valueString": f"AUTH-{_claim(bundle)[-6:]}"})
        if code == "A3":
            coding = {"system": "urn:bedside:denial", "code": self.reason}
            action.append({"url": "reasonCode", "valueCodeableConcept": {"coding": [coding]}})
        item: Json = {"itemSequence": 1, "extension": []}
        item["adjudication"] = [
            {
                "category": {
                    "coding": [
                        {"system": "http://terminology.hl7.org/CodeSystem/adjudication", "code": "submitted"}
                    ]
                },
                "extension": [{"url": names.REVIEW_ACTION, "extension": action}],
            }
        ]
        if agrees:
            period = {"start": today.isoformat(), "end": (today + timedelta(days=90)).isoformat()}
            item["extension"].append({"url": names.ITEM_PERIOD, "valuePeriod": period})
        if code == "A2":
            quantity = [{"url": "quantity", "valueQuantity": {"value": 1}}]
            item["extension"].append({"url": names.ITEM_DETAIL, "extension": quantity})
        made: Json = {
            "resourceType": "ClaimResponse",
            "identifier": [{"system": "urn:bedside:demo:payer", "value": f"R-{_claim(bundle)}"}],
            "status": "active",
            "type": resource["type"],
            "use": "preauthorization",
            "patient": resource["patient"],
            "created": self.clock().isoformat(),
            "insurer": resource["insurer"],
            "request": {"reference": claim["fullUrl"]},
            "outcome": "queued" if code == "A4" or manner is Manner.QUEUES else "complete",
        }
        if manner is not Manner.QUEUES:
            made["item"] = [item]
        if code == "A4":
            made["processNote"] = [{"number": 1, "text": "Please send the treatment that was tried before."}]
        return made


def _claim(bundle: Json) -> str:
    return str(bundle["entry"][0]["resource"]["identifier"][0]["value"])


def _code(code: str) -> Json:
    return {
        "url": names.REVIEW_ACTION_CODE,
        "valueCodeableConcept": {"coding": [{"system": X12, "code": code}]},
    }


def _outcome(code: str) -> Json:
    return {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": code}]}


def _json(document: Json, status: int = 200) -> Response:
    return Response(json.dumps(document).encode(), status, media_type=MEDIA)
