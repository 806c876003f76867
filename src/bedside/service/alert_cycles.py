"""The cycles of a house: planned, done, studied by what came before and after, decided."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bedside.act.alert_proposals import PROPOSAL_KINDS, ProposalState, proposals
from bedside.act.cycles import Cycle, Step, Uncycled, cycles, without_cycle, wrong_move
from bedside.errors import InputError, Problem
from bedside.genome.event import EventKind, NewEvent
from bedside.knowledge.measures import load_measures
from bedside.knowledge.study_policy import load_study_policy
from bedside.learn.alert_series import before_after, plain
from bedside.service.alert_readings import alert_log, policy_of
from bedside.service.house import House
from bedside.store.ledger import Unless

ALERT_MEASURES = ("interruptive-per-100-orders", "follow-through-24h")
"""Measures of alerts that the series of a changed rule work out themselves."""


def cycles_of(house: House) -> dict[str, Cycle]:
    """Every cycle by its id."""
    return cycles(house.ledger.events(kinds=(EventKind.CYCLE_MOVED,)))


def check_measure(house: House, name: str) -> list[Problem]:
    """What is wrong with the name of a measure; nothing when it is one."""
    known = (*ALERT_MEASURES, *load_measures(house.settings.knowledge_folder))
    if name in known:
        return []
    return [Problem("measure", "is no measure here", remedy=f"one of {', '.join(known)}")]


def move(house: House, cycle: str, step: str, said: Mapping[str, Any], *, actor: str) -> Cycle:
    """Take a step of a cycle; the first begins it. What is studied is worked out here: the series before and
    after the change, or why there is none. Raises InputError with every problem, nothing stored."""
    last = house.ledger.checkpoint().sequence
    held = cycles_of(house).get(cycle, Cycle(cycle))
    steps = [one.value for one in Step]
    if step not in steps:
        raise InputError.one("step", "is no step", remedy=f"one of {', '.join(steps)}")
    asked = dict(said)
    if Step(step) is Step.STUDY and held.done_at is not None:
        asked["result"] = studied(house, held, house.clock())
    problems = [Problem("cycle", reason) for reason in wrong_move(held, Step(step), asked)]
    if Step(step) is Step.PLAN and asked.get("measure"):
        problems += check_measure(house, str(asked["measure"]))
    follows = str(asked.get("follows", ""))
    if follows and follows not in cycles_of(house):
        problems.append(Problem("follows", "is no cycle here"))
    if problems or not cycle.strip():
        raise InputError(problems or [Problem("cycle", "has no name")])
    event = NewEvent(
        EventKind.CYCLE_MOVED, actor, house.clock(), None, {**asked, "cycle": cycle, "step": step}
    )
    house.ledger.append([event], unless=Unless(EventKind.CYCLE_MOVED, last))
    return cycles_of(house)[cycle]


def studied(house: House, cycle: Cycle, now: datetime) -> dict[str, Any]:
    """What came of a change: the two series for a rule of alerts; for another change, that nobody can tell
    from alerts."""
    if not cycle.rule or cycle.done_at is None:
        return {"refused": ["no rule of alerts is changed by this cycle; enter what its measure says"]}
    policy = policy_of(house)
    found = before_after(
        alert_log(house),
        cycle.rule,
        cycle.done_at,
        now,
        days=policy.period_days,
        hours=policy.watch.follow_hours,
        limits=load_study_policy(house.settings.knowledge_folder).interrupted_series,
    )
    return {
        "at": now.isoformat(),
        "period_days": found.days,
        ALERT_MEASURES[0]: plain(found.interruptions),
        ALERT_MEASURES[1]: plain(found.follow_through),
    }


def uncycled(house: House) -> tuple[Uncycled, ...]:
    """Changes of rules, and decisions about alerts, that no cycle is linked to."""
    held = proposals(house.ledger.events(kinds=PROPOSAL_KINDS)).values()
    decided = [
        (one.proposal, one.decided_at, one.cycle)
        for one in held
        if one.state in (ProposalState.APPROVED, ProposalState.REVERTED) and one.decided_at is not None
    ]
    return without_cycle(alert_log(house).rules, decided, cycles_of(house).values())
