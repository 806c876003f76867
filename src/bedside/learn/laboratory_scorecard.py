"""How each laboratory does, from the events: how long, how often taken back, how much arrived coded.

A laboratory is named as it is written in orders and results. What still waits counts: times are read off the
cumulative incidence, where a cancelled order is an end of its own and never a quick result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from bedside.genome.event import Event, EventKind
from bedside.learn.competing_risks import CENSORED, cumulative_incidence
from bedside.learn.shares import Share

KINDS = (
    EventKind.ORDER_PLACED,
    EventKind.ORDER_ENDED,
    EventKind.SPECIMEN_MOVED,
    EventKind.RESULT_ACCEPTED,
    EventKind.RESULT_WITHDRAWN,
    EventKind.MESSAGE_RECEIVED,
    EventKind.MESSAGE_QUARANTINED,
    EventKind.MEANINGS_DERIVED,
    EventKind.DRAFT_SIGNED,
)
"""The kinds of events that the scorecard is read from."""

RESULTED, ENDED = 1, 2
DAY = 86_400.0
NOT_NAMED = "not named"


@dataclass(frozen=True, slots=True)
class Turnaround:
    """Days from one moment to the result. counted: how many began; waiting: of these without a result or
    another end yet. p50 and p90: None where so many have no result yet."""

    counted: int
    waiting: int
    p50: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One laboratory. from_order and from_receipt: until the result. amended: results replaced by a later
    report of the laboratory; cancelled: taken back by it; withdrawn: taken out of force here. structured:
    results that came coded, of all; quarantined: documents that could not enter a chart as they came, of all
    that came. failed: specimens rejected or lost, of all received or lost. no_calls: genes without a call, of
    all that results looked at."""

    laboratory: str
    orders: int
    results: int
    from_order: Turnaround
    from_receipt: Turnaround
    amended: Share
    cancelled: Share
    withdrawn: Share
    structured: Share
    quarantined: Share
    failed: Share
    no_calls: Share


@dataclass(slots=True)
class _Laboratory:
    """What was read about one laboratory."""

    placed: dict[str, datetime] = field(default_factory=dict)
    results: dict[str, bool] = field(default_factory=dict)
    taken_back: Counter[str] = field(default_factory=Counter)
    messages: int = 0
    quarantined: set[str] = field(default_factory=set)
    handled: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    looked_at: int = 0
    not_called: int = 0


