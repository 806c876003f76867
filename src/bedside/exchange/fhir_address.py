"""Which resource a FHIR reference leads to, and whom a resource is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Resource = Mapping[str, Any]

WITHOUT_SUBJECT = frozenset({"Observation", "Medication", "OperationOutcome"})
"""Types that FHIR R4 lets go without a subject; any other must say whom it is about."""


def entries_of(value: object) -> Iterator[tuple[str, Resource]]:
    """The address and resource of each entry of a bundle, of a resource that stands alone, or nothing."""
    if not isinstance(value, Mapping):
        return
    if value.get("resourceType") != "Bundle":
        yield "", value
        return
    entries = value.get("entry")
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, Mapping) and isinstance(entry.get("resource"), Mapping):
            yield str(entry.get("fullUrl", "")), entry["resource"]


def addresses_of(entries: Iterable[tuple[str, Resource]]) -> Mapping[str, Resource]:
    """The resources by every address that a reference may use: the entry's own, and `Type/id`."""
    found: dict[str, Resource] = {}
    for address, resource in entries:
        if resource.get("id"):
            found.setdefault(f"{resource.get('resourceType')}/{resource['id']}", resource)
        if address:
            found[address] = resource
    return found


def relative(reference: str) -> str:
    """`Type/id` of a reference that may name a server before it and a version after it."""
    return "/".join(reference.split("/_history/")[0].split("/")[-2:])


def lookup(reference: str, addresses: Mapping[str, Resource]) -> Resource | None:
    """The resource a reference leads to, None when it is not among those at hand."""
    return addresses.get(reference) or addresses.get(relative(reference))


def is_about(resource: Resource, patient: str, addresses: Mapping[str, Resource]) -> bool:
    """Whether the resource can be used for the patient with this id.

    A subject that leads to anybody else, or that cannot be followed, is not the patient. Without a subject,
    only types that FHIR lets go without one are taken as the patient's, since they came in the patient's
    request.
    """
    kind = resource.get("resourceType")
    if kind == "Patient":
        return resource.get("id") in (None, patient)
    subject = resource.get("subject", resource.get("patient"))
    if subject is None:
        return kind in WITHOUT_SUBJECT
    reference = subject.get("reference") if isinstance(subject, Mapping) else None
    return isinstance(reference, str) and _leads_to(reference, patient, addresses)


def _leads_to(reference: str, patient: str, addresses: Mapping[str, Resource]) -> bool:
    if relative(reference) == f"Patient/{patient}" or reference == f"#{patient}":
        return True
    if not reference.startswith("urn:"):
        return False
    held = addresses.get(reference)
    if held is None:
        return reference == f"urn:uuid:{patient}"
    return held.get("resourceType") == "Patient" and held.get("id") == patient
