"""One round with another site: send what waits, in order, then fetch what waits there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from bedside.errors import BedsideError, RequestError
from bedside.service.house import House
from bedside.service.site_inbox import Receipt, Unacceptable, take_in
from bedside.service.site_messages import (
    MOST_BYTES,
    Letter,
    State,
    item_of,
    settle,
    waiting,
)
from bedside.service.site_post import Reply, Unreached
from bedside.service.sites import PeerSite, Sites
from bedside.store.encode import canonical

INBOX, OUTBOX = "/sites/inbox", "/sites/outbox"
FINAL = frozenset({403, 409, 413, 422})
"""Signed answers after which sending the same again is of no use."""
MOST_TOGETHER = 20
_ROUNDS = 500


class Poster(Protocol):
    """Whoever makes a signed request to another site; raises `Unreached`."""

    def post(self, peer: PeerSite, place: str, body: bytes) -> Reply:
        """Send a body to a place; the signed answer."""
        ...


@dataclass(slots=True)
class Round:
    """What one round did. failed: why it ended early, "" when it did not."""

    sent: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    failed: str = ""


def exchange(house: House, sites: Sites, peer: PeerSite, poster: Poster) -> Round:
    """Send and fetch until nothing waits on either side or the other site is not reached."""
    done = Round()
    if not peer.url:
        done.failed = "it has no address here: it comes by itself for what waits"
        return done
    try:
        for letter in waiting(house, peer.name):
            _send(house, peer, letter, poster, done)
        _fetch(house, sites, peer, poster, done)
    except Unreached as error:
        done.failed = str(error)
    return done


def _send(house: House, peer: PeerSite, letter: Letter, poster: Poster, done: Round) -> None:
    reply = poster.post(peer, INBOX, canonical(item_of(house, letter)))
    said = _object(reply)
    if reply.status == 200 and said.get("message") == letter.message and said.get("digest") == letter.digest:
        settle(house, letter, State.DELIVERED)
        done.sent.append(letter.message)
    elif reply.status in FINAL:
        settle(house, letter, State.REFUSED, _told(said, reply.status))
        done.refused.append(letter.message)
    else:
        raise Unreached(f"it could not take a message now (HTTP {reply.status})")


def _fetch(house: House, sites: Sites, peer: PeerSite, poster: Poster, done: Round) -> None:
    receipts: list[dict[str, Any]] = []
    for _ in range(_ROUNDS):
        reply = poster.post(peer, OUTBOX, canonical({"receipts": receipts}))
        said = _object(reply)
        items = said.get("messages")
        if reply.status != 200 or not isinstance(items, list):
            raise Unreached(f"it could not say what waits (HTTP {reply.status}: {_told(said, reply.status)})")
        if not items:
            return
        receipts = [_receipt(house, sites, peer, item, done) for item in items]


def _receipt(house: House, sites: Sites, peer: PeerSite, item: Any, done: Round) -> dict[str, Any]:
    """A message of the other site taken in, and what is said of it in the next request."""
    try:
        took = take_in(house, sites, peer, item)
    except Unacceptable as error:
        held = item.get("envelope") if isinstance(item, dict) else None
        name = str(held.get("message", "")) if isinstance(held, dict) else ""
        return {"message": name, "refused": problems_in(error), "status": error.status}
    if not took.before:
        done.taken.append(took.message)
    return {"message": took.message, "digest": took.digest}


def answer_inbox(house: House, sites: Sites, peer: PeerSite, body: bytes) -> tuple[int, dict[str, Any]]:
    """What a delivery is answered with: status and content."""
    try:
        took: Receipt = take_in(house, sites, peer, _json(body))
    except RequestError as error:
        return error.status, {"refused": problems_in(error)}
    return 200, {"message": took.message, "digest": took.digest, "before": took.before}


def answer_outbox(house: House, peer: PeerSite, body: bytes) -> tuple[int, dict[str, Any]]:
    """What waits for a site that came for it, after its receipts were written down."""
    asked = _json(body)
    receipts = asked.get("receipts") if isinstance(asked, dict) else None
    if not isinstance(receipts, list):
        return 422, {"refused": "receipts is no list"}
    letters = {one.message: one for one in waiting(house, peer.name)}
    for receipt in receipts:
        letter = letters.get(str(receipt.get("message", ""))) if isinstance(receipt, dict) else None
        if letter is None:
            continue
        if receipt.get("digest") == letter.digest:
            settle(house, letter, State.DELIVERED)
        elif receipt.get("status") in FINAL:
            settle(house, letter, State.REFUSED, str(receipt.get("refused", ""))[:1000])
    return 200, {"messages": list(_batch(house, waiting(house, peer.name)))}


def _batch(house: House, letters: Sequence[Letter]) -> Iterator[dict[str, Any]]:
    size = 0
    for letter in letters[:MOST_TOGETHER]:
        item = item_of(house, letter)
        size += len(canonical(item))
        if size > MOST_BYTES:
            return
        yield item


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Unacceptable.one("body", "is no JSON") from error


def _object(reply: Reply) -> Mapping[str, Any]:
    try:
        said = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return {}
    return said if isinstance(said, dict) else {}


def _told(said: Mapping[str, Any], status: int) -> str:
    return str(said.get("refused", "") or f"it gave no reason (HTTP {status})")[:1000]


def problems_in(error: BedsideError) -> str:
    """Everything wrong, in one line for the other site: places, reasons and remedies, no values."""
    return "; ".join(str(error).splitlines())[:1000]
