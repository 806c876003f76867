"""Break-glass: somebody without access to a record opens it in an emergency, for a while, with a reason.

That they did, and the task of reviewing it, are on disk in one transaction before the record opens. Only the
privacy role closes the review, with a verdict, and never the one who opened the record.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from bedside.errors import Refused, RequestError
from bedside.genome.event import Event, EventKind, NewEvent
from bedside.service.access import Access, Permission
from bedside.service.authorise import authorise
from bedside.service.house import House
from bedside.service.principal import Principal

REVIEW = "emergency-access-review"
OWNER = "privacy"
REVIEW_DAYS = 3


class Verdict(Enum):
    """What the review of an emergency access found."""

    JUSTIFIED = "justified"
    NOT_JUSTIFIED = "not justified"


@dataclass(frozen=True, slots=True)
class Opening:
    """A record that was opened in an emergency: whose, by whom, why, when and until when, how often it was
    looked at since, and what the review found ("" while it is open)."""

    task: str
    person: str
    by: str
    reason: str
    at: datetime
    until: datetime
    looks: int
    outcome: str


def with_opened(house: House, principal: Principal) -> Principal:
    """The principal with the records that they opened in an emergency and that are still open."""
    if principal.people is None or principal.scopes is not None:
        return principal
    if Permission.BREAK_GLASS not in principal.permissions:
        return principal
    now = house.clock()
    opened = {
        event.person
        for event in house.ledger.events(kinds=(EventKind.GLASS_BROKEN,))
        if event.actor == principal.name and event.person is not None and _until(event.payload) > now
    }
    return replace(principal, people=principal.people | opened) if opened else principal


def break_glass(house: House, access: Access, principal: Principal, number: str, reason: str) -> str:
    """Open the record of this number; the person. On disk, with its review, when this returns.

    Raises `Refused`, `RequestError` with everything that is missing, `AuditUnavailable`.
    """
    authorise(principal, Permission.BREAK_GLASS)
    if principal.people is None:
        raise Refused("this caller may open every record already")
    if not reason.strip():
        raise RequestError.one("reason", "a reason is needed", remedy="say why in a few words")
    person = _numbered(house, number.strip())
    if person is None:
        raise RequestError.one("number", "not exactly one record has this number", remedy="write it whole")
    if person in principal.people:
        raise RequestError.one("number", "this record is open to you already")
    now = house.clock()
    until = now + timedelta(minutes=access.emergency_minutes)
    review = review_of(house, principal, person, access.emergency_review_days)
    said = {"reason": reason.strip()[:400], "until": until.isoformat(), "task": review.payload["task"]}
    broken = NewEvent(EventKind.GLASS_BROKEN, principal.name, now, person, said)
    house.audit.append([broken, review])
    return person


def review_of(house: House, principal: Principal, person: str, days: int) -> NewEvent:
    """The task of reviewing an emergency access."""
    now, task = house.clock(), f"emergency-{secrets.token_hex(8)}"
    payload = {
        "task": task,
        "kind": REVIEW,
        "summary": "Review an emergency access to this record",
        "owner": OWNER,
        "due": (now + timedelta(days=days)).date().isoformat(),
        "about": {"by": principal.name},
    }
    return NewEvent(EventKind.TASK_OPENED, principal.name, now, person, payload, task)


def openings(house: House) -> tuple[Opening, ...]:
    """Every record that was opened in an emergency, those to be reviewed first, then the newest."""
    found = []
    for event in house.ledger.events(kinds=(EventKind.GLASS_BROKEN,)):
        person = event.person or ""
        until = _until(event.payload)
        looks = [
            one
            for one in house.ledger.events(person=person, kinds=(EventKind.ACCESSED,), after=event.sequence)
            if one.actor == event.actor and one.person == person and one.known_at <= until
        ]
        tasks = {one.task: one for one in house.ledger.tasks(person, open_only=False)}
        task = tasks.get(str(event.payload["task"]))
        found.append(_opening(event, person, until, len(looks), "" if task is None else task.outcome))
    return tuple(sorted(found, key=lambda one: (bool(one.outcome), -one.at.timestamp())))


def _opening(event: Event, person: str, until: datetime, looks: int, outcome: str) -> Opening:
    said = event.payload
    return Opening(
        str(said["task"]), person, event.actor, str(said["reason"]), event.known_at, until, looks, outcome
    )


def review(house: House, principal: Principal, task: str, verdict: Verdict, note: str) -> None:
    """Close the review of an emergency access; on disk when this returns. Raises `Refused` or
    `RequestError`."""
    authorise(principal, Permission.PRIVACY)
    found = next((one for one in house.ledger.tasks() if one.task == task and one.kind == REVIEW), None)
    if found is None:
        raise RequestError.one("task", "there is no such open review", remedy="open the list again")
    authorise(principal, Permission.PRIVACY, found.person)
    if found.about.get("by") == principal.name:
        raise Refused("nobody reviews what they opened themselves")
    if not note.strip():
        raise RequestError.one("note", "a verdict needs its grounds", remedy="say them in a few words")
    said = {"task": task, "outcome": f"{verdict.value}: {note.strip()[:400]}"}
    now = house.clock()
    house.audit.append(
        [NewEvent(EventKind.TASK_CLOSED, principal.name, now, found.person, said, f"closed:{task}")]
    )


def _numbered(house: House, number: str) -> str | None:
    """The one person with exactly this number, or whose own id it is."""
    if not number:
        return None
    found = {
        one.person
        for one in house.ledger.people(number, limit=50)
        if number == one.person or any(number == each.value for each in one.identifiers)
    }
    return found.pop() if len(found) == 1 else None


def _until(payload: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(str(payload["until"]))
