"""Somebody takes a task in hand: who, and since when, stands in the record beside the role that owns it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bedside.errors import RequestError
from bedside.genome.event import EventKind, NewEvent
from bedside.service.house import House

PATHWAY = "tasks"
TAKEN, GIVEN_BACK = "taken", "given-back"


@dataclass(frozen=True, slots=True)
class InHand:
    """Who has a task in hand, and since when."""

    who: str
    since: datetime


def take_task(house: House, person: str, task: str, *, actor: str, back: bool = False) -> None:
    """Take an open task of a person in hand, or give it back. Raises `RequestError` when there is none."""
    if all(one.task != task for one in house.ledger.tasks(person)):
        raise RequestError.one("task", "this person has no such open task", remedy="open the list again")
    payload = {"pathway": PATHWAY, "step": GIVEN_BACK if back else TAKEN, "finding": task, "outcome": ""}
    house.ledger.append([NewEvent(EventKind.STEP_TAKEN, actor, house.clock(), person, payload)])


def in_hand(house: House, person: str | None = None) -> Mapping[str, InHand]:
    """Who has which task in hand, of a person or of everybody."""
    found: dict[str, InHand] = {}
    for event in house.ledger.events(person=person, kinds=(EventKind.STEP_TAKEN,)):
        if event.payload["pathway"] != PATHWAY:
            continue
        if event.payload["step"] == TAKEN:
            found[event.payload["finding"]] = InHand(event.actor, event.valid_at)
        else:
            found.pop(event.payload["finding"], None)
    return found
