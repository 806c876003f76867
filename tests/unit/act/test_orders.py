"""What stands of an order when its results come, go, and it was cancelled meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bedside.act.orders import Outcome, orders
from bedside.genome.event import Event, EventKind
from bedside.genome.order import plain_order
from tests.unit.act.test_ordering import held

START = datetime(2026, 3, 1, tzinfo=UTC)
PLACED = (EventKind.ORDER_PLACED, {"order": plain_order(held("pgx-full").order)})
CANCELLED = (EventKind.ORDER_ENDED, {"order": "o1", "outcome": "cancelled", "reason": "another way"})
RESULTED = (EventKind.ORDER_ENDED, {"order": "o1", "outcome": "resulted", "result": "r1"})
WITHDRAWN = (EventKind.RESULT_WITHDRAWN, {"result": "r1", "reason": "x"})


def after(*told: tuple[EventKind, dict[str, Any]]) -> tuple[Outcome, str]:
    """How the order stands after these events, and why."""
    events = [
        Event(number, kind, "a", START + timedelta(hours=number), START, "p1", payload, None, "")
        for number, (kind, payload) in enumerate(told)
    ]
    (one,) = orders(events).values()
    return one.outcome, one.reason


def test_an_order_whose_result_was_withdrawn_waits_for_one_again():
    assert after(PLACED, RESULTED) == (Outcome.RESULTED, "")
    assert after(PLACED, RESULTED, WITHDRAWN) == (Outcome.OPEN, "")


def test_an_order_that_was_cancelled_before_its_result_came_and_went_is_cancelled():
    assert after(PLACED, CANCELLED, RESULTED)[0] is Outcome.RESULTED
    assert after(PLACED, CANCELLED, RESULTED, WITHDRAWN) == (Outcome.CANCELLED, "another way")
