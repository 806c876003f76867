"""Refused attempts are on record and told as AuditEvent, without anything of what was asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bedside.genome.event import EventKind
from bedside.service.house import open_house
from bedside.service.note_refusal import Quota
from bedside.settings import Settings
from bedside.web.app import create_app
from tests.contract.site import record
from tests.contract.test_smart_backend import PUBLIC, access_file, ask, token
from tests.unit.web.conftest import Pages


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Pages]:
    path = access_file(tmp_path)
    settings = Settings(
        store_url=f"sqlite:///{tmp_path / 'ledger.db'}", access_file=str(path), public_url=PUBLIC
    )
    house = open_house(settings)
    record(house, "anna", {"CYP2C19": "*2/*2"})
    yield Pages(create_app(house), house, base=PUBLIC)
    house.close()


def test_refused_attempts_are_audit_events_and_hold_nothing_of_the_request(served: Pages) -> None:
    held = token(served, "system/Task.r", "narrow")
    secret = {"authorization": "Bearer a-made-up-secret"}
    served.send("GET", "/fhir/Observation?patient=anna", headers=held)
    served.send("GET", "/fhir/Observation?patient=anna", headers=secret)
    served.send("GET", "/cds-services", headers=held)
    served.send("GET", served.address("anna"), headers=held)
    served.send("GET", "/tasks", headers=secret)
    served.send("GET", "/tasks")
    served.post("/sign-in", on="/sign-in", token="a-made-up-secret")
    ask(served, "system/*.rs", "x.y.z")
    written = [one for one in served.house.ledger.events() if one.kind is EventKind.ACCESS_REFUSED]
    assert [(one.actor, one.person, dict(one.payload)) for one in written] == [
        ("registry", None, {"status": 403, "route": "/fhir/Observation"}),
        ("unknown", None, {"status": 401, "route": "/fhir/Observation"}),
        ("registry", None, {"status": 403, "route": "/cds-services"}),
        ("registry", "anna", {"status": 403, "route": "/people/{record_id}"}),
        ("unknown", None, {"status": 401, "route": "/tasks"}),
        ("unknown", None, {"status": 401, "route": "/sign-in"}),
        ("unknown", None, {"status": 401, "route": "/auth/token"}),
    ]
    auditor = token(served, "system/*.rs", "auditor")
    found = served.send("GET", "/fhir/AuditEvent", headers=auditor).json()
    refused = [one["resource"] for one in found["entry"] if one["resource"]["outcome"] == "4"]
    assert len(refused) == 6
    assert refused[0]["outcomeDesc"] == "refused with status 401"
    assert not any(word in json.dumps(found) for word in ("anna", "secret", "x.y.z"))
    (first, *_) = found["entry"]
    again = served.send("GET", f"/fhir/AuditEvent/{first['resource']['id']}", headers=auditor)
    assert again.json() == first["resource"]
    of_anna = served.send("GET", "/fhir/AuditEvent?patient=anna", headers=auditor).json()
    assert [one["resource"]["outcome"] for one in of_anna["entry"]].count("4") == 1


def test_a_flood_of_attempts_is_counted_and_not_written_one_by_one() -> None:
    quota, at = Quota(most=2), datetime(2026, 1, 1, tzinfo=UTC)
    assert [quota.take(at) for _ in range(5)] == [0, 0, None, None, None]
    assert [quota.take(at + timedelta(minutes=1)) for _ in range(3)] == [3, 0, None]


def test_a_refusal_stands_when_it_cannot_be_written(served: Pages) -> None:
    held = token(served, "system/Task.r", "narrow")
    served.house.audit.close()
    assert served.send("GET", "/fhir/Observation?patient=anna", headers=held).status_code == 403
    assert served.send("GET", "/tasks", headers=held).status_code == 403
