"""Bulk export: asked for, waited for, fetched; by the one who asked, of those who allow it, over a kill."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bedside.genome.event import EventKind, NewEvent
from bedside.service import bulk_export
from bedside.service.access import Access, Permission, TokenHolder
from bedside.service.bulk_export import write_export
from bedside.service.bulk_files import LONGEST, exports, state_of, sweep
from bedside.service.house import House, exports_folder, open_house
from bedside.settings import Settings
from tests.contract.conftest import HandClock
from tests.contract.site import WHEN, record
from tests.contract.test_fhir_operations import Fhir
from tests.contract.test_fhir_rest import valid

ASYNC = {"prefer": "respond-async"}
PEOPLE = ("anna", "ben", "cara")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def house(tmp_path: Path, clock: HandClock) -> Iterator[House]:
    opened = open_house(Settings(store_url=f"sqlite:///{tmp_path / 'ledger.db'}"), clock=clock)
    for person in PEOPLE:
        record(opened, person, {"CYP2C19": "*2/*2"}, {"11289": "warfarin"})
    yield opened
    for thread in list(bulk_export._running.values()):
        thread.join()
    opened.close()


@pytest.fixture
def fhir(house: House) -> Fhir:
    return Fhir(house)


def begun(fhir: Fhir, path: str = "/fhir/$export", **headers: str) -> str:
    """The address at which an export that must be taken on is looked for."""
    answer = fhir.ask(path, headers={**ASYNC, **headers})
    assert answer.status_code == 202, answer.text
    return str(answer.headers["content-location"])


def ended(fhir: Fhir, where: str, **headers: str) -> httpx.Response:
    """The answer of an export that is there, waited for as a client does."""
    for _ in range(400):
        answer = fhir.ask(where, headers=headers)
        if answer.status_code != 202:
            return answer
        assert answer.headers["retry-after"].isdecimal()
        assert answer.headers["x-progress"].endswith("%")
        time.sleep(0.02)
    raise AssertionError("the export does not end")


def fetched(fhir: Fhir, files: list[dict[str, Any]], **headers: str) -> list[dict[str, Any]]:
    """Every resource of some files, each file as long as it is said to be."""
    found = []
    for file in files:
        answer = fhir.ask(file["url"], headers=headers)
        assert answer.headers["content-type"] == "application/fhir+ndjson"
        lines = [json.loads(line) for line in answer.text.splitlines()]
        assert (len(lines), {one["resourceType"] for one in lines}) == (file["count"], {file["type"]})
        found += lines
    return found


def test_an_export_has_what_everything_gives_of_each_person(fhir: Fhir) -> None:
    manifest = ended(fhir, begun(fhir)).json()
    assert (manifest["error"], manifest["requiresAccessToken"]) == ([], True)
    got = fetched(fhir, manifest["output"])
    for one in got:
        valid(one)
    wanted = [
        entry["resource"]
        for person in PEOPLE
        for entry in fhir.ask(f"/fhir/Patient/{person}/$everything").json()["entry"]
        if entry["resource"]["resourceType"] != "OperationOutcome"
    ]
    assert sorted(map(str, got)) == sorted(map(str, wanted))


def test_everybody_exported_is_on_record(fhir: Fhir) -> None:
    ended(fhir, begun(fhir, "/fhir/Patient/$export"))
    looks = fhir.house.ledger.events(kinds=(EventKind.ACCESSED,))
    seen = Counter(event.person for event in looks if event.payload["asked"] == "$export")
    assert seen == {None: 1, **dict.fromkeys(PEOPLE, 1)}


def test_who_withdrew_consent_is_left_out_and_that_is_said(fhir: Fhir) -> None:
    said = {"scope": "clinical", "decision": "withdrawn", "by": "self"}
    fhir.house.ledger.append([NewEvent(EventKind.CONSENT_RECORDED, "test", WHEN, "ben", said)])
    manifest = ended(fhir, begun(fhir)).json()
    patients = [one for one in fetched(fhir, manifest["output"]) if one["resourceType"] == "Patient"]
    assert len(patients) == 2
    (problem,) = fetched(fhir, manifest["error"])
    assert "withdrawn" in valid(problem)["issue"][0]["diagnostics"]
    assert "ben" not in str(problem)


def test_type_since_and_filter_narrow_it(fhir: Fhir, clock: HandClock) -> None:
    clock.turn(days=1)
    duty = {"task": "t1", "kind": "call", "summary": "Call", "owner": "nurse", "due": "2026-03-09"}
    fhir.house.ledger.append([NewEvent(EventKind.TASK_OPENED, "test", clock.now, "ben", duty)])
    path = "/fhir/$export?_type=Task,Patient&_since=2026-03-02T00:00:00Z"
    manifest = ended(fhir, begun(fhir, path)).json()
    (one,) = fetched(fhir, manifest["output"])
    assert one["description"] == "Call"
    path = "/fhir/$export?_type=Observation&_typeFilter=Observation%3Fcode%3D84413-4"
    manifest = ended(fhir, begun(fhir, path)).json()
    assert [file["count"] for file in manifest["output"]] == [3]


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/fhir/$export", {}, 400),
        ("/fhir/$export?_type=Encounter", ASYNC, 400),
        ("/fhir/$export?_since=yesterday", ASYNC, 400),
        ("/fhir/$export?_outputFormat=text/csv", ASYNC, 400),
        ("/fhir/$export?_elements=id", ASYNC, 400),
        ("/fhir/$export?_typeFilter=Task%3Fowner%3Dx", ASYNC, 400),
        ("/fhir/$export?patient=Patient/nobody", ASYNC, 400),
        ("/fhir/Group/1/$export", ASYNC, 404),
        ("/fhir/bulk/0123", {}, 404),
    ],
)
def test_what_cannot_be_exported_is_refused(
    fhir: Fhir, path: str, headers: dict[str, str], status: int
) -> None:
    answer = fhir.ask(path, headers=headers)
    assert (answer.status_code, answer.json()["resourceType"]) == (status, "OperationOutcome")
    assert not list(exports(fhir.house))


def test_a_lenient_client_is_told_what_was_not_read(fhir: Fhir) -> None:
    prefer = "respond-async, handling=lenient"
    where = begun(fhir, "/fhir/$export?_type=Patient,Encounter&_elements=id", prefer=prefer)
    manifest = ended(fhir, where).json()
    (problem,) = fetched(fhir, manifest["error"])
    assert "_elements" in str(problem)
    assert "_type=Encounter" in str(problem)


def test_only_the_client_that_asked_sees_it(house: House) -> None:
    def holder(name: str, people: frozenset[str] | None = None) -> TokenHolder:
        held = hashlib.sha256(name.encode()).hexdigest()
        return TokenHolder(name, held, frozenset({Permission.FHIR}), people)

    holders = [holder("one"), holder("two"), holder("ben's", frozenset({"ben"}))]
    fhir = Fhir(house, Access(tokens={each.token_sha256: each for each in holders}))
    one, two, ben = ({"authorization": f"Bearer {name}"} for name in ("one", "two", "ben's"))
    where = begun(fhir, **one)
    manifest = ended(fhir, where, **one).json()
    url = manifest["output"][0]["url"]
    for path in (where, url):
        assert fhir.ask(path, headers=two).status_code == 404
        assert fhir.ask(path).status_code == 401
    assert fhir.ask(where, "DELETE", headers=two).status_code == 404
    assert fhir.ask("/fhir/$export?_type=AuditEvent", headers={**ASYNC, **one}).status_code == 403
    theirs = ended(fhir, begun(fhir, **ben), **ben).json()
    patients = [each for each in fetched(fhir, theirs["output"], **ben) if each["resourceType"] == "Patient"]
    assert len(patients) == 1


def test_a_cancelled_export_is_gone(fhir: Fhir) -> None:
    where = begun(fhir)
    url = ended(fhir, where).json()["output"][0]["url"]
    assert fhir.ask(where, "DELETE").status_code == 202
    assert {fhir.ask(path).status_code for path in (where, url)} == {404}
    assert not list(exports_folder(fhir.house.settings).iterdir())


def test_files_are_deleted_after_their_time(fhir: Fhir, clock: HandClock) -> None:
    where = begun(fhir)
    url = ended(fhir, where).json()["output"][0]["url"]
    clock.turn(hours=25)
    assert {fhir.ask(path).status_code for path in (where, url)} == {404}
    assert sweep(fhir.house) == 1
    assert not list(exports_folder(fhir.house.settings).iterdir())
    assert LONGEST.days == 7


def test_an_export_goes_on_where_it_was_killed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_export, "AT_ONCE", 1)
    monkeypatch.setattr("bedside.web.fhir_bulk.ensure_running", lambda *_: None)
    fhir = Fhir(house)
    where = begun(fhir)
    (folder,) = exports(house)
    steps = iter(range(10))
    kept = bulk_export.keep_state

    def killed(*given: Any) -> None:
        if next(steps) == 1:
            raise KeyboardInterrupt
        kept(*given)

    monkeypatch.setattr(bulk_export, "keep_state", killed)
    with pytest.raises(KeyboardInterrupt):
        write_export(house, folder)
    monkeypatch.setattr(bulk_export, "keep_state", kept)
    assert (state_of(folder).done, fhir.ask(where).status_code) == (1, 202)
    write_export(house, folder)
    manifest = ended(fhir, where).json()
    ids = Counter(one["id"] for one in fetched(fhir, manifest["output"]))
    assert set(ids.values()) == {1}
    assert sum(file["count"] for file in manifest["output"] if file["type"] == "Patient") == 3


def test_what_cannot_be_written_is_named_and_the_rest_is_there(
    fhir: Fhir, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(record: Any) -> Any:
        if record.person == "cara":
            raise ValueError("a broken record")
        return ()

    monkeypatch.setitem(bulk_export.__dict__, "MOST_TRIES", 1)
    from bedside.service import fhir_record

    monkeypatch.setitem(fhir_record.KINDS, "Task", broken)  # type: ignore[arg-type]
    manifest = ended(fhir, begun(fhir)).json()
    (problem,) = fetched(fhir, manifest["error"])
    assert problem["issue"][0]["severity"] == "error"
    assert "Task could not be written" in problem["issue"][0]["diagnostics"]
    patients = [file for file in manifest["output"] if file["type"] == "Patient"]
    assert patients[0]["count"] == 3
