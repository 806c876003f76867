"""A task of the screen is a finding on its way, and says nothing in a chart until it is confirmed."""

from __future__ import annotations

from datetime import date

import pytest

from bedside.genome.consent import Decision, Scope
from bedside.genome.event import EventKind, NewEvent
from bedside.service.close_task import Ending, close_task
from bedside.service.disclose import record_step, shown_findings, worklist
from bedside.service.disclose_tasks import CHECKED, chart_tasks
from bedside.service.house import House
from tests.unit.service.conftest import HandClock

TASK = "confirm-in-clinical-laboratory:1"


def agreed(person: str, scope: Scope, day: date) -> Decision:
    return Decision.GIVEN


@pytest.fixture
def screened(house: House, clock: HandClock) -> House:
    about = {"variants": ["chr13-32340300-GT-G"], "gene": "BRCA2", "confirmation": "research", "panel": "p"}
    task = {
        "task": TASK, "kind": "confirm-in-clinical-laboratory", "owner": "genetic counsellor",
        "summary": "BRCA2 chr13-32340300-GT-G: pathogenic", "due": "2026-04-01", "about": about,
    }  # fmt: skip
    pgx = {**task, "task": "t2", "kind": "top-tier-finding", "summary": "clopidogrel", "about": {}}
    house.ledger.append(
        [
            NewEvent(EventKind.TASK_OPENED, "knowledge", clock(), "ann", one, one["task"])
            for one in (task, pgx)
        ]
    )
    return house


def test_a_task_of_the_screen_comes_in_at_sign_off_and_is_closed_when_it_is_over(
    screened: House, clock: HandClock
) -> None:
    assert [(line.finding, line.state, line.gene) for line in worklist(screened, date(2026, 3, 2))] == [
        (TASK, "sign-off", "BRCA2")
    ]
    clock.turn(days=1)
    ended = record_step(screened, "ann", TASK, "sign-off", "not-reportable", actor="scientist", may=agreed)
    assert ended.state.final == "not-reportable"


def test_a_chart_says_only_that_something_is_checked_until_the_clinical_laboratory_confirmed_it(
    screened: House, clock: HandClock
) -> None:
    def summaries() -> list[str]:
        tasks = chart_tasks(screened, "ann", screened.ledger.tasks("ann"), may=agreed)
        return [f"{task.summary} {dict(task.about)}" for task in tasks]

    checked = f"{CHECKED} {{'why': 'not-shown'}}"
    assert summaries() == [checked, "clopidogrel {}"]
    for step, outcome in (
        ("sign-off", "signed-off"),
        ("second-sample", "sent"),
        ("confirmation", "confirmed"),
    ):
        assert summaries()[0] == checked
        clock.turn(days=1)
        record_step(screened, "ann", TASK, step, outcome, actor="lab", may=agreed)
    assert summaries()[0].startswith("BRCA2 chr13-32340300-GT-G: pathogenic")


@pytest.mark.parametrize("outcome", ["not-reportable", "more-evidence"])
def test_what_nobody_signed_off_is_named_nowhere_though_a_clinical_laboratory_saw_it(
    house: House, clock: HandClock, outcome: str
) -> None:
    """One star, or a pair without phase: a clinical sample alone makes no finding of it."""
    about = {"variants": ["chr13-32340300-GT-G"], "gene": "BRCA2", "confirmation": "clinical", "panel": "p"}
    task = {
        "task": TASK, "kind": "screening-review", "owner": "variant scientist",
        "summary": "BRCA2 chr13-32340300-GT-G: pathogenic (1 of 4 stars)", "due": "2026-04-01",
        "about": about,
    }  # fmt: skip
    house.ledger.append([NewEvent(EventKind.TASK_OPENED, "knowledge", clock(), "ann", task, TASK)])

    def said() -> tuple[list[str], int]:
        tasks = chart_tasks(house, "ann", house.ledger.tasks("ann"), may=agreed)
        return [one.summary for one in tasks], len(shown_findings(house, "ann", may=agreed))

    assert said() == ([CHECKED], 0)
    clock.turn(days=1)
    record_step(house, "ann", TASK, "sign-off", outcome, actor="scientist", may=agreed)
    assert said()[1] == 0
    clock.turn(days=1)
    if outcome == "more-evidence":
        record_step(house, "ann", TASK, "evidence", "gathered", actor="scientist", may=agreed)
        clock.turn(days=1)
        assert said()[1] == 0
        record_step(house, "ann", TASK, "sign-off", "signed-off", actor="scientist", may=agreed)
        assert said() == ([task["summary"]], 1)


def test_a_review_that_is_ended_in_the_list_of_tasks_makes_no_finding_of_it(
    house: House, clock: HandClock
) -> None:
    about = {"variants": ["chr13-32340300-GT-G"], "gene": "BRCA2", "confirmation": "clinical", "panel": "p"}
    task = {
        "task": TASK, "kind": "screening-review", "owner": "variant scientist",
        "summary": "BRCA2", "due": "2026-04-01", "about": about,
    }  # fmt: skip
    house.ledger.append([NewEvent(EventKind.TASK_OPENED, "knowledge", clock(), "ann", task, TASK)])
    clock.turn(days=1)
    close_task(house, "ann", TASK, Ending.NOT_NEEDED, "benign in our hands", actor="scientist")
    assert shown_findings(house, "ann", may=agreed) == ()
