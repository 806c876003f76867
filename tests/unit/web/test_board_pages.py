"""The tumour board's pages: from putting a case on to the order, and who may do what."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bedside.genome.event import EventKind
from bedside.genome.person import ItemStatus
from bedside.service.house import House, open_house
from bedside.service.register_person import register_person
from bedside.service.tumours_held import accept_tumours
from bedside.settings import Settings
from bedside.web.app import create_app
from bedside.web.session import access_cookie
from tests.made_up_tumours import L858R, T790M, lung, write_tumour
from tests.unit.service.test_board import ADA
from tests.unit.web.conftest import Pages

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
BY = {"by": "Dr Lind", "role": "chair"}
TOKEN = "a long token for a test"


def opened(folder: Path, **more: str) -> House:
    house = open_house(Settings(store_url=f"sqlite:///{folder}/ledger.db", **more), clock=lambda: NOW)
    register_person(house, ADA)
    path = write_tumour(folder, lung(small_variants=[L858R, T790M]))
    accept_tumours(house, "p1", path, laboratory="Lab A")
    return house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    held = opened(tmp_path)
    yield held
    held.close()


def put_on(pages: Pages) -> str:
    address = pages.address("p1", "/board")
    answer = pages.post(address, on=address, question="Which therapy?", for_whom="Dr Berg", **BY)
    assert answer.status_code == 303
    return str(answer.headers["location"])


WHOLE = {
    "act": "recommend", "kind": "treatment", "what": "Osimertinib", "treatment": "targeted",
    "use": "in-label", "priority": "soon", "why": "label", "evidence": "T013\nPMID 1", "owner": "oncologist",
    "due": "2026-03-09",
}  # fmt: skip


def test_a_case_goes_from_the_chart_to_the_order(pages: Pages, house: House) -> None:
    case = put_on(pages)
    page = pages.get(case)
    assert page.status_code == 200
    for words in ("None, looked at", "Not tested", "Against Erlotinib", "RET fusions", "awaiting sign-off"):
        assert words in page.text
    answer = pages.post(
        "/board", on="/board", act="schedule", case=case.rpartition("/")[2], meeting="2026-03-02", place="2",
        **BY,
    )  # fmt: skip
    assert answer.status_code == 303
    pages.post("/board", on="/board", act="attend", meeting="2026-03-02", attendees="Dr Lind, chair", **BY)
    assert "Dr Lind (chair)" in pages.get("/board").text
    draft = {key: value for key, value in WHOLE.items() if key not in ("owner", "due")}
    assert pages.post(case, on=case, **draft, **BY).status_code == 303
    text = pages.get(case).text
    assert "It cannot be signed yet" in text
    refused = pages.post(f"{case}/sign", on=case, version="1", **BY)
    assert refused.status_code == 422
    assert "obody is named who is responsible" in refused.text
    assert pages.post(case, on=case, **WHOLE, **BY).status_code == 303
    assert pages.post(f"{case}/sign", on=case, version="2", **BY).status_code == 303
    text = pages.get(case).text
    assert "Draft the order of Osimertinib" in text
    assert "the same person wrote it" in text
    report = pages.get(f"{case}/report").text
    assert "Next: start Osimertinib. Oncologist does this by 9 March 2026." in report
    assert "Do not use Erlotinib" in report
    drafted = pages.post(f"{case}/order", on=case)
    assert drafted.status_code == 200
    assert 'value="1721560" checked' in drafted.text
    assert house.ledger.medications("p1") == ()
    done = pages.post(f"{case}/order", on=case, act="order", drug="1721560")
    assert "Ordered: Osimertinib" in done.text
    (medicine,) = house.ledger.medications("p1")
    assert (medicine.drug.code, medicine.status) == ("1721560", ItemStatus.ACTIVE)
    assert pages.post(case, on=case, act="followed", **BY).status_code == 303
    assert house.ledger.tasks("p1") == ()
    assert "Over: 1" in pages.get("/board").text


def test_an_option_begins_the_form_and_a_wrong_one_is_told(pages: Pages) -> None:
    case = put_on(pages)
    text = pages.get(f"{case}?option=T017").text
    assert 'value="Lazertinib + Amivantamab"' in text
    assert "<option selected>targeted</option>" in text
    wrong = pages.post(case, on=case, **{**WHOLE, "due": "2025-01-01"}, **BY)
    assert wrong.status_code == 422
    assert "lies in the past" in wrong.text
    assert 'value="Osimertinib"' in wrong.text
    assert pages.post(case, on=case, act="not-followed", **BY).status_code == 422
    assert pages.get("/board/nothing").status_code == 404


def test_the_printed_page_is_whole_without_the_site(pages: Pages) -> None:
    case = put_on(pages)
    page = pages.get(f"{case}/print").text
    assert '<link rel="stylesheet" href="/static/board.css">' in page
    assert "Resistance: do not use without reading why" in page
    assert "Question:</strong> Which therapy?" in page


def test_a_person_without_a_tumour_has_no_packet_and_the_page_says_how_to_get_one(
    pages: Pages, house: House
) -> None:
    from dataclasses import replace

    register_person(house, replace(ADA, person="p2"))
    address = pages.address("p2", "/board")
    assert "None. The packet then rests on reports" in pages.get(address).text
    case = pages.post(address, on=address, question="What?", **BY).headers["location"]
    page = pages.get(case)
    assert page.status_code == 200
    assert "There is no packet" in page.text
    assert pages.post(address, on=address, question="What?", oncotree="LUNGG", **BY).status_code == 422
    second = pages.post(address, on=address, question="What?", oncotree="LUAD", **BY).headers["location"]
    assert "Nothing was looked at and found absent" in pages.get(second).text


def access(folder: Path, permissions: str, people: str = "") -> Path:
    path = folder / "access.toml"
    held = hashlib.sha256(TOKEN.encode()).hexdigest()
    path.write_text(
        f'[[token]]\nname = "somebody"\ntoken_sha256 = "{held}"\npermissions = [{permissions}]\n{people}'
    )
    return path


@pytest.mark.parametrize(
    ("permissions", "people", "status"),
    [
        ('"board"', "", (200, 200, 403, 403)),
        ('"board", "board-sign", "prescribe"', "", (200, 200, 422, 422)),
        ('"chart"', "", (403, 403, 403, 403)),
        ('"board", "board-sign", "prescribe"', 'people = ["p9"]', (200, 403, 403, 403)),
    ],
)  # fmt: skip
def test_what_is_not_granted_is_refused(
    tmp_path: Path, permissions: str, people: str, status: tuple[int, ...]
) -> None:
    first = opened(tmp_path)
    case = put_on(Pages(create_app(first), first))
    first.close()
    path = access(tmp_path, permissions, people)
    house = open_house(Settings(store_url=first.settings.store_url, access_file=str(path)), clock=lambda: NOW)
    pages = Pages(create_app(house), house)
    pages.cookies.set(access_cookie(house.settings), TOKEN, domain="127.0.0.1")
    assert pages.get("/board").status_code == status[0]
    assert pages.get(case).status_code == status[1]
    assert pages.post(f"{case}/sign", version="1", **BY).status_code == status[2]
    assert pages.post(f"{case}/order").status_code == status[3]
    if people:
        assert "Ada" not in pages.get("/board").text
    seen = [event for event in house.ledger.events(kinds=(EventKind.ACCESSED,)) if event.actor == "somebody"]
    assert bool(seen) == (status[0] == 200)
    house.close()


def test_no_address_or_form_names_the_person(pages: Pages) -> None:
    case = put_on(pages)
    assert re.fullmatch(r"/board/[0-9a-f]{12}", case)
    assert date(1960, 1, 1).isoformat() not in case
