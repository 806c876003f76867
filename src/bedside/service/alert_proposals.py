"""A rule is made quieter, reworded or restored: proposed with its evidence, decided by somebody else.

All that belongs to one act is one append: a decision, the cycle that studies it, and what it ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bedside.act.alert_proposals import (
    APPROVED,
    PROPOSAL_KINDS,
    REFUSED,
    Change,
    Proposal,
    ProposalState,
    proposals,
    write_change,
)
from bedside.act.cycles import Choice, Cycle, Step
from bedside.decide.tables import tables_of
from bedside.errors import InputError, Problem
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.observation import digest
from bedside.knowledge.alert_policy import SiteOverride, write_override
from bedside.knowledge.tiers import Urgency
from bedside.service.alert_cycles import check_measure, cycles_of
from bedside.service.alert_overrides import overrides_in_force
from bedside.service.alert_readings import alert_review, policy_of
from bedside.service.alerts_review import document
from bedside.service.house import House
from bedside.service.rules import rules_of
from bedside.store.encode import canonical
from bedside.store.ledger import Unless

TOP_TIER = "the top tier is never made quieter, reworded or silenced"
POLICY = "policy: top tier"


@dataclass(frozen=True, slots=True)
class Asked:
    """Why a change is proposed, and how one will know: aim, measure (of a measure pack, or of ALERT_MEASURES)
    and prediction."""

    why: str
    aim: str
    measure: str
    prediction: str


def proposals_of(house: House) -> dict[str, Proposal]:
    """Every proposal about a rule, by its id."""
    events = house.ledger.events(kinds=PROPOSAL_KINDS)
    return proposals(event for event in events if event.kind in PROPOSAL_KINDS)


def propose(house: House, rule: str, change: Change, asked: Asked, *, actor: str) -> Proposal:
    """Propose a change of a rule that has fired. Raises InputError with every problem; a rule of the top tier
    is refused, and both the proposal and its refusal are on record."""
    known = proposals_of(house)
    last = _last(house)
    found = next((one for one in alert_review(house).rules if one.rule == rule), None)
    problems = [
        Problem(name, "is missing", remedy="say it in a few words")
        for name in ("why", "aim", "measure", "prediction")
        if not getattr(asked, name).strip()
    ]
    if found is None:
        remedy = "bedside alerts review has the rules"
        problems.append(Problem("RULE", "has shown no card and was not kept back here", remedy=remedy))
    problems += check_measure(house, asked.measure) if asked.measure.strip() else []
    if any(one.rule == rule and one.state is ProposalState.OPEN for one in known.values()):
        problems.append(Problem("RULE", "a proposal about it is open", remedy="decide that one first"))
    if change.reverts and (
        change.reverts not in known or known[change.reverts].state is not ProposalState.APPROVED
    ):
        problems.append(Problem("reverts", "is no decision in force"))
    if problems:
        raise InputError(problems)
    told = document(house, alert_review(house))
    evidence = next(one for one in told["rules"] if one["rule"] == rule)
    name = _name(rule, change, last)
    now = house.clock()
    made = _made(name, rule, change, asked, evidence, actor, now)
    top = found is not None and (found.top or is_top(house, rule)) and not change.reverts
    events = [made]
    if top:
        said = {"proposal": name, "decision": REFUSED, "reason": TOP_TIER, "override": None}
        events.append(NewEvent(EventKind.PROPOSAL_DECIDED, POLICY, now, None, said))
    house.ledger.append(events, unless=Unless(EventKind.PROPOSAL_MADE, last, (EventKind.PROPOSAL_DECIDED,)))
    if top:
        raise InputError.one("RULE", TOP_TIER, remedy="fix the rule's own guidance, or what feeds it")
    return proposals_of(house)[name]


def is_top(house: House, rule: str) -> bool:
    """Whether a guidance row is of the top tier by the policy of tiers, whether or not it ever fired."""
    rules = rules_of(house).ruleset
    tiers = rules.phrases.tiers
    return any(
        tiers.of(row.action, row.strength, table.level).urgency is Urgency.CRITICAL
        for drug in rules.pgx.guidance
        for table in tables_of(rules.pgx, drug)
        for row in table.rows
        if row.guidance_id == rule
    )


def approve(house: House, proposal: str, reason: str, *, actor: str, owner: str = "") -> Proposal:
    """Put a proposal into force, until its review day. Raises InputError; whoever made it cannot approve."""
    last = _last(house)
    one = _open(house, proposal, reason)
    if one.made_by == actor:
        remedy = "somebody else with the right to approve decides"
        raise InputError.one("by", "whoever made a proposal cannot approve it", remedy=remedy)
    now, policy = house.clock(), policy_of(house)
    if one.change.reverts:
        events = _revert(house, one, reason, actor)
    else:
        if is_top(house, one.rule):
            raise InputError.one("RULE", TOP_TIER)
        version = 1 + sum(
            held.rule == one.rule and held.override is not None for held in proposals_of(house).values()
        )
        override = SiteOverride(
            override=one.proposal,
            rule=one.rule,
            owner=owner.strip() or actor,
            approved_by=actor,
            since=now.date(),
            review_due=now.date() + timedelta(days=policy.review_after_days),
            version=version,
            to=one.change.to,
            words=one.change.words,
            roles=one.change.roles,
        )
        before = overrides_in_force(house, rules_of(house).ruleset.alerts)
        cycle = f"cycle-{one.proposal}"
        said = {
            "proposal": one.proposal,
            "decision": APPROVED,
            "reason": reason,
            "override": write_override(override),
            "cycle": cycle,
            "rules": rules_of(house).ruleset.name,
        }
        events = [
            NewEvent(EventKind.PROPOSAL_DECIDED, actor, now, None, said),
            *_begun(cycle, one, actor, now, _version(house, before), _version(house, (*before, override))),
        ]
    house.ledger.append(events, unless=Unless(EventKind.PROPOSAL_DECIDED, last, (EventKind.PROPOSAL_MADE,)))
    return proposals_of(house)[proposal]


def refuse(house: House, proposal: str, reason: str, *, actor: str) -> Proposal:
    """Refuse a proposal, with the reason. Raises InputError."""
    last = _last(house)
    one = _open(house, proposal, reason)
    said = {"proposal": one.proposal, "decision": REFUSED, "reason": reason, "override": None}
    event = NewEvent(EventKind.PROPOSAL_DECIDED, actor, house.clock(), None, said)
    house.ledger.append([event], unless=Unless(EventKind.PROPOSAL_DECIDED, last, (EventKind.PROPOSAL_MADE,)))
    return proposals_of(house)[proposal]


def revert_event(house: House, one: Proposal, why: str, actor: str) -> NewEvent:
    """The proposal to take a decision back, to be written with what gave the reason."""
    asked = Asked(why, f"no harm missed by {one.rule}", one.measure, "the rule is shown as before")
    change = Change(reverts=one.proposal)
    return _made(f"revert-{one.proposal}", one.rule, change, asked, {}, actor, house.clock(), one.drug)


def _open(house: House, proposal: str, reason: str) -> Proposal:
    found = proposals_of(house).get(proposal)
    problems = [] if reason.strip() else [Problem("reason", "is missing", remedy="say why in a few words")]
    if found is None:
        problems.append(Problem("PROPOSAL", "is none here", remedy="bedside alerts list has them"))
    elif found.state is not ProposalState.OPEN:
        problems.append(Problem("PROPOSAL", f"is {found.state.value} already"))
    if problems or found is None:
        raise InputError(problems)
    return found


def _made(
    name: str,
    rule: str,
    change: Change,
    asked: Asked,
    evidence: Mapping[str, Any],
    actor: str,
    now: Any,
    drug: str = "",
) -> NewEvent:
    payload = {
        "proposal": name,
        "rule": rule,
        "drug": drug or str(evidence.get("drug", "")),
        "change": write_change(change),
        "why": asked.why,
        "aim": asked.aim,
        "measure": asked.measure,
        "prediction": asked.prediction,
        "evidence": dict(evidence),
    }
    return NewEvent(EventKind.PROPOSAL_MADE, actor, now, None, payload, key=name)


def _begun(cycle: str, one: Proposal, actor: str, now: Any, before: str, after: str) -> list[NewEvent]:
    """The plan and the change itself, as the first two steps of the cycle."""
    plan = {
        "cycle": cycle,
        "step": Step.PLAN.value,
        "aim": one.aim,
        "measure": one.measure,
        "change": one.change.told,
        "prediction": one.prediction,
        "rule": one.rule,
        "proposal": one.proposal,
    }
    done = {"cycle": cycle, "step": Step.DO.value, "before": before, "after": after}
    return [NewEvent(EventKind.CYCLE_MOVED, actor, now, None, said) for said in (plan, done)]


def _revert(house: House, one: Proposal, reason: str, actor: str) -> list[NewEvent]:
    """The decision taken back, and its cycle ended where it was still open."""
    taken_back = proposals_of(house)[one.change.reverts]
    said = {
        "proposal": one.proposal,
        "decision": APPROVED,
        "reason": reason,
        "reverts": taken_back.proposal,
        "cycle": taken_back.cycle,
    }
    now = house.clock()
    events = [NewEvent(EventKind.PROPOSAL_DECIDED, actor, now, None, said)]
    cycle = cycles_of(house).get(taken_back.cycle, Cycle(""))
    if cycle.step is not None and cycle.step is not Step.ACT:
        ended = {"cycle": cycle.cycle, "step": Step.ACT.value, "decision": Choice.ABANDON.value}
        events.append(NewEvent(EventKind.CYCLE_MOVED, actor, now, None, {**ended, "reason": reason}))
    return events


def _version(house: House, overrides: tuple[SiteOverride, ...]) -> str:
    """What the rules and the site's decisions about them are called together."""
    told = digest(canonical([write_override(one) for one in overrides]))[:12]
    return f"{rules_of(house).ruleset.name} decisions#{told}"


def _name(rule: str, change: Change, last: int) -> str:
    return f"alert-{digest(canonical([rule, write_change(change), last]))[:10]}"


def _last(house: House) -> int:
    return house.ledger.checkpoint().sequence
