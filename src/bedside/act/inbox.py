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
    none. replaces: the earlier report it takes the place of. why: of a withdrawal."""

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


def inbox(events: Iterable[Event]) -> Mapping[str, Item]:
    """Every result by its id, in the order it came."""
    found: dict[str, Item] = {}
    ends: dict[str, dict[Standing, Ended]] = {}
    of_filler: dict[tuple[str, str, str], str] = {}
    placed: set[str] = set()
    for event in events:
        payload = event.payload
        if event.kind is EventKind.RESULT_ACCEPTED:
            found[payload["result"]] = _accepted(event)
        elif event.kind is EventKind.RESULT_WITHDRAWN and payload["result"] in found:
            held = found[payload["result"]]
            found[held.item] = replace(held, standing=Standing.WITHDRAWN, why=payload["reason"])
        elif event.kind is EventKind.MESSAGE_RECEIVED:
            _message(event, found, of_filler, placed)
        elif event.kind is EventKind.ORDER_PLACED:
            placed.add(payload["order"]["order"])
        elif event.kind is EventKind.ORDER_ENDED and payload.get("result", "") in found:
            held = found[payload["result"]]
            found[held.item] = replace(held, order=payload["order"])
        elif event.kind is EventKind.RESULT_ACKNOWLEDGED:
            ended = Ended(How(payload["how"]), event.actor, event.valid_at, payload.get("why", ""))
            ends.setdefault(payload["item"], {}).setdefault(Standing(payload["standing"]), ended)
    return {name: _ended(one, ends.get(name, {})) for name, one in found.items()}


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


def _message(
    event: Event, found: dict[str, Item], of_filler: dict[tuple[str, str, str], str], placed: set[str]
) -> None:
    payload = event.payload
    person, result = str(event.person), payload.get("result", "")
    order = said if (said := payload.get("placer", "")) in placed else ""
    status, filler = payload.get("status", ""), payload.get("filler", "")
    key = (person, payload.get("sender", ""), filler)
    earlier = of_filler.get(key, "") if filler else ""
    if result in found:
        held = replace(found[result], message=payload, order=found[result].order or order)
        if held.standing is Standing.UNCONFIRMED and status not in FINAL_STATES:
            held = replace(held, standing=Standing.PRELIMINARY)
        if earlier and earlier in found and earlier != result:
            before = found[earlier]
            found[earlier] = replace(before, replaced_by=result)
            held = replace(held, replaces=earlier)
            was_final = (before.message or {}).get("status") in FINAL_STATES
            if held.standing is Standing.FINAL and was_final:
                held = replace(held, standing=Standing.AMENDED)
        if held.standing is Standing.FINAL and status in CORRECTED:
            held = replace(held, standing=Standing.AMENDED)
        found[result] = held
        if filler:
            of_filler[key] = result
    elif status in CANCELS and earlier not in found:
        content = payload.get("content") or payload["document"]
        found[content] = Item(
            content,
            person,
            Standing.CANCELLED,
            event.known_at,
            event.valid_at,
            payload.get("sender", ""),
            (payload["document"],),
            payload,
            order,
        )


def _ended(item: Item, ends: Mapping[Standing, Ended]) -> Item:
    """How an item left. What somebody said of it counts for the standing they saw and for no other."""
    if item.standing in ends:
        return replace(item, ended=ends[item.standing])
    if item.standing is Standing.WITHDRAWN and item.replaced_by:
        return replace(item, ended=Ended(How.REPLACED))
    if item.standing is Standing.RESEARCH:
        return replace(item, ended=Ended(How.NOT_FOR_CARE))
    return item
