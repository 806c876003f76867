"""The reanalysis inbox, and a release looked at before it is adopted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bedside.errors import BedsideError
from bedside.genome.event import EventKind
from bedside.service import impact
from bedside.service.house import House
from bedside.web.app import create_app
from tests.demo_record import open_demo, person_of
from tests.unit.web.conftest import Pages
from tests.unit.web.read import rows, text

NEW, OLD = "clinvar@2026-02-26", "clinvar@2016-11-02"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Pages]:
    """The pages over a copy of the made-up record."""
    house = open_demo(tmp_path)
    yield Pages(create_app(house), house)
    house.close()


def look(pages: Pages, release: str = NEW) -> str:
    """Begin a look at a release and wait until it ended; its address."""
    answer = pages.post("/impact", on="/impact", release=release)
    assert answer.status_code == 303, text(answer.text)
    address = answer.headers["location"]
    waited(pages, address)
    return address


def waited(pages: Pages, address: str) -> str:
    """The page of a piece of work that ended."""
    for _ in range(600):
        page = pages.get(address).text
        if "data-events" not in page:
            return page
        time.sleep(0.05)
    raise AssertionError("the work does not end")


def adopt(pages: Pages, address: str, **said: str):
    given = {"by": "Dr Example", "reason": "compared by hand", "sure": "yes", **said}
    return pages.post(f"{address}/adopt", on=address, **given)


def test_a_release_that_is_not_in_force_can_be_looked_at_and_the_one_in_force_cannot(own: Pages) -> None:
    page = own.get("/impact").text
    assert f'value="{NEW}"' in page
    assert f'value="{OLD}"' not in page
    answer = own.post("/impact", on="/impact", release=OLD)
    assert (answer.status_code, "Is not stored here, or is in force already" in answer.text) == (422, True)


def test_the_look_counts_people_by_kind_names_the_limits_and_writes_nothing(own: Pages) -> None:
    adopted = own.house.ledger.release("clinvar")
    tasks = own.house.ledger.tasks(open_only=False)
    page = waited(own, look(own))
    assert "This release changes too much at once" in page
    assert "57 pathogenic or likely pathogenic records are pathogenic no more (21.2%" in text(page)
    counted = {row[0]: row[1:3] for row in rows(page, "People by kind of change")}
    assert {kind: counted[kind] for kind in ("Upgrade", "Downgrade", "Now in conflict")} == {
        "Upgrade": ["2", "2"],
        "Downgrade": ["3", "3"],
        "Now in conflict": ["2", "2"],
    }
    follows = {row[0].split()[-1]: row for row in rows(page, "For whom something follows")}
    lowered = follows["chr17-43091434-C-T"]
    assert lowered[1] == "Likely pathogenic (2 of 4 stars) →became Uncertain significance (3 of 4 stars)"
    assert lowered[2].startswith("Recontact: the lower classification has stood long enough")
    assert own.house.ledger.release("clinvar") == adopted
    assert own.house.ledger.tasks(open_only=False) == tasks


def test_the_steps_come_as_events_and_end(own: Pages) -> None:
    address = look(own)
    stream = own.get(f"{address}/events")
    assert stream.headers["content-type"].startswith("text/event-stream")
    said = [line for line in stream.text.splitlines() if line.startswith("event:")]
    assert (said[0], said[-1]) == ("event: step", "event: end")
    assert "data: comparing the releases" in stream.text
    assert stream.text.endswith("data: done\n\n")


@pytest.mark.parametrize("missing", ["by", "reason", "sure"])
def test_a_release_is_adopted_only_with_who_why_and_a_look(own: Pages, missing: str) -> None:
    adopted = own.house.ledger.release("clinvar")
    answer = adopt(own, look(own), **{missing: ""})
    assert (answer.status_code, "Not adopted. Still missing:" in answer.text) == (422, True)
    assert own.house.ledger.release("clinvar") == adopted


def test_an_adopted_release_fills_the_inbox_with_before_and_after(own: Pages) -> None:
    answer = adopt(own, look(own))
    page = waited(own, answer.headers["location"])
    assert "Adopted: 5 tasks opened" in page
    assert str(own.house.ledger.release("clinvar")).startswith(NEW)
    (accepted,) = [
        event.payload["accepted"]
        for event in own.house.ledger.events(kinds=(EventKind.REANALYSED,))
        if "accepted" in event.payload
    ]
    assert (accepted["by"], accepted["reason"]) == ("Dr Example", "compared by hand")
    inbox = text(own.get("/reanalysis").text)
    assert "Conflicting classifications of pathogenicity (1 of 4 stars) → became Pathogenic" in inbox
    assert "In force: ClinVar 26 Feb 2026." in inbox
    assert "2 Nov 2016: likely pathogenic (2 of 4 stars) 26 Feb 2026: uncertain significance" in inbox
    assert "Let pass by Dr Example: compared by hand" in inbox


def test_the_inbox_is_filtered_by_channel_gene_and_what_is_late(own: Pages) -> None:
    adopt_and_wait(own)
    held = own.post("/reanalysis", on="/reanalysis", channel="hold").text
    assert "2 changes" in text(held)
    assert "On hold" in text(held)
    one = own.post("/reanalysis", on="/reanalysis", channel="correction", gene="BRCA1").text
    assert "1 change " in text(one)
    none = own.post("/reanalysis", on="/reanalysis", channel="hold", late="yes").text
    assert "Nothing fits." in none


def adopt_and_wait(pages: Pages) -> None:
    waited(pages, adopt(pages, look(pages)).headers["location"])


def test_a_change_is_taken_in_hand_given_back_and_ended_with_a_reason(own: Pages) -> None:
    person = person_of("nobody-answers")
    (task,) = [one for one in own.house.ledger.tasks(person) if one.kind == "screening-finding"]
    address = own.address(person, "/reanalysis")
    assert own.post(address, on="/reanalysis", task=task.task, act="take").status_code == 303
    assert "In hand local-operator, since 1 Oct 2026" in text(own.get("/reanalysis").text)
    own.post(address, on="/reanalysis", task=task.task, act="back")
    assert "In hand" not in text(own.get("/reanalysis").text)
    assert own.post(address, on="/reanalysis", task=task.task, act="done").status_code == 400
    assert task in own.house.ledger.tasks(person)
    ended = own.post(address, on="/reanalysis", task=task.task, act="not needed", reason="told elsewhere")
    assert ended.status_code == 303
    assert task.task not in {one.task for one in own.house.ledger.tasks(person)}
    shown = own.post("/reanalysis", on="/reanalysis", ended="yes").text
    assert "not needed: told elsewhere" in shown


def test_a_task_of_somebody_else_cannot_be_taken_through_this_record(own: Pages) -> None:
    task = own.house.ledger.tasks(person_of("nobody-answers"))[0].task
    other = own.address(person_of("family-asked"), "/reanalysis")
    assert own.post(other, on="/reanalysis", task=task, act="take").status_code == 400


def test_work_that_is_told_to_stop_ends_and_writes_nothing(own: Pages, monkeypatch) -> None:
    seen: list[str] = []

    def slow(house: House, name: str, asked: object) -> object:
        for _ in range(600):
            asked.tell("one more step")  # type: ignore[attr-defined]
            seen.append(name)
            time.sleep(0.01)
        raise AssertionError("nobody stopped it")

    monkeypatch.setattr(impact, "reanalyse_to", slow)
    address = own.post("/impact", on="/impact", release=NEW).headers["location"]
    running = own.get(address).text
    assert "data-events" in running
    assert '<noscript><meta http-equiv="refresh"' in running
    busy = own.post("/impact", on="/impact", release=NEW)
    assert (busy.status_code, "Another look at a release is running" in busy.text) == (422, True)
    own.post(f"{address}/stop", on=address)
    assert "Stopped. Nothing was written." in waited(own, address)
    assert seen


def test_work_that_fails_says_so_in_words(own: Pages, monkeypatch) -> None:
    def fails(house: House, name: str, asked: object) -> object:
        raise BedsideError("the release is damaged")

    monkeypatch.setattr(impact, "reanalyse_to", fails)
    address = own.post("/impact", on="/impact", release=NEW).headers["location"]
    assert "nothing was written: the release is damaged" in waited(own, address)


def test_a_look_that_nobody_began_is_not_here(own: Pages) -> None:
    assert own.get("/impact/nothing").status_code == 404
