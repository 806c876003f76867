"""Takes what resources say of people on care pathways as signals: once, and corrected when they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bedside.errors import RequestError
from bedside.exchange.fhir_signals import Heard
from bedside.genome.event import Event, EventKind, NewEvent
from bedside.genome.signal import RETRACTED
from bedside.service.house import House
from bedside.service.pathway_signals import TOLERATED

SOURCE = "fhir"


@dataclass(frozen=True, slots=True)
class _Standing:
    """A signal that a resource said, and that nobody took back."""

    signal_id: str
    signal: str
    at: datetime
    attributes: Mapping[str, str]


def signal_events(house: House, person: str, said: Heard, actor: str) -> list[NewEvent]:
    """What is to be written so that the record says what a resource says; nothing where it does already.
    Raises `RequestError` for what is still to come."""
    now = house.clock()
    if said.at is not None and said.at > now + TOLERATED:
        raise RequestError.one("time", "is still to come")
    told = [
        event
        for event in house.ledger.events(person=person, kinds=(EventKind.SIGNAL_RECORDED,))
        if event.payload.get("resource") == said.name
    ]
    standing = _standing(told)
    same = [one for one in standing if one.signal == said.signal]
    holds = [one for one in same if _agrees(one, said)]
    gone = [one for one in same if one not in holds]
    gone += [
        one
        for one in standing
        if one.signal != said.signal and (said.takes_back is None or one.signal in said.takes_back)
    ]
    made = [_taken_back(one, said.name, person, actor, now) for one in gone]
    if said.signal and not holds:
        made.append(_said(said, person, actor, said.at or now, len(told)))
    return made


def _standing(told: Iterable[Event]) -> list[_Standing]:
    events = list(told)
    gone = {str(event.payload["retracts"]) for event in events if event.payload.get("retracts")}
    return [
        _Standing(
            str(event.payload["id"]),
            str(event.payload["signal"]),
            event.valid_at,
            dict(event.payload["attributes"]),
        )
        for event in events
        if not event.payload.get("retracts") and event.payload["id"] not in gone
    ]


def _agrees(one: _Standing, said: Heard) -> bool:
    return one.attributes == dict(said.attributes) and said.at in (None, one.at)


def _said(said: Heard, person: str, actor: str, at: datetime, number: int) -> NewEvent:
    signal_id = f"{SOURCE}:{said.name}#{number}"
    payload: dict[str, Any] = {
        "signal": said.signal,
        "attributes": dict(said.attributes),
        "case": "",
        "source": actor,
        "id": signal_id,
        "resource": said.name,
    }
    return NewEvent(EventKind.SIGNAL_RECORDED, actor, at, person, payload, f"signal:{person}:{signal_id}")


def _taken_back(one: _Standing, name: str, person: str, actor: str, now: datetime) -> NewEvent:
    payload = {
        "signal": RETRACTED,
        "retracts": one.signal_id,
        "why": "the resource says otherwise now",
        "resource": name,
    }
    key = f"retract:{person}:{one.signal_id}"
    return NewEvent(EventKind.SIGNAL_RECORDED, actor, now, person, payload, key)
