"""What travels between sites: numbered messages, kept in the ledger until the other side has them.

A message is written in the same transaction as what it is about. It leaves in the order written, is retried
until it is acknowledged, and is taken in once by its number and digest.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from bedside.errors import NotFound, RequestError
from bedside.genome.event import Event, EventKind, NewEvent
from bedside.service.house import House
from bedside.service.sites import Sites
from bedside.store.encode import canonical
from bedside.store.sql_ledger import SqlLedger

FORMAT = "bedside-site-message/1"
MOST_BYTES = 8 * 1024 * 1024
"""Of one message with its documents, or of one answer of waiting messages."""


class Kind(Enum):
    """What a message is about."""

    ECONSULT = "econsult"
    RELEASE = "knowledge-release"


class State(Enum):
    """What became of a message that was queued."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    REFUSED = "refused"
    DROPPED = "dropped"


AGAIN = "again"
"""The outcome that puts a message back into the queue."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A queued message and what became of it. reason: why it was refused or dropped, with what to do.
    turn: the place in the ledger of what put it into the queue, first or again."""

    event: Event
    state: State = State.WAITING
    reason: str = ""
    settled: datetime | None = None
    turn: int = 0

    @property
    def message(self) -> str:
        """Its number."""
        return str(self.event.payload["message"])

    @property
    def to(self) -> str:
        """The site it goes to."""
        return str(self.event.payload["to"])

    @property
    def digest(self) -> str:
        """The digest of its content."""
        return str(self.event.payload["digest"])


def envelope(
    message: str, sender: str, to: str, kind: str, written: str, body: Mapping[str, Any]
) -> dict[str, Any]:
    """A message as it is signed and sent."""
    return {
        "format": FORMAT,
        "message": message,
        "from": sender,
        "to": to,
        "kind": kind,
        "written": written,
        "body": body,
    }


def digest_of(content: Mapping[str, Any]) -> str:
    """The digest of an envelope."""
    return hashlib.sha256(canonical(content)).hexdigest()


def queued(
    sites: Sites,
    to: str,
    kind: Kind,
    message: str,
    body: Mapping[str, Any],
    *,
    actor: str,
    now: datetime,
    person: str | None = None,
) -> NewEvent:
    """The event that puts a message into the queue."""
    content = envelope(message, sites.name, to, kind.value, now.astimezone(UTC).isoformat(), body)
    payload = {name: value for name, value in content.items() if name != "format"}
    payload["digest"] = digest_of(content)
    return NewEvent(EventKind.SITE_QUEUED, actor, now, person, payload, message)


