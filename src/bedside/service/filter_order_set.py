"""Shows an order set through a person's genes, writes what was hidden and why, and lets each change be
undone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bedside.decide.order_set import Disposition, filter_order_set
from bedside.errors import NotFound, Problem
from bedside.exchange.order_set import FilterRequest, read_filter_request, write_disposition
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.observation import digest
from bedside.knowledge.order_set import OrderSet
from bedside.knowledge.ruleset import Ruleset
from bedside.service.answer_hook import write_silence
from bedside.service.hook_inputs import Inputs, encode_inputs, name_of, relevant
from bedside.service.house import House
from bedside.service.moment_of import Permit, gather_moment, passed_over
from bedside.service.rules import rules_of
from bedside.store.encode import canonical


@dataclass(frozen=True, slots=True)
class Filtered:
    """The response, and the event that must be on disk before it is sent."""

    response: dict[str, Any]
    event: NewEvent


def filter_orders(
    house: House, document: object, *, actor: str = "order-set-filter", permit: Permit | None = None
) -> dict[str, Any]:
    """The response to a request, written to the ledger before this returns.

    Raises RequestError (400), NotFound (404), DataMissing (412), AuditUnavailable.
    """
    prepared = prepare_filter(house, document, actor=actor, permit=permit)
    house.audit.append((prepared.event,))
    return prepared.response


def prepare_filter(house: House, document: object, *, actor: str, permit: Permit | None = None) -> Filtered:
    """The response and its event, nothing written yet."""
    rules = rules_of(house)
    request = read_filter_request(document)
    order_set = chosen(rules.ruleset, request)
    now = house.clock()
    gathered = gather_moment(house, rules, request.moment, now.date(), permit)
    drugs = [
        drug
        for slot in order_set.slots
        for item in slot.items
        for drug in rules.ruleset.drugs.find(item.codes, item.text)
    ]
    calls = relevant(rules.ruleset, gathered.calls, [*drugs, *gathered.moment.drugs_taken])
    inputs = encode_inputs(Inputs("order-set-filter", request.moment.instance, gathered.moment, calls))
    name = name_of({**inputs, "order_set": order_set.id}, rules.ruleset)
    dispositions = filter_order_set(rules.ruleset, calls, order_set, gathered.moment)
    items = [_written(one, order_set, request) for one in dispositions]
    response = {
        "filter": name,
        "patientId": request.moment.patient,
        "orderSet": order_set.id,
        "title": order_set.title,
        "items": items,
        "knowledge": str(house.pgx.release),
        "rules": rules.ruleset.name,
        "reviewState": house.pgx.review_state,
    }
    payload = {
        "order_set": order_set.id,
        "user": request.moment.user,
        "rules": rules.ruleset.name,
        "inputs": inputs,
        "items": [item for item in items if item["disposition"] != "show" or item["reason"]],
        "silences": [write_silence(one) for one in passed_over(request.moment)],
        "response": digest(canonical(response)),
    }
    return Filtered(response, NewEvent(EventKind.ORDER_SET_FILTERED, actor, now, gathered.person, payload))


def chosen(rules: Ruleset, request: FilterRequest) -> OrderSet:
    """The order set that came with the request, or the one of this house it names."""
    if request.order_set is not None:
        return request.order_set
    found = rules.order_sets.get(request.order_set_id)
    if found is None:
        known = ", ".join(sorted(rules.order_sets))
        raise NotFound([Problem("Request.orderSet", "no such order set", remedy=f"known here: {known}")])
    return found


def undo_token(order_set: OrderSet, one: Disposition) -> str:
    """What asks for the item back: it names this item under these rules, and nothing about the person."""
    return digest(canonical([order_set.id, one.slot, one.item.id, list(one.rules)]))[:32]


def _written(one: Disposition, order_set: OrderSet, request: FilterRequest) -> dict[str, Any]:
    undo = undo_token(order_set, one)
    return write_disposition(one, undo, undo in request.restore)
