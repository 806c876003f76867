"""Newborns and children: positive results until they are settled; a stored genome looked at again in time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from bedside.act.disclosure import Standing, finding_id
from bedside.act.disclosure_events import CORRECTION, FOUND, NEWBORN, standings
from bedside.act.disclosure_shown import May
from bedside.act.disclosure_worklist import WorklistLine, in_order, lines_of
from bedside.act.newborn import Predictive, predictive_values
from bedside.act.newborn_moments import LOOKED, PLANNED, DueLook, childhood_of, due_on
from bedside.errors import RequestError
from bedside.genome.consent import comes_of_age
from bedside.genome.event import Event, EventKind, NewEvent
from bedside.knowledge.consent_policy import load_consent_policy
from bedside.knowledge.moments import load_moments
from bedside.service.disclose import CONCERNING, Positive, events_of, key_of, pathway_of
from bedside.service.disclose_consent import may_of
from bedside.service.house import House


def bring_in_newborn(house: House, one: Positive, *, actor: str, blocklisted: bool = False) -> Standing:
    """Open the confirmatory loop for a positive newborn result; a hit on the blocklist is recorded and
    opens nothing. The same result twice is once.
    """
    name = finding_id(one.person, one.gene, one.variants, one.panel)
    payload = {
        "pathway": NEWBORN,
        "step": FOUND,
        "finding": name,
        "outcome": "found",
        "entry": "blocklisted" if blocklisted else "positive",
        "gene": one.gene,
        "variants": list(one.variants),
        "panel": one.panel,
        "release": one.release,
        "result": one.result,
        "disease": one.disease,
        "site": one.site,
    }
    key = f"{NEWBORN}:{name}"
    house.ledger.append([NewEvent(EventKind.STEP_TAKEN, actor, house.clock(), one.person, payload, key)])
    return next(place for place in newborn_findings(house, one.person) if place.finding.finding == name)


def newborn_findings(house: House, person: str) -> tuple[Standing, ...]:
    """Where every newborn result of a person stands."""
    return standings(pathway_of(house, NEWBORN), events_of(house, person))


def record_newborn_step(
    house: House,
    person: str,
    finding: str,
    step: str,
    outcome: str,
    *,
    actor: str,
    at: datetime | None = None,
    details: Mapping[str, Any] | None = None,
    corrects: str | None = None,
) -> Standing:
    """Write down what came of a step of the confirmatory loop. Raises `RequestError` for an unknown finding,
    step or outcome, and for treatment before a confirmatory test.
    """
    pathway, when = pathway_of(house, NEWBORN), at or house.clock()
    here = next((one for one in newborn_findings(house, person) if one.finding.finding == finding), None)
    if here is None:
        raise RequestError.one("finding", "this person has no such newborn result")
    state = pathway.states.get(step)
    if state is None and step not in pathway.interrupts and step != CORRECTION:
        raise RequestError.one("step", "no step of the loop", remedy=f"one of {', '.join(pathway.states)}")
    if state is not None and outcome not in state.outcomes:
        raise RequestError.one("outcome", "not of this step", remedy=f"one of {', '.join(state.outcomes)}")
    if state is not None and state.shows and not here.visible:
        raise RequestError.one("finding", "no confirmatory test was positive", remedy=f"at {here.state.name}")
    payload = {
        **(details or {}),
        "pathway": NEWBORN,
        "step": step,
        "outcome": outcome,
        "finding": finding,
        **({} if corrects is None else {"corrects": corrects}),
    }
    key = key_of(payload, when, events_of(house, person))
    house.ledger.append([NewEvent(EventKind.STEP_TAKEN, actor, when, person, payload, key)])
    return next(one for one in newborn_findings(house, person) if one.finding.finding == finding)


def newborn_worklist(
    house: House, day: date, *, may: May | None = None, over: bool = False
) -> tuple[WorklistLine, ...]:
    """Every newborn result on its way, most urgent first."""
    pathway, asked = pathway_of(house, NEWBORN), may or may_of(house, everybody=True)
    lines = [
        line
        for events in _by_person(house).values()
        for line in lines_of(pathway, standings(pathway, events), day, asked)
    ]
    return in_order(line for line in lines if over or not line.final)


def predictive_report(house: House) -> tuple[Predictive, ...]:
    """How often positive newborn results turned out true, by disease."""
    pathway = pathway_of(house, NEWBORN)
    return predictive_values(
        place for events in _by_person(house).values() for place in standings(pathway, events)
    )


def plan_event(house: House, person: str, event: str, on: date, *, actor: str) -> None:
    """Record that something is planned for a child that calls for a look at the genome (an anaesthesia)."""
    payload = {"pathway": NEWBORN, "step": PLANNED, "outcome": event, "day": on.isoformat()}
    key = f"{PLANNED}:{person}:{event}:{on.isoformat()}"
    house.ledger.append([NewEvent(EventKind.STEP_TAKEN, actor, house.clock(), person, payload, key)])


def looked_again(
    house: House, person: str, moment: str, outcome: str, *, actor: str, may: May | None = None
) -> None:
    """Record that the genome was looked at again at a moment (`looked`), or that the person or their guardian
    said no (`declined`). Raises `RequestError` for a look that is not due, or that waits.
    """
    if outcome not in ("looked", "declined"):
        raise RequestError.one("outcome", "a look was done or declined", remedy="looked or declined")
    now = house.clock()
    due = {look.moment: look for look in looks_due(house, person, now.date(), may=may)}
    if moment not in due:
        raise RequestError.one(
            "moment", "no such look is due today", remedy=f"due: {', '.join(due) or 'none'}"
        )
    if due[moment].waits_for and outcome == "looked":
        raise RequestError.one("moment", f"it waits: {due[moment].waits_for}")
    payload = {"pathway": NEWBORN, "step": LOOKED, "outcome": outcome, "moment": moment}
    key = key_of({**payload, "person": person}, now, events_of(house, person))
    house.ledger.append([NewEvent(EventKind.STEP_TAKEN, actor, now, person, payload, key)])


def looks_due(house: House, person: str, day: date, *, may: May | None = None) -> tuple[DueLook, ...]:
    """The looks at a stored genome that are due for one person on a day."""
    known, root = house.ledger.person(person), house.settings.knowledge_folder
    child = childhood_of(person, None if known is None else known.birth_date, events_of(house, person))
    policy = load_consent_policy(root)
    return due_on(child, day, load_moments(root), policy.majority, may or may_of(house))


def all_looks_due(house: House, day: date, *, may: May | None = None) -> tuple[DueLook, ...]:
    """The looks due for everybody whose genome was stored before majority, soonest due first."""
    root, asked = house.settings.knowledge_folder, may or may_of(house, everybody=True)
    policy, moments = load_consent_policy(root), load_moments(root)
    stored: dict[str, date] = {}
    for event in house.ledger.events(kinds=(EventKind.GENOME_STORED,)):
        stored.setdefault(str(event.person), event.valid_at.date())
    people = _by_person(house)
    looks: list[DueLook] = []
    for person, on in stored.items():
        known = house.ledger.person(person)
        born = None if known is None else known.birth_date
        if born is None or comes_of_age(born, policy.majority) > on:
            child = childhood_of(person, born, people.get(person, ()))
            looks += due_on(child, day, moments, policy.majority, asked)
    return tuple(sorted(looks, key=lambda look: (look.due or date.max, look.person, look.moment)))


def _by_person(house: House) -> Mapping[str, list[Event]]:
    found: dict[str, list[Event]] = {}
    for event in house.ledger.events(kinds=CONCERNING):
        if event.person is not None:
            found.setdefault(event.person, []).append(event)
    return found
