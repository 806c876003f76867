"""One FHIR document as resources that can be found: a Bundle, or a resource with what it contains. What it
means is not looked at here; that it is whole, about one patient and of the shape that FHIR gives it, is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bedside.errors import IntakeError, Problem
from bedside.exchange.fhir_address import relative
from bedside.exchange.fhir_shape import READ, misshapen_order_set
from bedside.exchange.json_places import SOURCE, Placed, read_json
from bedside.genome.reported import JsonPlace

Resource = Mapping[str, Any]
BUNDLES = frozenset({"transaction", "collection", "document", "batch", "searchset"})
_CHECKED = READ | {
    "DiagnosticReport",
    "Organization",
    "Practitioner",
    "Procedure",
    "ServiceRequest",
    "Specimen",
}
_WHOSE = ("subject", "patient", "for", "individual", "beneficiary")
_PARTS = ("result", "derivedFrom", "hasMember")
_STEP = re.compile(r"\[(\d+)\]|\.")
_MOST_PROBLEMS = 50


@dataclass(frozen=True, slots=True)
class Found:
    """A resource of the document. local: what it contains or stands beside, by id. within: the type of the
    resource that contains it, "" when none does."""

    resource: Resource
    place: JsonPlace
    local: Mapping[str, Resource]
    within: str = ""

    @property
    def kind(self) -> str:
        """Its resourceType."""
        return str(self.resource.get("resourceType", ""))


@dataclass(frozen=True, slots=True, eq=False)
class FhirDocument:
    """A document as read. root: its outermost resource. patient: the one it is about, None when it is not
    in the document; asked: the reference by which it is named then."""

    placed: Placed
    root: Resource
    found: tuple[Found, ...]
    addresses: Mapping[str, Found]
    patient: Resource | None
    asked: Mapping[str, Any]

    def of(self, *kinds: str) -> tuple[Found, ...]:
        """The resources of some types, in the document's order."""
        return tuple(one for one in self.found if one.kind in kinds)

    def follow(self, reference: object, of: Found) -> Found | None:
        """What a Reference in a resource leads to; None when it is not in the document."""
        written = _reference(reference)
        if written.startswith("#"):
            held = of.local.get(written[1:])
            return None if held is None else self._holding(held)
        return self.addresses.get(written) or self.addresses.get(relative(written))

    def _holding(self, resource: Resource) -> Found:
        return next(one for one in self.found if one.resource is resource)


def read_document(content: bytes) -> FhirDocument:
    """Raises `IntakeError` with every place where the document is not whole, or not about one patient."""
    placed = read_json(content)
    root = placed.value
    if not isinstance(root, dict) or not isinstance(root.get("resourceType"), str):
        raise IntakeError.one(SOURCE, "/: is no FHIR resource", remedy="send a Bundle or a DiagnosticReport")
    problems: list[Problem] = []
    found: list[Found] = []
    addresses: dict[str, Found] = {}
    for address, resource, pointer in _entries(root, problems):
        problems += _shape(resource, pointer)
        several = list(_with_contained(placed, resource, problems))
        found += several
        _name(several[0], address, addresses, problems)
    if problems:
        raise IntakeError(problems[:_MOST_PROBLEMS])
    document = FhirDocument(placed, root, tuple(found), addresses, None, {})
    problems += _missing(document)
    patient, asked = _patient(document, problems)
    if problems:
        raise IntakeError(problems[:_MOST_PROBLEMS])
    return FhirDocument(placed, root, tuple(found), addresses, patient, asked)


def _problem(pointer: str, reason: str, remedy: str = "send it again as FHIR R4 has it") -> Problem:
    return Problem(SOURCE, f"{pointer or '/'}: {reason}", remedy=remedy)


def _entries(root: Resource, problems: list[Problem]) -> Iterator[tuple[str, Resource, str]]:
    """Address, resource and pointer of each entry, or of the resource that stands alone."""
    if root["resourceType"] != "Bundle":
        yield "", root, ""
        return
    if str(root.get("type")) not in BUNDLES:
        problems.append(
            _problem("/type", "is no type of Bundle that brings results", ", ".join(sorted(BUNDLES)))
        )
        return
    entries = root.get("entry", [])
    if not isinstance(entries, list):
        problems.append(_problem("/entry", "is no list"))
        return
    for number, entry in enumerate(entries):
        pointer = f"/entry/{number}"
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
            problems.append(_problem(pointer, "holds no resource"))
            continue
        address, request = entry.get("fullUrl", ""), entry.get("request", {})
        if not isinstance(address, str):
            problems.append(_problem(f"{pointer}/fullUrl", "is no text"))
            continue
        if isinstance(request, dict) and request.get("method", "POST") not in ("POST", "PUT", "GET"):
            problems.append(_problem(f"{pointer}/request", "asks for something other than to be taken"))
        if resource["resourceType"] in ("Bundle", "OperationOutcome"):
            problems += _inner(resource, f"{pointer}/resource")
            continue
        yield address, resource, f"{pointer}/resource"


