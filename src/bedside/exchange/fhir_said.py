"""What a FHIR document says of itself: whose result it is, of which order, from whom, how final. A status
is told in HL7's letters, as for every format.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from bedside.errors import IntakeError, Problem
from bedside.exchange.fhir_document import FhirDocument, Found
from bedside.exchange.json_places import SOURCE, Number
from bedside.exchange.said import CANCELLED, PRELIMINARY, Said, SaidIdentifier, SaidPatient
from bedside.genome.observation import digest
from bedside.genome.person import Sex

STATUS: Mapping[str, str] = {
    "final": "F",
    "amended": "C",
    "corrected": "C",
    "appended": "C",
    "registered": PRELIMINARY,
    "partial": PRELIMINARY,
    "preliminary": PRELIMINARY,
    "cancelled": CANCELLED,
    "entered-in-error": CANCELLED,
}
"""FHIR's status of a report or an observation → HL7's letter; any other is refused."""
_SEXES = {"male": Sex.MALE, "female": Sex.FEMALE, "other": Sex.OTHER}
_USES = ("official", "usual", "", "temp")
_TEST = "HTEST"
_VERSION = frozenset({"lastUpdated", "versionId"})
_ENVELOPE = frozenset({"id", "meta", "timestamp", "identifier", "link", "total", "signature", "text"})


def said_of(document: FhirDocument) -> Said:
    """Raises `IntakeError` when it is not one result."""
    reports = document.of("DiagnosticReport")
    if len(reports) > 1:
        reason = f"{reports[1].place.pointer}: is a second report"
        raise IntakeError.one(SOURCE, reason, remedy="send one report a document")
    report = reports[0] if reports else None
    problems = list(_unknown_status(document))
    if problems:
        raise IntakeError(problems)
    sender = _sender(document, report)
    specimens = document.of("Specimen")
    specimen = specimens[0].resource if len(specimens) == 1 else {}
    collection = specimen.get("collection")
    return Said(
        control_id=str(_text(document.root.get("id")) or "-"),
        sender=sender,
        processing="T" if _is_test(document) else "P",
        patient=_patient(document),
        placer=next(iter(placers(document)), ""),
        filler="" if report is None else _filler(document, report, sender),
        status=_status(document, report),
        reported_at=_reported(document, report),
        collected_at=moment(collection.get("collectedDateTime")) if isinstance(collection, Mapping) else None,
        received_at=moment(specimen.get("receivedTime")),
        content=digest(_canonical(document).encode()),
    )


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _maps(value: object) -> Iterator[Mapping[str, Any]]:
    return (one for one in _items(value) if isinstance(one, Mapping))


def _unknown_status(document: FhirDocument) -> Iterator[Problem]:
    for one in document.of("DiagnosticReport", "Observation"):
        if one.resource.get("status") not in STATUS:
            remedy = ", ".join(STATUS)
            yield Problem(SOURCE, f"{one.place.pointer}/status: is no status that is known", remedy=remedy)


def _status(document: FhirDocument, report: Found | None) -> str:
    if report is not None:
        return STATUS[report.resource["status"]]
    said = {STATUS[one.resource["status"]] for one in document.of("Observation")}
    said |= {"F" for _ in document.of("Condition")}
    for letter in ("C", "F", PRELIMINARY):
        if letter in said:
            return letter
    return CANCELLED if said else PRELIMINARY


def _patient(document: FhirDocument) -> SaidPatient:
    known = document.patient
    if known is None:
        number = document.asked.get("identifier")
        return SaidPatient(tuple(_numbers([number])), "", "", None, Sex.UNKNOWN)
    return patient_said(known)


def patient_said(known: Mapping[str, Any]) -> SaidPatient:
    """The patient as a Patient resource names them."""
    name = _name(known)
    given = [_text(one) for one in _items(name.get("given")) if _text(one)]
    return SaidPatient(
        identifiers=tuple(dict.fromkeys(_numbers(known.get("identifier")))),
        family=_text(name.get("family")),
        given=given[0] if given else "",
        birth_date=_day(known.get("birthDate")),
        sex=_SEXES.get(_text(known.get("gender")), Sex.UNKNOWN),
    )


def _name(patient: Mapping[str, Any]) -> Mapping[str, Any]:
    """The name to compare: the official one before the usual; never an old one, a nickname or a maiden
    name."""
    named = {use: one for one in _maps(patient.get("name")) if (use := _text(one.get("use"))) in _USES}
    return next((named[use] for use in _USES if use in named), {})


def _numbers(identifiers: object) -> Iterator[SaidIdentifier]:
    for one in _maps(identifiers):
        value = "".join(_text(one.get("value")).split())
        if value and one.get("use") != "old":
            yield SaidIdentifier(value, _text(one.get("system")), _kind(one))


def _kind(identifier: Mapping[str, Any]) -> str:
    concept = identifier.get("type")
    codings = _maps(concept.get("coding")) if isinstance(concept, Mapping) else ()
    return next((_text(one.get("code")) for one in codings), "")


def placers(document: FhirDocument) -> tuple[str, ...]:
    """The placer's numbers of the orders that the report answers, each once."""
    found: dict[str, None] = {}
    for one in document.of("DiagnosticReport"):
        for reference in _maps(one.resource.get("basedOn")):
            held = document.follow(reference, one)
            numbers = [] if held is None else list(_maps(held.resource.get("identifier")))
            numbers += [reference["identifier"]] if isinstance(reference.get("identifier"), Mapping) else []
            placed = [each for each in numbers if _kind(each) == "PLAC"] or numbers
            value = _text(placed[0].get("value")) if placed else ""
            if value:
                found[value] = None
    return tuple(found)


