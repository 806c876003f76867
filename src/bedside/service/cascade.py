"""The cascade: relatives recorded, those at risk brought in, each followed until they are told their result.

All of it stands in the index person's record. A relative's own record gets a task that names an invitation
number and nothing else (`cascade_letters`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from bedside.act.cascade import AT_RISK, CASCADE, Relative, relatives_of
from bedside.act.cascade_family import UNNAMED, Named, family_of, named_in
from bedside.act.disclosure_events import CORRECTION, DISCLOSURE, standings
from bedside.act.disclosure_shown import May, held_by, why_not_shown
from bedside.act.disclosure_worklist import WorklistLine, in_order, lines_of
from bedside.errors import Problem, RequestError
from bedside.genome.event import Event, EventKind, NewEvent
from bedside.genome.inheritance import AtRisk, Inheritance, at_risk
from bedside.genome.pedigree import Member, Pedigree
from bedside.genome.person import Person
from bedside.service.disclose import CONCERNING, events_of, key_of, pathway_of
from bedside.service.disclose_consent import may_of
from bedside.service.disclose_letters import finding_named
from bedside.service.house import House


def record_relative(house: House, person: str, named: Named, *, actor: str) -> Pedigree:
    """Record a relative, or what changed of them, and answer the family. Raises `InputError` with everything
    that does not fit, nothing stored.
    """
    others = [one for one in named_in(events_of(house, person)) if one.relative != named.relative]
    family = family_of(_index(house, person), [*others, named])
    payload = {
        "relative": named.relative,
        "relation": named.relation.value,
        "of": named.of,
        "sex": named.sex.value,
        "birth_date": None if named.born is None else named.born.isoformat(),
        "deceased": named.deceased,
        "person": named.person,
        "copies": named.copies,
    }
    house.ledger.append([NewEvent(EventKind.RELATIVE_RECORDED, actor, house.clock(), person, payload)])
    return family


def _index(house: House, person: str) -> Member:
    known = house.ledger.person(person) or Person(person)
    return Member(person, known.sex, born=known.birth_date)


def start_cascade(
    house: House,
    person: str,
    finding: str,
    inheritance: Inheritance,
    *,
    actor: str,
    copies: int = 1,
    may: May | None = None,
) -> tuple[AtRisk, ...]:
    """Bring in every living, named relative of the first and second degree who can carry what was found, and
    answer how likely each does; those brought in already stay as they are. Raises `RequestError` for a
    finding that may not be shown, `InputError` for a family that does not hold.
    """
    now = house.clock()
    why = why_not_shown(finding_named(house, person, finding), now.date(), may or may_of(house))
    if why:
        raise RequestError.one("finding", f"no relative can be told: {why}")
    named = named_in(events_of(house, person))
    family = family_of(_index(house, person), named)
    known = {one.relative: one.copies for one in named if one.copies is not None}
    found = at_risk(family, person, inheritance, {**known, person: copies})
    risks = [one for one in found if not one.member.startswith(UNNAMED) and one.chance.carries > 0]
    house.ledger.append([_brought_in(one, person, finding, inheritance, actor, now) for one in risks])
    return tuple(risks)


def _brought_in(
    one: AtRisk, person: str, finding: str, inheritance: Inheritance, actor: str, now: datetime
) -> NewEvent:
    payload = {
        "pathway": CASCADE,
        "step": AT_RISK,
        "finding": finding,
        "relative": one.member,
        "outcome": "found",
        "degree": one.degree,
        "inheritance": inheritance.value,
        "chance": round(one.chance.carries, 4),
    }
    key = f"{AT_RISK}:{finding}:{one.member}"
    return NewEvent(EventKind.STEP_TAKEN, actor, now, person, payload, key)


def relatives(house: House, person: str) -> tuple[Relative, ...]:
    """Every relative brought in for a person's findings, and how far each got."""
    return relatives_of(pathway_of(house, CASCADE), events_of(house, person))


def relative_named(house: House, person: str, finding: str, relative: str) -> Relative:
    """One of them; raises `RequestError` when there is none."""
    for one in relatives(house, person):
        if (one.finding, one.relative) == (finding, relative):
            return one
    raise RequestError.one("relative", "this relative was not brought in", remedy="start the cascade first")


def record_relative_step(
    house: House,
    person: str,
    finding: str,
    relative: str,
    step: str,
    outcome: str,
    *,
    actor: str,
    may: May | None = None,
    at: datetime | None = None,
    details: Mapping[str, Any] | None = None,
    corrects: str | None = None,
) -> Relative:
    """Write down what came of a step with a relative. Raises `RequestError` for an unknown step or outcome,
    for a finding that may not be shown (any more), and for direct contact without the index person's consent.
    """
    pathway, when = pathway_of(house, CASCADE), at or house.clock()
    here = relative_named(house, person, finding, relative)
    state, problems = pathway.states.get(step), list[Problem]()
    if state is None and step not in pathway.interrupts and step != CORRECTION:
        problems.append(
            Problem("step", "no step of the cascade", remedy=f"one of {', '.join(pathway.states)}")
        )
    if state is not None:
        if outcome not in state.outcomes:
            remedy = f"one of {', '.join(state.outcomes)}"
            problems.append(Problem("outcome", f"not an outcome of {step}", remedy=remedy))
        asked = may or may_of(house)
        why = why_not_shown(finding_named(house, person, finding), when.date(), asked)
        if why:
            problems.append(Problem("finding", f"no relative can be told: {why}"))
        held = held_by(pathway, replace(here.place, state=state), when.date(), asked)
        if held is not None and not (state.needs and outcome in state.needs.allows):
            problems.append(Problem("relative", f"it waits: {held.reason}", remedy=held.action))
    if problems:
        raise RequestError(problems)
    payload: dict[str, Any] = {
        **(details or {}),
        "pathway": CASCADE,
        "step": step,
        "outcome": outcome,
        "finding": finding,
        "relative": relative,
        **({} if corrects is None else {"corrects": corrects}),
    }
    key = key_of(payload, when, events_of(house, person))
    house.ledger.append([NewEvent(EventKind.STEP_TAKEN, actor, when, person, payload, key)])
    return relative_named(house, person, finding, relative)


def cascade_worklist(
    house: House, day: date, role: str | None = None, *, may: May | None = None, over: bool = False
) -> tuple[WorklistLine, ...]:
    """Every relative on the way, most urgent first; where the finding may not be shown (any more), held."""
    pathway, disclosure = pathway_of(house, CASCADE), pathway_of(house, DISCLOSURE)
    asked, people = may or may_of(house, everybody=True), dict[str, list[Event]]()
    for event in house.ledger.events(kinds=CONCERNING):
        if event.person is not None:
            people.setdefault(event.person, []).append(event)
    lines: list[WorklistLine] = []
    for events in people.values():
        several = relatives_of(pathway, events)
        if several:
            why = {
                one.finding.finding: why_not_shown(one, day, asked) for one in standings(disclosure, events)
            }
            found = lines_of(pathway, [one.place for one in several], day, asked)
            lines += [replace(line, waits_for=why.get(line.finding) or line.waits_for) for line in found]
    return in_order(line for line in lines if (over or not line.final) and role in (None, line.owner))
