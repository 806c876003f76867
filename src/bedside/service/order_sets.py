"""An order set before and after a person's genes, item by item, with the reason of each change and its
undo.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from bedside.knowledge.order_set import OrderSet
from bedside.knowledge.tiers import Handling
from bedside.service.filter_order_set import filter_orders
from bedside.service.house import House
from bedside.service.rules import rules_of

WORDS = {
    Handling.SHOW: "offered",
    Handling.HIDE: "hidden",
    Handling.DEMOTE: "moved down",
    Handling.REPLACE: "replaced",
    Handling.REDOSE: "dose changed",
}


@dataclass(frozen=True, slots=True)
class ShownItem:
    """One item after filtering: what became of it, why, and the token that brings it back ("" when nothing
    changed).
    """

    text: str
    handling: Handling
    words: str
    reason: str
    note: str
    dose: str
    replacement: str
    undo: str
    restored: bool

    @property
    def changed(self) -> bool:
        """Whether it is not offered as the order set has it."""
        return self.handling is not Handling.SHOW


@dataclass(frozen=True, slots=True)
class ShownSlot:
    """One therapy slot: what the order set offers, and what is offered to this person in the order to
    show.
    """

    title: str
    before: tuple[str, ...]
    after: tuple[ShownItem, ...]


@dataclass(frozen=True, slots=True)
class FilteredSet:
    """An order set seen through a person's genes."""

    order_set_id: str
    title: str
    slots: tuple[ShownSlot, ...]
    review_state: str
    restored: tuple[str, ...] = ()

    @property
    def changes(self) -> int:
        """How many items are not offered as they stand in the set."""
        return sum(item.changed for slot in self.slots for item in slot.after)


def order_sets(house: House) -> tuple[tuple[str, str], ...]:
    """Id and title of every order set of the house."""
    return tuple((one.id, one.title) for one in rules_of(house).ruleset.order_sets.values())


def filter_for(
    house: House, person: str, order_set_id: str, restore: Collection[str], actor: str
) -> FilteredSet:
    """Filter an order set for a person; what was changed is on disk before this returns. Raises NotFound."""
    document = {"patientId": person, "orderSet": order_set_id, "userId": actor, "restore": sorted(restore)}
    response = filter_orders(house, document, actor=actor)
    known: OrderSet = rules_of(house).ruleset.order_sets[order_set_id]
    items: list[dict[str, Any]] = response["items"]
    slots = tuple(
        ShownSlot(
            slot.title,
            tuple(item.text for item in slot.items),
            _in_order(_item(item) for item in items if item["slot"] == slot.id),
        )
        for slot in known.slots
    )
    return FilteredSet(order_set_id, known.title, slots, response["reviewState"], tuple(sorted(restore)))


def _item(held: dict[str, Any]) -> ShownItem:
    handling = Handling(held["disposition"])
    return ShownItem(
        held["text"],
        handling,
        "restored" if held.get("restored") else WORDS[handling],
        held["reason"],
        held["note"],
        held.get("dose", ""),
        held.get("replacement", {}).get("text", ""),
        held.get("undo", ""),
        bool(held.get("restored")),
    )


_PLACES = {Handling.DEMOTE: 1, Handling.HIDE: 2}


def _in_order(items: Iterable[ShownItem]) -> tuple[ShownItem, ...]:
    """As the screen shows them: what moved down after what is offered, what is hidden last."""
    return tuple(sorted(items, key=lambda item: _PLACES.get(item.handling, 0)))
