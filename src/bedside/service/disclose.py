"""The last mile of a finding: brought in, moved step by step, on a worklist, never shown before its time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from bedside.act.disclosure import Standing, finding_id
from bedside.act.disclosure_events import CORRECTION, DISCLOSURE, FOUND, NEWBORN, in_force, standings
from bedside.act.disclosure_shown import May, held_by, lowered, why_not_shown
from bedside.act.disclosure_worklist import WorklistLine, in_order, lines_of
from bedside.errors import Problem, RequestError
from bedside.genome.event import Event, EventKind, NewEvent
from bedside.genome.result import Confirmation
from bedside.knowledge.disclosure_policy import Pathway, load_pathways
from bedside.service.close_task import Ending
from bedside.service.disclose_consent import may_of
from bedside.service.house import House

CONCERNING = (
    EventKind.STEP_TAKEN,
    EventKind.TASK_OPENED,
    EventKind.TASK_CLOSED,
    EventKind.PROBLEM_RECORDED,
    EventKind.RESULT_WITHDRAWN,
    EventKind.GENOME_ERASED,
    EventKind.RELATIVE_RECORDED,
)


@dataclass(frozen=True, slots=True)
class Positive:
    """A screen-positive to bring in: what the screen reported about one gene of one person. not_before: the
    person's majority, where it is withheld from a child.
    """

    person: str
    gene: str
    variants: tuple[str, ...]
    panel: str
    release: str
    confirmation: Confirmation
    result: str = ""
    disease: str = ""
    classification: str = ""
    site: str = ""
    not_before: date | None = None

    @property
    def finding(self) -> str:
        """The id it has in the record."""
        return finding_id(self.person, self.gene, self.variants, self.panel)


def pathway_of(house: House, name: str = DISCLOSURE) -> Pathway:
    """A pathway as the site's policy has it."""
    return load_pathways(house.settings.knowledge_folder)[name]


def bring_in(house: House, positives: Iterable[Positive], *, actor: str) -> int:
    """Open a finding for each screen-positive; one that is there already is not opened again. How many are
    new.
    """
    now = house.clock()
    events = [
        NewEvent(EventKind.STEP_TAKEN, actor, now, one.person, _found(one), _found_key(one))
        for one in positives
    ]
    before = house.ledger.checkpoint().sequence if events else 0
    written = house.ledger.append(events) if events else ()
    return len({event.sequence for event in written if event.sequence > before})


def _found_key(one: Positive) -> str:
    return f"{one.finding}:{one.confirmation.value}:{one.result}"


def _found(one: Positive) -> dict[str, Any]:
    return {
        "pathway": DISCLOSURE,
        "step": FOUND,
        "finding": one.finding,
        "outcome": "found",
        "gene": one.gene,
        "variants": list(one.variants),
        "panel": one.panel,
        "release": one.release,
        "confirmation": one.confirmation.value,
        "result": one.result,
        "disease": one.disease,
        "classification": one.classification,
        "site": one.site,
        "not_before": None if one.not_before is None else one.not_before.isoformat(),
    }


def events_of(house: House, person: str) -> tuple[Event, ...]:
    """What the ledger holds about a person that concerns findings."""
    return tuple(house.ledger.events(person=person, kinds=CONCERNING))


def findings(house: House, person: str) -> tuple[Standing, ...]:
    """Where every finding of a person stands; for those who may see what is not confirmed."""
    return standings(pathway_of(house), events_of(house, person))


def shown_findings(
    house: House, person: str, day: date | None = None, *, may: May | None = None
) -> tuple[Standing, ...]:
    """The findings that a chart, a letter, an export or a problem list may show on a day: seen by a clinical
    laboratory, in force, and not withheld by age. There is no other way to them.
    """
    on, asked = day or house.clock().date(), may or may_of(house)
    events = events_of(house, person)
    places = [one for name in (DISCLOSURE, NEWBORN) for one in standings(pathway_of(house, name), events)]
    return tuple(one for one in places if not why_not_shown(one, on, asked))


def worklist(
    house: House,
    day: date,
    role: str | None = None,
    site: str | None = None,
    *,
    may: May | None = None,
    over: bool = False,
) -> tuple[WorklistLine, ...]:
    """Every finding on its way, most urgent first; with `over`, also those where nothing more is owed."""
    pathway, may = pathway_of(house), may or may_of(house, everybody=True)
    lines: list[WorklistLine] = []
    for events in by_person(house, pathway).values():
        lines += lines_of(pathway, standings(pathway, events), day, may)
    return in_order(
        line
        for line in lines
        if (over or not line.final) and role in (None, line.owner) and site in (None, line.site)
    )


def by_person(house: House, pathway: Pathway) -> Mapping[str, Sequence[Event]]:
    """The events of everybody who has a finding on the pathway."""
    found: dict[str, list[Event]] = {}
    for event in house.ledger.events(kinds=CONCERNING):
        if event.person is not None:
            found.setdefault(event.person, []).append(event)
    return {person: events for person, events in found.items() if any(_starts(pathway, e) for e in events)}


def _starts(pathway: Pathway, event: Event) -> bool:
    if event.kind is EventKind.TASK_OPENED:
        return event.payload["kind"] in pathway.changes
    return event.kind is EventKind.STEP_TAKEN and event.payload["step"] == FOUND


