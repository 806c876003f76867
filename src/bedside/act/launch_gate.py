"""Whether something is ready to be launched: ready, not ready, or unknown, with what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from bedside.knowledge.launch import Checklist, Item


class Gate(Enum):
    """The answer. Nothing known of an item is unknown, never ready."""

    READY = "ready"
    NOT_READY = "not ready"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Attested:
    """Somebody's word about an item: yes or no, who, when, why."""

    yes: bool
    by: str
    on: date
    note: str = ""


@dataclass(frozen=True, slots=True)
class ItemState:
    """One item as it stands. seen: events that show it, None where it is attested. lapsed: the word about it
    is too old."""

    item: Item
    gate: Gate
    seen: int | None = None
    attested: Attested | None = None
    lapsed: bool = False


@dataclass(frozen=True, slots=True)
class Readiness:
    """The whole list as it stands."""

    gate: Gate
    items: tuple[ItemState, ...]

    @property
    def missing(self) -> tuple[ItemState, ...]:
        """Items that are not ready, those that are known not to be first."""
        order = (Gate.NOT_READY, Gate.UNKNOWN)
        return tuple(
            sorted((one for one in self.items if one.gate in order), key=lambda one: order.index(one.gate))
        )


def readiness(
    checklist: Checklist, seen: Mapping[str, int], attested: Mapping[str, Attested], today: date
) -> Readiness:
    """Not ready when any item is known not to be; unknown when nothing is known of one; else ready. A word of
    "no" holds against what events show."""
    items = tuple(
        _state(one, checklist, seen.get(one.name, 0), attested.get(one.name), today)
        for one in checklist.items
    )
    gates = {one.gate for one in items}
    for gate in (Gate.NOT_READY, Gate.UNKNOWN):
        if gate in gates:
            return Readiness(gate, items)
    return Readiness(Gate.READY, items)


def _state(item: Item, checklist: Checklist, seen: int, word: Attested | None, today: date) -> ItemState:
    lapsed = word is not None and today - word.on > timedelta(days=checklist.attested_for_days)
    counted = seen if item.shows is not None else None
    if word is not None and not word.yes and not lapsed:
        return ItemState(item, Gate.NOT_READY, counted, word)
    if item.shows is not None:
        enough = seen >= item.shows.least
        return ItemState(item, Gate.READY if enough else Gate.UNKNOWN, counted, word, lapsed)
    held = word is not None and word.yes and not lapsed
    return ItemState(item, Gate.READY if held else Gate.UNKNOWN, None, word, lapsed)
