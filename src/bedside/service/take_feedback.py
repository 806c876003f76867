"""Takes what clinicians did with cards. The same feedback twice is one; a later one about the same card
prevails.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Any

from bedside.errors import NotFound, Problem, RequestError
from bedside.exchange.cds_hooks import Feedback, read_feedback
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.observation import digest
from bedside.service.house import House
from bedside.service.moment_of import Permit
from bedside.service.rules import rules_of
from bedside.store.encode import canonical
from bedside.store.ledger import Card

CLOCKS_DIFFER = timedelta(hours=1)
"""How far ahead of ours the clock of an EHR may be."""


def take_feedback(
    house: House, hook_id: str, document: object, *, actor: str = "cds-hooks", permit: Permit | None = None
) -> int:
    """How many items were taken; all or none, and only what the service's card offered.

    Raises RequestError (400), NotFound (404), Refused when `permit` does, AuditUnavailable.
    """
    rules = rules_of(house).ruleset
    if hook_id not in rules.hooks:
        raise NotFound([Problem("Request", "no such service", remedy="see /cds-services")])
    items = read_feedback(document)
    codes = {reason.code for reason in rules.override_reasons}
    unknown: list[Problem] = []
    wrong: list[Problem] = []
    events: list[NewEvent] = []
    now = house.clock()
    for place, item in enumerate(items):
        path = f"Feedback.feedback[{place}]"
        card = house.ledger.card(item.card)
        if card is None or card.service != hook_id:
            unknown.append(Problem(f"{path}.card", "no such card of this service"))
            continue
        if permit is not None and card.person is not None:
            permit(card.person)
        wrong += _never_offered(item, card, codes, path)
        if item.at > now + CLOCKS_DIFFER:
            wrong.append(Problem(f"{path}.outcomeTimestamp", "is still to come"))
        payload = _payload(item, hook_id)
        key = f"{item.card}:{digest(canonical(payload))}"
        events.append(NewEvent(EventKind.FEEDBACK_RECEIVED, actor, now, card.person, payload, key=key))
    if unknown:
        raise NotFound(unknown)
    if wrong:
        raise RequestError(wrong)
    house.audit.append(events)
    return len(events)


def _never_offered(item: Feedback, card: Card, codes: Collection[str], path: str) -> Iterator[Problem]:
    if item.reason and item.reason["code"] not in codes:
        yield Problem(f"{path}.overrideReason.reason.code", "is not a reason the card offered")
    offered = {one["uuid"] for one in card.content.get("suggestions", ())}
    for place, suggestion in enumerate(item.suggestions):
        if suggestion not in offered:
            yield Problem(f"{path}.acceptedSuggestions[{place}].id", "is no suggestion of the card")


def _payload(item: Feedback, hook_id: str) -> dict[str, Any]:
    return {
        "card": item.card,
        "service": hook_id,
        "outcome": item.outcome,
        "at": item.at.isoformat(),
        "suggestions": list(item.suggestions),
        "reason": dict(item.reason),
        "comment": item.comment,
    }
