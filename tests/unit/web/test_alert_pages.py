"""The pages of alerts: what to look at first, a proposal, a decision by another, the audit, cycles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from bedside.act.alert_proposals import ProposalState
from bedside.genome.event import EventKind, NewEvent
from bedside.service.alert_cycles import cycles_of
from bedside.service.alert_proposals import proposals_of
from bedside.service.house import House
from bedside.web.app import create_app
from tests.made_up_alert_house import RULE, open_alert_house
from tests.made_up_record import NOW
from tests.unit.web.conftest import Pages
from tests.unit.web.read import text

ADDRESS = f"/alerts/{quote(RULE)}"
ASKED = {
    "rule": RULE, "to": "passive", "why": "nobody heeds it", "aim": "fewer warnings",
    "measure": "follow-through-24h", "prediction": "no fewer orders change",
}  # fmt: skip


@pytest.fixture
def alert_house(tmp_path: Path) -> Iterator[House]:
    opened = open_alert_house(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def alert_pages(alert_house: House) -> Pages:
    return Pages(create_app(alert_house), alert_house)


def test_the_answer_comes_first_and_small_groups_are_hidden(alert_pages: Pages) -> None:
    page = text(alert_pages.get("/alerts").text)
    assert "100.0 interruptions per 100 orders; the site accepts 10. 1 rule to look at." in page
    rule = text(alert_pages.get(ADDRESS).text)
    assert "To be looked at: of 40 cards whose answer is known, 0 made a difference." in rule
    assert "Does not apply to this patient: 40" in rule
    top = text(alert_pages.get("/alerts/TOP").text)
    assert "It is of the top tier: nobody can make it quieter." in top
    assert "Propose a change" not in top
    assert "<5" in alert_pages.get("/alerts/TOP").text.replace("&lt;", "<")
    assert alert_pages.get("/alerts/nothing").status_code == 404


def test_one_proposes_another_approves_and_the_cycle_begins(alert_pages: Pages, alert_house: House) -> None:
    assert alert_pages.post("/alerts/propose", by="Ana", **ASKED).status_code == 303
    (made,) = proposals_of(alert_house).values()
    assert (made.made_by, made.state) == ("Ana", ProposalState.OPEN)
    decision = {"proposal": made.proposal, "rule": RULE, "reason": "clear", "decision": "approve"}
    own = alert_pages.post("/alerts/decide", by="Ana", **decision)
    assert (own.status_code, "whoever made a proposal cannot approve it" in text(own.text)) == (400, True)
    assert alert_pages.post("/alerts/decide", by="Eva", **decision).status_code == 303
    assert "Approved: make passive" in text(alert_pages.get(ADDRESS).text)
    assert "Fewer warnings" in text(alert_pages.get("/cycles").text)
    cycle = f"cycle-{made.proposal}"
    assert alert_pages.post("/cycles", cycle=cycle, step="study", by="Eva").status_code == 303
    assert "no estimate: too few periods after the change" in text(alert_pages.get("/cycles").text)
    late = alert_pages.post("/cycles", cycle=cycle, step="plan", by="Eva")
    assert (late.status_code, "after study comes act, study, not plan" in text(late.text)) == (400, True)
    adopted = {"step": "act", "decision": "adopt", "reason": "ok", "by": "Eva"}
    assert alert_pages.post("/cycles", cycle=cycle, **adopted).status_code == 303
    assert cycles_of(alert_house)[cycle].decision is not None


def test_what_is_wrong_with_a_proposal_is_said_on_the_page_and_nothing_is_stored(
    alert_pages: Pages, alert_house: House
) -> None:
    answer = alert_pages.post("/alerts/propose", by="Ana", **{**ASKED, "why": " "})
    assert (answer.status_code, "why: is missing" in text(answer.text)) == (400, True)
    assert proposals_of(alert_house) == {}


def test_an_occasion_is_read_by_two_and_a_harm_becomes_a_proposal(
    alert_pages: Pages, alert_house: House
) -> None:
    alert_pages.post("/alerts/propose", by="Ana", **ASKED)
    (made,) = proposals_of(alert_house).values()
    decision = {"proposal": made.proposal, "rule": RULE, "reason": "r", "decision": "approve"}
    alert_pages.post("/alerts/decide", by="Eva", **decision)
    quiet = {"rule": RULE, "drug": "simvastatin", "order": "q", "before": "warning", "shown": False}
    quiet |= {"reason": "made quieter by a decision of this site", "override": made.proposal}
    held = {"inputs": {"hook": "order-sign", "drafts": []}, "cards": [], "rules": "r", "quieted": [quiet]}
    alert_house.ledger.append([NewEvent(EventKind.HOOK_ANSWERED, "ehr", NOW, "made-up-1", held)])
    assert alert_pages.post("/alerts/audit", by="Eva", proposal=made.proposal, rule=RULE).status_code == 303
    (first, second) = [one for one in alert_house.ledger.tasks() if one.kind == "missed-harm-audit"]
    word = {"rule": RULE, "verdict": "harm", "note": "bled"}
    assert alert_pages.post("/alerts/read", by="Ana", task=first.task, **word).status_code == 303
    twice = alert_pages.post("/alerts/read", by="Ana", task=second.task, **word)
    assert (twice.status_code, "has read this occasion already" in text(twice.text)) == (400, True)
    page = text(alert_pages.get(ADDRESS).text)
    assert "1 with harm." in page
    assert f"Open: take back decision {made.proposal}" in page
