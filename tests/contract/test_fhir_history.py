"""Versions over FHIR: as each event left them, told apart, and never made up for what is worked out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bedside.genome.event import EventKind, NewEvent
from bedside.service.house import House, open_house
from bedside.settings import Settings
from tests.contract.conftest import HandClock
from tests.contract.site import RXNORM, WHEN, record
from tests.contract.test_fhir_operations import Fhir
from tests.contract.test_fhir_rest import valid

DRUG = {"system": RXNORM, "code": "11289", "display": "warfarin"}


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def house(tmp_path: Path, clock: HandClock) -> Iterator[House]:
    opened = open_house(Settings(store_url=f"sqlite:///{tmp_path / 'ledger.db'}"), clock=clock)
    record(opened, "anna", {"CYP2C19": "*2/*2"}, {"11289": "warfarin"})
    clock.turn(hours=1)
    ended = NewEvent(
        EventKind.MEDICATION_RECORDED,
        "test",
        WHEN + timedelta(days=3),
        "anna",
        {**DRUG, "status": "ended"},
    )
    opened.ledger.append([ended])
    yield opened
    opened.close()


@pytest.fixture
def fhir(house: House) -> Fhir:
    return Fhir(house)


def the_statement(fhir: Fhir) -> dict[str, object]:
    (entry,) = fhir.ask("/fhir/MedicationStatement?patient=anna").json()["entry"]
    return dict(entry["resource"])


def test_each_version_is_what_its_event_said(fhir: Fhir) -> None:
    now = the_statement(fhir)
    path = f"/fhir/MedicationStatement/{now['id']}"
    bundle = valid(fhir.ask(f"{path}/_history").json())
    newest, oldest = (entry["resource"] for entry in bundle["entry"])
    assert (newest, newest["status"], oldest["status"]) == (now, "completed", "active")
    assert [entry["request"]["method"] for entry in bundle["entry"]] == ["PUT", "POST"]
    for one in (newest, oldest):
        answer = fhir.ask(f"{path}/_history/{one['meta']['versionId']}")
        assert (answer.json(), answer.headers["etag"]) == (one, f'W/"{one["meta"]["versionId"]}"')
    assert fhir.ask(f"{path}/_history/999").status_code == 404


def test_since_leaves_out_what_was_known_before(fhir: Fhir, clock: HandClock) -> None:
    now = the_statement(fhir)
    moment = clock.now.isoformat().replace("+00:00", "Z")
    path = f"/fhir/MedicationStatement/{now['id']}/_history?_since="
    assert fhir.ask(f"{path}{moment}").json()["total"] == 1
    assert fhir.ask(f"{path}2030-01-01").json()["total"] == 0
    assert fhir.ask(f"{path}yesterday").status_code == 400
    search = "/fhir/MedicationStatement?patient=anna&_lastUpdated="
    assert fhir.ask(f"{search}ge{moment}").json()["total"] == 1
    assert fhir.ask(f"{search}lt{moment}").json()["total"] == 0


def test_the_history_of_a_type_names_whom_it_told_of_and_comes_page_by_page(fhir: Fhir) -> None:
    first = fhir.ask("/fhir/MedicationStatement/_history?_count=1").json()
    assert (first["total"], len(first["entry"])) == (2, 1)
    second = fhir.ask(first["link"][0]["url"]).json()
    assert second["entry"][0]["resource"]["status"] == "active"
    looks = [event for event in fhir.house.ledger.events(kinds=(EventKind.ACCESSED,)) if event.person]
    assert [event.payload["asked"] for event in looks] == ["MedicationStatement history"] * 2


def test_what_is_worked_out_has_a_version_and_no_history(fhir: Fhir) -> None:
    (indicator,) = (entry["resource"] for entry in fhir.ask("/fhir/Condition?patient=anna").json()["entry"])
    assert "." in indicator["meta"]["versionId"]
    refused = fhir.ask(f"/fhir/Condition/{indicator['id']}/_history")
    assert (refused.status_code, "no older versions" in refused.text) == (400, True)
    assert fhir.ask(f"/fhir/Observation/{indicator['id']}/_history").status_code == 404


def test_who_has_the_version_already_is_told_so(fhir: Fhir) -> None:
    now = the_statement(fhir)
    path = f"/fhir/MedicationStatement/{now['id']}"
    tag = fhir.ask(path).headers["etag"]
    again = fhir.ask(path, headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
