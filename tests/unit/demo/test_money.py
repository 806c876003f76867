"""The made-up orders have estimates and bills that add up, and nothing is told twice."""

from __future__ import annotations

from pathlib import Path

from bedside.genome.event import EventKind
from bedside.knowledge.cost_policy import load_assistance
from bedside.learn.economics.probabilistic import Spread
from bedside.service.pathway_case import cases_shown
from bedside.service.programme_value import programme_values, sentence
from bedside.service.write_offs import Part, report
from tests.demo_record import NOW, open_demo


def test_bills_add_up_and_help_is_a_task(tmp_path: Path) -> None:
    house = open_demo(tmp_path)
    estimates = list(house.ledger.events(kinds=(EventKind.COST_ESTIMATED,)))
    everybody = report(house)[0]
    tasks = [one for one in house.ledger.tasks() if one.kind == load_assistance().task.kind]
    assert estimates
    assert everybody.bills > 0
    assert abs(sum(everybody.parts.values()) - everybody.charged) < 0.01
    assert everybody.parts[Part.WRITTEN_OFF] > 0
    assert 0 < len(tasks) <= len(estimates)
    held = {one.definition.name: one for one in programme_values(house)}["pharmacogenomics"]
    assert held.value.people > 0
    assert held.value.more is None
    house.close()


def test_the_newborns_have_a_net_cost_with_its_doubt_and_one_of_whom_it_is_not_known(tmp_path: Path) -> None:
    house = open_demo(tmp_path)
    found = programme_values(house)[0]
    value = found.value
    assert sentence(found) == (
        "It cost 18,900 to 99,400 USD less than was avoided, of the 13 of 14 who are complete. "
        "The net of everybody is not known. Chance alone could turn that round."
    )
    assert (value.people, value.complete, value.known, value.more) == (14, 13, False, (-99_400, -18_900))
    assert isinstance(value.sure, Spread)
    assert value.sure.low < -99_400
    assert value.sure.high > 0
    house.close()


def test_the_newborns_came_to_the_end_of_their_way_and_nobody_waits_for_anything(tmp_path: Path) -> None:
    house = open_demo(tmp_path)
    for number in range(1, 15):
        person = f"demo-newborn-{number:02d}"
        (case,) = cases_shown(house, person, NOW)
        assert case.state.ended is not None
        assert (case.pathway.name, case.state.ended.reason) == ("nicu-rapid-genome", "answered")
        assert [task for task in house.ledger.tasks() if task.person == person] == []
    house.close()
