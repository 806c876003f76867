"""What the record remembers of a person and a variant."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bedside.act.reanalysis import Standing, Told
from bedside.act.reanalysis_memory import NOTHING, SUPERSEDED, Remembered, remember, write_history
from bedside.genome.event import Event, EventKind
from bedside.knowledge.classification import Classification
from bedside.knowledge.reanalysis_policy import FindingTask, load_reanalysis_policy

POLICY = load_reanalysis_policy()
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ANNA, VARIANT = "p1", "chr13-32338763-A-T"
HISTORY = (
    Standing(date(2016, 5, 20), Classification.UNCERTAIN, 1),
    Standing(date(2016, 11, 2), Classification.PATHOGENIC, 2),
)
PAIR = (ANNA, VARIANT)


def event(kind: EventKind, /, **payload: object) -> Event:
    return Event(1, kind, "test", NOW, NOW, ANNA, payload, None, "")


def opened(kind: FindingTask, task: str = "t1") -> Event:
    about = {"variants": [VARIANT], "gene": "BRCA2", "history": write_history(HISTORY)}
    return event(EventKind.TASK_OPENED, task=task, kind=kind.value, summary="", owner="", due="", about=about)


def closed(outcome: str, task: str = "t1") -> Event:
    return event(EventKind.TASK_CLOSED, task=task, outcome=outcome)


def test_an_open_upgrade_was_told_to_nobody_yet():
    found = remember([opened(FindingTask.UPGRADED)], POLICY)
    assert found == {PAIR: Remembered({FindingTask.UPGRADED: "t1"}, Told.NEVER, HISTORY, "BRCA2")}
    assert not found[PAIR].pending


@pytest.mark.parametrize(
    ("kind", "outcome", "told"),
    [
        (FindingTask.UPGRADED, "done", Told.TOLD),
        (FindingTask.UPGRADED, "not needed: known already", Told.DECIDED),
        (FindingTask.SCREENING_FINDING, "declined: wants not to know", Told.DECIDED),
        (FindingTask.UPGRADED, SUPERSEDED + "never-told", Told.NEVER),
        (FindingTask.SCREENING_REVIEW, "done", Told.DECIDED),
        (FindingTask.TO_REVIEW, "done", Told.DECIDED),
        (FindingTask.RECONTACT, "done", Told.CORRECTED),
        (FindingTask.DOWNGRADED, "done", Told.CORRECTED),
        (FindingTask.CONFLICT, "done", Told.UNKNOWN),
    ],
)
def test_how_a_task_ended_says_what_the_person_heard(kind, outcome, told):
    found = remember([opened(kind), closed(outcome)], POLICY)
    assert found == {PAIR: Remembered({}, told, HISTORY, "BRCA2", judged=kind.reviews)}


@pytest.mark.parametrize(
    ("kind", "outcome", "judged"),
    [
        (FindingTask.TO_REVIEW, "not needed: in cis", True),
        (FindingTask.SCREENING_REVIEW, "declined: wants not to know", False),
        (FindingTask.UPGRADED, "not needed: known already", False),
    ],
)
def test_only_the_end_of_a_review_is_a_judgement(kind, outcome, judged):
    held = remember([opened(kind), closed(outcome)], POLICY)[PAIR]
    assert (held.told, held.judged) == (Told.DECIDED, judged)


@pytest.mark.parametrize(
    ("kind", "step", "outcome", "judged"),
    [
        (FindingTask.SCREENING_REVIEW, "sign-off", "not-reportable", True),
        (FindingTask.SCREENING_FINDING, "sign-off", "not-reportable", False),
        (FindingTask.SCREENING_REVIEW, "contact", "declined", False),
    ],
)
def test_on_the_worklist_too(kind, step, outcome, judged):
    taken = event(EventKind.STEP_TAKEN, pathway="disclosure", finding="t1", step=step, outcome=outcome)
    held = remember([opened(kind), taken], POLICY)[PAIR]
    assert (held.told, held.judged) == (Told.DECIDED, judged)


def test_a_hold_waits_for_the_next_release():
    assert remember([opened(FindingTask.CONFLICT)], POLICY)[PAIR].pending


@pytest.mark.parametrize("kind", [FindingTask.VALIDITY_LOWERED, FindingTask.VALIDITY_RAISED])
def test_a_question_about_the_gene_does_not_wait_for_a_release_of_variants(kind):
    assert not remember([opened(kind)], POLICY)[PAIR].pending


def test_a_disclosure_on_the_worklist_counts_as_told():
    step = event(
        EventKind.STEP_TAKEN, pathway="disclosure", finding="t1", step="disclosure", outcome="disclosed"
    )
    assert remember([opened(FindingTask.UPGRADED), step], POLICY)[PAIR].told is Told.TOLD


@pytest.mark.parametrize("outcome", ["done", "not needed: told already"])
def test_who_was_told_on_the_worklist_stays_told_when_the_review_ends(outcome):
    step = event(EventKind.STEP_TAKEN, pathway="disclosure", finding="t1", step="letter", outcome="sent")
    found = remember([opened(FindingTask.TO_REVIEW), step, closed(outcome)], POLICY)
    assert found[PAIR].told is Told.TOLD


def test_a_finding_of_the_worklist_is_known_by_its_variants():
    brought = event(
        EventKind.STEP_TAKEN,
        pathway="disclosure",
        finding="f-1",
        step="screen-positive",
        outcome="found",
        variants=[VARIANT],
    )
    told = event(EventKind.STEP_TAKEN, pathway="disclosure", finding="f-1", step="letter", outcome="sent")
    assert remember([brought, told], POLICY) == {PAIR: Remembered(told=Told.TOLD)}


def test_tasks_of_other_kinds_are_passed_over():
    other = event(EventKind.TASK_OPENED, task="x", kind="top-tier-finding", summary="", owner="", due="")
    assert remember([other, closed("done", "x")], POLICY).get(PAIR, NOTHING) == NOTHING
