"""Break-glass: a closed record opens for a while with a reason, and somebody else reviews that it did."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bedside.errors import RequestError
from bedside.genome.event import EventKind
from bedside.service.break_glass import REVIEW
from bedside.service.close_task import Ending, close_task
from bedside.service.house import House
from bedside.web.app import create_app
from tests.contract.conftest import HandClock
from tests.made_up_record import AMARA, INGRID, NOW, open_record
from tests.unit.web.conftest import Pages
from tests.unit.web.read import text

PEOPLE = {
    "Ward": ["people", "chart", "tasks", "break-glass"],
    "Other ward": ["people", "chart", "break-glass"],
    "Officer": ["people", "privacy", "audit", "fhir"],
    "Everything": ["people", "chart", "privacy", "break-glass"],
}
LIMITED = {"Ward", "Other ward", "Everything"}


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOW)


@pytest.fixture
def house(tmp_path: Path, clock: HandClock) -> Iterator[House]:
    made = open_record(tmp_path)
    path = tmp_path / "access.toml"
    path.write_text(
        "emergency_minutes = 30\n"
        + "".join(
            f'[[token]]\nname = "{name}"\ntoken_sha256 = "{hashlib.sha256(name.encode()).hexdigest()}"\n'
            f"permissions = {granted}\n" + (f'people = ["{INGRID}"]\n' if name in LIMITED else "")
            for name, granted in PEOPLE.items()
        )
    )
    yield replace(made, settings=replace(made.settings, access_file=str(path)), clock=clock)
    made.close()


def signed_in(house: House, name: str) -> Pages:
    made = Pages(create_app(house), house)
    assert made.post("/sign-in", on="/sign-in", token=name).status_code == 303
    return made


def number_of(house: House, person: str) -> str:
    known = house.ledger.person(person)
    assert known is not None
    return known.identifiers[0].value


def test_a_closed_record_opens_with_a_reason_for_half_an_hour_and_for_nobody_else(
    house: House, clock: HandClock
) -> None:
    ward, other = signed_in(house, "Ward"), signed_in(house, "Other ward")
    closed = ward.get(ward.address(AMARA))
    assert (closed.status_code, "/emergency" in closed.text) == (403, True)
    answer = ward.post("/emergency", on="/emergency", number=number_of(house, AMARA), reason="unconscious")
    assert (answer.status_code, answer.headers["location"]) == (303, ward.address(AMARA))
    assert ward.get(ward.address(AMARA)).status_code == 200
    assert other.get(other.address(AMARA)).status_code == 403
    clock.turn(minutes=31)
    assert ward.get(ward.address(AMARA)).status_code == 403
    (broken,) = house.ledger.events(kinds=(EventKind.GLASS_BROKEN,))
    assert (broken.actor, broken.person, broken.payload["reason"]) == ("Ward", AMARA, "unconscious")
    (task,) = [one for one in house.ledger.tasks(AMARA) if one.kind == REVIEW]
    assert (task.owner, task.due) == ("privacy", (NOW + timedelta(days=3)).date())


def test_a_new_server_still_knows_what_is_open(house: House) -> None:
    ward = signed_in(house, "Ward")
    ward.post("/emergency", on="/emergency", number=number_of(house, AMARA), reason="unconscious")
    again = signed_in(house, "Ward")
    assert again.get(again.address(AMARA)).status_code == 200


@pytest.mark.parametrize(
    ("number", "reason"), [("", "why"), ("100", "why"), ("nobody", "why"), ("100-24", ""), ("100-23", "why")]
)
def test_without_a_reason_or_a_whole_number_nothing_opens(house: House, number: str, reason: str) -> None:
    ward = signed_in(house, "Ward")
    assert ward.post("/emergency", on="/emergency", number=number, reason=reason).status_code == 422
    assert list(house.ledger.events(kinds=(EventKind.GLASS_BROKEN,))) == []


def test_nothing_opens_that_is_not_on_record(house: House) -> None:
    ward = signed_in(house, "Ward")
    form = ward.get("/emergency").text.split('name="csrf" value="')[1][:64]
    house.audit.close()
    said = {"csrf": form, "number": number_of(house, AMARA), "reason": "unconscious"}
    assert ward.send("POST", "/emergency", data=said).status_code == 503
    assert list(house.ledger.events(kinds=(EventKind.GLASS_BROKEN,))) == []


def test_the_review_is_closed_with_a_verdict_by_somebody_else(house: House, clock: HandClock) -> None:
    ward, officer = signed_in(house, "Ward"), signed_in(house, "Officer")
    ward.post("/emergency", on="/emergency", number=number_of(house, AMARA), reason="unconscious")
    ward.get(ward.address(AMARA))
    assert ward.get("/emergency/reviews").status_code == 403
    page = text(officer.get("/emergency/reviews").text)
    assert all(word in page for word in ("Amara Okafor", "Ward", "unconscious"))
    (task,) = [one.task for one in house.ledger.tasks(AMARA) if one.kind == REVIEW]
    with pytest.raises(RequestError, match="reviewed, not ended"):
        close_task(house, AMARA, task, Ending.DONE, "", actor="Ward")
    for wrong in ({"verdict": "", "note": "x"}, {"verdict": "justified", "note": ""}, {"verdict": "fine"}):
        on = "/emergency/reviews"
        assert officer.post(on, on=on, task=task, **wrong).status_code == 422
    said = {"task": task, "verdict": "justified", "note": "bleeding"}
    assert officer.post("/emergency/reviews", on="/emergency/reviews", **said).status_code == 303
    (held,) = [one for one in house.ledger.tasks(AMARA, open_only=False) if one.kind == REVIEW]
    assert held.outcome == "justified: bleeding"
    assert officer.post("/emergency/reviews", on="/emergency/reviews", **said).status_code == 422


def test_nobody_reviews_what_they_opened(house: House) -> None:
    one = signed_in(house, "Everything")
    one.post("/emergency", on="/emergency", number=number_of(house, AMARA), reason="unconscious")
    (task,) = [each.task for each in house.ledger.tasks(AMARA) if each.kind == REVIEW]
    said = {"task": task, "verdict": "justified", "note": "x"}
    assert one.post("/emergency/reviews", on="/emergency/reviews", **said).status_code == 403


def test_the_navigation_names_break_glass_to_those_who_may(house: House) -> None:
    ward, officer = signed_in(house, "Ward").get("/"), signed_in(house, "Officer").get("/")
    assert 'href="/emergency"' in ward.text
    assert 'href="/emergency/reviews"' not in ward.text
    assert 'href="/emergency"' not in officer.text
    assert 'href="/emergency/reviews"' in officer.text
