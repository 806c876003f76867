"""Deadlines, ladders and guards under a clock that the test turns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bedside.act.pathway_guards import fired
from bedside.act.pathway_moves import moment_after, moves
from bedside.act.pathway_state import Status, states
from bedside.act.pathway_timeline import timeline
from bedside.genome.signal import Signal
from bedside.knowledge.care_pathway import Span
from bedside.service.pathway_check import load_pathways

HELD = load_pathways()
NSCLC = HELD.by_name["nsclc"]
CALENDAR = HELD.calendars["us-federal"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def signal(name: str, when: datetime, **said: str) -> Signal:
    case = said.pop("case", "")
    return Signal(name, when, when, f"{name}-{when.isoformat()}-{case}", "test", case, said)


DIAGNOSED = signal("diagnosed", at("2026-11-20T15:00"), disease="nsclc-advanced")


@pytest.mark.parametrize(
    ("span", "since", "due"),
    [
        (Span(hours=1.5), "2026-11-20T15:00", "2026-11-20T16:30"),
        # A Friday; Thanksgiving (26 November) is no working day; the day ends at midnight in New York.
        (Span(working_days=5), "2026-11-20T15:00", "2026-12-01T05:00"),
        (Span(days=7), "2026-11-20T15:00", "2026-11-28T05:00"),
        # Ten in the evening in New York is the next day in UTC; the house counts its own days.
        (Span(working_days=1), "2026-11-24T03:00", "2026-11-25T05:00"),
        # Over the end of summer time the day is an hour longer.
        (Span(days=1), "2026-10-31T15:00", "2026-11-02T05:00"),
        # Independence Day 2026 is a Saturday and is kept on Friday.
        (Span(working_days=1), "2026-07-02T15:00", "2026-07-07T04:00"),
    ],
)
def test_a_deadline_falls_at_the_end_of_a_working_day_of_the_house(span: Span, since: str, due: str) -> None:
    assert moment_after(span, at(since), CALENDAR) == at(due)


def test_a_step_goes_up_the_ladder_at_its_time_and_not_before() -> None:
    (tissue,) = [one for one in _moves("2026-12-01T04:59") if one.step == "tissue"]
    assert (tissue.owner, tissue.overdue, tissue.rung) == ("pulmonologist", False, 0)
    (tissue,) = [one for one in _moves("2026-12-01T05:00") if one.step == "tissue"]
    assert (tissue.owner, tissue.overdue, tissue.rung) == ("pulmonologist", True, 0)
    (tissue,) = [one for one in _moves("2026-12-04T05:00") if one.step == "tissue"]
    assert (tissue.owner, tissue.first_owner, tissue.rung) == ("thoracic coordinator", "pulmonologist", 1)


def _moves(now: str):
    (case,) = states(NSCLC, "p", [DIAGNOSED], at(now))
    return moves(NSCLC, case, CALENDAR, at(now))


def test_a_deadline_after_the_last_known_holiday_says_so() -> None:
    late = signal("diagnosed", at("2030-12-30T15:00"), disease="nsclc-advanced")
    (case,) = states(NSCLC, "p", [late], at("2030-12-31T15:00"))
    found = moves(NSCLC, case, CALENDAR, at("2030-12-31T15:00"))
    assert {one.due_known for one in found} == {False}


def test_a_guard_fires_once_on_its_moment_and_falls_silent_when_it_is_settled() -> None:
    signals = [DIAGNOSED, signal("result-reported", at("2026-12-01T15:00"))]
    assert _fired(signals, "2026-12-04T04:59") == []
    (one,) = _fired(signals, "2026-12-04T05:00")
    assert (one.guard, one.at, one.holds) == ("result-not-opened", at("2026-12-04T05:00"), True)
    (again,) = _fired(signals, "2027-01-04T05:00")
    assert again.firing == one.firing
    read = [*signals, signal("result-opened", at("2026-12-05T10:00"))]
    (settled,) = [f for f in _fired(read, "2026-12-06T05:00") if f.guard == "result-not-opened"]
    assert (settled.firing, settled.holds) == (one.firing, False)
    in_time = [*signals, signal("result-opened", at("2026-12-03T10:00"))]
    assert _fired(in_time, "2026-12-06T05:00") == []


def test_chemotherapy_before_the_result_is_told_at_once_and_after_the_result_it_is_not() -> None:
    chemotherapy = signal("therapy-ordered", at("2026-12-02T15:00"), **{"class": "chemotherapy"})
    (one,) = _fired([DIAGNOSED, chemotherapy], "2026-12-02T15:00")
    assert (one.guard, one.at) == ("treated-before-result", chemotherapy.at)
    result = signal("result-reported", at("2026-12-01T15:00"))
    assert _fired([DIAGNOSED, chemotherapy, result], "2026-12-02T15:00") == []


def test_a_dispense_is_no_dose() -> None:
    dispensed = signal("dispensed", at("2026-12-02T15:00"), **{"class": "targeted"})
    (case,) = states(NSCLC, "p", [DIAGNOSED, dispensed], at("2026-12-20T15:00"))
    assert (case.ended, [one.step for one in case.open]) == (None, ["first-dose"])
    (one,) = _fired([DIAGNOSED, dispensed], "2026-12-20T15:00")
    assert one.guard == "dispense-without-dose"


def test_two_cases_of_one_person_stand_apart() -> None:
    first = signal("diagnosed", at("2026-11-20T15:00"), disease="nsclc-advanced", case="left")
    second = signal("diagnosed", at("2026-11-21T15:00"), disease="nsclc-advanced", case="right")
    result = signal("result-reported", at("2026-12-01T15:00"), case="right")
    left, right = states(NSCLC, "p", [first, second, result], at("2026-12-02T15:00"))
    assert ("opened" in {s.step for s in left.open}, [s.step for s in right.open]) == (False, ["opened"])


def _fired(signals: list[Signal], now: str):
    return list(fired(NSCLC, "p", "", signals, CALENDAR, at(now)))


def test_after_the_third_failed_specimen_the_board_decides() -> None:
    signals = [DIAGNOSED]
    for day in range(3):
        when = at("2026-12-01T15:00") + timedelta(days=3 * day)
        signals += [signal("specimen-collected", when, kind="tissue")]
        signals += [signal("specimen-insufficient", when + timedelta(days=1))]
    (case,) = states(NSCLC, "p", signals, at("2026-12-20T15:00"))
    assert "without-specimen" in {one.step for one in case.open}
    assert case.returned == {"another-specimen": 3}


def test_a_step_on_call_is_not_done_by_what_happens_to_people_nobody_sent_there() -> None:
    taken = signal("specimen-collected", at("2026-12-01T15:00"), kind="tissue")
    (case,) = states(NSCLC, "p", [DIAGNOSED, taken], at("2026-12-02T15:00"))
    assert case.steps["without-specimen"].status is Status.NOT_NEEDED
    assert "without-specimen" not in {
        one.step for one in timeline(NSCLC, case, CALENDAR, at("2026-12-02T15:00"))
    }
