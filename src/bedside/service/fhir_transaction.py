"""Several resources taken together: references between them resolved, all of them written or none.

A bundle that holds an order, as Bedside sends orders out, is taken as that order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from bedside.errors import IntakeError, RequestError, StoreError
from bedside.exchange.fhir_address import addresses_of, lookup
from bedside.exchange.fhir_programme import HEARD_TYPES
from bedside.exchange.fhir_taken import Unprocessable
from bedside.exchange.order_fhir import read_order_bundle
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.order import plain_order
from bedside.service.fhir_record import FhirIds
from bedside.service.fhir_write import CREATED, WRITTEN, Brought, Conflict, Taken, Writing
from bedside.service.house import House
from bedside.service.record_ids import record_ids
from bedside.store.ledger import Overtaken, Unless

TAKEN_IN_TURN = ("Patient", "Condition", "MedicationStatement", "MedicationRequest")
OF_ORDER = frozenset({"Patient", "Specimen", "Observation", "ServiceRequest"})
MOST_ENTRIES = 500
_TRIES = 8
Resource = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes: permit raises Refused for a person that the caller may not open. limited: whether the
    caller may open some records only."""

    house: House
    actor: str
    permit: Callable[[str], None]
    limited: bool = False


def write_one(writer: Writer, brought: Brought) -> Taken:
    """Take one resource."""
    (taken,) = _write(writer, lambda writing: [writing.take(brought)])
    return cast(Taken, taken)


def write_bundle(writer: Writer, bundle: Resource) -> list[Taken | None]:
    """Take every entry or none; for each what became of it, None for what is kept as a part of another."""
    entries = entries_of(bundle)
    kinds = {entry["resource"]["resourceType"] for entry in entries}
    if "ServiceRequest" in kinds:
        return _write(writer, lambda writing: _order(writing, bundle, entries, kinds))
    return _write(writer, lambda writing: _gathered(writing, entries))


def _write(writer: Writer, gather: Callable[[Writing], list[Any]]) -> list[Any]:
    """Gather and write in one transaction; again when something it looked at was written meanwhile."""
    house = writer.house
    for _ in range(_TRIES):
        after = house.ledger.checkpoint().sequence
        known = record_ids(house.ledger)
        if known is None:
            raise StoreError("the record is empty")
        writing = Writing(house, FhirIds(known), writer.actor, writer.permit, writer.limited)
        taken = gather(writing)
        try:
            house.ledger.append(writing.events, unless=Unless(WRITTEN[0], after, WRITTEN[1:]))
        except Overtaken:
            continue
        return taken
    raise StoreError("the record keeps being written to; send it again")


def entries_of(bundle: Resource) -> list[dict[str, Any]]:
    """The entries of a bundle, each with a resource and a request; raises `RequestError`."""
    entries = bundle.get("entry", [])
    if not isinstance(entries, list) or len(entries) > MOST_ENTRIES:
        raise RequestError.one("Bundle.entry", f"is no list of at most {MOST_ENTRIES}")
    for place, entry in enumerate(entries):
        resource = entry.get("resource") if isinstance(entry, Mapping) else None
        request = entry.get("request") if isinstance(entry, Mapping) else None
        where = f"Bundle.entry[{place}]"
        if not isinstance(request, Mapping) or not isinstance(request.get("method"), str):
            raise RequestError.one(f"{where}.request", "is needed, with a method")
        if request["method"] not in ("POST", "PUT"):
            remedy = "read and search by requests of their own; nothing is deleted over FHIR"
            raise Unprocessable.one(f"{where}.request.method", "only POST and PUT are taken", remedy=remedy)
        if not isinstance(resource, Mapping) or not isinstance(resource.get("resourceType"), str):
            raise RequestError.one(f"{where}.resource", "is no resource")
        if not isinstance(entry.get("fullUrl", ""), str) or not isinstance(request.get("url"), str):
            raise RequestError.one(where, "its fullUrl or request.url is no text")
    return list(entries)


def brought_of(entry: Resource, resource: Resource) -> Brought:
    """An entry as it is to be taken; raises `RequestError`."""
    request, kind = entry["request"], resource["resourceType"]
    named, _, identity = str(request["url"]).partition("/")
    if named.partition("?")[0] != kind or bool(identity) != (request["method"] == "PUT"):
        remedy = "POST to the type, PUT to the type and id"
        raise RequestError.one("request.url", "does not fit its method and resource", remedy=remedy)
    unless, match = request.get("ifNoneExist", ""), request.get("ifMatch", "")
    if not isinstance(unless, str) or not isinstance(match, str):
        raise RequestError.one("request", "ifNoneExist and ifMatch are texts")
    return Brought(resource, identity, unless, match)


