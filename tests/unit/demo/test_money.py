"""The made-up orders have estimates and bills that add up, and nothing is told twice."""

from __future__ import annotations

from pathlib import Path

from bedside.genome.event import EventKind
from bedside.knowledge.cost_policy import load_assistance
from bedside.service.programme_value import programme_values
from bedside.service.write_offs import Part, report
from tests.demo_record import open_demo


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
