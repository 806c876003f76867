"""A house in which those who speak Spanish wait longer: the report finds it, an alarm has an owner."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bedside.act.gap_alarms import GapStep
from bedside.cli import main
from bedside.errors import PackError
from bedside.genome.event import EventKind, NewEvent
from bedside.knowledge.provenance import DATA
from bedside.learn.equity import Standing
from bedside.service.equity import equity_report, watch_gaps, watch_gaps_when_due
from bedside.service.equity_table import COLUMNS, lines
from bedside.service.house import House, open_house
from bedside.settings import Settings

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
GAP = "measure/tasks-in-time/language/es"


def tasks(late_es: int, late_en: int = 10, each: int = 80) -> Iterator[NewEvent]:
    """Eighty people of each language with a task that was due; so many were closed late."""
    for language, late in (("en", late_en), ("es", late_es)):
        for number in range(each):
            person = f"{language}-{number}"
            opened = NOON - timedelta(days=60)
            yield NewEvent(EventKind.PERSON_REGISTERED, "desk", opened, person, {"family": person})
            yield NewEvent(EventKind.PROGRAMME_RECORDED, "desk", opened, person, {"language": language})
            told = {"task": person, "kind": "k", "summary": "s", "owner": "o", "due": "2026-10-10"}
            yield NewEvent(EventKind.TASK_OPENED, "desk", opened, person, told)
            closed = datetime(2026, 10, 20 if number < late else 5, tzinfo=UTC)
            done = {"task": person, "outcome": "done"}
            yield NewEvent(EventKind.TASK_CLOSED, "desk", closed, person, done)


@pytest.fixture
def store(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ledger.db'}"


def opened(store: str, late_es: int) -> House:
    house = open_house(Settings(store_url=store), clock=lambda: NOON)
    house.ledger.append(list(tasks(late_es)))
    return house


def test_a_group_that_waits_longer_is_found_and_its_alarm_is_raised_once(store: str) -> None:
    house = opened(store, late_es=40)
    report = equity_report(house)
    found = {one.key: one for one in report.lines}[GAP]
    assert (found.standing, found.worse) == (Standing.GAP, True)
    assert found.mine is not None
    assert (found.mine.count, found.mine.of) == (40, 80)
    assert found.told is not None
    assert found.told.value == pytest.approx(40 / 80 - 70 / 80)
    assert [one.key for one in report.alarms] == [GAP]
    assert watch_gaps(house, "night") == ((GAP, GapStep.RAISED),)
    assert watch_gaps(house, "night") == ()
    (alarm,) = equity_report(house).open
    assert (alarm.owner, alarm.due) == ("programme lead", "2026-12-26")
    assert "language es: -37.5 points" in alarm.told
    house.close()


def test_a_server_looks_once_a_day_and_as_its_own_policy_says(store: str, tmp_path: Path) -> None:
    house = opened(store, late_es=40)
    seen = watch_gaps_when_due(house, "server", None)
    assert (seen, len(equity_report(house).open)) == (NOON, 1)
    head = house.ledger.checkpoint()
    for hours, again in ((23, NOON), (24, NOON + timedelta(hours=24))):
        later = replace(house, clock=lambda hours=hours: NOON + timedelta(hours=hours))
        assert watch_gaps_when_due(later, "server", seen) == again
    assert house.ledger.checkpoint() == head
    own = tmp_path / "own" / "equity"
    own.mkdir(parents=True)
    shipped = (DATA / "equity" / "gaps.toml").read_text("utf-8")
    (own / "gaps.toml").write_text(shipped.replace("look_every_hours = 24", "look_every_hours = 0"), "utf-8")
    never = replace(house, settings=replace(house.settings, knowledge_root=str(own.parent)))
    assert watch_gaps_when_due(never, "server", None) is None
    (own / "gaps.toml").write_text(shipped.replace("look_every_hours = 24", "look_every_hours = -1"), "utf-8")
    with pytest.raises(PackError, match="look_every_hours"):
        watch_gaps_when_due(never, "server", None)
    house.close()


def test_alarms_are_told_to_nobody_who_sees_some_people_only_and_not_before_they_were_raised(
    store: str,
) -> None:
    house = opened(store, late_es=40)
    watch_gaps(house, "night")
    everybody = frozenset(one.person for one in house.ledger.people(limit=500))
    assert (len(equity_report(house).open), equity_report(house, people=everybody).open) == (1, ())
    assert equity_report(house, NOON - timedelta(days=1)).open == ()
    house.close()


def test_a_group_with_a_tab_in_its_name_is_one_cell(store: str) -> None:
    house = opened(store, late_es=40)
    named = {"language": "two\tworlds\n"}
    for number in range(80):
        house.ledger.append([NewEvent(EventKind.PROGRAMME_RECORDED, "desk", NOON, f"es-{number}", named)])
    rows = list(lines(equity_report(house, by=("language",))))
    assert {len(row) for row in rows} == {len(COLUMNS)}
    assert "two worlds" in {row[4] for row in rows}
    house.close()


def test_the_same_waits_in_both_languages_are_no_gap_and_what_has_no_event_is_named(store: str) -> None:
    house = opened(store, late_es=10)
    report = equity_report(house)
    assert report.gaps == ()
    assert report.not_compared["denial-rate"].startswith("cannot be computed: no such event")
    assert watch_gaps(house, "night") == ()
    house.close()


def test_the_command_shows_the_gap_and_refuses_a_group_that_there_is_not(
    store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    opened(store, late_es=40).close()
    assert main(["equity", "--gaps", "--by", "language", "--store", store]) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    header = lines[0]
    shown = [dict(zip(header, line, strict=True)) for line in lines[1:]]
    assert [(one["group"], one["worse_off"], one["difference"]) for one in shown] == [
        ("es", "yes", "-0.3750"),
        ("en", "no", "0.3750"),
    ]
    assert main(["equity", "--by", "shoe size", "--store", store]) == 1
    assert "is no group of the record" in capsys.readouterr().err
