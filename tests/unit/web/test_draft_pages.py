"""The page on which a report is confirmed, without a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bedside.service.house import House, open_house
from bedside.service.receive_report import receive_report
from bedside.service.register_person import register_person
from bedside.settings import Settings
from bedside.web.app import create_app
from tests.made_up_reports import Says, report
from tests.unit.service.test_reports import ANNA, TWIN
from tests.unit.web.conftest import Pages

SAID = Says(calls=(("CYP2C19", "*1/*2", "Intermediate Metabolizer"),))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = open_house(Settings(store_url=f"sqlite:///{tmp_path}/ledger.db"))
    register_person(opened, ANNA)
    register_person(opened, TWIN)
    yield opened
    opened.close()


@pytest.fixture
def draft(house: House) -> str:
    return receive_report(house, report("classic", SAID), "report.pdf").draft


def test_a_report_is_confirmed_field_by_field_and_signed(pages: Pages, house: House, draft: str) -> None:
    address = f"/reports/{draft}"
    page = pages.get(address)
    assert page.status_code == 200
    assert "0 of" in page.text
    assert "Sign as" not in page.text
    assert page.text.count('class="mark"') >= 9
    while found := re.search(r'class="reading open" id="f-([a-z0-9-]+)"', pages.get(address).text):
        answer = pages.post(address, on=address, act="accept", field=found[1])
        assert answer.status_code == 303
    answer = pages.post(address, on=address, act="others")
    assert answer.headers["location"] == f"{address}#sign"
    text = pages.get(address).text
    assert "Sign as local-operator" in text
    (seen,) = re.findall(r'name="seen" value="([0-9a-f]+)"', text)
    assert pages.post(address, on=address, act="sign", seen=seen).status_code == 422
    assert house.ledger.results("p1") == ()
    assert pages.post(address, on=address, act="sign", seen=seen, compared="yes").status_code == 303
    assert "A report that was signed" in pages.get(address).text
    assert set(house.ledger.person_calls("p1")) == {"CYP2C19"}
    assert "Intermediate" in pages.get(pages.address("p1")).text


def test_what_is_safe_to_get_wrong_only_is_accepted_together(pages: Pages, house: House, draft: str) -> None:
    address = f"/reports/{draft}"
    pages.post(address, on=address, act="others")
    text = pages.get(address).text
    for key in ("patient", "birth-date", "status", "gene-1", "genotype-1", "phenotype-1"):
        assert f'class="reading open" id="f-{key}"' in text


def test_a_wrong_form_is_answered_in_words_and_changes_nothing(
    pages: Pages, house: House, draft: str
) -> None:
    address = f"/reports/{draft}"
    before = house.ledger.checkpoint().sequence
    for form, told in (
        ({"act": "correct", "field": "birth-date", "value": "yesterday"}, "write the day as"),
        ({"act": "reject", "field": "patient"}, "stated reason"),
        ({"act": "give", "person": "nobody", "why": ""}, "nobody of this number"),
        ({"act": "reject-report"}, "stated reason"),
        ({"act": "add", "gene": "", "genotype": "*1/*1"}, "names no gene"),
        ({"act": "dance"}, "nothing that can be done"),
    ):
        answer = pages.post(address, on=address, **form)
        assert answer.status_code == 422
        assert told.casefold() in answer.text.casefold()
    kinds = {event.kind.value for event in house.ledger.events(after=before)}
    assert kinds == {"accessed"}


def test_a_report_is_rejected_with_a_reason(pages: Pages, house: House, draft: str) -> None:
    address = f"/reports/{draft}"
    assert pages.post(address, on=address, act="reject-report", reason="not ours").status_code == 303
    text = pages.get(address).text
    assert "not ours" in text
    assert "<form" not in text.split("<main", 1)[1].split("</main>", 1)[0]


def test_its_pages_are_pictures_behind_the_same_gate(pages: Pages, draft: str) -> None:
    answer = pages.get(f"/reports/{draft}/pages/1")
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content.startswith(b"\x89PNG")
    assert pages.get(f"/reports/{draft}/pages/2").status_code == 404
    assert pages.get("/reports/d-0000").status_code == 404
    assert pages.get("/reports/d-0000/pages/1").status_code == 404


def test_who_may_not_confirm_sees_and_does_nothing(tmp_path: Path, house: House, draft: str) -> None:
    from bedside.service.access import token_digest

    access = tmp_path / "access.toml"
    grants = {
        "clerk": ('"chart", "people"', ""),
        "own": ('"confirm"', 'people = ["p2"]'),
        "all": ('"confirm"', ""),
    }
    access.write_text(
        "".join(
            f'[[token]]\nname = "{name}"\ntoken_sha256 = "{token_digest(name)}"\n'
            f"permissions = [{granted}]\n{only}\n"
            for name, (granted, only) in grants.items()
        )
    )
    served = open_house(Settings(store_url=house.settings.store_url, access_file=str(access)))
    pages = Pages(create_app(served), served)
    stranger = receive_report(served, report("classic", Says(number="A-9")), "other.pdf").draft
    for address in (f"/reports/{draft}", f"/reports/{draft}/pages/1", f"/reports/{stranger}"):
        got = {
            name: pages.send("GET", address, headers={"authorization": f"Bearer {name}"}).status_code
            for name in grants
        }
        assert got == {"clerk": 403, "own": 403, "all": 200}
        assert pages.get(address).status_code == 401
    served.close()
