"""The pages and commands of laboratories and launches over a small record."""

from __future__ import annotations

import pytest

from bedside.cli import main
from bedside.errors import InputError
from bedside.genome.event import EventKind, NewEvent
from bedside.service.house import House
from bedside.service.launch import adoption, attest, checklist_named, stands
from tests.made_up_record import NOW
from tests.unit.web.conftest import Pages
from tests.unit.web.read import text

PAGE = "/launches/companion-diagnostic"


def test_a_launch_of_which_nothing_is_known_is_unknown_and_a_word_is_kept_with_who_and_when(
    house: House, pages: Pages
) -> None:
    page = text(pages.get(PAGE).text)
    assert "Unknown Launch of a companion diagnostic: lung cancer panel." in page
    assert "10 of 10 items are missing, first: A laboratory has returned a result through the order." in page
    assert "Nobody is on the pathway yet." in page
    word = {"item": "reflex-policy", "word": "no", "note": "pathology disagrees", "by": "Eva"}
    assert pages.post(PAGE, **word).status_code == 303
    page = text(pages.get(PAGE).text)
    assert "Not ready" in page
    assert "Eva, 1 Oct 2026: no, pathology disagrees" in page
    wrong = pages.post(PAGE, **{**word, "note": " "})
    assert (wrong.status_code, "note: is missing" in text(wrong.text)) == (400, True)
    assert "Not ready: 10 of 10 missing" in text(pages.get("/launches").text)
    assert pages.get("/launches/nothing").status_code == 404


def test_events_show_an_item_without_anybodys_word(house: House) -> None:
    held = checklist_named(house, "companion-diagnostic")
    assert {one.item.name: one.seen for one in stands(house, held).items}["board-decides"] == 0
    house.ledger.append([NewEvent(EventKind.BOARD_MET, "x", NOW, None, {"meeting": "m", "attendees": []})])
    states = {one.item.name: one.gate.value for one in stands(house, held).items}
    assert (states["board-decides"], states["coverage-known"]) == ("ready", "unknown")
    with pytest.raises(InputError, match="is none here"):
        checklist_named(house, "nothing")
    with pytest.raises(InputError) as error:
        attest(house, held, "nothing", "maybe", " ", actor="Eva")
    assert [one.source for one in error.value.problems] == ["item", "word", "note"]


def test_uptake_is_told_by_clinic_with_barriers_and_small_numbers_hidden(house: House) -> None:
    events = []
    for number in range(12):
        person, site = f"n{number}", "North" if number < 9 else "South"
        at = {"at": NOW.isoformat(), "source": "test"}
        signals = [{"name": "diagnosed", "attributes": {"disease": "nsclc-advanced"}}]
        signals += [{"name": "barrier-noted", "attributes": {"barrier": "cost"}}] if number % 3 else []
        events.append(NewEvent(EventKind.PERSON_REGISTERED, "test", NOW, person, {}))
        events.append(NewEvent(EventKind.PROGRAMME_RECORDED, "test", NOW, person, {"site": site}))
        events += [
            NewEvent(EventKind.SIGNAL_RECORDED, "test", NOW, person, {**at, "signal": one["name"], **one})
            for one in signals
        ]
    house.ledger.append(events)
    found = adoption(house, checklist_named(house, "companion-diagnostic"))
    groups = {one.group: one.shown.count(one.stages[0].people) for one in found.report.by_group}
    assert groups == {"everybody": 12, "North": 10, "South": "<5"}
    assert {site: list(counts.values()) for site, counts in found.barriers.items()} == {
        "North": [5], "South": ["<5"],
    }  # fmt: skip


def test_the_scorecard_is_a_page_and_a_table(house: House, pages: Pages, capsys, monkeypatch) -> None:
    assert "laborator" in text(pages.get("/laboratories").text)
    monkeypatch.setenv("BEDSIDE_STORE_URL", house.settings.store_url)
    assert main(["laboratories"]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split("\t")[:3] == ["laboratory", "orders", "waiting"]
    assert len(rows) == 1
    assert main(["launch", "companion-diagnostic"]) == 0
    told = capsys.readouterr()
    assert told.err == "bedside: unknown; missing: 10\n"
    assert len(told.out.splitlines()) == 11
    assert main(["launch", "companion-diagnostic", "--attest", "nothing", "--note", "x", "--by", "Eva"]) == 1
    assert "item: is none of the checklist" in capsys.readouterr().err
