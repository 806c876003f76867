"""Results until somebody read them, one result from end to end, and messages whose person is not sure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bedside.genome.event import EventKind
from bedside.genome.person import Identifier
from bedside.service.access import Permission
from bedside.service.house import House
from bedside.service.page_keys import page_key
from bedside.service.quarantine import waiting
from bedside.service.receive_hl7 import receive_message
from bedside.service.receive_report import receive_report
from bedside.service.register_person import register_person
from bedside.service.results_inbox import items_of
from bedside.service.withdraw_result import withdraw_result
from bedside.web.app import create_app
from tests.made_up_orders import NORMAL, Ordered, message, open_ordered
from tests.made_up_record import AMARA, INGRID, TOMAS
from tests.made_up_reports import Says, report
from tests.unit.service.test_reports import ANNA
from tests.unit.web.conftest import Pages
from tests.unit.web.read import rows, text
from tests.unit.web.test_safety_of_pages import granted

CAPTION = "Results, what was withdrawn"


@pytest.fixture
def ordered(tmp_path: Path) -> Iterator[Ordered]:
    held = open_ordered(tmp_path)
    yield held
    held.house.close()


@pytest.fixture
def pages(ordered: Ordered) -> Pages:
    return Pages(create_app(ordered.house), ordered.house)


def newest(house: House, person: str) -> str:
    return list(items_of(house, person))[-1]


def address_of(pages: Pages, person: str, result: str, page: str = "") -> str:
    return pages.address(person, f"/results/{page_key(result)}{page}")


def test_the_inbox_says_what_came_for_whom_and_what_it_asks_for(pages: Pages) -> None:
    (line,) = rows(pages.get("/results").text, CAPTION)
    assert line[0] == "Ingrid Holm Dr Who"
    assert line[1].startswith("Final Pharmacogene panel without copy number LIS/GENLAB,")
    assert line[2].startswith("CYP2C19 Poor Metabolizer")
    assert "Read 1 observation of a result that nothing here could code" in line[2]


def test_acknowledging_is_kept_with_who_and_when_and_the_result_stays_to_be_found(pages: Pages) -> None:
    where = address_of(pages, INGRID, newest(pages.house, INGRID))
    form = {"standing": "final", "how": "acknowledged", "from": "inbox"}
    assert [pages.post(where, on=where, **form).status_code for _ in range(2)] == [303, 303]
    (event,) = list(pages.house.ledger.events(person=INGRID, kinds=(EventKind.RESULT_ACKNOWLEDGED,)))[1:]
    assert (event.actor, event.payload["how"]) == ("local-operator", "acknowledged")
    assert "Everything was read." in text(pages.get("/results").text)
    ended = rows(pages.post("/results", on="/results", ended="yes").text, CAPTION)
    assert [row[0] for row in ended] == [
        "Ingrid Holm Ordering clinician",
        "Amara Okafor Ordering clinician",
        "Ingrid Holm Dr Who",
    ]


def test_setting_aside_needs_a_reason(pages: Pages) -> None:
    where = address_of(pages, INGRID, newest(pages.house, INGRID))
    form = {"standing": "final", "how": "set aside"}
    assert pages.post(where, on=where, why=" ", **form).status_code == 422
    assert pages.post(where, on=where, why="ordered twice", **form).status_code == 303
    assert "Set aside by local-operator" in text(pages.get(where).text)
    assert pages.post(where, on=where, standing="final", how="replaced by a later report").status_code == 422


def test_what_was_read_comes_back_when_it_is_amended_or_withdrawn(pages: Pages, ordered: Ordered) -> None:
    first = newest(pages.house, INGRID)
    where = address_of(pages, INGRID, first)
    pages.post(where, on=where, standing="final", how="acknowledged")
    receive_message(
        pages.house, message(INGRID, NORMAL, order=ordered.orders["resulted"], status="C", day=20)
    )
    (line,) = rows(pages.get("/results").text, CAPTION)
    assert line[1].startswith("Amended")
    assert line[2].startswith("Takes the place of an earlier report.CYP2C19 Normal Metabolizer")
    replaced = text(pages.get(where).text)
    assert "The later report that replaces it" in replaced
    assert "While it was final: acknowledged by local-operator" in replaced
    second = newest(pages.house, INGRID)
    there = address_of(pages, INGRID, second)
    assert f'href="{where}"' in pages.get(there).text
    withdraw_result(pages.house, second, "samples were swapped", actor="laboratory")
    stale = pages.post(there, on=there, standing="amended", how="acknowledged")
    assert (stale.status_code, "it is withdrawn now" in text(stale.text)) == (422, True)
    (line,) = rows(pages.get("/results").text, CAPTION)
    assert line[2].startswith("Do not act on it. Samples were swapped.")


def test_a_preliminary_result_is_marked_and_a_final_one_takes_its_place(
    pages: Pages, ordered: Ordered
) -> None:
    receive_message(pages.house, message(AMARA, filler="F9", status="P"))
    lines = {row[0]: row[1] for row in rows(pages.get("/results").text, CAPTION)}
    assert lines["Amara Okafor Ordering clinician"].startswith("Preliminary")
    receive_message(pages.house, message(AMARA, filler="F9", status="F", day=12))
    lines = {row[0]: row[1] for row in rows(pages.get("/results").text, CAPTION)}
    assert lines["Amara Okafor Ordering clinician"].startswith("Final")
    assert len(lines) == 2


def test_from_the_chart_one_click_leads_to_the_result_and_one_more_to_its_message(pages: Pages) -> None:
    result = newest(pages.house, INGRID)
    where = address_of(pages, INGRID, result)
    assert f'href="{where}"' in pages.get(pages.address(INGRID)).text
    page = pages.get(where).text
    assert rows(page, "Genes of this result") == [
        ["CYP2C19", "*2/*2", "Poor Metabolizer", "segment 5 and 2 more"]
    ]
    assert f'href="{where}/source"' in page
    segments = rows(pages.get(f"{where}/source").text, "Segments of the message")
    assert [row[2] for row in segments[4:]] == [
        "Read: CYP2C19", "Read: CYP2C19", "Read: CYP2C19",
        "Not read its code is of the system L, which is not read",
    ]  # fmt: skip
    kept = pages.house.documents.get(items_of(pages.house, INGRID)[result].documents[0])
    assert pages.get(f"{where}/document").content == kept


def test_a_result_that_came_in_a_file_shows_no_file_that_may_be_about_others(pages: Pages) -> None:
    (result,) = items_of(pages.house, AMARA)
    where = address_of(pages, AMARA, result)
    assert "A file may hold other people too" in text(pages.get(where).text)
    assert [pages.get(f"{where}/{page}").status_code for page in ("source", "document")] == [404, 404]
    assert pages.get(address_of(pages, TOMAS, result)).status_code == 404


def test_reports_that_came_as_pdf_wait_in_the_inbox_until_somebody_confirms_them(pages: Pages) -> None:
    register_person(pages.house, ANNA)
    draft = receive_report(pages.house, report("classic", Says()), "report.pdf").draft
    page = pages.get("/results").text
    assert "1 report to be confirmed" in text(page)
    assert f'href="/reports/{draft}"' in page


def test_quarantine_compares_field_by_field_and_shows_nothing_else(pages: Pages) -> None:
    listed = text(pages.get("/quarantine").text)
    assert "The family name differs." in listed
    assert "Rei" not in listed
    (one,) = waiting(pages.house)
    page = pages.get(f"/quarantine/{one.number}").text
    assert rows(page, "The message beside record 1") == [
        ["Family name", "Reies", "Reyes", "Differs"],
        ["Given name", "Tomás", "Tomás", "Agrees"],
        ["Birth date", "1950-01-30", "1950-01-30", "Agrees"],
        ["Sex", "male", "male", "Agrees"],
        ["Number of the same authority", "100-25", "100-25", "Agrees"],
    ]
    assert "Segment 2 (PID): bytes" in text(page)
    assert "CYP2C19" not in page
    looked = [event.person for event in pages.house.ledger.events(kinds=(EventKind.ACCESSED,))]
    assert looked[-1] == TOMAS


def test_a_message_is_given_to_a_person_with_a_reason(pages: Pages) -> None:
    (one,) = waiting(pages.house)
    where = f"/quarantine/{one.number}"
    record = pages.address(TOMAS).removeprefix("/people/")
    refused = pages.post(where, on=where, act="give", record=record, why=" ")
    assert (refused.status_code, f'value="{record}" checked' in refused.text) == (422, True)
    assert pages.post(where, on=where, act="give", record="", why="x").status_code == 422
    given = pages.post(where, on=where, act="give", record=record, why="typing error")
    assert (given.status_code, waiting(pages.house)) == (303, ())
    (settled,) = pages.house.ledger.events(kinds=(EventKind.MESSAGE_SETTLED,))
    assert (settled.actor, settled.payload["why"]) == ("local-operator", "typing error")
    assert "Typing error." in text(pages.get("/quarantine").text)
    assert "Tomás Reyes" in text(pages.get("/results").text)
    assert pages.get(where).status_code == 404


def test_a_message_is_dismissed_with_a_reason_and_enters_nobody_s_chart(pages: Pages) -> None:
    (one,) = waiting(pages.house)
    where = f"/quarantine/{one.number}"
    assert pages.post(where, on=where, act="dismiss", why="").status_code == 422
    assert pages.post(where, on=where, act="dismiss", why="not our patient").status_code == 303
    assert (waiting(pages.house), pages.house.ledger.results(TOMAS)) == ((), ())


def test_another_record_can_be_compared_by_its_whole_number(pages: Pages) -> None:
    (one,) = waiting(pages.house)
    where = f"/quarantine/{one.number}"
    page = pages.post(where, on=where, also="100-24").text
    assert rows(page, "The message beside record 2")[0] == ["Family name", "Reies", "Okafor", "Differs"]
    assert "record 2" not in pages.post(where, on=where, also="100-2").text


def test_the_closest_record_comes_first(pages: Pages) -> None:
    known = pages.house.ledger.person(TOMAS)
    twin = replace(known, person="p9", given="Tom", identifiers=(Identifier("urn:x", "7"),))
    register_person(pages.house, twin)
    (one,) = waiting(pages.house)
    page = pages.post(f"/quarantine/{one.number}", also="7").text
    assert text(page).index("1 of 5 differs") < text(page).index("2 of 5 differ")


def test_whoever_may_open_some_records_only_may_not_decide_whose_a_message_is(
    pages: Pages, tmp_path: Path
) -> None:
    some = granted(tmp_path, pages.house, Permission.QUARANTINE, people=f'people = ["{TOMAS}"]')
    (one,) = waiting(pages.house)
    assert [some.get(at).status_code for at in ("/quarantine", f"/quarantine/{one.number}")] == [403, 403]


def test_lists_hold_only_the_records_that_one_may_open(pages: Pages, tmp_path: Path) -> None:
    some = granted(
        tmp_path, pages.house, Permission.ORDERS, Permission.RESULTS, people=f'people = ["{AMARA}"]'
    )
    orders, results = text(some.get("/orders").text), text(some.get("/results").text)
    assert ("Amara" in orders, "Tomás" in orders) == (True, False)
    assert ("Ingrid" in results, "quarantine" in results) == (False, False)
