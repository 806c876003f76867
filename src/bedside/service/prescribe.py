"""The prescribing page: one draft order, exactly the cards an EHR would get for it, and what stayed
silent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from uuid import uuid4

from bedside.decide.recommendation import Urgency
from bedside.errors import NotFound, Problem
from bedside.genome.code import System
from bedside.knowledge.hook import Hook
from bedside.knowledge.pgx import Drug
from bedside.knowledge.ruleset import Ruleset
from bedside.service.answer_hook import prepare
from bedside.service.chart import SilentRule
from bedside.service.house import House
from bedside.service.rules import rules_of
from bedside.service.take_feedback import take_feedback

HOOKS = ("order-select", "order-sign")
USER = "Practitioner/bedside-pages"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A change to the draft order that one click makes: its id, its words, and the order it leads to."""

    suggestion_id: str
    label: str
    recommended: bool = False


@dataclass(frozen=True, slots=True)
class OverrideReason:
    """A coded reason for not following a card."""

    code: str
    display: str


@dataclass(frozen=True, slots=True)
class Link:
    """Where a card points to."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Card:
    """One CDS Hooks card, field for field as the service returned it. review: who has still to check it."""

    card_id: str
    urgency: Urgency
    summary: str
    detail: str
    source: str
    source_url: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    override_reasons: tuple[OverrideReason, ...] = ()
    links: tuple[Link, ...] = ()
    review: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """A draft order. order_id stays the same while the order is changed or kept; dose and unit may be
    empty.
    """

    order_id: str
    drug: str
    rxnorm: str
    dose: str = ""
    unit: str = ""

    @property
    def words(self) -> str:
        """The order as one says it."""
        return f"{self.drug} {self.dose} {self.unit}".strip()

    def resource(self, person: str) -> dict[str, Any]:
        """The order as a draft MedicationRequest."""
        coding = {"system": System.RXNORM.value, "code": self.rxnorm, "display": self.drug}
        quantity = {"value": float(self.dose), "unit": self.unit} if self.dose else None
        return {
            "resourceType": "MedicationRequest",
            "id": self.order_id,
            "status": "draft",
            "intent": "order",
            "subject": {"reference": f"Patient/{person}"},
            "medicationCodeableConcept": {"coding": [coding], "text": self.drug},
        } | ({"dosageInstruction": [{"doseAndRate": [{"doseQuantity": quantity}]}]} if quantity else {})


@dataclass(frozen=True, slots=True)
class Prescription:
    """A draft order with what was answered to it. trace_id names the stored answer, "" when nothing was
    asked.
    """

    order: Order
    hook: Hook
    cards: tuple[Card, ...]
    silences: tuple[SilentRule, ...]
    trace_id: str


def new_order(drug: Drug, dose: str = "", unit: str = "") -> Order:
    """A draft order that was never seen before."""
    return Order(str(uuid4()), drug.name, drug.rxnorm, dose, unit if dose else "")


def find_drug(rules: Ruleset, text: str) -> Drug | None:
    """The one ingredient a typed name or brand stands for; None when it is none or several."""
    named = rules.pgx.drugs.get(text.strip().lower())
    found = (named,) if named is not None else rules.drugs.in_words(text)
    return found[0] if len(found) == 1 and found[0].rxnorm else None


def drug_names(rules: Ruleset) -> tuple[str, ...]:
    """The drugs with guidance, by name."""
    return tuple(
        sorted((name for name in rules.pgx.guidance if rules.pgx.drugs[name].rxnorm), key=str.casefold)
    )


def hook_named(rules: Ruleset, name: str) -> Hook:
    """The service of a moment (`order-select`, `order-sign`); `NotFound` when there is none."""
    for hook in rules.hooks.values():
        if hook.hook == name and name in HOOKS:
            return hook
    raise NotFound([Problem("moment", "no such service")])


def prescribe(house: House, person: str, order: Order, hook_name: str, actor: str) -> Prescription:
    """Ask the service the way an EHR does; what was answered is on disk before this returns."""
    hook = hook_named(rules_of(house).ruleset, hook_name)
    resource = order.resource(person)
    context: dict[str, Any] = {
        "userId": USER,
        "patientId": person,
        "draftOrders": {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": resource}]},
    }
    if hook.hook == "order-select":
        context["selections"] = [f"MedicationRequest/{order.order_id}"]
    request = {"hook": hook.hook, "hookInstance": str(uuid4()), "context": context}
    answered = prepare(house, hook.id, request, actor=actor)
    written = house.audit.append(answered.events) if answered.events else ()
    silences = written[0].payload["silences"] if written else ()
    return Prescription(
        order,
        hook,
        read_cards(answered.response),
        tuple(SilentRule(one["rule"], one["drug"], one["reason"], one["detail"]) for one in silences),
        (written[0].key or "") if written else "",
    )


def accept(
    house: House, person: str, card_id: str, suggestion_id: str, order: Order, actor: str
) -> tuple[Order, str]:
    """Record that a suggestion was accepted; the order it leads to, and what was accepted in words."""
    suggestion = _suggestion_of(house, person, card_id, suggestion_id)
    _feedback(house, card_id, {"outcome": "accepted", "acceptedSuggestions": [{"id": suggestion_id}]}, actor)
    return _changed(order, suggestion), suggestion["label"]


def override(house: House, person: str, card_id: str, reason: str, comment: str, actor: str) -> str:
    """Record that a card was not followed; the reason in words."""
    content = _card_content(house, person, card_id)
    chosen = next((one for one in content.get("overrideReasons", ()) if one["code"] == reason), None)
    if chosen is None:
        raise NotFound([Problem("reason", "is not a reason the card offered")])
    told = {"reason": {"code": chosen["code"], "system": chosen["system"]}, "userComment": comment}
    _feedback(house, card_id, {"outcome": "overridden", "overrideReason": told}, actor)
    return str(chosen["display"])


def read_cards(response: Mapping[str, Any]) -> tuple[Card, ...]:
    """The cards of a CDS Hooks response, in its order."""
    return tuple(_card(card) for card in response["cards"])


def _card(card: Mapping[str, Any]) -> Card:
    source = card["source"]
    return Card(
        card_id=card["uuid"],
        urgency=Urgency(card["indicator"]),
        summary=card["summary"],
        detail=card.get("detail", ""),
        source=source["label"],
        source_url=source.get("url", ""),
        suggestions=tuple(
            Suggestion(one["uuid"], one["label"], bool(one.get("isRecommended")))
            for one in card.get("suggestions", ())
        ),
        override_reasons=tuple(
            OverrideReason(one["code"], one["display"]) for one in card.get("overrideReasons", ())
        ),
        links=tuple(
            Link(one["label"], one["url"]) for one in card.get("links", ()) if one["type"] == "absolute"
        ),
        review=card.get("extension", {}).get("org.bedside.review", ""),
    )


def _card_content(house: House, person: str, card_id: str) -> Mapping[str, Any]:
    card = house.ledger.card(card_id)
    if card is None or card.person != person:
        raise NotFound([Problem("card", "no such card of this person")])
    return card.content


def _suggestion_of(house: House, person: str, card_id: str, suggestion_id: str) -> Mapping[str, Any]:
    for one in _card_content(house, person, card_id).get("suggestions", ()):
        if one["uuid"] == suggestion_id:
            found: Mapping[str, Any] = one
            return found
    raise NotFound([Problem("suggestion", "no such suggestion of this card")])


def _changed(order: Order, suggestion: Mapping[str, Any]) -> Order:
    """The order after the suggestion's actions: a new one for a created resource, the same with another
    dose.
    """
    for action in suggestion["actions"]:
        if action["type"] == "delete":
            continue
        resource = action["resource"]
        coding = resource["medicationCodeableConcept"]["coding"][0]
        told = resource.get("dosageInstruction", [{}])[0].get("doseAndRate", [{}])[0].get("doseQuantity", {})
        dose, unit = (f"{told['value']:g}", told.get("unit", "")) if "value" in told else ("", "")
        created = action["type"] == "create"
        return Order(
            str(uuid4()) if created else order.order_id, coding["display"], coding["code"], dose, unit
        )
    return order


def _feedback(house: House, card_id: str, told: Mapping[str, Any], actor: str) -> None:
    card = house.ledger.card(card_id)
    if card is None:
        raise NotFound([Problem("card", "no such card")])
    at = house.clock().astimezone(UTC).isoformat(timespec="seconds")
    item = {"card": card_id, "outcomeTimestamp": at, **told}
    take_feedback(house, card.service, {"feedback": [item]}, actor=actor)
