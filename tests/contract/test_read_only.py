"""While a house is read only people can look and are warned, looking is on record, and nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bedside.errors import AuditUnavailable
from bedside.genome.event import EventKind, NewEvent
from bedside.service.access import Access, Permission, TokenHolder, token_digest
from bedside.service.authorise import Gate
from bedside.service.house import open_house
from bedside.store.read_only import LOOKING, ReadOnly
from bedside.web.app import create_app
from tests.contract.site import ORDER_SIGN, medication, request
from tests.contract.test_access_matrix import Ask, Served, answers, filled, is_page, methods
from tests.made_up_record import INGRID, NOW, Clock, open_record


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    before = open_record(tmp_path)
    settings = replace(before.settings, read_only="yes")
    before.close()
    clock = Clock()
    clock.now = NOW
    house = open_house(settings, clock=clock)
    tokens = {token_digest("all"): TokenHolder("all", "", frozenset(Permission))}
    gate = Gate(house.settings, Access(tokens=tokens))
    yield Served(house, gate, create_app(house, gate))
    house.close()


def test_no_route_changes_anything_and_looking_is_on_record(served: Served) -> None:
    before = served.house.ledger.checkpoint().sequence
    asks = []
    for route in served.routes:
        for method in methods(route):
            address = filled(served, route, INGRID)
            csrf = is_page(route) and method == "POST"
            asks.append(Ask(route, method, "all", address, csrf=csrf))
            if method != "GET":
                body = {
                    "data": {
                        "task": "task-1",
                        "ending": "done",
                        "reason": "x",
                        "act": "yes",
                        "text": "Ingrid",
                    }
                }
                asks.append(Ask(route, method, "all", address, body, csrf))
    found = answers(served, asks)
    written = {event.kind for event in served.house.ledger.events(after=before)}
    assert EventKind.ACCESSED in written
    assert written <= LOOKING
    pages = [
        one for ask, one in zip(asks, found, strict=True) if one.status_code == 200 and is_page(ask.route)
    ]
    shown = [one for one in pages if '<nav aria-label="Pages">' in one.text]
    assert len(shown) > 20
    assert [one.url for one in shown if "Read only for now" not in one.text] == []


def test_who_tries_to_change_something_is_told_why_and_what_to_do(served: Served) -> None:
    route = next(one for one in served.routes if one.path == "/people/{record_id}/tasks")
    body = {"data": {"task": "task-1", "ending": "done", "reason": ""}}
    (answer,) = answers(served, [Ask(route, "POST", "all", filled(served, route, INGRID), body, csrf=True)])
    assert answer.status_code == 503
    assert "Nothing can be changed here until the record is back" in answer.text
    assert len(served.house.ledger.tasks(INGRID)) == 1


def about_ingrid() -> dict[str, object]:
    subject = {"reference": f"Patient/{INGRID}"}
    return request("order-sign", medication("clopidogrel", "32968", subject=subject), patientId=INGRID)


def test_a_prescriber_is_still_warned_and_the_warning_is_on_record(served: Served) -> None:
    body = about_ingrid()
    before = served.house.ledger.checkpoint().sequence
    route = next(one for one in served.routes if one.path.startswith("/cds-services/{service}"))
    ask = Ask(route, "POST", "all", ORDER_SIGN, {"json": body})
    (answer,) = answers(served, [ask])
    assert answer.status_code == 200
    assert answer.json()["cards"]
    assert EventKind.HOOK_ANSWERED in {one.kind for one in served.house.ledger.events(after=before)}


def test_where_looking_cannot_be_recorded_the_hook_is_refused_and_says_why(served: Served) -> None:
    served.house.audit.close()
    route = next(one for one in served.routes if one.path.startswith("/cds-services/{service}"))
    body = about_ingrid()
    (answer,) = answers(served, [Ask(route, "POST", "all", ORDER_SIGN, {"json": body})])
    assert answer.status_code == 503
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert "cards" not in answer.json()


def test_one_place_refuses_whatever_it_comes_from(served: Served) -> None:
    withdrawn = NewEvent(EventKind.RESULT_WITHDRAWN, "x", NOW, INGRID, {"result": "r", "reason": "y"})
    task = {"task": "t", "kind": "k", "summary": "s", "owner": "o", "due": "2026-12-01"}
    opened = NewEvent(EventKind.TASK_OPENED, "x", NOW, INGRID, task)
    seen = NewEvent(EventKind.ACCESSED, "x", NOW, INGRID, {})
    for events in ([withdrawn], [seen, withdrawn], [opened], [seen, opened]):
        with pytest.raises(ReadOnly):
            served.house.ledger.append(events)
        with pytest.raises((ReadOnly, AuditUnavailable)):
            served.house.audit.append(events)
    broken = NewEvent(EventKind.GLASS_BROKEN, "x", NOW, INGRID, {"reason": "r", "until": "u", "task": "t"})
    assert len(served.house.audit.append([broken, opened])) == 2