def content_of(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The envelope that an event keeps."""
    return envelope(
        payload["message"],
        payload["from"],
        payload["to"],
        payload["kind"],
        payload["written"],
        payload["body"],
    )


def item_of(house: House, letter: Letter) -> dict[str, Any]:
    """A message as it goes over the wire, with the documents its body names."""
    content = content_of(letter.event.payload)
    named = content["body"].get("documents", ())
    documents = {name: base64.b64encode(house.documents.get(name)).decode() for name in named}
    return {"envelope": content, "documents": documents}


def documents_in(item: Mapping[str, Any], named: Sequence[str]) -> Iterator[bytes]:
    """The documents that came with a message, each what its name says; raises `RequestError`."""
    came = item.get("documents")
    for name in named:
        text = came.get(name) if isinstance(came, dict) else None
        try:
            content = base64.b64decode(text or "", validate=True)
        except (binascii.Error, ValueError, TypeError):
            content = b""
        if hashlib.sha256(content).hexdigest() != name:
            raise RequestError.one("documents", "a document is missing or not what its name says")
        yield content


def outbox(house: House, to: str | None = None) -> tuple[Letter, ...]:
    """Every message queued here and what became of it, in the order written."""
    letters: dict[str, Letter] = {}
    for event in house.ledger.events(kinds=(EventKind.SITE_QUEUED, EventKind.SITE_SETTLED)):
        name = str(event.payload["message"])
        if event.kind is EventKind.SITE_QUEUED:
            letters[name] = Letter(event)
        elif name in letters:
            letters[name] = _settled(letters[name], event)
    return tuple(letter for letter in letters.values() if to in (None, letter.to))


def _settled(letter: Letter, event: Event) -> Letter:
    outcome, reason = event.payload["outcome"], str(event.payload.get("reason", ""))
    if outcome == AGAIN:
        return Letter(letter.event, turn=event.sequence)
    if letter.state is State.DELIVERED:
        return letter
    return replace(letter, state=State(outcome), reason=reason, settled=event.known_at)


@dataclass(slots=True)
class _Open:
    """The messages of one ledger that are not delivered, as far as it was read."""

    after: int = 0
    letters: dict[str, Letter] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


_OPEN: weakref.WeakKeyDictionary[SqlLedger, _Open] = weakref.WeakKeyDictionary()


def undelivered(house: House) -> tuple[Letter, ...]:
    """What `outbox` has besides the delivered, in the order written; only what is new is read."""
    memory = _OPEN.setdefault(house.ledger, _Open())
    with memory.lock:
        for event in house.ledger.events(
            kinds=(EventKind.SITE_QUEUED, EventKind.SITE_SETTLED), after=memory.after
        ):
            _follow(house, memory.letters, event)
            memory.after = event.sequence
        return tuple(sorted(memory.letters.values(), key=lambda letter: letter.event.sequence))


def _follow(house: House, letters: dict[str, Letter], event: Event) -> None:
    name = str(event.payload["message"])
    if event.kind is EventKind.SITE_QUEUED:
        letters[name] = Letter(event)
        return
    letter = letters.get(name)
    if letter is None and event.payload["outcome"] == AGAIN:
        written = house.ledger.find(EventKind.SITE_QUEUED, name)
        letter = None if written is None else Letter(written)
    if letter is not None:
        letters[name] = _settled(letter, event)
        if letters[name].state is State.DELIVERED:
            del letters[name]


def waiting(house: House, to: str) -> tuple[Letter, ...]:
    """The messages that a site has not acknowledged yet, in the order written."""
    found = undelivered(house)
    return tuple(letter for letter in found if letter.to == to and letter.state is State.WAITING)


def settle(
    house: House, letter: Letter, state: State, reason: str = "", *, actor: str = "site-exchange"
) -> None:
    """Write down what became of a message; the same twice is once while it is delivered."""
    key = f"delivered:{letter.message}:{letter.turn}" if state is State.DELIVERED else None
    _settle(house, letter, state.value, reason, actor, key)


def send_again(house: House, message: str, *, actor: str) -> Letter:
    """Put a message back into the queue, whatever became of it: a second copy changes nothing there."""
    letter = letter_of(house, message)
    if letter.state is State.WAITING:
        raise RequestError.one("message", "it waits to be sent already")
    _settle(house, letter, AGAIN, "", actor, None)
    return letter


def drop(house: House, message: str, reason: str, *, actor: str) -> Letter:
    """Give up on a message that was not delivered, with the reason; it stays on the list."""
    letter = letter_of(house, message)
    if letter.state in (State.DELIVERED, State.DROPPED):
        raise RequestError.one("message", f"it is {letter.state.value} already")
    if not reason.strip():
        raise RequestError.one("reason", "is blank", remedy="say why it is not sent")
    _settle(house, letter, State.DROPPED.value, reason.strip(), actor, None)
    return letter


def letter_of(house: House, message: str) -> Letter:
    """The message of this number, or that begins so; raises `NotFound`."""
    found = [letter for letter in outbox(house) if message and letter.message.startswith(message)]
    exact = [letter for letter in found if letter.message == message]
    if len(exact or found) != 1:
        raise NotFound.one("message", "no one message begins so", remedy="`bedside site status` lists them")
    return (exact or found)[0]


def _settle(house: House, letter: Letter, outcome: str, reason: str, actor: str, key: str | None) -> None:
    payload = {"message": letter.message, "to": letter.to, "outcome": outcome, "reason": reason}
    event = NewEvent(EventKind.SITE_SETTLED, actor, house.clock(), letter.event.person, payload, key)
    house.ledger.append([event])
