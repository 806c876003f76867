"""A laboratory is told with what still waits, and a cancelled order is never a quick result."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bedside.genome.event import Event, EventKind
from bedside.learn.laboratory_scorecard import NOT_NAMED, Scorecard, Turnaround, scorecards
from bedside.learn.shares import Share

DAY = datetime(2026, 3, 2, tzinfo=UTC)
NOW = DAY + timedelta(days=100)


class Told:
    """Events in the order written."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def add(self, kind: EventKind, day: float, **payload: Any) -> None:
        at = DAY + timedelta(days=day)
        self.events.append(Event(len(self.events) + 1, kind, "x", at, at, "p", payload, None, ""))

    def order(self, name: str, day: float, laboratory: str = "North") -> None:
        self.add(EventKind.ORDER_PLACED, day, order={"order": name, "laboratory": laboratory})

    def result(self, name: str, day: float, laboratory: str = "North", **more: Any) -> None:
        self.add(EventKind.RESULT_ACCEPTED, day, result=name, laboratory=laboratory)
        self.add(EventKind.MEANINGS_DERIVED, day, result=name, release="r", calls=more.get("calls", {}))
        self.add(EventKind.ORDER_ENDED, day, order=name, outcome="resulted", result=name)

    def cards(self, uncalled: dict[str, bool] | None = None) -> dict[str, Scorecard]:
        return {one.laboratory: one for one in scorecards(self.events, uncalled or {}, NOW)}


def test_ten_orders_of_which_eight_came_on_their_days_and_two_wait() -> None:
    told = Told()
    for number in range(1, 11):
        told.order(f"o{number}", 0)
    for number in range(1, 9):
        told.result(f"o{number}", number)
    assert told.cards()["North"].from_order == Turnaround(10, 2, 5.0, None)


def test_leaving_out_what_waits_or_counting_a_cancelled_order_as_done_would_look_quicker() -> None:
    told = Told()
    for number in range(1, 5):
        told.order(f"o{number}", 0)
    told.result("o1", 2)
    told.result("o2", 30)
    told.add(EventKind.ORDER_ENDED, 1, order="o3", outcome="cancelled")
    found = told.cards()["North"].from_order
    assert (found.counted, found.waiting, found.p50, found.p90) == (4, 1, 30.0, None)


def test_an_order_never_placed_here_gives_no_time_and_no_laboratory_is_a_name_of_its_own() -> None:
    told = Told()
    told.result("o1", 2, laboratory="")
    assert told.cards()[NOT_NAMED].from_order == Turnaround(0, 0, None, None)


def test_what_was_taken_back_is_told_apart_by_who_did_it() -> None:
    told = Told()
    for number in range(1, 6):
        told.result(f"o{number}", number)
    for name, reason in (
        ("o1", "replaced by a later report of the laboratory"),
        ("o2", "cancelled by the laboratory"),
        ("o3", "file of the wrong person"),
    ):
        told.add(EventKind.RESULT_WITHDRAWN, 9, result=name, reason=reason)
    found = told.cards()["North"]
    assert (found.amended, found.cancelled, found.withdrawn) == (Share(1, 5), Share(1, 5), Share(1, 5))


def test_specimens_documents_coded_results_and_calls() -> None:
    told = Told()
    told.order("o1", 0)
    for specimen, steps in {"s1": ("receive", "reject"), "s2": ("receive",), "s3": ("lose",)}.items():
        for step in steps:
            told.add(EventKind.SPECIMEN_MOVED, 2, specimen=specimen, order="o1", step=step)
    told.result("o1", 5, calls={"A": "d1", "B": "d2", "C": "not-tested"})
    told.result("o2", 5, calls={"A": "d1"})
    told.add(EventKind.DRAFT_SIGNED, 5, result="o2", draft="d", document="x", fields=[])
    told.add(EventKind.MESSAGE_RECEIVED, 5, document="m1", sender="North")
    told.add(EventKind.MESSAGE_RECEIVED, 5, document="m2", sender="North")
    told.add(EventKind.MESSAGE_QUARANTINED, 5, document="m2", sender="North", reasons=["whose"])
    found = told.cards({"d1": False, "d2": True})["North"]
    assert found.failed == Share(2, 3)
    assert found.structured == Share(1, 2)
    assert found.quarantined == Share(1, 2)
    assert found.no_calls == Share(1, 3)
    assert found.from_receipt == Turnaround(1, 0, 3.0, 3.0)
