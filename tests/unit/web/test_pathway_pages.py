"""The worklist, its board, the outreach queue and one person's pathways: what they say, and what may be
written down there."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bedside.errors import IntakeError
from bedside.genome.event import EventKind
from bedside.genome.programme import programmes_from
from bedside.service.house import House
from bedside.service.pathway_signals import signals_of
from bedside.service.record_programme import record_programme
from bedside.web.app import create_app
from bedside.web.session import access_cookie
from tests.made_up_pathways import open_pathways
from tests.made_up_record import AMARA, INGRID, TOMAS
from tests.unit.web.conftest import Pages
from tests.unit.web.read import rows, text


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = open_pathways(tmp_path)
    yield opened
    opened.close()


def case_of(page: str) -> str:
    found = re.search(r'name="case" value="([0-9a-f]+)"', page)
    assert found
    return found[1]


def note(pages: Pages, person: str, **said: str):
    address = pages.address(person, "/pathways")
    return pages.post(address, on=address, when="2026-10-01T07:00", zone="us-federal", **said)


def choose(pages: Pages, person: str, choice: str):
    case = case_of(pages.get(pages.address(person, "/pathways")).text)
    return note(pages, person, act="choose", case=case, choice=choice)


def names(page: str) -> list[str]:
    return [row[0] for row in rows(page, "Open steps")]


def test_the_worklist_says_who_is_stuck_how_long_and_whose_move(pages: Pages) -> None:
    page = pages.get("/worklist").text
    first = rows(page, "Open steps")[0]
    assert first[0].startswith("Amara")
    assert re.match(r"\d+ days late", first[1])
    assert first[2].startswith("Programme lead went up from genetic counsellor")
    told = [row for row in rows(page, "Open steps") if row[0].startswith("Ingrid")]
    assert told[0][3].startswith("First dose confirmed Call the person")
    assert "transport to the clinic" in told[0][4]
    assert "people are past the time" in text(page)


def test_the_worklist_is_narrowed_by_role_pathway_and_site(pages: Pages) -> None:
    assert names(pages.get("/worklist?role=nurse+navigator").text)[0].startswith("Ingrid")
    assert [one.split()[0] for one in names(pages.get("/worklist?pathway=hereditary").text)] == ["Amara"] * 2
    assert "No step waits that fits." in text(pages.get("/worklist?site=Nowhere").text)
    assert pages.get("/worklist?pathway=nonsense").status_code == 404


def test_the_board_stands_by_step_and_says_where_nobody_is(pages: Pages) -> None:
    page = text(pages.get("/worklist?view=board&pathway=nsclc").text)
    assert "Tissue taken 1 here" in page
    assert "First dose confirmed 1 here, 1 late" in page
    assert "Nobody is at: " in page


def test_the_outreach_queue_has_who_missed_and_how_often_somebody_tried(pages: Pages) -> None:
    lines = rows(pages.get("/worklist/outreach").text, "People to reach")
    amara = next(line for line in lines if line[0].startswith("Amara"))
    assert "missed an appointment on 1 Sep 2026" in amara[1]
    assert amara[2].startswith("1 attempt")
    assert any(line[3].startswith("Ask: was the first dose taken") for line in lines)
    assert not any(line[0].startswith("Tomás") for line in lines)
    note(pages, AMARA, act="reach", happened="contacted", code="phone")
    lines = rows(pages.get("/worklist/outreach").text, "People to reach")
    assert "missed" not in next(line for line in lines if line[0].startswith("Amara"))[1]


def test_the_signal_that_closes_a_step_is_written_down_under_who_said_it(pages: Pages, house: House) -> None:
    page = pages.get(pages.address(INGRID, "/pathways")).text
    assert "Call about the first dose." in text(page)
    assert choose(pages, INGRID, "first-dose-confirmed&class=targeted").status_code == 303
    (said,) = [one for one in signals_of(house, INGRID) if one.name == "first-dose-confirmed"]
    assert (said.source, said.attributes) == ("local-operator", {"class": "targeted"})
    assert said.at.isoformat() == "2026-10-01T11:00:00+00:00"
    assert "Ended 1 Oct 2026, 11:00 UTC: the first dose was given" in text(
        pages.get(pages.address(INGRID, "/pathways")).text
    )
    assert not any(one.startswith("Ingrid") for one in names(pages.get("/worklist").text))


def test_the_same_form_sent_twice_is_one_signal(pages: Pages, house: House) -> None:
    for _ in range(2):
        note(pages, TOMAS, act="reach", happened="contact-attempted", code="phone", form="once")
    assert [one.name for one in signals_of(house, TOMAS)].count("contact-attempted") == 1


def test_what_does_not_fit_where_somebody_stands_is_refused(pages: Pages, house: House) -> None:
    before = signals_of(house, INGRID)
    answer = choose(pages, INGRID, "specimen-collected&kind=saliva")
    assert answer.status_code == 422
    assert "nothing was chosen that fits" in text(answer.text).lower()
    assert note(pages, INGRID, act="barrier-noted", code="weather").status_code == 422
    assert note(pages, INGRID, act="").status_code == 422
    assert signals_of(house, INGRID) == before


def test_a_case_ends_with_its_coded_reason_and_is_taken_up_again(pages: Pages) -> None:
    assert choose(pages, TOMAS, "declined&reason=patient-refusal").status_code == 303
    page = text(pages.get(pages.address(TOMAS, "/pathways")).text)
    assert "Ended 1 Oct 2026, 11:00 UTC: the person refused" in page
    assert choose(pages, TOMAS, "returned").status_code == 303
    assert any(one.startswith("Tomás") for one in names(pages.get("/worklist").text))


def test_a_barrier_stands_until_it_is_out_of_the_way(pages: Pages) -> None:
    note(pages, TOMAS, act="barrier-noted", code="cost")
    assert "In the way: cost to the person" in text(pages.get("/worklist").text)
    note(pages, TOMAS, act="barrier-removed", code="cost")
    assert "In the way: cost to the person" not in [
        row[4] for row in rows(pages.get("/worklist").text, "Open steps")
    ]


def test_what_was_wrong_is_taken_back_with_why_and_what_another_event_says_is_not(
    pages: Pages, house: House
) -> None:
    dispensed = next(one for one in signals_of(house, INGRID) if one.name == "dispensed")
    assert note(pages, INGRID, act="retract", signal=dispensed.signal_id, why=" ").status_code == 422
    assert note(pages, INGRID, act="retract", signal=dispensed.signal_id, why="another's").status_code == 303
    lines = rows(pages.get("/worklist?pathway=nsclc").text, "Open steps")
    assert next(one for one in lines if one[0].startswith("Ingrid"))[3].startswith("Medicine picked up")
    assert note(pages, INGRID, act="retract", signal="event-999", why="x").status_code == 422
    derived = next(one for one in signals_of(house, AMARA) if one.attributes.get("result"))
    answer = note(pages, AMARA, act="retract", signal=derived.signal_id, why="x")
    assert (answer.status_code, "none that can be taken back here" in answer.text) == (422, True)


def test_the_way_is_drawn_with_the_gap_against_the_deadline_and_a_table_says_the_same(pages: Pages) -> None:
    page = pages.get(pages.address(INGRID, "/pathways")).text
    assert page.count('fill="url(#hatch-1)"') >= 1
    table = {row[0]: row for row in rows(page, "Steps with their times")}
    assert table["First dose confirmed"][1:3] == ["Open", "25 Sep 2026"]
    assert table["First dose confirmed"][5].endswith("late")
    assert table["Payment agreed"][5] == "in time"
    assert table["Specimen judged enough"][1] == "Passed: a later step was done"
    assert "Appeal sent" not in table


def caller(house: House, folder: Path, permissions: list[str], people: list[str] | None = None) -> Pages:
    held = hashlib.sha256(b"secret").hexdigest()
    entry = f'[[token]]\nname = "ward"\ntoken_sha256 = "{held}"\npermissions = {json.dumps(permissions)}\n'
    if people is not None:
        entry += f"people = {json.dumps(people)}\n"
    path = folder / "access.toml"
    path.write_text(entry)
    guarded = replace(house, settings=replace(house.settings, access_file=str(path)))
    pages = Pages(create_app(guarded), guarded)
    pages.cookies.set(access_cookie(guarded.settings), "secret")
    return pages


def test_who_may_open_named_records_sees_only_them(house: House, tmp_path: Path) -> None:
    pages = caller(house, tmp_path, ["pathways"], [TOMAS])
    assert [one.split()[0] for one in names(pages.get("/worklist").text)] == ["Tomás"]
    assert pages.get(pages.address(AMARA, "/pathways")).status_code == 403
    assert "Nobody waits" in text(pages.get("/worklist/outreach").text)


def test_looking_and_writing_are_granted_apart_and_every_look_is_on_record(
    house: House, tmp_path: Path
) -> None:
    pages = caller(house, tmp_path, ["pathways"])
    page = pages.get(pages.address(TOMAS, "/pathways"))
    assert "Write it down" not in page.text
    assert pages.send("POST", pages.address(TOMAS, "/pathways"), data={"act": "x"}).status_code == 403
    seen = [one.payload["page"] for one in house.ledger.events(person=TOMAS, kinds=(EventKind.ACCESSED,))]
    assert "pathways" in seen
    assert caller(house, tmp_path, ["people"]).get("/worklist").status_code == 403


def test_the_funnel_of_the_record_says_who_got_past_each_step_and_leads_to_those_who_did_not(
    pages: Pages,
) -> None:
    choose(pages, TOMAS, "declined&reason=cost-to-patient")
    page = pages.get("/funnel/nsclc").text
    table = {row[0]: row for row in rows(page, "The funnel of everybody")}
    assert table["Tissue taken"][1:5] == ["2", "1", "0", "1 the person could not pay their share 1"]
    assert table["First dose confirmed"][1:4] == ["1", "0", "1"]
    there = rows(pages.get("/funnel/nsclc/tissue").text, "People at this step")
    assert there == [["Tomás Reyes", "Ended 1 Oct 2026: the person could not pay their share"]]
    assert "2 cases" in text(pages.get("/funnel").text)


def test_the_time_to_the_goal_stands_beside_the_figure_not_to_report(pages: Pages) -> None:
    choose(pages, INGRID, "first-dose-confirmed&class=targeted")
    page = pages.get("/funnel/nsclc").text
    day = {row[0]: row for row in rows(page, "Share with each end")}
    assert day["14"][1] == "0.0 %"
    assert day["30"][1].startswith("100.0 %")
    assert '<polyline class="line"' in page


def test_groups_are_compared_with_small_numbers_hidden_and_unknown_is_a_group(
    pages: Pages, house: House, tmp_path: Path
) -> None:
    told = tmp_path / "people.tsv"
    told.write_text(f"person\tsite\tpayer\tdeprivation\n{INGRID}\tNorth\tmedicaid\t5\n")
    assert record_programme(house, told, by="registry") == 1
    assert record_programme(house, told, by="registry") == 0
    page = text(pages.get("/funnel/nsclc?by=payer").text)
    assert "Medicaid: <5 at the start" in page
    assert "Not known: <5 at the start" in page
    assert [one.split()[0] for one in names(pages.get("/worklist?site=North").text)] == ["Ingrid"]
    assert pages.get("/funnel/nsclc?by=name").status_code == 404
    assert pages.get("/funnel/nsclc/nowhere").status_code == 404


def test_a_table_of_groups_with_faults_is_refused_whole(house: House, tmp_path: Path) -> None:
    told = tmp_path / "people.tsv"
    told.write_text(f"person\tsite\tdeprivation\n{INGRID}\tNorth\t9\nnobody\tSouth\t1\n")
    with pytest.raises(IntakeError) as wrong:
        record_programme(house, told, by="registry")
    assert [problem.line for problem in wrong.value.problems] == [2, 3]
    assert programmes_from(house.ledger.events()) == {}


def test_the_funnel_is_granted_apart_from_the_people_in_it(house: House, tmp_path: Path) -> None:
    pages = caller(house, tmp_path, ["funnel"])
    page = pages.get("/funnel/nsclc")
    assert page.status_code == 200
    assert "/funnel/nsclc/tissue" not in page.text
    assert pages.get("/funnel/nsclc/tissue").status_code == 403


def test_who_is_on_a_pathway_that_says_what_was_found_is_shown_to_disclosure_only(
    house: House, tmp_path: Path
) -> None:
    ward = caller(house, tmp_path, ["pathways", "pathway-note", "funnel"])
    assert not any(one.startswith("Amara") for one in names(ward.get("/worklist").text))
    assert "This person is on no pathway." in text(ward.get(ward.address(AMARA, "/pathways")).text)
    assert "Hereditary finding" not in ward.get("/worklist").text
    assert ward.get("/funnel/hereditary/told").status_code == 403
    assert ward.get("/funnel/hereditary").status_code == 200
    told = caller(house, tmp_path, ["pathways", "disclosure"])
    assert any(one.startswith("Amara") for one in names(told.get("/worklist").text))
    assert told.get("/funnel/hereditary/told").status_code == 200
