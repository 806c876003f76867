"""The rules of CDS Hooks for discovery and answers, as its specification and logical models state them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

Json = Mapping[str, Any]
INDICATORS = ("info", "warning", "critical")
BEHAVIORS = ("at-most-one", "any")
LONGEST_SUMMARY = 140


def discovery_faults(document: Json) -> Iterator[str]:
    """What is wrong with a discovery document."""
    services = document.get("services")
    if not isinstance(services, list) or not services:
        yield "services is no list of services"
        return
    for one in services:
        yield from (f"a service has no {name}" for name in ("hook", "id", "description") if not one.get(name))
    if len({one.get("id") for one in services}) != len(services):
        yield "an id is given to two services"


def answer_faults(document: Json) -> Iterator[str]:
    """What is wrong with an answer of a service."""
    cards = document.get("cards")
    if not isinstance(cards, list):
        yield "cards is no list"
        return
    for card in cards:
        yield from _card(card)
    named = [card.get("uuid") for card in cards]
    if len(set(named)) != len(named):
        yield "two cards have one uuid"
    for action in document.get("systemActions", ()):
        yield from _action(action)


def _card(card: Json) -> Iterator[str]:
    if not 0 < len(card.get("summary", "")) < LONGEST_SUMMARY:
        yield "a summary is empty or has 140 characters or more"
    if card.get("indicator") not in INDICATORS:
        yield "an indicator is none of the three"
    if not card.get("source", {}).get("label"):
        yield "a source has no label"
    if not _is_uuid(card.get("uuid")):
        yield "a card has no uuid"
    suggestions = card.get("suggestions", ())
    if suggestions and card.get("selectionBehavior") not in BEHAVIORS:
        yield "suggestions come without a selectionBehavior"
    for one in suggestions:
        if not one.get("label"):
            yield "a suggestion has no label"
        for action in one.get("actions", ()):
            yield from _action(action)
    for reason in card.get("overrideReasons", ()):
        if not (reason.get("code") and reason.get("display")):
            yield "an override reason has no code or no display"
    for link in card.get("links", ()):
        if not (link.get("label") and link.get("url")) or link.get("type") not in ("absolute", "smart"):
            yield "a link has no label, no url or another type"
        if "appContext" in link and link.get("type") != "smart":
            yield "a link that is no SMART launch has an appContext"


def _action(action: Json) -> Iterator[str]:
    kind = action.get("type")
    if not action.get("description"):
        yield "an action has no description"
    if kind not in ("create", "update", "delete"):
        yield "an action is of no known type"
    elif kind == "delete" and not action.get("resourceId"):
        yield "a deletion names no resource"
    elif kind != "delete" and not isinstance(action.get("resource"), Mapping):
        yield "a creation or change has no resource"


def _is_uuid(text: object) -> bool:
    try:
        UUID(str(text))
    except ValueError:
        return False
    return True
