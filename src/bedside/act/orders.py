"""The orders of a person as a fold over what was written down: open, resulted or cancelled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from bedside.genome.event import Event, EventKind
from bedside.genome.order import Order, order_of


class Outcome(Enum):
    """Where an order stands."""

    OPEN = "open"
    RESULTED = "resulted"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class HeldOrder:
    """An order as the ledger holds it. results: what came of it, withdrawn ones included; a result withdrawn
    opens the order again. answered: whether its laboratory takes it, None until it said so; refused: why
    not."""

    order: Order
    placed_at: datetime
    outcome: Outcome = Outcome.OPEN
    results: tuple[str, ...] = ()
    reason: str = ""
    answered: bool | None = None
    refused: str = ""


def orders(events: Iterable[Event]) -> Mapping[str, HeldOrder]:
    """Every order by its number, in the order placed."""
    found: dict[str, HeldOrder] = {}
    withdrawn: set[str] = set()
    cancelled: dict[str, str] = {}
    for event in events:
        payload = event.payload
        if event.kind is EventKind.ORDER_PLACED:
            placed = order_of(payload["order"])
            found.setdefault(placed.order, HeldOrder(placed, event.valid_at))
        elif event.kind is EventKind.ORDER_ENDED and payload["order"] in found:
            held, outcome = found[payload["order"]], Outcome(payload["outcome"])
            if outcome is Outcome.CANCELLED:
                cancelled[payload["order"]] = payload.get("reason", "")
            result = payload.get("result", "")
            found[payload["order"]] = replace(
                held,
                outcome=outcome,
                results=(*held.results, result) if result else held.results,
                reason=payload.get("reason", ""),
            )
        elif event.kind is EventKind.ORDER_ANSWERED and payload["order"] in found:
            taken = bool(payload["accepted"])
            why = "" if taken else str(payload.get("reason", ""))
            found[payload["order"]] = replace(found[payload["order"]], answered=taken, refused=why)
        elif event.kind is EventKind.RESULT_WITHDRAWN:
            withdrawn.add(payload["result"])
    return {name: _standing(held, withdrawn, cancelled.get(name)) for name, held in found.items()}


def _standing(held: HeldOrder, withdrawn: set[str], cancelled: str | None) -> HeldOrder:
    """A resulted order of which every result was withdrawn waits for one again, or is as cancelled as it was
    before the result came. cancelled: why it was, None when it was not."""
    if held.outcome is Outcome.RESULTED and held.results and withdrawn.issuperset(held.results):
        if cancelled is not None:
            return replace(held, outcome=Outcome.CANCELLED, reason=cancelled)
        return replace(held, outcome=Outcome.OPEN)
    return held
