"""Which slice of an element a value belongs to, by the discriminators of the definition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bedside.exchange.fhir_primitive import has_pattern, many
from bedside.exchange.fhir_resolve import Resolver
from bedside.knowledge.fhir_elements import Element, Type
from bedside.knowledge.fhir_profiles import FhirProfiles, Profile

Json = Mapping[str, Any]


def of_type(name: str, stem: str, types: Mapping[str, Profile]) -> str:
    """The type that the name of a choice ends with (`valueQuantity`: Quantity); empty for other names."""
    rest = name[len(stem) :] if name.startswith(stem) else ""
    if not rest[:1].isupper():
        return ""
    return (
        rest if rest in types else rest[0].lower() + rest[1:] if rest[0].lower() + rest[1:] in types else ""
    )


def matching(
    item: object,
    kind: Type,
    element: Element,
    known: FhirProfiles,
    resolver: Resolver,
    inside: Sequence[Json],
) -> Element | None:
    """The slice that a value belongs to; None when it belongs to none."""
    for one in element.slices:
        if element.discriminators and all(
            _told(item, kind, one, of.kind, of.path, known, resolver, inside) for of in element.discriminators
        ):
            return one
    return None


def _told(
    item: object,
    kind: Type,
    one: Element,
    how: str,
    path: str,
    known: FhirProfiles,
    resolver: Resolver,
    inside: Sequence[Json],
) -> bool:
    """Whether one discriminator puts a value into a slice."""
    if how == "type":
        return kind.code in {of.code for of in one.types}
    if how == "profile":
        wanted = {url for of in one.types for url in of.targets}
        found = resolver.resource(item, inside) if isinstance(item, Mapping) else None
        claims = many((found or {}).get("meta", {}).get("profile", []))
        return bool(wanted & {str(claim).partition("|")[0] for claim in claims})
    if path == "url":
        urls = {url for of in one.types for url in of.profiles}
        if urls:
            return isinstance(item, Mapping) and item.get("url") in urls
    return _agrees(item, one, [] if path == "$this" else path.split("."))


def _agrees(item: object, element: Element, path: list[str]) -> bool:
    """Whether the value at the path has what the slice fixes there."""
    if not path:
        return _constrained(element) and _has(item, element)
    if not isinstance(item, Mapping) or path[0] not in item:
        return False
    child = next((of for of in element.children if of.name == path[0]), None)
    if child is None:
        pattern = element.pattern if isinstance(element.pattern, Mapping) else {}
        return path[0] in pattern and has_pattern(item[path[0]], pattern[path[0]])
    return any(_agrees(one, child, path[1:]) for one in many(item[path[0]]))


def _constrained(element: Element) -> bool:
    own = element.fixed is not None or element.pattern is not None
    return own or any(_constrained(child) for child in element.children)


def _has(item: object, element: Element) -> bool:
    """Whether a value has all that is fixed in an element and inside it."""
    if element.fixed is not None and item != element.fixed:
        return False
    if element.pattern is not None and not has_pattern(item, element.pattern):
        return False
    for child in element.children:
        if not _constrained(child):
            continue
        if not isinstance(item, Mapping) or child.name not in item:
            return False
        if not any(_has(one, child) for one in many(item[child.name])):
            return False
    return True
