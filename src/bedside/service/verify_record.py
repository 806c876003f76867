"""Whether the whole record is what it was when it was written: chain, content, projections, documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bedside.errors import StoreError, Tampered
from bedside.genome.event import Event, EventKind
from bedside.service.house import House
from bedside.store.documents import digest_of_file
from bedside.store.encode import canonical
from bedside.store.ledger import Checkpoint

_DIGEST = re.compile(rb'"([0-9a-f]{64})"')
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Verified:
    """How much was found to be whole."""

    events: int
    contents: int
    documents: int


def verify_record(house: House, checkpoint: Checkpoint | None = None) -> Verified:
    """Everything events rest on. Raises `Tampered` naming every part that is not as it was written."""
    events = house.ledger.verify(checkpoint)
    contents: set[str] = set()
    documents: set[str] = set()
    for event in house.ledger.events(kinds=(EventKind.RESULT_ACCEPTED, EventKind.MEANINGS_DERIVED)):
        arrived = set(event.payload.get("documents", ()))
        documents |= arrived
        contents |= _named(event) - arrived
    for event in house.ledger.events(kinds=(EventKind.TUMOUR_RECORDED,)):
        documents.add(event.payload["document"])
        contents.add(event.payload["content"])
    for event in house.ledger.events(kinds=(EventKind.BOARD_STEP,)):
        documents |= {event.payload["packet"]} if event.payload.get("packet") else set()
    for event in house.ledger.events(kinds=(EventKind.UNDIAGNOSED_LISTED,)):
        documents.add(event.payload["table"])
    for event in house.ledger.events(kinds=(EventKind.DRAFT_MADE,)):
        documents.add(event.payload["document"])
    wrong = [*_contents(house, sorted(contents)), *_documents(house, sorted(documents))]
    wrong += [
        f"the projection {table} is not what the events say; they are whole, so it can be written anew"
        for table in house.ledger.differing_projections()
    ]
    if wrong:
        raise Tampered("; ".join(wrong))
    return Verified(events, len(contents), len(documents))


def _named(event: Event) -> set[str]:
    return {found.decode() for found in _DIGEST.findall(canonical(event.payload))}


def _contents(house: House, digests: list[str]) -> Iterator[str]:
    for start in range(0, len(digests), _AT_ONCE):
        try:
            house.ledger.content(digests[start : start + _AT_ONCE])
        except StoreError as error:
            yield str(error)


def _documents(house: House, digests: list[str]) -> Iterator[str]:
    for digest in digests:
        path = house.documents.path(digest)
        if not path.is_file():
            yield f"document {digest[:12]} is not kept"
        elif digest_of_file(path) != digest:
            yield f"document {digest[:12]} is not what its digest says"
