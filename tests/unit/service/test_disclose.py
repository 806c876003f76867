"""A finding from the screen to the problem list, through the ledger."""

from __future__ import annotations

from datetime import date

import pytest

from bedside.errors import RequestError
from bedside.genome.consent import Decision, Scope
from bedside.genome.result import Confirmation
from bedside.service.disclose import Positive, bring_in, findings, record_step, shown_findings, worklist
from bedside.service.house import House
from tests.unit.service.conftest import HandClock

FOUND = Positive(
    "ann", "BRCA1", ("chr17-43045682-T-TG",), "cdc-tier1", "clinvar@2026-01-01", Confirmation.RESEARCH
)
DAY = date(2026, 3, 2)


def agreed(person: str, scope: Scope, day: date) -> Decision:
    return Decision.GIVEN


def step(house: House, name: str, outcome: str, **details: object) -> str:
    return record_step(
        house, "ann", FOUND.finding, name, outcome, actor="somebody", may=agreed, details=details
    ).state.name


def test_a_research_finding_waits_for_the_clinical_laboratory_before_anybody_is_told(house: House) -> None:
    assert (bring_in(house, [FOUND], actor="screen"), bring_in(house, [FOUND], actor="screen")) == (1, 0)
    assert step(house, "sign-off", "signed-off") == "second-sample"
    with pytest.raises(RequestError, match="nobody may be told: finding-not-confirmed"):
        step(house, "disclosure", "disclosed")
    assert shown_findings(house, "ann") == ()
    assert [step(house, "second-sample", "sent"), step(house, "confirmation", "confirmed")] == [
        "confirmation",
        "primary-care",
    ]
    assert [one.finding.gene for one in shown_findings(house, "ann")] == ["BRCA1"]


def test_the_worklist_says_whose_move_it_is_and_goes_higher_when_nobody_moves(
    house: House, clock: HandClock
) -> None:
    bring_in(house, [FOUND], actor="screen")
    (line,) = worklist(house, DAY)
    assert (line.state, line.owner, line.due, line.urgency.value) == (
        "sign-off",
        "variant scientist",
        date(2026, 3, 6),
        "open",
    )
    (late,) = worklist(house, date(2026, 3, 20))
    assert (late.owner, late.urgency.value, late.days) == ("laboratory director", "escalated", 19)
    assert findings(house, "ann")[0].finding.finding == FOUND.finding
