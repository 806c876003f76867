"""What people allowed is written down whole or not at all, and holds from the next question on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bedside.errors import RequestError
from bedside.genome.consent import Decision, Giver, Refusal, Said, Scope
from bedside.genome.event import EventKind
from bedside.genome.observation import digest
from bedside.genome.person import Person
from bedside.service.record_consent import (
    ask_who_came_of_age,
    consent_in_force,
    record_consent,
    record_decisions,
)
from bedside.service.register_person import register_person

GIVEN, WITHDRAWN = Decision.GIVEN, Decision.WITHDRAWN


@pytest.fixture
def people(house):
    for person, born in {"ada": date(1961, 4, 2), "cleo": date(2008, 3, 2), "dan": None}.items():
        register_person(house, Person(person, birth_date=born))


def test_a_decision_is_kept_with_what_was_signed(house, people, clock):
    signed = b"I agree. Ada"
    event = record_consent(
        house, "ada", Scope.RESEARCH, GIVEN, uses=["DUO:0000042", "DUO:0000018"], document=signed
    )
    assert event.payload == {
        "scope": "research",
        "decision": "given",
        "by": "self",
        "uses": ["DUO:0000018", "DUO:0000042"],
        "document": digest(signed),
    }
    assert house.documents.get(digest(signed)) == signed
    assert consent_in_force(house, "ada").of(Scope.RESEARCH) == Said(
        GIVEN, clock.now, Giver.SELF, ("DUO:0000018", "DUO:0000042")
    )


@pytest.mark.parametrize(
    ("person", "how", "says"),
    [
        ("nobody", {}, "nobody of that id"),
        ("cleo", {"by": Giver.SELF}, "not of age"),
        ("ada", {"by": Giver.GUARDIAN}, "speaks for themself"),
        ("ada", {"uses": ["DUO:0000007"]}, "not terms of the Data Use Ontology"),
        ("ada", {"valid_at": datetime(2026, 3, 2, tzinfo=UTC)}, "cannot be from a later time"),
        ("cleo", {"emancipated": True}, "not of age"),
    ],
)
def test_a_consent_that_cannot_stand_is_refused_and_nothing_is_written(house, people, person, how, says):
    before = house.ledger.checkpoint()
    with pytest.raises(RequestError, match=says):
        record_consent(house, person, Scope.RESEARCH, GIVEN, **how)
    assert house.ledger.checkpoint() == before


def test_every_problem_is_named_at_once(house, people):
    later = Said(GIVEN, datetime(2027, 1, 1, tzinfo=UTC), Giver.GUARDIAN, ("DUO:1",))
    with pytest.raises(RequestError) as refused:
        record_decisions(house, "ada", {Scope.RESEARCH: GIVEN}, later)
    assert [problem.source for problem in refused.value.problems] == ["valid_at", "by", "uses"]


def test_anybody_may_withdraw_for_somebody_at_any_age(house, people):
    for person, by in (("ada", Giver.GUARDIAN), ("cleo", Giver.SELF), ("dan", Giver.SELF)):
        record_consent(house, person, Scope.CLINICAL, WITHDRAWN, by=by)
        assert consent_in_force(house, person).of(Scope.CLINICAL).decision is WITHDRAWN


def test_a_consent_of_somebody_whose_age_is_unknown_is_kept_and_does_not_hold_yet(house, people):
    record_consent(house, "dan", Scope.RESEARCH, GIVEN)
    held = consent_in_force(house, "dan").of(Scope.RESEARCH)
    assert (held.decision, held.why) == (Decision.NOT_ASKED, Refusal.AGE_UNKNOWN)


def test_a_clock_set_back_does_not_keep_a_withdrawal_from_holding(house, people, clock):
    record_consent(house, "ada", Scope.RESEARCH, GIVEN)
    clock.turn(hours=-2)
    record_consent(house, "ada", Scope.RESEARCH, WITHDRAWN)
    assert consent_in_force(house, "ada").of(Scope.RESEARCH).decision is WITHDRAWN


def test_a_past_day_shows_what_was_known_then(house, people, clock):
    first = clock.now
    record_consent(house, "ada", Scope.RESEARCH, GIVEN)
    clock.turn(days=10)
    record_consent(house, "ada", Scope.RESEARCH, WITHDRAWN, valid_at=first + timedelta(days=2))
    assert consent_in_force(house, "ada", first.date() + timedelta(days=5)).of(Scope.RESEARCH) == Said(
        GIVEN, first
    )
    assert consent_in_force(house, "ada").of(Scope.RESEARCH).decision is WITHDRAWN
    assert consent_in_force(house, "ada", date(2025, 1, 1)).of(Scope.RESEARCH).why is Refusal.NOT_ASKED


def test_withdrawing_everything_closes_every_layer(house, people):
    record_decisions(house, "ada", dict.fromkeys(Scope, WITHDRAWN), Said(WITHDRAWN))
    assert {s: consent_in_force(house, "ada").of(s).decision for s in Scope} == dict.fromkeys(
        Scope, WITHDRAWN
    )


def test_whoever_came_of_age_gets_one_task_and_none_after_speaking_for_themself(house, people, clock):
    record_consent(house, "cleo", Scope.RESEARCH, GIVEN, by=Giver.GUARDIAN)
    record_consent(house, "cleo", Scope.CLINICAL, GIVEN, by=Giver.GUARDIAN)
    assert ask_who_came_of_age(house, date(2026, 3, 1)) == 0
    assert ask_who_came_of_age(house, date(2026, 3, 2)) == 1
    assert ask_who_came_of_age(house, date(2026, 3, 9)) == 0
    (task,) = house.ledger.tasks("cleo")
    assert (task.kind, task.due, task.about["scopes"]) == (
        "ask-consent-at-majority",
        date(2026, 4, 1),
        ["research"],
    )
    assert len(list(house.ledger.events(kinds=[EventKind.TASK_OPENED]))) == 1


def test_who_spoke_at_18_is_not_asked_again(house, people, clock):
    record_consent(house, "cleo", Scope.RESEARCH, GIVEN, by=Giver.GUARDIAN)
    clock.turn(days=2)
    record_consent(house, "cleo", Scope.RESEARCH, WITHDRAWN)
    assert ask_who_came_of_age(house, date(2026, 3, 9)) == 0
