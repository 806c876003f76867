"""What alerts did, read from the events: each card that was shown, to whom, and what became of it.

A firing is a card; a quiet one is a card that stewardship made passive or kept back, with the reason. An
order counts once however often an EHR asked about it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bedside.decide.drafted_dose import dose_text
from bedside.decide.recommendation import SilenceReason
from bedside.genome.event import Event, EventKind
from bedside.genome.person import ItemStatus
from bedside.genome.programme import NOT_KNOWN, Programme
from bedside.knowledge.tiers import Handling, Urgency

LOG_KINDS = (
    EventKind.HOOK_ANSWERED,
    EventKind.FEEDBACK_RECEIVED,
    EventKind.MEDICATION_RECORDED,
    EventKind.PROGRAMME_RECORDED,
    EventKind.ORDER_SET_FILTERED,
)
"""The kinds of events that the log is read from."""

ORDER_HOOKS = frozenset({"order-select", "order-sign"})
GUIDANCE, NOTE = "guidance", "note"
"""Kinds of cards: what to do about a drug, or what is not known yet."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a clinician did with a card. outcome: accepted or overridden; reason: coded, "" when none."""

    outcome: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Firing:
    """One card. whom: the person, or where the record does not know them a digest of the patient. dose: as
    drafted, "" when the draft states none. offered: drugs that the card offered instead."""

    card: str
    sequence: int
    at: datetime
    whom: str
    person: str | None
    rule: str
    kind: str
    drug: str
    summary: str
    urgency: Urgency
    hook: str
    order: str
    dose: str
    role: str
    site: str
    rules: str
    offered: tuple[str, ...] = ()
    feedback: Feedback | None = None

    @property
    def interruptive(self) -> bool:
        """Whether it interrupts: a warning or a critical card at an order."""
        return self.urgency is not Urgency.INFO and self.hook in ORDER_HOOKS


@dataclass(frozen=True, slots=True)
class QuietOne:
    """A card that was made passive or kept back. override: the site's decision behind it, if one is."""

    sequence: int
    at: datetime
    whom: str
    person: str | None
    rule: str
    drug: str
    order: str
    reason: str
    before: Urgency
    shown: bool
    role: str
    site: str
    dose: str = ""
    override: str = ""


@dataclass(frozen=True, slots=True)
class Drafted:
    """What somebody's draft named at a moment, as an EHR told it; or what the record says of a medicine.

    stopped: a medicine that is no longer taken. order: "" for a medicine."""

    at: datetime
    order: str
    drugs: frozenset[str]
    dose: str
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class AlertLog:
    """Everything in order of time. orders: when each distinct order was first seen. drafted: by whom it
    concerns. rules: names of the sets of rules in the order in which they answered, with the first time.
    rested: answered cards that were not shown again for the same order. saved: items of order sets that were
    changed before anybody saw them, by what was done."""

    firings: tuple[Firing, ...]
    quiet: tuple[QuietOne, ...]
    orders: tuple[datetime, ...]
    drafted: Mapping[str, tuple[Drafted, ...]]
    rules: tuple[tuple[str, datetime], ...] = ()
    rested: int = 0
    saved: Mapping[str, int] = field(default_factory=dict)


Named = Callable[[Mapping[str, Any]], frozenset[str]]
"""The drugs that a medicine's payload names, by the drug map."""


