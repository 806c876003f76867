"""Where references lead: to resources contained, in the same bundle, or beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Json = Mapping[str, Any]
_RELATIVE = re.compile(r"(?:.*/)?([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/.+)?")


class Resolver:
    """Resources by their full address and by `Type/id`."""

    def __init__(self, roots: Sequence[Json]) -> None:
        self._by_address: dict[str, Json] = {}
        for root in roots:
            for url, resource in _all(root, ""):
                if url:
                    self._by_address[url] = resource
                if "id" in resource:
                    self._by_address[f"{resource.get('resourceType')}/{resource['id']}"] = resource

    def resource(self, reference: Json, inside: Sequence[Json]) -> Json | None:
        """The resource a reference leads to, if it is at hand. inside: the resources around the reference."""
        to = reference.get("reference")
        if not isinstance(to, str):
            return None
        if to.startswith("#"):
            held = [one for outer in inside for one in outer.get("contained", []) if isinstance(one, Mapping)]
            return next((one for one in held if f"#{one.get('id')}" == to), None)
        if to in self._by_address:
            return self._by_address[to]
        found = _RELATIVE.fullmatch(to)
        return self._by_address.get("/".join(found.groups())) if found else None

    def type_of(self, reference: Json, inside: Sequence[Json]) -> str:
        """The type of what a reference leads to; empty when nothing tells."""
        resource = self.resource(reference, inside)
        if resource is not None:
            return str(resource.get("resourceType", ""))
        found = _RELATIVE.fullmatch(str(reference.get("reference", "")))
        return found.group(1) if found else str(reference.get("type", "")).rpartition("/")[2]

    def dangling(self, reference: Json, inside: Sequence[Json]) -> bool:
        """Whether it names a contained resource that is not there."""
        to = str(reference.get("reference", ""))
        return to.startswith("#") and to != "#" and self.resource(reference, inside) is None


def _all(resource: Json, url: str) -> Iterator[tuple[str, Json]]:
    """A resource and all in its entries and parameters."""
    yield url, resource
    for entry in resource.get("entry", []) if isinstance(resource.get("entry"), list) else []:
        if isinstance(entry, Mapping) and isinstance(entry.get("resource"), Mapping):
            yield from _all(entry["resource"], str(entry.get("fullUrl", "")))
    yield from _parts(resource.get("parameter"))


def _parts(parts: object) -> Iterator[tuple[str, Json]]:
    for part in parts if isinstance(parts, list) else []:
        if isinstance(part, Mapping):
            if isinstance(part.get("resource"), Mapping):
                yield from _all(part["resource"], "")
            yield from _parts(part.get("part"))