def _gathered(writing: Writing, entries: Sequence[Resource]) -> list[Taken | None]:
    """Each entry taken, people first, then what others may refer to."""
    at_hand = addresses_of((str(one.get("fullUrl", "")), one["resource"]) for one in entries)
    references: dict[str, str] = {}
    found: dict[int, Taken | None] = {}
    turns = sorted(range(len(entries)), key=lambda place: _turn(entries[place]["resource"]))
    for place in turns:
        entry = entries[place]
        kind = entry["resource"]["resourceType"]
        if kind == "Medication":
            found[place] = None
            continue
        if kind not in (*CREATED, *HEARD_TYPES):
            reason = f"{str(kind)[:40]} is not taken in a transaction"
            raise Unprocessable.one(
                f"Bundle.entry[{place}]", reason, remedy=", ".join((*CREATED, *HEARD_TYPES))
            )
        resource = resolved(with_medication(entry["resource"], at_hand), references)
        taken = writing.take(brought_of(entry, resource))
        if any(_same(taken, one) for one in found.values() if one is not None):
            raise RequestError.one(f"Bundle.entry[{place}]", "is the same resource as another entry")
        found[place] = taken
        if entry.get("fullUrl"):
            references[entry["fullUrl"]] = reference_of(writing.ids, taken)
    return [found[place] for place in range(len(entries))]


def _same(one: Taken, other: Taken) -> bool:
    return (one.kind, one.person, one.name) == (other.kind, other.person, other.name)


def _turn(resource: Resource) -> int:
    kind = resource["resourceType"]
    return TAKEN_IN_TURN.index(kind) if kind in TAKEN_IN_TURN else len(TAKEN_IN_TURN)


def reference_of(ids: FhirIds, taken: Taken) -> str:
    """How a resource is referred to."""
    patient = taken.kind == "Patient"
    return f"{taken.kind}/{ids.patient(taken.person) if patient else ids.resource(taken.person, taken.name)}"


def with_medication(resource: Resource, at_hand: Mapping[str, Resource]) -> Resource:
    """A prescription with its drug in it, where it refers to a Medication that came with it."""
    referred = resource.get("medicationReference")
    if not isinstance(referred, Mapping):
        return resource
    reference = str(referred.get("reference", ""))
    contained = resource.get("contained")
    inside = contained if isinstance(contained, list) else []
    found = lookup(reference, at_hand)
    if reference.startswith("#"):
        mine = (one for one in inside if isinstance(one, Mapping) and one.get("id") == reference[1:])
        found = next(mine, None)
    if found is None or not isinstance(found.get("code"), Mapping):
        return resource
    left = {
        name: value for name, value in resource.items() if name not in ("medicationReference", "contained")
    }
    others = [one for one in inside if one is not found]
    return {**left, "medicationCodeableConcept": found["code"]} | ({"contained": others} if others else {})


def resolved(value: Any, references: Mapping[str, str]) -> Any:
    """A resource in which references to other entries lead to what became of them; raises `Unprocessable`
    where one leads nowhere."""
    if isinstance(value, list):
        return [resolved(one, references) for one in value]
    if not isinstance(value, Mapping):
        return value
    made = {name: resolved(one, references) for name, one in value.items()}
    reference = made.get("reference")
    if isinstance(reference, str) and reference in references:
        made["reference"] = references[reference]
    elif isinstance(reference, str) and reference.startswith("urn:uuid:"):
        raise Unprocessable.one("Bundle", "a reference leads to no entry that was taken before it")
    return made


def _order(
    writing: Writing, bundle: Resource, entries: Sequence[Resource], kinds: set[str]
) -> list[Taken | None]:
    """An order as Bedside sends orders out, with its patient."""
    if not kinds <= OF_ORDER:
        raise Unprocessable.one("Bundle", "an order comes with its patient, specimen and answers only")
    try:
        order = read_order_bundle(bundle)
    except IntakeError as error:
        raise Unprocessable(error.problems) from error
    found: list[Taken | None] = [None] * len(entries)
    for place, entry in enumerate(entries):
        if entry["resource"]["resourceType"] == "Patient":
            found[place] = writing.take(brought_of(entry, entry["resource"]))
    patients = [one for one in found if one is not None]
    if len(patients) != 1:
        raise Unprocessable.one("Bundle", "an order is about one patient, who comes with it")
    person = patients[0].person
    held = writing.house.ledger.find(EventKind.ORDER_PLACED, order.order)
    if held is not None and (held.person != person or held.payload["order"] != plain_order(order)):
        raise Conflict.one("ServiceRequest.identifier", "another order has this number")
    if held is None:
        payload = {"order": plain_order(order), "digest": order.digest, "advice": "", "gaps": []}
        now = order.placed_at
        writing.events.append(
            NewEvent(EventKind.ORDER_PLACED, writing.actor, now, person, payload, order.order)
        )
    for place, entry in enumerate(entries):
        if entry["resource"]["resourceType"] == "ServiceRequest":
            found[place] = Taken("ServiceRequest", person, f"order/{order.order}", held is None, held is None)
    return found
