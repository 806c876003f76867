"""The request and response of `POST /order-set-filter`: an order set in Bedside's small form or as a FHIR
PlanDefinition.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bedside.decide.order_set import Disposition
from bedside.exchange.cds_hooks import Checker, HookRequest, check_shapes, read_prefetch
from bedside.exchange.fhir_read import codes_of, text_of
from bedside.exchange.fhir_shape import misshapen_order_set
from bedside.genome.code import Code, System
from bedside.knowledge.order_set import OrderItem, OrderSet, Slot

MOST_ITEMS = 500
DEEPEST_GROUP = 20


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
    check_shapes(body, {}, check)
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
    crooked = list(misshapen_order_set(body, path))
    for where, reason in crooked:
        check.wrong(where, reason)
    if crooked:
        return None, ""
    if body.get("resourceType") == "PlanDefinition":
        slots = _actions(body, path, check)
    elif "slots" in body:
        slots = _slots(body.get("slots"), f"{path}.slots", check)
    else:
        return None, check.text(body, "id", path)
    count = sum(len(slot.items) for slot in slots)
    if count > MOST_ITEMS or (not count and not check.problems):
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
    """A PlanDefinition: each action with actions inside is a slot, at whatever depth; an action without is an
    item of the slot around it, or of its own.
    """
    slots = []
    for place, (body, where) in enumerate(_inner(plan, path, check)):
        held = _inner(body, where, check)
        name = str(body.get("id") or place)
        if held:
            slots += _group(body, name, held, plan, check)
        else:
            slots.append(Slot(name, _title(body), (_action_item(body, "0", plan),)))
    return slots


def _group(
    group: Mapping[str, Any],
    name: str,
    members: Sequence[tuple[Mapping[str, Any], str]],
    plan: Mapping[str, Any],
    check: Checker,
    depth: int = 1,
) -> list[Slot]:
    """The slot that an action with these actions inside makes, and those of the groups among them."""
    items = [_action_item(group, "group", plan)] if _ordered(group, plan) is not None else []
    below: list[Slot] = []
    for place, (body, where) in enumerate(members):
        held = _inner(body, where, check)
        if not held:
            items.append(_action_item(body, str(place), plan))
        elif depth == DEEPEST_GROUP:
            check.wrong(f"{where}.action", f"is nested deeper than {DEEPEST_GROUP} groups")
        else:
            below += _group(body, str(body.get("id") or f"{name}.{place}"), held, plan, check, depth + 1)
    return [*([Slot(name, _title(group), tuple(items))] if items else []), *below]


def _inner(body: Mapping[str, Any], path: str, check: Checker) -> list[tuple[Mapping[str, Any], str]]:
    """The actions inside, each with its path; none where an action has no actions."""
    actions = body.get("action", [] if "resourceType" not in body else None)
    if not isinstance(actions, list):
        check.wrong(f"{path}.action", "is no list")
        return []
    where = [f"{path}.action[{place}]" for place in range(len(actions))]
    return [(check.mapping(one, at), at) for one, at in zip(actions, where, strict=True)]


def _title(body: Mapping[str, Any]) -> str:
    return str(body.get("title", ""))


def _action_item(action: Mapping[str, Any], name: str, plan: Mapping[str, Any]) -> OrderItem:
    concept = _ordered(action, plan)
    return OrderItem(
        str(action.get("id") or name), codes_of(concept), text_of(concept) or str(action.get("title", ""))
    )


def _ordered(action: Mapping[str, Any], plan: Mapping[str, Any]) -> object:
    """What an action itself orders: its medication, that of the definition it names, or its code."""
    concept = action.get("medicationCodeableConcept")
    wanted = str(action.get("definitionCanonical", "")).removeprefix("#")
    contained = plan.get("contained")
    for resource in contained if isinstance(contained, list) and wanted else []:
        if isinstance(resource, Mapping) and resource.get("id") == wanted:
            concept = resource.get("productCodeableConcept", resource.get("medicationCodeableConcept"))
    if concept is None and isinstance(action.get("code"), list) and action["code"]:
        concept = action["code"][0]
    return concept


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
