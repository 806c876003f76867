"""The story has a rule that nobody heeds, and a proposal about it that waits for somebody else."""

from __future__ import annotations

from pathlib import Path

from bedside.act.alert_proposals import ProposalState
from bedside.demo.alerts import DRUG, FEWEST
from bedside.demo.build import build_demo
from bedside.service.alert_proposals import proposals_of
from bedside.service.alert_readings import alert_review
from bedside.service.house import open_house
from bedside.settings import Settings


def test_a_rule_is_named_and_a_proposal_waits_and_telling_it_twice_changes_nothing(tmp_path: Path) -> None:
    house = open_house(Settings(store_url=f"sqlite:///{tmp_path / 'ledger.db'}"))
    try:
        build_demo(house, people=120)
        first = alert_review(house).rules[0]
        assert (first.drug, first.named, first.top) == (DRUG, True, False)
        assert first.everybody.overridden >= FEWEST
        (made,) = proposals_of(house).values()
        assert (made.rule, made.state, made.made_by) == (first.rule, ProposalState.OPEN, "Alert steward")
        before = house.ledger.checkpoint()
        build_demo(house, people=120)
        assert house.ledger.checkpoint() == before
    finally:
        house.close()
