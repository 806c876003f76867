"""Whether the elements of a FHIR R4 resource that we read have the JSON kind that FHIR gives them.

Checked once where a request comes in, so that no reader meets a list where a text belongs. Elements we do not
read are left alone. Source: the R4 definitions of the resources in `READ` (hl7.org/fhir/R4).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

READ = frozenset(
    {"Condition", "Medication", "MedicationRequest", "MedicationStatement", "Observation", "Patient"}
)
DEEPEST = 100
_TEXTS = frozenset(
    {
        "birthDate", "display", "fullUrl", "gender", "id", "intent", "reference", "resourceType", "status",
        "system", "unit", "valueString",
    }
)  # fmt: skip
_OBJECTS = frozenset(
    {
        "clinicalStatus", "medicationCodeableConcept", "medicationReference", "patient", "subject",
        "valueCodeableConcept", "verificationStatus",
    }
)  # fmt: skip
_LISTS = frozenset({"coding", "component", "contained", "dosageInstruction", "doseAndRate", "ingredient"})

_CODED = frozenset({"coding", "doseQuantity", "valueQuantity"})
_WORDS: Mapping[type, str] = {str: "is no text", dict: "is no object", list: "is no list"}


def misshapen(value: object, path: str) -> Iterator[tuple[str, str]]:
    """Paths of elements with the wrong JSON kind, and what they are not; for a resource or a bundle."""
    if not isinstance(value, Mapping):
        return
    kind = value.get("resourceType")
    if not isinstance(kind, str):
        yield f"{path}.resourceType", "is no text"
    elif kind == "Bundle":
        yield from _bundle(value, path)
    elif kind in READ:
        yield from _element(value, path, "")


def misshapen_order_set(value: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    """The same for an order set, as a PlanDefinition or with items that hold CodeableConcepts."""
    yield from _element(value, path, "")


def _bundle(bundle: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    entries = bundle.get("entry", [])
    if not isinstance(entries, list):
        yield f"{path}.entry", "is no list"
        return
    for place, entry in enumerate(entries):
        where = f"{path}.entry[{place}]"
        if not isinstance(entry, Mapping):
            yield where, "is no object"
            continue
        if not isinstance(entry.get("fullUrl", ""), str):
            yield f"{where}.fullUrl", "is no text"
        if "resource" in entry:
            if not isinstance(entry["resource"], Mapping):
                yield f"{where}.resource", "is no object"
            yield from misshapen(entry["resource"], f"{where}.resource")


def _element(element: Mapping[str, Any], path: str, within: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    """`within`: the name of the element this one stands in, "" for a resource."""
    if depth > DEEPEST:
        yield path, "is nested too deeply to be read"
        return
    for name, value in element.items():
        where = f"{path}.{name}"
        wanted = _kind(name, "" if "resourceType" in element else within)
        if value is None:
            continue
        if wanted is not None and not isinstance(value, wanted):
            yield where, _WORDS[wanted]
        elif isinstance(value, Mapping):
            yield from _element(value, where, name, depth + 1)
        elif isinstance(value, list):
            yield from _items(value, where, name, depth + 1)


def _kind(name: str, within: str) -> type | None:
    """The JSON kind of an element; None for those that are not read."""
    if name in _TEXTS or (name == "text" and within):
        return str
    if name == "code":
        return str if within in _CODED else dict if within in ("", "component") else None
    if name in _OBJECTS:
        return dict
    return list if name in _LISTS else None


def _items(items: list[Any], path: str, name: str, depth: int) -> Iterator[tuple[str, str]]:
    for place, item in enumerate(items):
        where = f"{path}[{place}]"
        if isinstance(item, Mapping):
            yield from _element(item, where, name, depth)
        elif name in _LISTS:
            yield where, "is no object"