def _inner(resource: Resource, pointer: str) -> Iterator[Problem]:
    if resource["resourceType"] == "Bundle":
        yield _problem(pointer, "is a Bundle inside a Bundle", "send one result a document")
        return
    issues = resource.get("issue")
    for issue in issues if isinstance(issues, list) else []:
        if not isinstance(issue, dict) or issue.get("severity") not in ("information", "warning"):
            yield _problem(pointer, "says that the sender's own search failed", "ask the sender again")
            return


def _shape(resource: Resource, pointer: str) -> Iterator[Problem]:
    if resource["resourceType"] in _CHECKED:
        for path, reason in misshapen_order_set(resource, ""):
            yield _problem(pointer + _STEP.sub(lambda step: f"/{step[1] or ''}", path), reason)


def _with_contained(placed: Placed, resource: Resource, problems: list[Problem]) -> Iterator[Found]:
    """A resource, and each that it contains, which share their local addresses."""
    contained = resource.get("contained", [])
    place = placed.of(resource)
    local: dict[str, Resource] = {}
    inner = []
    for number, one in enumerate(contained if isinstance(contained, list) else []):
        pointer = f"{place.pointer}/contained/{number}"
        if not isinstance(one, dict) or not isinstance(one.get("resourceType"), str):
            problems.append(_problem(pointer, "is no resource"))
            continue
        problems += _shape(one, pointer)
        identity = one.get("id")
        if isinstance(identity, str):
            if identity in local:
                problems.append(_problem(pointer, "has an id that another has"))
            local[identity] = one
        inner.append(one)
    yield Found(resource, place, local)
    yield from (Found(one, placed.of(one), local, resource["resourceType"]) for one in inner)


def _name(one: Found, address: str, addresses: dict[str, Found], problems: list[Problem]) -> None:
    identity = one.resource.get("id")
    names = {address} if address else set()
    if isinstance(identity, str) and identity:
        names.add(f"{one.kind}/{identity}")
    for name in names:
        if name in addresses:
            problems.append(_problem(one.place.pointer, "has an address that another resource has"))
        addresses.setdefault(name, one)


def _reference(value: object) -> str:
    written = value.get("reference") if isinstance(value, Mapping) else None
    return written if isinstance(written, str) else ""


def _missing(document: FhirDocument) -> Iterator[Problem]:
    """Parts of the result that are spoken of and are not in the document."""
    for one in document.found:
        for name in _PARTS:
            several = one.resource.get(name, [])
            for number, reference in enumerate(several if isinstance(several, list) else [several]):
                if _is_part(_reference(reference)) and document.follow(reference, one) is None:
                    pointer = f"{one.place.pointer}/{name}/{number}"
                    yield _problem(pointer, "leads to nothing in the document", "send the whole result")


def _is_part(written: str) -> bool:
    return written.startswith(("#", "urn:")) or "Observation" in written.split("/")


def _patient(document: FhirDocument, problems: list[Problem]) -> tuple[Resource | None, Mapping[str, Any]]:
    """The patient, whom every resource must be about; else how they are named."""
    patients = document.of("Patient")
    for other in patients[1:]:
        problems.append(_problem(other.place.pointer, "is a second patient", "send one patient a document"))
    patient = patients[0].resource if patients else None
    asked: dict[str, Mapping[str, Any]] = {}
    for one in document.found:
        for name in _WHOSE if one.kind != "Patient" else ():
            reference = one.resource.get(name)
            if not isinstance(reference, Mapping):
                continue
            pointer = f"{one.place.pointer}/{name}"
            if one.local and _reference(reference) == "#":
                continue
            led = document.follow(reference, one)
            if led is not None and led.kind != "Patient":
                problems.append(_problem(pointer, "is about something other than a patient"))
            elif led is None and patient is not None and _reference(reference):
                problems.append(_problem(pointer, "is about a patient who is not in the document"))
            elif led is None:
                asked.setdefault(_key(reference), reference)
    if patient is None and len(asked) > 1:
        problems.append(_problem("", "is about several patients", "send one patient a document"))
    return patient, next(iter(asked.values()), {})


def _key(reference: Mapping[str, Any]) -> str:
    identifier = reference.get("identifier")
    value = identifier.get("value") if isinstance(identifier, Mapping) else ""
    return _reference(reference) or str(value or reference.get("display", ""))
