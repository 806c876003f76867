"""What the ledger's events say about people on care pathways.

Nothing is written twice: an order, a specimen's step, a result, a card and its answer, a drug on the list are
signals by themselves. What no other event says (an appointment, an authorisation, a first dose) is
recorded as a signal of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bedside.genome.event import Event, EventKind
from bedside.genome.order import order_of
from bedside.genome.signal import OF, RETRACTED, Signal, TestKind

HEARD = (
    EventKind.SIGNAL_RECORDED,
    EventKind.ORDER_PLACED,
    EventKind.ORDER_ENDED,
    EventKind.SPECIMEN_MOVED,
    EventKind.RESULT_ACCEPTED,
    EventKind.RESULT_WITHDRAWN,
    EventKind.TUMOUR_RECORDED,
    EventKind.MEDICATION_RECORDED,
    EventKind.HOOK_ANSWERED,
    EventKind.FEEDBACK_RECEIVED,
    EventKind.ACCESSED,
)
"""The kinds of event that say something."""

_UNKNOWN = TestKind.UNKNOWN.value
OPENED = frozenset({"chart", "report"})
_STEPS = {
    "collect": "specimen-collected",
    "receive": "specimen-received",
    "reject": "specimen-rejected",
    "lose": "specimen-rejected",
}


@dataclass(frozen=True, slots=True)
class Meanings:
    """What codes mean to conditions. classes: of drugs by their code, the class (`targeted`, `chemotherapy`,
    `immunotherapy`); kinds: of HL7 specimen types, the kind (`blood`, `tissue`); tests: of tests by id, what
    kind they are of (`germline`, `tumour`)."""

    classes: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    tests: Mapping[str, str] = field(default_factory=dict)


class _Heard:
    """What was said earlier that later events refer to."""

    def __init__(self, meanings: Meanings) -> None:
        self.meanings = meanings
        self.cards: dict[str, str] = {}
        self.drugs: dict[str, list[str]] = {}
        self.kinds: dict[str, str] = {}
        self.of: dict[str, str] = {}
        self.results: dict[str, str] = {}


class Listener:
    """One person's signals as events are written, in the order of the ledger."""

    def __init__(self, meanings: Meanings) -> None:
        self._heard = _Heard(meanings)
        self.signals: tuple[Signal, ...] = ()

    def take(self, event: Event) -> None:
        """What one more event says."""
        self.signals += tuple(_of(event, self._heard))


def signals_from(events: Iterable[Event], meanings: Meanings) -> tuple[Signal, ...]:
    """The signals of one person's events, in the order of the ledger."""
    heard = _Heard(meanings)
    return tuple(one for event in events for one in _of(event, heard))


def _of(event: Event, heard: _Heard) -> Iterator[Signal]:
    held = event.payload
    match event.kind:
        case EventKind.SIGNAL_RECORDED:
            yield _recorded(event, heard)
        case EventKind.ORDER_PLACED:
            order = order_of(held["order"])
            heard.kinds[order.order] = heard.meanings.kinds.get(order.specimen.kind, "")
            of = heard.of[order.order] = heard.meanings.tests.get(order.test, _UNKNOWN)
            yield _made(event, "test-ordered", test=order.test, of=of)
        case EventKind.ORDER_ENDED if held["outcome"] == "cancelled":
            of = heard.of.get(str(held["order"]), "")
            yield _made(event, "test-cancelled", reason=str(held.get("reason", "")), of=of)
        case EventKind.SPECIMEN_MOVED if held["step"] in _STEPS:
            kind, reason = heard.kinds.get(str(held["order"]), ""), str(held.get("reason", ""))
            of = heard.of.get(str(held["order"]), "")
            yield _made(event, _STEPS[held["step"]], kind=kind, reason=reason, of=of)
        case EventKind.RESULT_ACCEPTED if held["confirmation"] == "clinical":
            yield _made(event, "result-reported", result=str(held["result"]), of=_told_of(held, heard))
        case EventKind.RESULT_WITHDRAWN:
            result = str(held["result"])
            yield _made(event, "result-withdrawn", result=result, of=heard.results.get(result, ""))
        case EventKind.TUMOUR_RECORDED:
            yield _made(event, "result-reported", result=str(held["content"]), of=TestKind.TUMOUR.value)
        case EventKind.MEDICATION_RECORDED:
            yield from _medication(event, heard)
        case EventKind.HOOK_ANSWERED:
            yield from _alerts(event, heard)
        case EventKind.FEEDBACK_RECEIVED if held["card"] in heard.cards:
            card = str(held["card"])
            said = {"drug": heard.cards[card], "outcome": str(held["outcome"])}
            yield _made(event, "alert-answered", case=card, **said)
        case EventKind.ACCESSED if held.get("page") in OPENED:
            yield _made(event, "result-opened")
        case _:
            return


def _told_of(held: Mapping[str, Any], heard: _Heard) -> str:
    """What kinds of test a result is of: those its laboratory's findings are of, and pharmacogenes."""
    kinds = {str(one) for one in held.get(OF, ())}
    if held["observations"]:
        kinds.add(TestKind.PHARMACOGENES.value)
    told = " ".join(sorted(kinds)) or _UNKNOWN
    heard.results[str(held["result"])] = told
    return told


def _recorded(event: Event, heard: _Heard) -> Signal:
    held = event.payload
    said = {str(key): str(value) for key, value in held.get("attributes", {}).items()}
    kind = heard.meanings.classes.get(said.get("drug", ""), "")
    if kind:
        said.setdefault("class", kind)
    return Signal(
        str(held["signal"]),
        event.valid_at,
        event.known_at,
        str(held.get("id") or f"event-{event.sequence}"),
        str(held.get("source") or event.actor),
        str(held.get("case", "")),
        said,
        str(held.get("retracts", "")),
    )


def _medication(event: Event, heard: _Heard) -> Iterator[Signal]:
    code, status = str(event.payload["code"]), event.payload["status"]
    said = {"drug": code, "class": heard.meanings.classes.get(code, "")}
    if status == "active":
        one = _made(event, "therapy-ordered", **said)
        heard.drugs.setdefault(code, []).append(one.signal_id)
        yield one
    elif status == "ended":
        yield _made(event, "therapy-cancelled", **said)
    elif status == "entered-in-error":
        for name in heard.drugs.pop(code, []):
            own = f"event-{event.sequence}-{name}"
            yield Signal(RETRACTED, event.valid_at, event.known_at, own, event.actor, retracts=name)


def _alerts(event: Event, heard: _Heard) -> Iterator[Signal]:
    for card in event.payload["cards"]:
        name, drug = str(card["uuid"]), str(card.get("about", {}).get("rxnorm", ""))
        heard.cards[name] = drug
        said = {"drug": drug, "tier": "top" if card.get("indicator") == "critical" else "other"}
        yield Signal("alert-shown", event.valid_at, event.known_at, f"card-{name}", event.actor, name, said)


def _made(event: Event, name: str, case: str = "", **said: str) -> Signal:
    given = {key: value for key, value in said.items() if value}
    return Signal(name, event.valid_at, event.known_at, f"event-{event.sequence}", event.actor, case, given)