@dataclass(slots=True)
class _Reading:
    """Everything as it is read."""

    uncalled: Mapping[str, bool]
    laboratories: dict[str, _Laboratory] = field(default_factory=dict)
    of_order: dict[str, str] = field(default_factory=dict)
    of_result: dict[str, str] = field(default_factory=dict)
    received: dict[str, datetime] = field(default_factory=dict)
    resulted: dict[str, datetime] = field(default_factory=dict)
    ended: dict[str, datetime] = field(default_factory=dict)

    def at(self, name: object) -> _Laboratory:
        return self.laboratories.setdefault(str(name or "") or NOT_NAMED, _Laboratory())

    def take(self, event: Event) -> None:
        held = event.payload
        match event.kind:
            case EventKind.ORDER_PLACED:
                order, laboratory = str(held["order"]["order"]), str(held["order"].get("laboratory", ""))
                self.of_order[order] = laboratory
                self.at(laboratory).placed.setdefault(order, event.valid_at)
            case EventKind.ORDER_ENDED:
                ends = self.resulted if held["outcome"] == "resulted" else self.ended
                ends.setdefault(str(held["order"]), event.valid_at)
            case EventKind.SPECIMEN_MOVED:
                self._specimen(event)
            case EventKind.RESULT_ACCEPTED:
                self.of_result[str(held["result"])] = str(held.get("laboratory", ""))
                self.at(held.get("laboratory")).results.setdefault(str(held["result"]), True)
            case EventKind.RESULT_WITHDRAWN:
                self._withdrawn(event)
            case EventKind.DRAFT_SIGNED:
                laboratory = self.of_result.get(str(held["result"]), "")
                self.at(laboratory).results[str(held["result"])] = False
            case EventKind.MESSAGE_RECEIVED:
                self.at(held.get("sender")).messages += 1
            case EventKind.MESSAGE_QUARANTINED:
                self.at(held.get("sender")).quarantined.add(str(held.get("content", held["document"])))
            case EventKind.MEANINGS_DERIVED:
                self._meanings(event)
            case _:
                pass

    def _specimen(self, event: Event) -> None:
        held, order = event.payload, str(event.payload["order"])
        one = self.at(self.of_order.get(order, ""))
        if held["step"] == "receive":
            self.received.setdefault(order, event.valid_at)
        if held["step"] in ("receive", "lose"):
            one.handled.add(str(held["specimen"]))
        if held["step"] in ("reject", "lose"):
            one.failed.add(str(held["specimen"]))

    def _withdrawn(self, event: Event) -> None:
        reason = str(event.payload["reason"])
        kind = "withdrawn"
        for begins, named in (("replaced by", "amended"), ("cancelled by", "cancelled")):
            kind = named if reason.startswith(begins) else kind
        self.at(self.of_result.get(str(event.payload["result"]), "")).taken_back[kind] += 1

    def _meanings(self, event: Event) -> None:
        one = self.at(self.of_result.get(str(event.payload["result"]), ""))
        for digest in event.payload["calls"].values():
            if digest in self.uncalled:
                one.looked_at += 1
                one.not_called += self.uncalled[digest]


def scorecards(events: Iterable[Event], uncalled: Mapping[str, bool], now: datetime) -> tuple[Scorecard, ...]:
    """Every laboratory by name. events: of KINDS in the order of the ledger. uncalled: whether a gene's call,
    by digest, is none; genes that were not tested are not in it."""
    reading = _Reading(uncalled)
    for event in events:
        reading.take(event)
    return tuple(_card(name, one, reading, now) for name, one in sorted(reading.laboratories.items()))


def _card(name: str, one: _Laboratory, reading: _Reading, now: datetime) -> Scorecard:
    results = len(one.results)
    received = {order: reading.received[order] for order in one.placed if order in reading.received}
    return Scorecard(
        laboratory=name,
        orders=len(one.placed),
        results=results,
        from_order=_turnaround(one.placed, reading, now),
        from_receipt=_turnaround(received, reading, now),
        amended=Share(one.taken_back["amended"], results),
        cancelled=Share(one.taken_back["cancelled"], results),
        withdrawn=Share(one.taken_back["withdrawn"], results),
        structured=Share(sum(one.results.values()), results),
        quarantined=Share(len(one.quarantined), max(one.messages, len(one.quarantined))),
        failed=Share(len(one.failed), len(one.handled | one.failed)),
        no_calls=Share(one.not_called, one.looked_at),
    )


def _turnaround(begun: Mapping[str, datetime], reading: _Reading, now: datetime) -> Turnaround:
    days, causes = [], []
    for order, since in begun.items():
        resulted, ended = reading.resulted.get(order), reading.ended.get(order)
        until, cause = (now, CENSORED)
        if ended is not None:
            until, cause = ended, ENDED
        if resulted is not None and (ended is None or resulted <= ended):
            until, cause = resulted, RESULTED
        days.append(max(0.0, (until - since).total_seconds() / DAY))
        causes.append(cause)
    if not days:
        return Turnaround(0, 0, None, None)
    found = cumulative_incidence(np.array(days), np.array(causes, dtype=np.int64)).get(RESULTED)

    def quantile(share: float) -> float | None:
        if found is None or found.incidence[-1] < share - 1e-12:
            return None
        return float(found.times[int(np.argmax(found.incidence >= share - 1e-12))])

    return Turnaround(len(days), causes.count(CENSORED), quantile(0.5), quantile(0.9))
