"""The signals of people in the record, and signals written down by hand or by another system."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from bedside.act.pathway_events import HEARD, Meanings, signals_from
from bedside.errors import NotFound, Problem, RequestError
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.signal import RETRACTED, Signal
from bedside.knowledge.care_pathways import load_signal_words
from bedside.service.house import House
from bedside.service.pathway_people import Everybody, everybody_known
from bedside.service.pathway_rules import pathway_rules

TOLERATED = timedelta(minutes=5)
"""Clocks differ by this much; what lies further ahead has not happened."""


def meanings_of(house: House) -> Meanings:
    """What codes mean to the conditions of the site's pathways."""
    return pathway_rules(house.settings.knowledge_folder).meanings


def signals_of(house: House, person: str, meanings: Meanings | None = None) -> tuple[Signal, ...]:
    """Everything the record says of one person on care pathways, in the order it became known."""
    events = house.ledger.events(person=person, kinds=HEARD)
    return signals_from(events, meanings or meanings_of(house))


def everybody(house: House) -> Iterator[tuple[str, tuple[Signal, ...]]]:
    """Everybody of whom the record says something, in order of first mention."""
    yield from known(house).signals.items()


def known(house: House) -> Everybody:
    """Everybody's signals, and what a programme counts them by."""
    return everybody_known(house, meanings_of(house))


def record_signal(
    house: House,
    person: str,
    signal: str,
    *,
    by: str,
    at: datetime | None = None,
    attributes: Mapping[str, str] | None = None,
    case: str = "",
    source: str = "",
    signal_id: str = "",
) -> bool:
    """Write down that something happened; whether it is new. The same id from one source is the same thing.

    Raises `RequestError` with every problem: a signal or attribute that the house does not know, a time still
    to come; `NotFound` for a person who is not in the record.
    """
    words, said, now = load_signal_words(house.settings.knowledge_folder), attributes or {}, house.clock()
    problems = []
    if house.ledger.person(person) is None:
        raise NotFound.one("person", "is not in the record")
    if signal not in words:
        problems.append(
            Problem("signal", "is none that the house can hear", remedy="`bedside pathway list --signals`")
        )
    else:
        known = ", ".join(words[signal].attributes) or "none"
        problems += [
            Problem(
                "attributes", f"{signal} has another attribute than it can carry", remedy=f"known: {known}"
            )
            for name in said
            if name not in words[signal].attributes
        ][:1]
    if at is not None and (at.tzinfo is None or at > now + TOLERATED):
        problems.append(Problem("at", "has no zone or is still to come"))
    if problems:
        raise RequestError(problems)
    payload = {
        "signal": signal,
        "attributes": dict(said),
        "case": case,
        "source": source or by,
        "id": signal_id,
    }
    key = f"signal:{source or by}:{signal_id}" if signal_id else None
    held = None if key is None else house.ledger.find(EventKind.SIGNAL_RECORDED, key)
    house.ledger.append([NewEvent(EventKind.SIGNAL_RECORDED, by, at or now, person, payload, key)])
    return held is None


def retract_signal(house: House, person: str, signal_id: str, *, by: str, why: str) -> None:
    """Take a signal back: it never happened, or not so. Raises `NotFound`, `RequestError` without a why."""
    if not why.strip():
        raise RequestError.one("why", "is needed to take a signal back")
    if signal_id not in {one.signal_id for one in signals_of(house, person)}:
        raise NotFound.one("signal", "this person has no signal of that id")
    payload = {"signal": RETRACTED, "retracts": signal_id, "why": why}
    key = f"retract:{person}:{signal_id}"
    house.ledger.append([NewEvent(EventKind.SIGNAL_RECORDED, by, house.clock(), person, payload, key)])
