"""A rule is made quieter by two people, studied before and after, and restored when harm was missed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from bedside.act.alert_proposals import Change, ProposalState
from bedside.act.cycles import Step
from bedside.errors import InputError, RequestError
from bedside.genome.event import Event, EventKind, NewEvent
from bedside.knowledge.alert_policy import Quieter, read_alert_policy, write_override
from bedside.knowledge.provenance import DATA, parse_rule_file
from bedside.service.alert_cycles import cycles_of, move, uncycled
from bedside.service.alert_overrides import overrides_in_force
from bedside.service.alert_proposals import TOP_TIER, Asked, approve, is_top, proposals_of, propose, refuse
from bedside.service.alert_readings import policy_of
from bedside.service.close_task import Ending, close_task
from bedside.service.harm_audit import audit, open_audit, rate
from bedside.service.house import House, open_house
from bedside.settings import Settings
from tests.made_up_alerts import DAY, Told, hours

ASKED = Asked("nobody heeds it", "fewer warnings", "follow-through-24h", "no fewer orders change")
PASSIVE = Change(Quieter.PASSIVE)
NOW = DAY + timedelta(weeks=12)


class Days:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def keyed(one: Event) -> str:
    return f"{one.kind.value}{one.sequence}-{one.valid_at}"


def written(house: House, told: Told) -> None:
    house.ledger.append(
        [
            NewEvent(
                one.kind,
                one.actor,
                one.valid_at,
                one.person,
                one.payload,
                f"{one.kind.value}{one.sequence}-{one.valid_at}",
            )
            for one in told.events
        ]
    )


def weeks(first: int, last: int, quiet: str = "") -> Told:
    """Ten orders a week of which four fire the rule; about half of those change. quiet: the decision that
    keeps its cards back."""
    told, draw = Told(), np.random.default_rng(first)
    for week in range(first, last):
        for number in range(int(draw.integers(8, 13))):
            at = DAY + timedelta(weeks=week, hours=12 * number)
            person, order = f"p{week}-{number}", f"o{week}-{number}"
            if number >= 4:
                told.asked(at, person, order, "clopidogrel")
                continue
            if quiet:
                one = {"rule": "BAD", "drug": "simvastatin", "order": order, "before": "warning"}
                one |= {
                    "reason": "made quieter by a decision of this site",
                    "shown": False,
                    "override": quiet,
                }
                told.asked(at, person, order, "simvastatin", quieted=[one])
            else:
                told.fired(at, person, order, "simvastatin", card=f"c{week}-{number}", rule="BAD")
            told.asked(at + hours(1), person, order, "clopidogrel" if draw.random() < 0.5 else "simvastatin")
    return told


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = open_house(Settings(store_url=f"sqlite:///{tmp_path / 'ledger.db'}"), clock=Days())
    written(made, weeks(0, 12))
    yield made
    made.close()


def refused(error: pytest.ExceptionInfo[InputError]) -> list[str]:
    return [f"{one.source}: {one.reason}" for one in error.value.problems]


def test_what_was_proposed_holds_once_somebody_else_approved_it(house: House) -> None:
    made = propose(house, "BAD", PASSIVE, ASKED, actor="Ana")
    assert (made.state, made.drug, made.evidence["everybody"]["shown"]) == (
        ProposalState.OPEN,
        "simvastatin",
        48,
    )
    with pytest.raises(InputError) as own:
        approve(house, made.proposal, "yes", actor="Ana")
    assert refused(own) == ["by: whoever made a proposal cannot approve it"]
    assert overrides_in_force(house, policy_of(house)) == ()
    done = approve(house, made.proposal, "figures are clear", actor="Eva", owner="pharmacy")
    assert (done.state, done.decided_by, done.reason) == (ProposalState.APPROVED, "Eva", "figures are clear")
    (held,) = overrides_in_force(house, policy_of(house))
    assert (held.rule, held.to, held.owner, held.version) == ("BAD", Quieter.PASSIVE, "pharmacy", 1)
    assert held.review_due == NOW.date() + timedelta(days=180)
    cycle = cycles_of(house)[done.cycle]
    assert (cycle.step, cycle.aim, cycle.measure, cycle.proposal) == (
        Step.DO, "fewer warnings", "follow-through-24h", made.proposal,
    )  # fmt: skip
    assert cycle.before != cycle.after
    assert uncycled(house) == ()


def test_a_decision_written_into_a_pack_is_read_as_the_same_decision(house: House) -> None:
    made = propose(house, "BAD", PASSIVE, ASKED, actor="Ana")
    held = approve(house, made.proposal, "yes", actor="Eva").override
    assert held is not None
    plain = {name: str(value) for name, value in write_override(held).items() if name != "roles"}
    lines = "".join(f"{name} = {value!r}\n" for name, value in plain.items())
    pack = (DATA / "alerts" / "alerts.toml").read_text() + f"\n[[decision]]\n{lines}"
    assert read_alert_policy(parse_rule_file("ours", pack.encode(), "alerts")).overrides == (held,)


def test_everything_wrong_with_a_proposal_is_said_at_once_and_nothing_is_stored(house: House) -> None:
    with pytest.raises(InputError) as error:
        propose(house, "NONE", PASSIVE, replace(ASKED, why=" ", measure="happiness"), actor="Ana")
    assert refused(error) == [
        "why: is missing",
        "RULE: has shown no card and was not kept back here",
        "measure: is no measure here",
    ]
    made = propose(house, "BAD", PASSIVE, ASKED, actor="Ana")
    with pytest.raises(InputError) as again:
        propose(house, "BAD", Change(Quieter.SILENT), ASKED, actor="Bo")
    assert refused(again) == ["RULE: a proposal about it is open"]
    assert list(proposals_of(house)) == [made.proposal]
    assert refuse(house, made.proposal, "not yet", actor="Ana").state is ProposalState.REFUSED
    with pytest.raises(InputError) as late:
        approve(house, made.proposal, "yes", actor="Eva")
    assert refused(late) == ["PROPOSAL: is refused already"]


@pytest.mark.parametrize("change", [PASSIVE, Change(Quieter.SILENT), Change(words="look twice")])
def test_a_rule_that_showed_a_critical_card_is_refused_and_the_attempt_is_on_record(
    house: House, change: Change
) -> None:
    told = Told()
    told.fired(NOW, "Ada", "o", "clopidogrel", card="top", rule="TOP", urgency="critical")
    written(house, told)
    with pytest.raises(InputError) as error:
        propose(house, "TOP", change, ASKED, actor="Ana")
    assert refused(error) == [f"RULE: {TOP_TIER}"]
    (one,) = proposals_of(house).values()
    assert (one.state, one.decided_by, one.reason) == (ProposalState.REFUSED, "policy: top tier", TOP_TIER)
    assert overrides_in_force(house, policy_of(house)) == ()


def test_the_top_tier_is_known_from_the_guidance_even_where_it_never_fired(house: House) -> None:
    rules = ("PA166297571", "PA166297342", "BAD")
    assert [is_top(house, rule) for rule in rules] == [True, False, False]


def quieter(house: House) -> str:
    """The rule made quieter, and twelve weeks later."""
    made = propose(house, "BAD", Change(Quieter.SILENT), ASKED, actor="Ana")
    approve(house, made.proposal, "yes", actor="Eva")
    written(house, weeks(12, 24, quiet=made.proposal))
    house.clock.now = DAY + timedelta(weeks=24, days=2)  # type: ignore[attr-defined]
    return made.proposal


def test_the_cycle_studies_what_interrupted_and_what_changed_before_and_after(house: House) -> None:
    name = quieter(house)
    cycle = move(house, f"cycle-{name}", "study", {}, actor="Eva")
    follow = cycle.result["follow-through-24h"]
    assert follow["average"]["low"] < 1 < follow["average"]["high"]
    assert (follow["before"][1], follow["after"][1]) == (48, 48)
    fewer = cycle.result["interruptive-per-100-orders"]
    assert (fewer["before"][0], fewer["after"][0]) == (48, 0)
    assert fewer["refused"] == ["the model cannot be told apart from these data: 0 where 1 is the limit"]
    done = move(house, f"cycle-{name}", "act", {"decision": "adopt", "reason": "no fewer"}, actor="Eva")
    assert done.decision is not None
    assert uncycled(house) == ()


def test_two_people_read_each_occasion_and_nobody_reads_one_twice(house: House) -> None:
    name = quieter(house)
    tasks = open_audit(house, name, actor="Eva")
    assert (len(tasks), len({one.about["occasion"] for one in tasks})) == (40, 20)
    assert open_audit(house, name, actor="Eva") == ()
    by_occasion: dict[str, list[str]] = {}
    for task in tasks:
        by_occasion.setdefault(task.about["occasion"], []).append(task.task)
    for number, (first, second) in enumerate(by_occasion.values()):
        rate(house, first, "no harm", "", actor="Ana")
        with pytest.raises(InputError, match="has read this occasion already"):
            rate(house, second, "no harm", "", actor="Ana")
        rate(house, second, "cannot tell" if number < 2 else "no harm", "no notes", actor="Bo")
    found = audit(house, name)
    assert (found.occasions, found.sampled, found.harms) == (48, 20, 0)
    assert (found.agreement.agreed.count, found.agreement.agreed.of) == (18, 20)
    assert found.agreement.kappa == pytest.approx(0)
    assert not [one for one in house.ledger.tasks() if one.kind == "missed-harm-audit"]


def test_a_harm_that_was_missed_proposes_to_restore_the_rule_and_somebody_else_does(house: House) -> None:
    name = quieter(house)
    task, *_ = open_audit(house, name, actor="Eva")
    with pytest.raises(RequestError, match="is read, not ended"):
        close_task(house, task.person, task.task, Ending.NOT_NEEDED, "busy", actor="Ana")
    with pytest.raises(InputError, match="note"):
        rate(house, task.task, "harm", "", actor="Ana")
    rate(house, task.task, "harm", "bled", actor="Ana")
    back = proposals_of(house)[f"revert-{name}"]
    assert (back.state, back.change.reverts) == (ProposalState.OPEN, name)
    assert approve(house, back.proposal, "harm", actor="Eva").state is ProposalState.APPROVED
    assert overrides_in_force(house, policy_of(house)) == ()
    assert proposals_of(house)[name].state is ProposalState.REVERTED
    cycle = cycles_of(house)[f"cycle-{name}"]
    assert (cycle.decision and cycle.decision.value, cycle.reason) == ("abandon", "harm")
    assert (audit(house, name).harms, uncycled(house)) == (1, ())
    events = list(house.ledger.events(kinds=[EventKind.HARM_AUDITED]))
    assert [one.person for one in events] == [task.person]
