"""Results newly in, as a fold over what was written down: each waits until somebody acknowledged it or said
why not, and waits again when it is amended or withdrawn. Nothing disappears.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any

from bedside.genome.event import Event, EventKind
from bedside.genome.result import Confirmation


class Standing(Enum):
    """What a result is worth, as it stands now."""

    FINAL = "final"
    AMENDED = "amended"
    PRELIMINARY = "preliminary"
    UNCONFIRMED = "unconfirmed"
    RESEARCH = "research"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled by the laboratory"


class How(Enum):
    """How a result leaves the inbox."""

    ACKNOWLEDGED = "acknowledged"
    SET_ASIDE = "set aside"
    REPLACED = "replaced by a later report"
    NOT_FOR_CARE = "research result: nobody acts on it"


@dataclass(frozen=True, slots=True)
class Ended:
    """That a result left the inbox: how, and who, when and why where a person did it."""

    how: How
    by: str = ""
    at: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One result of the inbox. item: the result's id, or the digest of a message that only cancels. message:
    what the ledger holds of the message it came in, None for a file. order: the number of our order, "" when
    none. replaces: the earlier report it takes the place of. why: of a withdrawal. before: what people said
    of it while it stood otherwise."""

    item: str
    person: str
    standing: Standing
    known_at: datetime
    valid_at: datetime
    laboratory: str
    documents: tuple[str, ...]
    message: Mapping[str, Any] | None = None
    order: str = ""
    replaces: str = ""
    replaced_by: str = ""
    why: str = ""
    ended: Ended | None = None
    before: tuple[tuple[Standing, Ended], ...] = ()

    @property
    def waits(self) -> bool:
        """Whether nobody has acknowledged it as it stands, nor said why not."""
        return self.ended is None

    @property
    def unread(self) -> int:
        """How many of its observations nothing here could code."""
        return 0 if self.message is None else len(self.message.get("unread", ()))


KINDS = (
    EventKind.ORDER_PLACED,
    EventKind.RESULT_ACCEPTED,
    EventKind.RESULT_WITHDRAWN,
    EventKind.MESSAGE_RECEIVED,
    EventKind.ORDER_ENDED,
    EventKind.RESULT_ACKNOWLEDGED,
)
"""The kinds of event that the inbox is made of."""

FINAL_STATES = frozenset({"F", "C", "final", "amended", "corrected"})
CORRECTED = frozenset({"C", "amended", "corrected"})
CANCELS = frozenset({"X", "cancelled", "entered-in-error"})


class Inbox:
    """The fold, which goes on where it stopped when later events are taken. items: every result by its id, in
    the order it came."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self._ends: dict[str, dict[Standing, Ended]] = {}
        self._of_filler: dict[tuple[str, str, str], str] = {}
        self._placed: set[str] = set()

    def take(self, events: Iterable[Event]) -> int:
        """Take events in the order written; the place of the last, 0 when there was none."""
        last = 0
        for event in events:
            self._take(event)
            last = event.sequence
        return last

    def _take(self, event: Event) -> None:
        payload = event.payload
        held = self.items.get(payload.get("result", ""))
        if event.kind is EventKind.RESULT_ACCEPTED:
            self._put(_accepted(event))
        elif event.kind is EventKind.RESULT_WITHDRAWN and held is not None:
            self._put(replace(held, standing=Standing.WITHDRAWN, why=payload["reason"]))
        elif event.kind is EventKind.MESSAGE_RECEIVED:
            self._message(event)
        elif event.kind is EventKind.ORDER_PLACED:
            self._placed.add(payload["order"]["order"])
        elif event.kind is EventKind.ORDER_ENDED and held is not None:
            self._put(replace(held, order=payload["order"]))
        elif event.kind is EventKind.RESULT_ACKNOWLEDGED:
            ended = Ended(How(payload["how"]), event.actor, event.valid_at, payload.get("why", ""))
            self._ends.setdefault(payload["item"], {}).setdefault(Standing(payload["standing"]), ended)
            if payload["item"] in self.items:
                self._put(self.items[payload["item"]])

    def _put(self, item: Item) -> None:
        ends = self._ends.get(item.item, {})
        before = tuple((standing, end) for standing, end in ends.items() if standing is not item.standing)
        self.items[item.item] = replace(item, ended=_ended(item, ends), before=before)

    def _message(self, event: Event) -> None:
        payload = event.payload
        result, filler = payload.get("result", ""), payload.get("filler", "")
        order = said if (said := payload.get("placer", "")) in self._placed else ""
        key = (str(event.person), payload.get("sender", ""), filler)
        earlier = self.items.get(self._of_filler.get(key, "")) if filler else None
        if result in self.items:
            self._put(_with_message(self.items[result], payload, order, earlier))
            if earlier is not None and earlier.item != result:
                self._put(replace(earlier, replaced_by=result))
            if filler:
                self._of_filler[key] = result
        elif payload.get("status", "") in CANCELS and earlier is None:
            self._put(_cancelled(event, order))


def inbox(events: Iterable[Event]) -> Mapping[str, Item]:
    """Every result by its id, in the order it came."""
    fold = Inbox()
    fold.take(events)
    return fold.items


def _accepted(event: Event) -> Item:
    payload = event.payload
    confirmation = Confirmation(payload["confirmation"])
    standing = {Confirmation.CLINICAL: Standing.FINAL, Confirmation.RESEARCH: Standing.RESEARCH}.get(
        confirmation, Standing.UNCONFIRMED
    )
    return Item(
        payload["result"],
        str(event.person),
        standing,
        event.known_at,
        event.valid_at,
        payload.get("laboratory", ""),
        tuple(payload["documents"]),
    )


def _with_message(item: Item, payload: Mapping[str, Any], order: str, earlier: Item | None) -> Item:
    """The result with the message it came in, and how final it is by what came before it."""
    status = payload.get("status", "")
    held = replace(item, message=payload, order=item.order or order)
    if held.standing is Standing.UNCONFIRMED and status not in FINAL_STATES:
        held = replace(held, standing=Standing.PRELIMINARY)
    if earlier is not None and earlier.item != item.item:
        held = replace(held, replaces=earlier.item)
        if held.standing is Standing.FINAL and (earlier.message or {}).get("status") in FINAL_STATES:
            held = replace(held, standing=Standing.AMENDED)
    if held.standing is Standing.FINAL and status in CORRECTED:
        held = replace(held, standing=Standing.AMENDED)
    return held


def _cancelled(event: Event, order: str) -> Item:
    payload = event.payload
    return Item(
        payload.get("content") or payload["document"],
        str(event.person),
        Standing.CANCELLED,
        event.known_at,
        event.valid_at,
        payload.get("sender", ""),
        (payload["document"],),
        payload,
        order,
    )


def _ended(item: Item, ends: Mapping[Standing, Ended]) -> Ended | None:
    """How an item left, None while it waits. What somebody said of it counts for the standing they saw and
    for no other."""
    if item.standing in ends:
        return ends[item.standing]
    if item.standing is Standing.WITHDRAWN and item.replaced_by:
        return Ended(How.REPLACED)
    if item.standing is Standing.RESEARCH:
        return Ended(How.NOT_FOR_CARE)
    return None
