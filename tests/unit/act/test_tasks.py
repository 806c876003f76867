"""Tasks: due in working days, escalated when nobody acts, opened once for each finding."""

from __future__ import annotations

from datetime import date

import pytest

from bedside.act.tasks import Due, TaskState, acknowledge, due_from, escalated, open_tasks, state_of
from bedside.act.working_days import working_day_after
from bedside.decide.recommend import recommend
from bedside.decide.recommendation import Recommendation
from bedside.genome.task import Task
from tests.unit.decide.people import called, pack, rules

FRIDAY = date(2026, 11, 20)
TIERS = rules().phrases.tiers
DUE = Due(date(2026, 11, 24), date(2026, 11, 27))


def findings(drug: str, gene: str, key: str) -> list[Recommendation]:
    answers = recommend(pack(), rules().phrases, {gene: called(gene, key)}, pack().drugs[drug])
    return [one for one in answers if isinstance(one, Recommendation)]


def task() -> Task:
    (one,) = open_tasks("p1", findings("clopidogrel", "CYP2C19", "Poor Metabolizer"), TIERS, DUE)
    return one


@pytest.mark.parametrize(
    ("start", "count", "holidays", "expected"),
    [
        (FRIDAY, 0, (), date(2026, 11, 20)),
        (FRIDAY, 1, (), date(2026, 11, 23)),
        (FRIDAY, 2, (), date(2026, 11, 24)),
        (date(2026, 11, 21), 1, (), date(2026, 11, 23)),
        (date(2026, 12, 24), 1, (date(2026, 12, 25),), date(2026, 12, 28)),
        (FRIDAY, 10, (), date(2026, 12, 4)),
    ],
)
def test_weekends_and_holidays_are_no_working_days(
    start: date, count: int, holidays: tuple[date, ...], expected: date
) -> None:
    assert working_day_after(start, count, holidays) == expected


def test_a_finding_of_friday_is_due_on_tuesday_and_goes_higher_next_friday() -> None:
    assert due_from(TIERS.task, FRIDAY) == DUE


def test_a_task_stands_open_then_overdue_then_with_the_next_role_until_somebody_acts() -> None:
    days = [date(2026, 11, 24), date(2026, 11, 25), date(2026, 11, 27)]
    assert [state_of(task(), day) for day in days] == [TaskState.OPEN, TaskState.OVERDUE, TaskState.ESCALATED]
    assert [escalated(task(), day).owner for day in days] == [
        "clinical pharmacist",
        "clinical pharmacist",
        "medication safety lead",
    ]
    done = acknowledge(task(), "pharmacist 7")
    assert (state_of(done, days[2]), done.outcome) == (TaskState.CLOSED, "acknowledged by pharmacist 7")


def test_only_the_top_tier_is_tracked_one_task_a_drug() -> None:
    assert open_tasks("p1", findings("citalopram", "CYP2C19", "Poor Metabolizer"), TIERS, DUE) == ()
    both = [*findings("clopidogrel", "CYP2C19", "Poor Metabolizer"), *findings("codeine", "CYP2D6", "0.0")]
    assert [one.about["drug"] for one in open_tasks("p1", both, TIERS, DUE)] == ["clopidogrel", "codeine"]


def test_the_same_finding_has_the_same_name_and_another_person_s_has_not() -> None:
    found = findings("codeine", "CYP2D6", "0.0")
    (one,), (again,) = (open_tasks("p1", found, TIERS, due) for due in (DUE, Due(FRIDAY, FRIDAY)))
    (other,) = open_tasks("p2", found, TIERS, DUE)
    assert one.task == again.task
    assert one.task != other.task