def _filler(document: FhirDocument, report: Found, sender: str) -> str:
    """The laboratory's number of the report. It counts with its system; without one, with the laboratory's
    name; a number of nobody in particular could be another laboratory's."""
    numbers = list(_maps(report.resource.get("identifier")))
    chosen = [one for one in numbers if _kind(one) == "FILL"] or numbers
    for one in chosen:
        value, system = _text(one.get("value")), _text(one.get("system"))
        if value and (system or sender):
            return f"{system}|{value}" if system else value
    address = next((name for name, one in document.addresses.items() if one is report and "://" in name), "")
    return address if not address.startswith("http://localhost") else ""


def _sender(document: FhirDocument, report: Found | None) -> str:
    """Who stands for the result, by name: the performer of the report, else of its first observation."""
    several = [report] if report is not None else list(document.of("Observation"))
    for one in several:
        for reference in _maps(one.resource.get("performer")):
            held = document.follow(reference, one)
            name = "" if held is None else _text(held.resource.get("name"))
            if name or _text(reference.get("display")):
                return name or _text(reference.get("display"))
    return ""


def _is_test(document: FhirDocument) -> bool:
    """Whether anything in it is marked as a test of the interface."""
    resources = [document.root, *(one.resource for one in document.found)]
    metas = (one.get("meta") for one in resources)
    labels = (label for meta in metas if isinstance(meta, Mapping) for label in _labels(meta))
    return any(label.get("code") == _TEST for label in labels)


def _labels(meta: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from _maps(meta.get("security"))
    yield from _maps(meta.get("tag"))


def _reported(document: FhirDocument, report: Found | None) -> datetime | None:
    if report is not None:
        told = _first(report.resource.get(name) for name in ("issued", "effectiveDateTime"))
        if told is not None:
            return told
    moments = [
        told
        for one in document.of("Observation")
        if (told := _first(one.resource.get(name) for name in ("issued", "effectiveDateTime"))) is not None
    ]
    return max(moments, default=None) or moment(document.root.get("timestamp"))


def _first(several: Iterable[object]) -> datetime | None:
    return next((told for one in several if (told := moment(one)) is not None), None)


def moment(value: object) -> datetime | None:
    """A FHIR instant or dateTime with at least a day, aware; without an offset it is UTC. None when it is
    none."""
    if not isinstance(value, str) or len(value) < 10:
        return None
    try:
        told = datetime.fromisoformat(value)
        return told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None


def _canonical(document: FhirDocument) -> str:
    """What the document says, without its envelope: the same result sent again is the same text."""
    root = document.root
    if root.get("resourceType") == "Bundle":
        root = {name: value for name, value in root.items() if name not in _ENVELOPE}
    return "".join(_written(root))


def _written(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield "{"
        for name in sorted(value):
            inner = value[name]
            if name == "meta" and isinstance(inner, Mapping):
                inner = {of: said for of, said in inner.items() if of not in _VERSION}
                if not inner:
                    continue
            yield f"{json.dumps(name)}:"
            yield from _written(inner)
            yield ","
        yield "}"
    elif isinstance(value, list):
        yield "["
        for one in value:
            yield from _written(one)
            yield ","
        yield "]"
    else:
        yield value.text if isinstance(value, Number) else json.dumps(value)
