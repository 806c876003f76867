"""The scorecard of every laboratory the record knows, with small numbers hidden."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bedside.genome.event import EventKind
from bedside.interpret.gene_call import CallStatus
from bedside.knowledge.small_numbers import load_small_numbers
from bedside.learn.laboratory_scorecard import KINDS, Scorecard, Turnaround, scorecards
from bedside.learn.shares import Share
from bedside.service.house import House
from bedside.service.pathway_funnel import Shown

_SHARES = ("amended", "cancelled", "withdrawn", "structured", "quarantined", "failed", "no_calls")
COLUMNS = (
    "laboratory", "orders", "waiting", "order_p50_days", "order_p90_days", "received", "receipt_p50_days",
    "receipt_p90_days", "results", *(f"{name}{part}" for name in _SHARES for part in ("", "_low", "_high")),
)  # fmt: skip


def laboratory_scorecards(house: House) -> tuple[Scorecard, ...]:
    """Every laboratory as it stands now."""
    events = list(house.ledger.events(kinds=KINDS))
    digests = {
        str(digest)
        for event in events
        if event.kind is EventKind.MEANINGS_DERIVED
        for digest in event.payload["calls"].values()
    }
    calls = house.ledger.calls(digests)
    uncalled = {
        digest: call.status is CallStatus.NO_CALL
        for digest, call in calls.items()
        if call.status is not CallStatus.NOT_TESTED
    }
    return scorecards(events, uncalled, house.clock())


def document(house: House) -> list[dict[str, Any]]:
    """The scorecards as plain values; of a laboratory with few orders or results the figures are hidden."""
    shown = Shown(load_small_numbers(house.settings.knowledge_folder).least)
    return [_plain(one, shown) for one in laboratory_scorecards(house)]


def lines(told: list[dict[str, Any]]) -> Iterator[tuple[str, ...]]:
    """The lines of a table in the order of COLUMNS."""
    for one in told:
        yield tuple("" if one[name] is None else str(one[name]) for name in COLUMNS)


def _plain(one: Scorecard, shown: Shown) -> dict[str, Any]:
    told: dict[str, Any] = {
        "laboratory": one.laboratory,
        "orders": shown.count(one.orders),
        "waiting": shown.count(one.from_order.waiting),
        "received": shown.count(one.from_receipt.counted),
        "results": shown.count(one.results),
        **_days("order", one.from_order, shown),
        **_days("receipt", one.from_receipt, shown),
    }
    for name in _SHARES:
        told |= _share(name, shown.share(getattr(one, name)))
    return told


def _days(name: str, one: Turnaround, shown: Shown) -> Mapping[str, float | None]:
    hidden = one.counted < shown.least
    return {
        f"{name}_p50_days": None if hidden or one.p50 is None else round(one.p50, 1),
        f"{name}_p90_days": None if hidden or one.p90 is None else round(one.p90, 1),
    }


def _share(name: str, share: Share | None) -> Mapping[str, float | None]:
    interval = None if share is None else share.interval
    low, high = (None, None) if interval is None else interval
    value = None if share is None else share.value
    told = {name: value, f"{name}_low": low, f"{name}_high": high}
    return {key: None if one is None else round(one, 3) for key, one in told.items()}
