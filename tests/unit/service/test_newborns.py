"""A positive newborn result is followed until it is true or false; withheld findings wait for the person."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bedside.act.newborn import Predictive
from bedside.errors import RequestError
from bedside.genome.consent import Decision, Scope
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.person import Person
from bedside.genome.result import Confirmation
from bedside.service.disclose import Positive, bring_in, findings, record_step, shown_findings, worklist
from bedside.service.house import House
from bedside.service.newborns import (
    all_looks_due,
    bring_in_newborn,
    looked_again,
    newborn_worklist,
    plan_event,
    predictive_report,
    record_newborn_step,
)
from bedside.service.register_person import register_person
from tests.unit.service.conftest import HandClock


def positive(person: str, disease: str = "PKU") -> Positive:
    return Positive(
        person, "PAH", ("chr12-102840493-G-A",), "newborn", "c@1", Confirmation.RESEARCH, disease=disease
    )


def run(house: House, person: str, *steps: tuple[str, str]) -> str:
    place = bring_in_newborn(house, positive(person), actor="screen")
    for step, outcome in steps:
        place = record_newborn_step(house, person, place.finding.finding, step, outcome, actor="nurse")
    return place.state.final or place.state.name


def test_each_positive_is_called_confirmed_or_false_and_the_report_counts_what_is_open(house: House) -> None:
    reached = ("recall", "reached")
    assert (
        run(house, "a", reached, ("confirmatory-test", "confirmed"), ("treatment", "started")) == "confirmed"
    )
    assert (
        run(house, "b", reached, ("confirmatory-test", "refuted"), ("tell-well", "told")) == "false-positive"
    )
    assert run(house, "c", reached, ("confirmatory-test", "confirmed")) == "treatment"
    assert run(house, "d", reached) == "confirmatory-test"
    assert run(house, "e", ("parents-declined", "recorded")) == "parents-declined"
    bring_in_newborn(house, positive("f"), actor="screen", blocklisted=True)
    expected = {"confirmed": 2, "refuted": 1, "open": 1, "ended": 1, "blocklisted": 1}
    report = predictive_report(house)
    assert report == (Predictive("PKU", **expected), Predictive("all diseases", **expected))
    assert report[0].value == pytest.approx(2 / 3)
    assert report[0].interval == pytest.approx((0.2077, 0.9385), abs=1e-4)


def test_nothing_settled_gives_no_predictive_value(house: House) -> None:
    run(house, "d")
    assert [(line.value, line.interval) for line in predictive_report(house)] == [(None, None), (None, None)]


def test_a_failed_sample_is_taken_again_and_a_second_failure_goes_to_the_physician(
    house: House, clock: HandClock
) -> None:
    failed = ("confirmatory-test", "sample-failed")
    assert run(house, "a", ("recall", "reached"), failed) == "confirmatory-test"
    clock.turn(days=2)
    assert run(house, "a", failed) == "inconclusive"


def test_no_child_is_treated_before_a_confirmatory_test_was_positive(house: House) -> None:
    place = bring_in_newborn(house, positive("a"), actor="screen")
    with pytest.raises(RequestError, match="no confirmatory test was positive"):
        record_newborn_step(house, "a", place.finding.finding, "treatment", "started", actor="nurse")
    assert [(line.state, line.due) for line in newborn_worklist(house, date(2026, 3, 1))] == [
        ("recall", date(2026, 3, 2))
    ]


def test_a_finding_of_adult_life_is_shown_from_the_eighteenth_birthday_and_by_the_persons_own_word(
    house: House,
) -> None:
    register_person(house, Person("kim", birth_date=date(2010, 6, 15)))
    bring_in(
        house,
        [
            Positive(
                "kim", "BRCA1", ("chr17-43045682-T-TG",), "acmg-sf", "c@1", Confirmation.CLINICAL,
                not_before=date(2028, 6, 15),
            )
        ],
        actor="screen",
    )  # fmt: skip

    def seen(day: date, decision: Decision) -> tuple[int, str, str]:
        def may(person: str, scope: Scope, day: date) -> Decision:
            return decision

        (line,) = worklist(house, day, may=may)
        return len(shown_findings(house, "kim", day, may=may)), line.waits_for, line.owner

    assert seen(date(2028, 6, 14), Decision.GIVEN) == (0, "withheld-until-majority", "genomics coordinator")
    assert seen(date(2028, 6, 15), Decision.NOT_ASKED)[:2] == (0, "own-consent-not-given")
    assert seen(date(2028, 6, 15), Decision.GIVEN)[:2] == (0, "")  # nobody has signed it off yet
    (one,) = findings(house, "kim")
    record_step(
        house, "kim", one.finding.finding, "sign-off", "signed-off", actor="scientist",
        at=datetime(2028, 6, 15, 9, tzinfo=UTC), may=lambda person, scope, day: Decision.GIVEN,
    )  # fmt: skip
    assert seen(date(2028, 6, 15), Decision.GIVEN)[:2] == (1, "")
    assert seen(date(2028, 6, 14), Decision.GIVEN)[:2] == (0, "withheld-until-majority")


def test_a_genome_stored_in_childhood_is_looked_at_again_and_an_adults_is_not(
    house: House, clock: HandClock
) -> None:
    for name, born in (("kim", date(2026, 2, 20)), ("old", date(1950, 1, 1))):
        register_person(house, Person(name, birth_date=born))
        stored = {"run": name, "result": name, "evidence": "x", "records": 1}
        house.ledger.append([NewEvent(EventKind.GENOME_STORED, "lab", clock(), name, stored)])
    plan_event(house, "kim", "anaesthesia-planned", date(2026, 3, 20), actor="surgeon")
    assert [(look.person, look.moment) for look in all_looks_due(house, date(2026, 3, 1))] == [
        ("kim", "newborn-list"),
        ("kim", "anaesthesia"),
    ]
    looked_again(house, "kim", "newborn-list", "looked", actor="nurse")
    assert [look.moment for look in all_looks_due(house, date(2026, 3, 1))] == ["anaesthesia"]
    with pytest.raises(RequestError, match="no such look is due today"):
        looked_again(house, "kim", "majority", "looked", actor="nurse")
    clock.now = datetime(2044, 2, 20, 8, tzinfo=UTC)
    with pytest.raises(RequestError, match="own-consent-not-given"):
        looked_again(house, "kim", "majority", "looked", actor="nurse")
