"""People of the record on care pathways: signals from what is written anyway, worklist, guards as tasks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bedside.act.pathway_state import states
from bedside.errors import NotFound, RequestError
from bedside.genome.code import Code, System
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.person import ItemStatus, Medication, Person, Sex
from bedside.genome.signal import Signal
from bedside.service import pathway_worklist
from bedside.service.pathway_rules import pathway_rules
from bedside.service.pathway_signals import record_signal, retract_signal, signals_of
from bedside.service.pathway_watch import KIND, watch
from bedside.service.pathway_worklist import worklist
from bedside.service.register_person import Registration, record_medication, register_people
from bedside.service.tumours_held import accept_tumours
from tests.made_up_orders import open_ordered
from tests.made_up_record import AMARA
from tests.made_up_tumours import lung, write_tumour

OSIMERTINIB, PEMBROLIZUMAB = "1721560", "1547545"


@pytest.fixture
def anna(house):
    person = Person("anna", "Anna", "Berg", date(1960, 2, 3), Sex.FEMALE)
    register_people(house, [Registration(person)])
    return "anna"


def note(house, person: str, signal: str, **said: str) -> None:
    record_signal(house, person, signal, by="coordinator", attributes=said)


def take(house, person: str, code: str, status: ItemStatus = ItemStatus.ACTIVE) -> None:
    record_medication(house, person, Medication(Code(System.RXNORM, code), status))


def open_steps(house, **asked: str) -> list[tuple[str, str]]:
    return [(item.move.step, item.move.owner) for item in worklist(house, **asked).items]


def test_a_drug_on_the_list_is_an_order_of_its_class_and_one_entered_in_error_never_was(house, anna) -> None:
    take(house, anna, OSIMERTINIB)
    take(house, anna, "161")
    ordered = [one for one in signals_of(house, anna) if one.name == "therapy-ordered"]
    assert [dict(one.attributes) for one in ordered] == [
        {"drug": OSIMERTINIB, "class": "targeted"},
        {"drug": "161"},
    ]
    note(house, anna, "diagnosed", disease="nsclc-advanced")
    assert open_steps(house)[0][0] == "authorised"
    take(house, anna, OSIMERTINIB, ItemStatus.ENTERED_IN_ERROR)
    assert ("tissue", "pulmonologist") in open_steps(house)


def test_immunotherapy_before_the_result_becomes_one_task_and_the_result_settles_it(
    house, anna, clock
) -> None:
    note(house, anna, "diagnosed", disease="nsclc-advanced")
    clock.now += timedelta(hours=1)
    take(house, anna, PEMBROLIZUMAB)
    assert watch(house).opened == 1
    assert watch(house) == watch(house)
    (task,) = [one for one in house.ledger.tasks(anna) if one.kind == KIND]
    assert (task.owner, task.about["guard"]) == ("oncologist", "treated-before-result")
    clock.now += timedelta(hours=1)
    note(house, anna, "result-reported", finding="actionable")
    assert watch(house).closed == 1
    assert [one for one in house.ledger.tasks(anna) if one.kind == KIND] == []


def test_opening_the_chart_reads_the_result(house, anna, clock) -> None:
    note(house, anna, "diagnosed", disease="nsclc-advanced")
    note(house, anna, "result-reported", finding="actionable")
    assert open_steps(house) == [("opened", "oncologist")]
    clock.now += timedelta(hours=1)
    seen = NewEvent(EventKind.ACCESSED, "dr-lund", house.clock(), anna, {"page": "chart"})
    house.ledger.append([seen])
    assert open_steps(house) == [("decided", "oncologist")]


def test_the_worklist_is_by_role_and_shows_what_stands_in_the_way(house, anna, clock) -> None:
    note(house, anna, "diagnosed", disease="nsclc-advanced")
    note(house, anna, "dispensed", **{"class": "targeted"})
    clock.now += timedelta(days=4)
    note(house, anna, "barrier-noted", barrier="transport")
    (item,) = worklist(house, role="nurse navigator").items
    assert (item.move.step, item.move.overdue, item.barriers) == ("first-dose", True, ("transport",))
    note(house, anna, "barrier-removed", barrier="transport")
    assert worklist(house).items[0].barriers == ()
    assert worklist(house, role="pathologist").items == ()
    note(house, anna, "first-dose-confirmed", **{"class": "targeted"})
    done = worklist(house)
    assert (done.items, done.cases, done.ended) == ((), 0, 1)


def test_what_was_told_twice_is_written_once_and_what_was_wrong_is_taken_back(house, anna) -> None:
    told = {"by": "pharmacy", "source": "pharmacy", "signal_id": "rx-1", "attributes": {"class": "targeted"}}
    assert record_signal(house, anna, "dispensed", **told)
    assert not record_signal(house, anna, "dispensed", **told)
    note(house, anna, "diagnosed", disease="nsclc-advanced")
    assert open_steps(house) == [("first-dose", "nurse navigator")]
    retract_signal(house, anna, "rx-1", by="pharmacy", why="returned to stock")
    assert ("tissue", "pulmonologist") in open_steps(house)
    with pytest.raises(NotFound):
        retract_signal(house, anna, "rx-9", by="pharmacy", why="typo")


def test_what_the_house_cannot_hear_is_refused_with_every_reason(house, anna) -> None:
    with pytest.raises(RequestError) as wrong:
        record_signal(
            house, anna, "dispensd", by="x", at=house.clock() + timedelta(days=1), attributes={"a": "b"}
        )
    assert [problem.source for problem in wrong.value.problems] == ["signal", "at"]
    with pytest.raises(RequestError, match="another attribute"):
        record_signal(house, anna, "dispensed", by="x", attributes={"colour": "b"})
    with pytest.raises(NotFound):
        record_signal(house, "nobody", "dispensed", by="x")


def test_a_retraction_is_written_with_its_reason(house, anna) -> None:
    note(house, anna, "diagnosed", disease="nsclc-advanced")
    (one,) = signals_of(house, anna)
    with pytest.raises(RequestError, match="why"):
        retract_signal(house, anna, one.signal_id, by="x", why=" ")
    retract_signal(house, anna, one.signal_id, by="x", why="another patient's")
    assert worklist(house).cases == 0


def test_orders_and_specimens_of_the_record_move_people_on(tmp_path) -> None:
    ordered = open_ordered(tmp_path)
    said = [(one.name, dict(one.attributes)) for one in signals_of(ordered.house, AMARA)]
    assert ("test-ordered", {"test": "pgx-full", "of": "germline"}) in said
    assert [name for name, _ in said].count("specimen-rejected") == 1
    ordered.house.close()


def test_within_a_minute_only_those_are_worked_out_again_of_whom_something_was_said(
    house, anna, clock, monkeypatch
) -> None:
    register_people(house, [Registration(Person("bert", "Bert", "Dahl"))])
    for one in ("anna", "bert"):
        note(house, one, "diagnosed", disease="nsclc-advanced")
    worked, real = [], pathway_worklist.cases_of

    def counted(held, person, *more, **named):
        worked.append(person)
        return real(held, person, *more, **named)

    monkeypatch.setattr(pathway_worklist, "cases_of", counted)
    first = worklist(house)
    assert (worklist(house).items, worked) == (first.items, ["anna", "bert"])
    note(house, anna, "specimen-collected", kind="tissue")
    assert ("adequate", "pathologist") in open_steps(house)
    assert worked == ["anna", "bert", "anna"]
    clock.now += timedelta(days=30)
    assert worklist(house).items[0].move.overdue
    assert worked[3:] == ["anna", "bert"]


def test_a_result_of_another_kind_of_test_moves_nobody(house, anna, clock, tmp_path) -> None:
    """Pharmacogenes that come back while a tumour is being sequenced are not the tumour's result."""
    note(house, anna, "diagnosed", disease="nsclc-advanced")
    before = open_steps(house)
    for number, kinds in enumerate(([], ["germline"], ["unknown"])):
        clock.now += timedelta(hours=1)
        payload = {
            "result": f"r{number}",
            "sample": "s",
            "documents": [],
            "assay": "",
            "confirmation": "clinical",
        }
        told = {**payload, "observations": {"CYP2D6": ["x"]}, "of": kinds}
        house.ledger.append(
            [NewEvent(EventKind.RESULT_ACCEPTED, "lab", house.clock(), anna, told, f"r{number}")]
        )
    assert [one.attributes["of"] for one in signals_of(house, anna) if one.name == "result-reported"] == [
        "pharmacogenes", "germline pharmacogenes", "pharmacogenes unknown",
    ]  # fmt: skip
    assert open_steps(house) == before
    accept_tumours(house, anna, write_tumour(tmp_path, lung()))
    assert open_steps(house) == [("opened", "oncologist")]
    clock.now += timedelta(hours=1)
    reported = [one for one in signals_of(house, anna) if one.attributes.get("of") == "tumour"]
    assert [one.name for one in reported] == ["result-reported"]


def test_an_order_and_a_specimen_of_another_kind_of_test_move_nobody(tmp_path, clock) -> None:
    """A germline panel that is ordered, collected and rejected is nothing of the tumour's."""
    ordered = open_ordered(tmp_path)
    pathway = pathway_rules(None).held.by_name["nsclc"]
    told = signals_of(ordered.house, AMARA)
    assert {one.name for one in told} >= {"test-ordered", "specimen-rejected"}
    first = min(one.at for one in told) - timedelta(days=1)
    begun = Signal("diagnosed", first, first, "d", attributes={"disease": "nsclc-advanced"})
    now = max(one.at for one in told)
    (with_orders,), (alone,) = (states(pathway, AMARA, held, now) for held in ((begun, *told), (begun,)))
    assert with_orders.steps == alone.steps
    ordered.house.close()