def record_step(
    house: House,
    person: str,
    finding: str,
    step: str,
    outcome: str,
    *,
    actor: str,
    may: May | None = None,
    at: datetime | None = None,
    details: Mapping[str, Any] | None = None,
    corrects: str | None = None,
) -> Standing:
    """Write down what came of a step, and answer where the finding stands now; the same twice is once.

    What is recorded before its turn is kept and waits. `corrects` is the key of an earlier step that this
    one takes the place of (step `correction`: takes back). Raises `RequestError` for an unknown step or
    outcome, for telling somebody of what no clinical laboratory has seen, and for contact without consent.
    """
    pathway, when, may = pathway_of(house), at or house.clock(), may or may_of(house)
    events = events_of(house, person)
    places = standings(pathway, events)
    here = next((one for one in places if one.finding.finding == finding), None)
    if here is None:
        raise RequestError.one("finding", "this person has no such finding", remedy="open the worklist again")
    problems = list(_problems(pathway, here, places, step, outcome, may, when))
    if corrects is not None and all(event.key != corrects for event in in_force(events)):
        problems.append(Problem("corrects", "no step in force has this key", remedy="look at its steps"))
    if problems:
        raise RequestError(problems)
    payload: dict[str, Any] = {
        **(details or {}),
        "pathway": pathway.name,
        "step": step,
        "outcome": outcome,
        "finding": finding,
        **({} if corrects is None else {"corrects": corrects}),
    }
    key = key_of(payload, when, events)
    house.ledger.append([NewEvent(EventKind.STEP_TAKEN, actor, when, person, payload, key)])
    return after(house, person, finding, actor)


def after(house: House, person: str, finding: str, actor: str) -> Standing:
    """Where a finding stands now. The task by which it came in is closed when that can change no more, or
    the person declined; who was lost may come back, so that their task stays open.
    """
    now = next(one for one in findings(house, person) if one.finding.finding == finding)
    declined = now.state.final.startswith(Ending.DECLINED.value)
    over = now.state.final and (declined or not now.state.outcomes)
    if over and any(task.task == finding for task in house.ledger.tasks(person)):
        told = now.happened("disclosure", "disclosed") or now.finding.entry in pathway_of(house).told
        ending = Ending.DECLINED if declined else Ending.DONE if told else Ending.NOT_NEEDED
        closed = {"task": finding, "outcome": f"{ending.value}: {now.state.final}", "pathway": DISCLOSURE}
        house.ledger.append(
            [NewEvent(EventKind.TASK_CLOSED, actor, house.clock(), person, closed, f"closed:{finding}")]
        )
    return now


def record_for_person(
    house: House, person: str, step: str, *, actor: str, at: datetime | None = None
) -> tuple[Standing, ...]:
    """Write down what concerns a person as a whole (`died`, `moved-away`, `declined` to know anything) and
    answer where their findings stand now. Raises `RequestError` for anything else.
    """
    pathway, when = pathway_of(house), at or house.clock()
    if step not in pathway.interrupts:
        raise RequestError.one("step", "not of a person", remedy=f"one of {', '.join(pathway.interrupts)}")
    payload = {"pathway": pathway.name, "step": step, "outcome": "recorded"}
    key = key_of({**payload, "person": person}, when, events_of(house, person))
    house.ledger.append([NewEvent(EventKind.STEP_TAKEN, actor, when, person, payload, key)])
    return findings(house, person)


def key_of(payload: Mapping[str, Any], at: datetime, events: Sequence[Event]) -> str:
    """The key of a step: the same for the same step, so that it is written once; another one when that step
    was taken back meanwhile.
    """
    text = json.dumps({**payload, "at": at.isoformat()}, sort_keys=True, default=str)
    key = "step:" + hashlib.sha256(text.encode()).hexdigest()[:24]
    standing_now = {event.key for event in in_force(events)}
    again = [event.key for event in events if event.key is not None and event.key.split("~")[0] == key]
    if not again:
        return key
    return next((one for one in again if one in standing_now), f"{key}~{len(again)}")


def _problems(
    pathway: Pathway,
    here: Standing,
    places: Sequence[Standing],
    step: str,
    outcome: str,
    may: May,
    when: datetime,
) -> Iterable[Problem]:
    state = pathway.states.get(step)
    if step in pathway.interrupts or step == CORRECTION:
        return
    if state is None:
        yield Problem("step", f"{step} is no step of it", remedy=f"one of {', '.join(pathway.states)}")
        return
    if outcome not in state.outcomes:
        yield Problem("outcome", f"not an outcome of {step}", remedy=f"one of {', '.join(state.outcomes)}")
    if state.arrives and outcome == state.arrives:
        yield Problem("step", "is proved by the problem-list entry itself", remedy="record the entry")
    why = why_not_shown(here, when.date(), may) if state.shows else ""
    if why:
        yield Problem("finding", f"nobody may be told: {why}", remedy=f"it stands at {here.state.name}")
    held = held_by(pathway, replace(here, state=state), when.date(), may, lowered(pathway, places))
    if held is not None and not (state.needs and outcome in state.needs.allows):
        yield Problem("finding", f"it waits: {held.reason}", remedy=held.action)
