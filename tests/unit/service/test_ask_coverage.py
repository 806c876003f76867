"""A test ordered from the record: is it covered, on what facts, and the same again when asked again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bedside.decide.coverage_stated import stated_facts
from bedside.errors import NotFound, RequestError
from bedside.genome.coverage import Answer, Known, NotKnown, Said
from bedside.genome.event import EventKind, NewEvent
from bedside.service.ask_coverage import ask_coverage, coverage_of, pack_of, replay_coverage
from bedside.service.house import House
from bedside.service.order_test import Wish, order_test
from tests.made_up_record import INGRID, TOMAS, open_record

FORM = {
    "condition-established": "yes",
    "result-needed": "yes",
    "orderer-prescribes": "yes",
    "test-assessed": "yes",
    "combinatorial-algorithm": "no",
}


@pytest.fixture
def house(tmp_path: Path) -> House:
    return open_record(tmp_path)


def ordered(house: House, person: str, test: str = "pgx-basic") -> str:
    answers = {"transplant": "no"}
    wish = Wish(test=test, orderer="Dr Early", answers=answers, despite="to have it all")
    return order_test(house, person, wish).order.order


def insured(house: House, person: str, payer: str) -> None:
    event = NewEvent(EventKind.PROGRAMME_RECORDED, "registrar", house.clock(), person, {"payer": payer})
    house.ledger.append([event])


def form(house: House, **more: str) -> dict:
    said = {**FORM, **{name.replace("_", "-"): value for name, value in more.items()}}
    return stated_facts(pack_of(house).facts, said, by="Dr Early", on=house.clock().date())


def test_a_person_of_whose_plan_nothing_is_known_is_never_covered(house: House) -> None:
    said = ask_coverage(house, TOMAS, ordered(house, TOMAS), form=form(house))
    assert said.answer.answer is Answer.UNKNOWN
    assert {one.fact for one in said.answer.missing} >= {"plan-line"}


def test_the_medicine_the_patient_takes_is_found_with_the_event_that_says_so(house: House) -> None:
    insured(house, INGRID, "Example Medicare")
    said = ask_coverage(house, INGRID, ordered(house, INGRID), form=form(house))
    drugs = said.asked.facts["actionable-drugs"]
    assert isinstance(drugs, Known)
    (event,) = [at.event for at in drugs.evidence if at.said is Said.CHART and "clopidogrel" in at.source]
    (held,) = [one for one in house.ledger.events(person=INGRID) if one.sequence == event]
    assert held.kind is EventKind.MEDICATION_RECORDED
    assert any(at.said is Said.KNOWLEDGE and "clopidogrel" in at.source for at in drugs.evidence)


def test_what_was_stated_once_is_not_asked_again_and_an_answer_that_holds_is_not_written_twice(
    house: House,
) -> None:
    insured(house, INGRID, "Example Medicare")
    order = ordered(house, INGRID)
    first = ask_coverage(house, INGRID, order, form=form(house), actor="Dr Early")
    again = ask_coverage(house, INGRID, order)
    assert (again.event, len(coverage_of(house, INGRID, order))) == (first.event, 1)
    taken_back = ask_coverage(house, INGRID, order, form=form(house, result_needed="not-known"))
    assert isinstance(taken_back.asked.facts["result-needed"], NotKnown)
    assert taken_back.answer.answer is not Answer.COVERED
    assert ask_coverage(house, INGRID, order).event == taken_back.event


def test_each_answer_is_given_again_from_what_was_kept_with_it(house: House) -> None:
    insured(house, INGRID, "Example Medicare")
    order = ordered(house, INGRID)
    for said in (
        ask_coverage(house, INGRID, order),
        ask_coverage(house, INGRID, order, form=form(house)),
        ask_coverage(house, INGRID, order, payer="example-employer"),
    ):
        replayed = replay_coverage(house, said.event)
        assert (replayed.same, replayed.answer) == (True, said.answer)
    with pytest.raises(NotFound):
        replay_coverage(house, 1)


def test_the_payload_says_what_measures_count(house: House) -> None:
    insured(house, INGRID, "Example Medicare")
    order = ordered(house, INGRID)
    said = ask_coverage(house, INGRID, order)
    (event,) = house.ledger.events(person=INGRID, kinds=(EventKind.COVERAGE_ANSWERED,))
    assert {name: event.payload[name] for name in ("order", "payer", "answer", "missing")} == {
        "order": order,
        "payer": "medicare-moldx",
        "answer": said.answer.answer.value,
        "missing": [one.fact for one in said.answer.missing],
    }


def test_a_test_that_was_done_before_is_not_covered_by_a_policy_of_once_in_a_lifetime(house: House) -> None:
    insured(house, INGRID, "Medicare other contractor")
    first = ordered(house, INGRID)
    payload = {"order": first, "outcome": "resulted", "result": "r"}
    house.ledger.append([NewEvent(EventKind.ORDER_ENDED, "laboratory", house.clock(), INGRID, payload)])
    house.clock.now += timedelta(days=2)  # type: ignore[attr-defined]
    again = ask_coverage(house, INGRID, ordered(house, INGRID), form=form(house))
    assert again.answer.answer is Answer.NOT_COVERED
    assert "first-time" in {one.criterion for one in again.answer.unmet}


def test_a_form_with_values_that_are_none_is_refused_whole(house: House) -> None:
    with pytest.raises(RequestError) as refused:
        form(house, result_needed="perhaps", age_days="young", no_such="yes")
    assert {one.source for one in refused.value.problems} == {
        "facts.result-needed",
        "facts.age-days",
        "facts.no-such",
    }