@dataclass(slots=True)
class AlertReading:
    """Takes events one after another; `log` is what they came to."""

    named: Named
    firings: dict[str, Firing] = field(default_factory=dict)
    quiet: list[QuietOne] = field(default_factory=list)
    orders: dict[tuple[str, str], datetime] = field(default_factory=dict)
    drafted: dict[str, list[Drafted]] = field(default_factory=dict)
    programmes: dict[str, Programme] = field(default_factory=dict)
    rules: list[tuple[str, datetime]] = field(default_factory=list)
    rested: int = 0
    saved: Counter[str] = field(default_factory=Counter)

    def take(self, event: Event) -> None:
        """Read one event; kinds that do not concern alerts are passed over."""
        if event.kind is EventKind.HOOK_ANSWERED:
            self._answered(event)
        elif event.kind is EventKind.FEEDBACK_RECEIVED:
            self._feedback(event)
        elif event.kind is EventKind.ORDER_SET_FILTERED:
            done = [str(one["disposition"]) for one in event.payload.get("items", ())]
            self.saved.update(one for one in done if one != Handling.SHOW.value)
        elif event.kind is EventKind.MEDICATION_RECORDED and event.person is not None:
            self._medicine(event)
        elif event.kind is EventKind.PROGRAMME_RECORDED and event.person is not None:
            held = self.programmes.get(event.person, Programme())
            self.programmes[event.person] = held.told(event.payload)

    def log(self) -> AlertLog:
        """What was read, each person's site as it is said now."""
        sited = {person: one.group("site") for person, one in self.programmes.items()}
        return AlertLog(
            tuple(replace(one, site=sited.get(one.person or "", NOT_KNOWN)) for one in self.firings.values()),
            tuple(replace(one, site=sited.get(one.person or "", NOT_KNOWN)) for one in self.quiet),
            tuple(sorted(self.orders.values())),
            {whom: tuple(several) for whom, several in self.drafted.items()},
            tuple(self.rules),
            self.rested,
            dict(self.saved),
        )

    def _answered(self, event: Event) -> None:
        held = event.payload
        inputs: Mapping[str, Any] = held.get("inputs", {})
        hook, whom = str(inputs.get("hook", "")), event.person or f"patient:{inputs.get('patient', '')}"
        if not self.rules or self.rules[-1][0] != held.get("rules"):
            self.rules.append((str(held.get("rules", "")), event.valid_at))
        doses: dict[str, str] = {}
        for draft in inputs.get("drafts", ()) if hook in ORDER_HOOKS else ():
            order, dose = str(draft["order"]), dose_text(draft.get("resource", {}))
            doses[order] = dose
            self.orders.setdefault((whom, order), event.valid_at)
            drugs = frozenset(str(name) for name, _ in draft["drugs"])
            self.drafted.setdefault(whom, []).append(Drafted(event.valid_at, order, drugs, dose))
        role = str(held.get("role", "")) or NOT_KNOWN
        for card in held["cards"]:
            self.firings[card["uuid"]] = _firing(event, card, whom, hook, role, doses)
        again = SilenceReason.ALREADY_SHOWN.value
        self.rested += sum(one["reason"] == again for one in held.get("silences", ()))
        for one in held.get("quieted", ()):
            self.quiet.append(_quiet(event, one, whom, role, doses))

    def _feedback(self, event: Event) -> None:
        held = event.payload
        card = self.firings.get(str(held["card"]))
        if card is not None:
            at = datetime.fromisoformat(str(held.get("at", event.valid_at.isoformat())))
            reason = str(dict(held.get("reason", {})).get("code", ""))
            said = Feedback(str(held["outcome"]), reason, at)
            self.firings[card.card] = replace(card, feedback=said)

    def _medicine(self, event: Event) -> None:
        drugs = self.named(event.payload)
        if drugs:
            stopped = event.payload["status"] != ItemStatus.ACTIVE.value
            told = Drafted(event.valid_at, "", drugs, "", stopped)
            self.drafted.setdefault(str(event.person), []).append(told)


def read_alerts(events: Iterable[Event], named: Named) -> AlertLog:
    """The log that events come to."""
    reading = AlertReading(named)
    for event in events:
        reading.take(event)
    return reading.log()


def _firing(
    event: Event, card: Mapping[str, Any], whom: str, hook: str, role: str, doses: Mapping[str, str]
) -> Firing:
    about: Mapping[str, Any] = card.get("about", {})
    order, rules = str(about.get("order", "")), [str(one) for one in about.get("rules", ())]
    return Firing(
        card=str(card["uuid"]),
        sequence=event.sequence,
        at=event.valid_at,
        whom=whom,
        person=event.person,
        rule=rules[0] if rules else "",
        kind=GUIDANCE if "url" in card.get("source", {}) else NOTE,
        drug=str(about.get("drug", "")),
        summary=str(card.get("summary", "")),
        urgency=Urgency(card.get("indicator", "info")),
        hook=hook,
        order=order,
        dose=doses.get(order, ""),
        role=role,
        site="",
        rules=str(event.payload.get("rules", "")),
        offered=tuple(_offered(card)),
    )


def _quiet(event: Event, one: Mapping[str, Any], whom: str, role: str, doses: Mapping[str, str]) -> QuietOne:
    return QuietOne(
        sequence=event.sequence,
        at=event.valid_at,
        whom=whom,
        person=event.person,
        rule=str(one["rule"]),
        drug=str(one["drug"]),
        order=str(one["order"]),
        reason=str(one["reason"]),
        before=Urgency(one["before"]),
        shown=bool(one["shown"]),
        role=role,
        site="",
        dose=doses.get(str(one["order"]), ""),
        override=str(one.get("override", "")),
    )


def _offered(card: Mapping[str, Any]) -> Iterable[str]:
    for suggestion in card.get("suggestions", ()):
        for action in suggestion.get("actions", ()):
            if action.get("type") == "create":
                yield str(action.get("resource", {}).get("medicationCodeableConcept", {}).get("text", ""))
