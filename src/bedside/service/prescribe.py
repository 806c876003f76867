"""The prescribing page: one draft order, exactly the cards an EHR would get for it, and what was said in
silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bedside.decide.recommendation import Urgency


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A change to the draft order that one click makes: its id, its words, and the drug it orders instead."""

    suggestion_id: str
    label: str
    recommended: bool = False
    drug: str = ""
    rxnorm: str = ""


@dataclass(frozen=True, slots=True)
class OverrideReason:
    """A coded reason for not following a card."""

    code: str
    system: str
    display: str


@dataclass(frozen=True, slots=True)
class Link:
    """Where a card points to."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Card:
    """One CDS Hooks card, field for field as the service returned it."""

    card_id: str
    urgency: Urgency
    summary: str
    detail: str
    source: str
    source_url: str = ""
    topic: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    override_reasons: tuple[OverrideReason, ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class DrugChoice:
    """A drug that can be picked: its name and RxNorm ingredient code."""

    name: str
    rxnorm: str


def read_cards(response: Mapping[str, Any]) -> tuple[Card, ...]:
    """The cards of a CDS Hooks response, in its order."""
    return tuple(_card(card) for card in response["cards"])


def _card(card: Mapping[str, Any]) -> Card:
    source = card["source"]
    return Card(
        card_id=card.get("uuid", ""),
        urgency=Urgency(card["indicator"]),
        summary=card["summary"],
        detail=card.get("detail", ""),
        source=source["label"],
        source_url=source.get("url", ""),
        topic=source.get("topic", {}).get("display", ""),
        suggestions=tuple(_suggestion(item) for item in card.get("suggestions", ())),
        override_reasons=tuple(
            OverrideReason(item.get("code", ""), item.get("system", ""), item["display"])
            for item in card.get("overrideReasons", ())
        ),
        links=tuple(
            Link(item["label"], item["url"]) for item in card.get("links", ()) if item["type"] == "absolute"
        ),
    )


def _suggestion(item: Mapping[str, Any]) -> Suggestion:
    drug, rxnorm = "", ""
    for action in item.get("actions", ()):
        concept = action.get("resource", {}).get("medicationCodeableConcept", {})
        for coding in concept.get("coding", ()):
            drug, rxnorm = coding.get("display", concept.get("text", "")), coding.get("code", "")
    return Suggestion(item.get("uuid", ""), item["label"], bool(item.get("isRecommended")), drug, rxnorm)
