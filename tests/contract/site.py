"""A served house for contract tests: requests go straight into the application, without a network."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from starlette.applications import Starlette

from bedside.genome.assay import Assay
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.observation import OutsideCall
from bedside.interpret.outside import call_outside
from bedside.service.authorise import Gate
from bedside.service.house import House, open_house
from bedside.settings import Settings
from bedside.store.encode import assay_content, call_content, observation_content
from bedside.web import cds_hooks, order_set

ORDER_SELECT = "/cds-services/bedside-pgx-order-select"
ORDER_SIGN = "/cds-services/bedside-pgx-order-sign"
PATIENT_VIEW = "/cds-services/bedside-pgx-patient-view"
WHEN = datetime(2026, 1, 5, tzinfo=UTC)
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


@dataclass(frozen=True)
class Site:
    """A house, and the application over it."""

    house: House
    app: Starlette
    headers: Mapping[str, str] = field(default_factory=dict)

    def ask(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send one request."""
        content = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                return await client.request(
                    method, path, content=content, headers={**self.headers, **(headers or {})}
                )

        return asyncio.run(send())

    def cards(self, path: str, body: object) -> list[dict[str, Any]]:
        """The cards of an answer that must succeed."""
        answer = self.ask("POST", path, body)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["cards"])


def open_site(folder: Path, gate: Gate | None = None, **settings: Any) -> Site:
    """A fresh house in a folder."""
    house = open_house(Settings(store_url=f"sqlite:///{folder / 'ledger.db'}", **settings))
    return Site(house, Starlette(routes=[*cds_hooks.routes(house, gate), *order_set.routes(house, gate)]))


def medication(name: str, rxnorm: str = "", **more: Any) -> dict[str, Any]:
    """A draft MedicationRequest by text, and by code when one is given."""
    concept: dict[str, Any] = {"text": name}
    if rxnorm:
        concept["coding"] = [{"system": RXNORM, "code": rxnorm, "display": name}]
    return {
        "resourceType": "MedicationRequest",
        "id": f"draft-{name.replace(' ', '-')}",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": "Patient/p1"},
        "medicationCodeableConcept": concept,
        **more,
    }


def genotypes(*texts: str) -> dict[str, Any]:
    """A prefetched bundle of genotype observations."""
    return searchset(
        *(
            {
                "resourceType": "Observation",
                "status": "final",
                "code": {"coding": [{"system": "http://loinc.org", "code": "84413-4"}]},
                "valueCodeableConcept": {"text": text},
            }
            for text in texts
        )
    )


def searchset(*resources: Mapping[str, Any]) -> dict[str, Any]:
    """A bundle."""
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": dict(one)} for one in resources],
    }


def request(
    hook: str, *drafts: Mapping[str, Any], prefetch: Mapping[str, Any] | None = None, **context: Any
) -> dict[str, Any]:
    """A CDS Hooks request about patient p1."""
    held: dict[str, Any] = {"userId": "Practitioner/1", "patientId": "p1", **context}
    if hook != "patient-view":
        held["draftOrders"] = searchset(*drafts)
    if hook == "order-select" and "selections" not in held:
        held["selections"] = [f"MedicationRequest/{draft['id']}" for draft in drafts]
    body: dict[str, Any] = {"hook": hook, "hookInstance": str(uuid4()), "context": held}
    if prefetch is not None:
        body["prefetch"] = dict(prefetch)
    return body


def record(
    house: House, person: str, results: Mapping[str, str], taken: Mapping[str, str] | None = None
) -> None:
    """A person in the record with one clinical result (gene → diplotype) and current
    drugs (RxNorm → name).
    """
    outside = {gene: OutsideCall(gene, diplotype=name) for gene, name in results.items()}
    observed = {gene: observation_content(call) for gene, call in outside.items()}
    meant = {
        gene: call_content(call_outside(house.pgx.genes[gene], (call,))) for gene, call in outside.items()
    }
    assay = assay_content(Assay("panel", None, 0))
    accepted = {
        "result": f"result-{person}",
        "sample": person,
        "documents": [],
        "assay": assay.digest,
        "confirmation": "clinical",
        "observations": {gene: [content.digest] for gene, content in observed.items()},
    }
    meanings = {
        "result": f"result-{person}",
        "release": str(house.pgx.release),
        "calls": {gene: content.digest for gene, content in meant.items()},
    }
    drugs = [
        {"system": RXNORM, "code": code, "display": name, "status": "active"}
        for code, name in (taken or {}).items()
    ]
    events = [
        NewEvent(EventKind.PERSON_REGISTERED, "test", WHEN, person, {"birth_date": "1950-01-01"}),
        NewEvent(EventKind.RESULT_ACCEPTED, "test", WHEN, person, accepted),
        NewEvent(EventKind.MEANINGS_DERIVED, "test", WHEN, person, meanings),
        *(NewEvent(EventKind.MEDICATION_RECORDED, "test", WHEN, person, drug) for drug in drugs),
    ]
    house.ledger.append(events, [assay, *observed.values(), *meant.values()])
