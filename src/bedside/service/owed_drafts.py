"""Drafts that are owed: a message was acknowledged, and the PDFs inside it are still to be read.

What is owed follows from the ledger, so a restart forgets none. Making one twice, also from two processes, is
making it once: a draft has its document's number.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bedside.errors import IntakeError
from bedside.genome.event import Event, EventKind, NewEvent
from bedside.service.attached_reports import draft_attached
from bedside.service.house import House
from bedside.service.receive_hl7 import attached_pdfs
from bedside.service.receive_report import ACTOR, Drafted


def owed(house: House) -> tuple[Event, ...]:
    """What is still to be made, oldest first."""
    settled = {event.key for event in house.ledger.events(kinds=(EventKind.DRAFT_SETTLED,))}
    events = house.ledger.events(kinds=(EventKind.DRAFT_OWED,))
    return tuple(event for event in events if event.key not in settled)


def make_draft(house: House, event: Event) -> None:
    """Make what one event says is owed. A PDF that cannot be opened settles it too: the message stays among
    what a person must read. Raises `StoreError` when the store fails; then it is still owed."""
    if house.ledger.find(EventKind.DRAFT_SETTLED, str(event.key)) is not None:
        return
    document, person = event.payload["document"], event.payload["person"]
    made = draft_attached(house, attached_pdfs(house.documents.get(document)), person, document)
    payload: Mapping[str, Any] = {
        "document": document,
        "drafts": [one.draft for one in made if isinstance(one, Drafted)],
        "unread": sum(isinstance(one, IntakeError) for one in made),
    }
    house.ledger.append([NewEvent(EventKind.DRAFT_SETTLED, ACTOR, house.clock(), None, payload, event.key)])


def make_owed(house: House) -> int:
    """Make every draft that is owed, now; how many messages were waiting. Raises as `make_draft` does."""
    waiting = owed(house)
    for event in waiting:
        make_draft(house, event)
    return len(waiting)
