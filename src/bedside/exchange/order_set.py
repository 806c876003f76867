"""The request and response of `POST /order-set-filter`: an order set in Bedside's small form or as a FHIR
PlanDefinition.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bedside.decide.order_set import Disposition
from bedside.exchange.cds_hooks import Checker, HookRequest, read_prefetch
from bedside.exchange.fhir_read import codes_of, text_of
from bedside.genome.code import Code, System
from bedside.knowledge.order_set import OrderItem, OrderSet, Slot

MOST_ITEMS = 500


@dataclass(frozen=True, slots=True)
class FilterRequest:
    """Whose order set to filter. order_set is None when `order_set_id` names one of this house.

    restore: undo tokens of items the clinician wants back. moment: the request in the shape of a hook's.
    """

    moment: HookRequest
    order_set: OrderSet | None
    order_set_id: str
    restore: frozenset[str] = frozenset()


def read_filter_request(document: object) -> FilterRequest:
    """The request, or RequestError with every problem in it. `person` is understood in place of
    `patientId`.
    """
    check = Checker()
    body = check.mapping(document, "Request")
    check.finish()
    named = "patientId" if "patientId" in body or "person" not in body else "person"
    patient = check.text(body, named, "Request").removeprefix("Patient/")
    instance = check.text(body, "requestId", "Request", required=False)
    user = check.text(body, "userId", "Request", required=False)
    server = check.text(body, "fhirServer", "Request", required=False)
    prefetched = read_prefetch(body.get("prefetch"), patient, check)
    restore = body.get("restore", [])
    if not isinstance(restore, list) or not all(isinstance(token, str) for token in restore):
        check.wrong("Request.restore", "is no list of undo tokens")
        restore = []
    held = body.get("orderSet")
    order_set, name = _order_set(held, check)
    check.finish()
    moment = HookRequest(
        "order-set-filter",
        instance,
        user,
        patient,
        server,
        prefetch=prefetched.by_key,
        addresses=prefetched.addresses,
        passed_over=prefetched.passed_over,
    )
    return FilterRequest(moment, order_set, name, frozenset(restore))


def _order_set(held: object, check: Checker) -> tuple[OrderSet | None, str]:
    path = "Request.orderSet"
    if isinstance(held, str):
        return None, held
    body = check.mapping(held, path)
    if body.get("resourceType") == "PlanDefinition":
        slots = _actions(body, path, check)
    elif "slots" in body:
        slots = _slots(body.get("slots"), f"{path}.slots", check)
    else:
        return None, check.text(body, "id", path)
    count = sum(len(slot.items) for slot in slots)
    if not 0 < count <= MOST_ITEMS:
        check.wrong(path, f"holds {count} items where 1 to {MOST_ITEMS} belong")
    _unique(slots, path, check)
    return OrderSet(str(body.get("id", "")), str(body.get("title", "")), tuple(slots)), ""


def _unique(slots: Sequence[Slot], path: str, check: Checker) -> None:
    seen: set[tuple[str, str]] = set()
    for slot in slots:
        for item in slot.items:
            if (slot.id, item.id) in seen:
                check.wrong(path, "names a slot and item twice", "give each item its own id")
            seen.add((slot.id, item.id))


def _slots(held: object, path: str, check: Checker) -> list[Slot]:
    if not isinstance(held, list):
        check.wrong(path, "is no list")
        return []
    slots = []
    for place, entry in enumerate(held):
        body = check.mapping(entry, f"{path}[{place}]")
        items = body.get("items")
        if not isinstance(items, list):
            check.wrong(f"{path}[{place}].items", "is no list")
            continue
        name = check.text(body, "id", f"{path}[{place}]")
        read = tuple(_item(item, f"{path}[{place}].items[{n}]", check) for n, item in enumerate(items))
        slots.append(Slot(name, str(body.get("title", "")), read))
    return slots


def _item(held: object, path: str, check: Checker) -> OrderItem:
    body = check.mapping(held, path)
    name = check.text(body, "id", path)
    concept = body.get("medication", body.get("medicationCodeableConcept"))
    codes, text = _medication(concept)
    if body.get("rxnorm"):
        codes = (*codes, Code(System.RXNORM, str(body["rxnorm"])))
    return OrderItem(name, codes, text or str(body.get("text", "")))


def _medication(concept: object) -> tuple[tuple[Code, ...], str]:
    if isinstance(concept, str):
        return (), concept
    return codes_of(concept), text_of(concept)


def _actions(plan: Mapping[str, Any], path: str, check: Checker) -> list[Slot]:
    """A PlanDefinition: each action with actions inside is a slot; an action without is an item of its own
    slot.
    """
    actions = plan.get("action")
    if not isinstance(actions, list):
        check.wrong(f"{path}.action", "is no list")
        return []
    slots = []
    for place, action in enumerate(actions):
        body = check.mapping(action, f"{path}.action[{place}]")
        inner = body.get("action")
        members = inner if isinstance(inner, list) and inner else [body]
        name = str(body.get("id") or place)
        items = tuple(
            _action_item(check.mapping(member, f"{path}.action[{place}]"), n, plan)
            for n, member in enumerate(members)
        )
        slots.append(Slot(name, str(body.get("title", "")), items))
    return slots


def _action_item(action: Mapping[str, Any], place: int, plan: Mapping[str, Any]) -> OrderItem:
    concept = action.get("medicationCodeableConcept")
    wanted = str(action.get("definitionCanonical", "")).removeprefix("#")
    contained = plan.get("contained")
    for resource in contained if isinstance(contained, list) and wanted else []:
        if isinstance(resource, Mapping) and resource.get("id") == wanted:
            concept = resource.get("productCodeableConcept", resource.get("medicationCodeableConcept"))
    if concept is None and isinstance(action.get("code"), list) and action["code"]:
        concept = action["code"][0]
    codes, text = codes_of(concept), text_of(concept)
    return OrderItem(str(action.get("id") or place), codes, text or str(action.get("title", "")))


def write_disposition(one: Disposition, undo: str, restored: bool) -> dict[str, Any]:
    """One item of the response."""
    written: dict[str, Any] = {
        "id": one.item.id,
        "slot": one.slot,
        "text": one.item.text,
        "disposition": "show" if restored else one.handling.value,
        "reason": one.reason,
        "note": one.note,
        "rules": list(one.rules),
        "reviewState": one.review_state,
    }
    if one.urgency is not None:
        written["indicator"] = one.urgency.value
    if one.dose:
        written["dose"] = one.dose
    if one.replaced_by is not None and not restored:
        new = one.replaced_by.drug
        written["replacement"] = {
            "coding": [{"system": System.RXNORM.value, "code": new.rxnorm, "display": new.name}],
            "text": new.name,
        }
    if one.handling.value != "show":
        written["undo"] = undo
        written["restored"] = restored
    return written
