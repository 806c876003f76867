"""Messages that wait for a person: whose are they, or are they dismissed? Each decision has a name and a
reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bedside.errors import NotFound, Problem, RequestError
from bedside.genome.event import EventKind, NewEvent
from bedside.service.house import House
from bedside.service.message_events import DISMISSED, Decided
from bedside.service.receive_document import receive_again
from bedside.service.receive_result import Fate, Received


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message in quarantine. number: its digest, by which it is named. reasons: as they were when it
    came."""

    number: str
    document: str
    sender: str
    control_id: str
    arrived_at: datetime
    reasons: tuple[str, ...]


def waiting(house: House) -> tuple[Waiting, ...]:
    """Every message that nobody decided about yet, oldest first."""
    settled = {event.key for event in house.ledger.events(kinds=(EventKind.MESSAGE_SETTLED,))}
    return tuple(
        Waiting(
            event.payload["content"],
            event.payload["document"],
            event.payload["sender"],
            event.payload["control_id"],
            event.known_at,
            tuple(event.payload["reasons"]),
        )
        for event in house.ledger.events(kinds=(EventKind.MESSAGE_QUARANTINED,))
        if event.payload["content"] not in settled
    )


def give_to(house: House, number: str, person: str, *, by: str, why: str) -> Received:
    """Take a message into the chart of the person that somebody says it belongs to. Raises `NotFound`, or
    `RequestError` when it cannot be taken for anybody (it codes wrongly, or is older than what is held)."""
    held = _named(house, number)
    _check(by, why)
    if house.ledger.person(person) is None:
        raise NotFound.one("person", "nobody of this id is registered")
    content = house.documents.get(held.document)
    received = receive_again(house, content, held.number, Decided(person, by, why))
    if received.fate is not Fate.ACCEPTED:
        raise RequestError(
            Problem("message", one, remedy="dismiss it, and ask the laboratory") for one in received.reasons
        )
    return received


def dismiss(house: House, number: str, *, by: str, why: str) -> None:
    """Decide that a message enters nobody's chart; it stays on disk. Raises `NotFound` or `RequestError`."""
    held = _named(house, number)
    _check(by, why)
    payload = {"document": held.document, "outcome": DISMISSED, "why": why}
    house.ledger.append([NewEvent(EventKind.MESSAGE_SETTLED, by, house.clock(), None, payload, held.number)])


def _named(house: House, number: str) -> Waiting:
    found = [one for one in waiting(house) if len(number) >= 8 and one.number.startswith(number)]
    if len(found) != 1:
        raise NotFound.one(
            "message", "not one message in quarantine has this number", remedy="list them first"
        )
    return found[0]


def _check(by: str, why: str) -> None:
    blank = [name for name, text in (("--by", by), ("--why", why)) if not text.strip()]
    if blank:
        raise RequestError(Problem(name, "is blank", remedy="say it; it is kept") for name in blank)
