"""The record is a pure fold over events, and the ledger's projections are that fold, whatever happened in
what order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as some

from bedside.genome.event import EventKind, NewEvent
from bedside.genome.record import PersonState, Record
from bedside.store.open_ledger import open_ledger
from bedside.store.sql_ledger import SqlLedger
from tests.examples import examples

DAY = datetime(2026, 1, 1, tzinfo=UTC)
ATC = "http://www.whocc.no/atc"
names = some.sampled_from(["one", "two", "three"])


def event(kind: EventKind, payload) -> some.SearchStrategy[NewEvent]:
    at = some.integers(0, 5).map(lambda days: DAY + timedelta(days=days))
    person = some.sampled_from(["ada", "bo"])
    if kind in (EventKind.RESULT_ACCEPTED, EventKind.MEANINGS_DERIVED, EventKind.RESULT_WITHDRAWN):
        return some.builds(_about_result, some.just(kind), at, person, names, payload)
    if kind is EventKind.RELEASE_ADOPTED:
        return some.builds(NewEvent, some.just(kind), some.just("someone"), at, some.none(), payload)
    if kind in (EventKind.TASK_OPENED, EventKind.TASK_CLOSED):
        return some.builds(_about_task, some.just(kind), at, person, names, payload)
    return some.builds(NewEvent, some.just(kind), some.just("someone"), at, person, payload)


def _about_result(kind, at, person, name, payload) -> NewEvent:
    key = name if kind is EventKind.RESULT_ACCEPTED else None
    person = "ada" if name == "one" else "bo"
    return NewEvent(kind, "someone", at, person, {**payload, "result": name}, key)


def _about_task(kind, at, person, name, payload) -> NewEvent:
    key = name if kind is EventKind.TASK_OPENED else None
    person = "ada" if name == "one" else "bo"
    return NewEvent(kind, "someone", at, person, {**payload, "task": name}, key)


def payload(**parts) -> some.SearchStrategy[dict]:
    return some.fixed_dictionaries(
        {
            name: part if isinstance(part, some.SearchStrategy) else some.just(part)
            for name, part in parts.items()
        }
    )


item = payload(
    system=ATC, code=some.sampled_from(["B01", "N05"]), status=some.sampled_from(["active", "ended"])
)
histories = some.lists(
    some.one_of(
        event(EventKind.PERSON_REGISTERED, payload(given=names, family=names)),
        event(EventKind.MEDICATION_RECORDED, item),
        event(EventKind.PROBLEM_RECORDED, item),
        event(
            EventKind.RESULT_ACCEPTED,
            payload(
                sample="s", documents=["d"], assay="a", confirmation="clinical", observations={"GENE1": ["o"]}
            ),
        ),
        event(EventKind.MEANINGS_DERIVED, payload(release="cpic@1#a", calls=payload(GENE1=names))),
        event(EventKind.RESULT_WITHDRAWN, payload(reason="wrong tube")),
        event(EventKind.RELEASE_ADOPTED, payload(release=some.sampled_from(["cpic@2#b", "other@1#c"]))),
        event(EventKind.TASK_OPENED, payload(kind="k", summary=names, owner="nurse", due="2026-02-01")),
        event(EventKind.TASK_CLOSED, payload(outcome=names)),
    ),
    max_size=14,
)


def projected(ledger: SqlLedger, person: str) -> PersonState:
    tasks = ledger.tasks(person, open_only=False)
    return PersonState(
        ledger.person(person),
        ledger.medications(person),
        ledger.problems(person),
        ledger.results(person),
        tuple(sorted(tasks, key=lambda task: task.task)),
    )


@settings(max_examples=examples(60), deadline=None)
@given(histories, some.integers(1, 4))
def test_projections_equal_the_fold_and_a_rebuild(history, at_once):
    with TemporaryDirectory() as folder:
        ledger = open_ledger(str(Path(folder) / "ledger.db"))
        for start in range(0, len(history), at_once):
            ledger.append(history[start : start + at_once])
        folded = {who: Record(tuple(ledger.events(person=who))).as_of() for who in ("ada", "bo")}
        assert {who: projected(ledger, who) for who in folded} == folded
        ledger.rebuild()
        assert {who: projected(ledger, who) for who in folded} == folded
        assert ledger.verify() == ledger.checkpoint().sequence
        ledger.close()


@settings(max_examples=examples(60), deadline=None)
@given(histories, some.integers(0, 14))
def test_what_was_known_then_is_what_a_ledger_that_ended_then_says(history, known):
    """As-of a moment equals the record of somebody who stopped listening at that moment."""
    clock = iter(DAY + timedelta(hours=hour) for hour in range(100))
    with TemporaryDirectory() as folder:
        ledger = open_ledger(str(Path(folder) / "ledger.db"), lambda: next(clock))
        for new in history:
            ledger.append([new])
        events = tuple(ledger.events(person="ada"))
        ledger.close()
    until = DAY + timedelta(hours=known)
    heard = Record(tuple(event for event in events if event.known_at <= until))
    assert Record(events).as_of(known_at=until) == heard.as_of()


@settings(max_examples=examples(60), deadline=None)
@given(histories, some.integers(0, 6))
def test_what_held_on_a_day_does_not_depend_on_what_happened_after_it(history, day):
    events = written(history)
    until = DAY + timedelta(days=day)
    before = Record(tuple(event for event in events if event.valid_at <= until))
    assert Record(events).as_of(valid_at=until) == before.as_of()


def written(history):
    with TemporaryDirectory() as folder:
        ledger = open_ledger(str(Path(folder) / "ledger.db"))
        for new in history:
            ledger.append([new])
        events = tuple(ledger.events(person="bo"))
        ledger.close()
    return events
