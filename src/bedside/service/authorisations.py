"""Prior authorisations as the ledger holds them: read, moved on by one event at a time, and the tasks that
follow each move in the same append.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bedside.act.authorisation import Authorisation, authorisations
from bedside.act.authorisation_clock import needs, on_its_way
from bedside.decide.coverage_plain import plan_of_plain
from bedside.errors import NotFound, StoreError
from bedside.genome.authorisation import Move, Status
from bedside.genome.coverage import Plan
from bedside.genome.event import Event, EventKind, NewEvent
from bedside.genome.task import Task
from bedside.knowledge.authorisation_policy import AuthorisationPolicy, load_authorisation
from bedside.service.house import House
from bedside.store.ledger import Overtaken, Unless

KIND = EventKind.AUTHORISATION_MOVED
_TRIES = 8


@dataclass(frozen=True, slots=True)
class Moved:
    """One move to be written: what happened, and what its event says besides."""

    move: Move
    more: Mapping[str, Any]
    key: str | None = None


def policy_of(house: House) -> AuthorisationPolicy:
    """The packs in force."""
    return load_authorisation(house.settings.knowledge_folder)


def every_authorisation(house: House, person: str | None = None) -> Mapping[str, Authorisation]:
    """Every one by its number, of a person or of everybody."""
    return authorisations(house.ledger.events(person=person, kinds=(KIND,)))


def person_of_order(house: House, order: str) -> str:
    """Whose order it is; raises `NotFound`."""
    placed = house.ledger.find(EventKind.ORDER_PLACED, order)
    if placed is None or placed.person is None:
        raise NotFound.one("ORDER", "no order has this number", remedy="`bedside order PERSON --list`")
    return placed.person


def authorisation_of(house: House, person: str, order: str) -> Authorisation | None:
    """The newest of an order; None when there is none, or the newest was taken back."""
    found = [one for one in every_authorisation(house, person).values() if one.order == order]
    return found[-1] if found and found[-1].status is not Status.CANCELLED else None


def authorisation_named(house: House, person: str, order: str) -> Authorisation:
    """The newest of an order; raises `NotFound`."""
    found = authorisation_of(house, person, order)
    if found is None:
        raise NotFound.one("authorisation", "none was begun for this order")
    return found


def plan_of_authorisation(held: Authorisation) -> Plan:
    """The plan it was drafted for."""
    return Plan(held.payer) if held.plan is None else plan_of_plain(held.plan)


def move_on(
    house: House,
    held: Authorisation,
    moves: Sequence[Moved],
    *,
    actor: str,
    still: Callable[[Authorisation], bool] | None = None,
    since: int | None = None,
) -> Authorisation:
    """Write what happened, with the tasks it opens and closes, in one append. still: whether it may be
    written to what stands in the ledger by then. since: write only when no authorisation moved after this
    place of the ledger. Raises `StoreError` when it may not any more."""
    for _ in range(_TRIES):
        after = house.ledger.checkpoint().sequence if since is None else since
        events = tuple(house.ledger.events(person=held.person, kinds=(KIND,)))
        current = authorisations(events).get(held.authorisation, held)
        if still is not None and not still(current):
            raise StoreError("somebody moved this authorisation meanwhile; look at it again")
        now = house.clock()
        written = [_event(current, one, actor, now) for one in moves]
        foreseen, events_now, done = list(events), list[NewEvent](), current
        for at, one in enumerate(written, 1):
            foreseen.append(_foreseen(one, after + at, now))
            done = authorisations(foreseen)[held.authorisation]
            events_now.append(_with_status(one, done.status))
        try:
            house.ledger.append([*events_now, *task_events(house, done, now)], unless=Unless(KIND, after))
        except Overtaken as error:
            if since is not None:
                raise StoreError("authorisations were moved meanwhile; ask again") from error
            continue
        return every_authorisation(house, held.person)[held.authorisation]
    raise StoreError("authorisations keep being moved meanwhile; try again")


def _event(held: Authorisation, moved: Moved, actor: str, now: datetime) -> NewEvent:
    said = moved.more.get("heard")
    denial = said.get("denial") if isinstance(said, dict) else None
    payload = {
        **moved.more,
        **({"reason_class": denial} if denial else {}),
        "authorisation": held.authorisation,
        "order": held.order,
        "payer": held.payer,
        "move": moved.move.value,
        "at": now.isoformat(),
        "status": "",
    }
    return NewEvent(KIND, actor, now, held.person, payload, moved.key)


def _foreseen(one: NewEvent, place: int, now: datetime) -> Event:
    return Event(place, one.kind, one.actor, one.valid_at, now, one.person, one.payload, one.key, "")


def _with_status(one: NewEvent, status: Status) -> NewEvent:
    said = dict(one.payload) | {"status": status.value}
    return NewEvent(one.kind, one.actor, one.valid_at, one.person, said, one.key)


def task_events(house: House, held: Authorisation, now: datetime) -> list[NewEvent]:
    """The tasks that a standing opens, and the ending of those it no longer needs; none while a request is
    on its way."""
    if on_its_way(held, now):
        return []
    policy = policy_of(house)
    wanted = needs(held, now, timedelta(hours=policy.work.soon_hours))
    anchor = held.last.claim if held.last is not None else "drafted"
    open_now = [
        one
        for one in house.ledger.tasks(held.person)
        if one.open and one.about.get("authorisation") == held.authorisation
    ]
    kinds = {policy.work.tasks[name].policy.kind: name for name in policy.work.tasks}
    events = [
        NewEvent(
            EventKind.TASK_CLOSED,
            "bedside",
            now,
            held.person,
            {"task": one.task, "outcome": f"the authorisation is {held.status.value}"},
            f"closed:{one.task}",
        )
        for one in open_now
        if kinds.get(one.kind) not in wanted
    ]
    there = {one.kind for one in open_now}
    for name in wanted:
        words = policy.work.tasks[name]
        if words.policy.kind in there:
            continue
        task = f"{words.policy.kind}:{held.authorisation}:{anchor}:{len(held.heard) + len(held.doubts)}"
        events.append(_opened(policy, held, name, task, now))
    return events


def _opened(
    policy: AuthorisationPolicy, held: Authorisation, name: str, task: str, now: datetime
) -> NewEvent:
    words, calendar = policy.work.tasks[name], policy.work.calendar
    day = calendar.day(now)
    payload = {
        "task": task,
        "kind": words.policy.kind,
        "summary": words.summary,
        "owner": words.policy.owner,
        "due": calendar.after(day, words.policy.due_in_working_days).isoformat(),
        "about": {
            "authorisation": held.authorisation,
            "order": held.order,
            "escalate_on": calendar.after(day, words.policy.escalate_after_working_days).isoformat(),
            "escalate_to": words.policy.escalate_to,
        },
    }
    return NewEvent(EventKind.TASK_OPENED, "bedside", now, held.person, payload, task)


def watch_authorisations(house: House, stopped: Callable[[], bool] = lambda: False) -> int:
    """Open the tasks of payers whose time is over, and end those that are settled; how many were written."""
    count = 0
    now = house.clock()
    for held in every_authorisation(house).values():
        if stopped():
            break
        if events := task_events(house, held, now):
            house.ledger.append(events)
            count += len(events)
    return count


def tasks_of(house: House, held: Authorisation) -> tuple[Task, ...]:
    """The open tasks of an authorisation."""
    return tuple(
        one
        for one in house.ledger.tasks(held.person)
        if one.open and one.about.get("authorisation") == held.authorisation
    )
