"""What a resource is compared with when it is searched for: the parameters of each type, and what fits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bedside.errors import RequestError
from bedside.exchange.fhir_coded import has_code
from bedside.service.fhir_record import KINDS

COMMON = {"_id": "token", "_lastUpdated": "date"}
OF_PEOPLE = {**COMMON, "identifier": "token", "name": "string", "birthdate": "date"}
OF_RECORD = {"patient": "reference", "subject": "reference", **COMMON}
FURTHER: Mapping[str, Mapping[str, str]] = {
    "Observation": {"code": "code", "category": "category"},
    "Task": {"status": "status"},
    "Condition": {"category": "category", "code": "code", "clinical-status": "clinicalStatus"},
    "Consent": {"status": "status"},
    "DiagnosticReport": {"code": "code", "category": "category"},
    "Procedure": {"status": "status", "category": "category"},
    "MedicationStatement": {"status": "status", "code": "medicationCodeableConcept"},
    "MedicationRequest": {"status": "status", "code": "medicationCodeableConcept"},
    "ServiceRequest": {"status": "status", "code": "code"},
    "Specimen": {"status": "status", "type": "type"},
}
"""Of each type its token parameters, and the element that each is compared with."""
SEARCHED_BY: Mapping[str, Mapping[str, str]] = {
    kind: {**OF_RECORD, **dict.fromkeys(FURTHER.get(kind, {}), "token")} for kind in KINDS
} | {"Patient": OF_PEOPLE}
"""Of each type its search parameters and their types."""
_PREFIXES = ("eq", "ge", "gt", "le", "lt")


def filters_of(kind: str) -> frozenset[str]:
    """The parameters by which a resource of a type can be compared once it is made."""
    return frozenset((*COMMON, *FURTHER.get(kind, {})))


def fits(resource: Mapping[str, Any], parameters: Iterable[tuple[str, str]]) -> bool:
    """Whether a resource fits every parameter that compares resources; commas separate alternatives."""
    elements = FURTHER.get(resource["resourceType"], {})
    for name, value in parameters:
        if name == "_id" and resource["id"] not in value.split(","):
            return False
        if name == "_lastUpdated" and not _in_time(value, resource.get("meta", {}).get("lastUpdated")):
            return False
        if name in elements and not has_code(resource.get(elements[name]), value.split(",")):
            return False
    return True


def _in_time(text: str, at: str | None) -> bool:
    """Whether a moment fits a date parameter; what has no version fits none."""
    prefix = text[:2] if text[:2] in _PREFIXES else ""
    first, after = period(text.removeprefix(prefix), "_lastUpdated")
    if at is None:
        return False
    moment = datetime.fromisoformat(at)
    return {
        "ge": moment >= first,
        "gt": moment >= after,
        "le": moment < after,
        "lt": moment < first,
    }.get(prefix, first <= moment < after)


def period(text: str, name: str) -> tuple[datetime, datetime]:
    """The first moment that a FHIR date or instant names, and the first one after it; raises
    `RequestError`."""
    try:
        if len(text) == len("2026-01-01"):
            day = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
            return day, day + timedelta(days=1)
        moment = datetime.fromisoformat(text.replace(" ", "+"))
        step = timedelta(microseconds=1) if moment.microsecond else timedelta(seconds=1)
        after = moment + step
    except (ValueError, OverflowError) as error:
        remedy = "write it like 2026-03-31 or 2026-03-31T12:00:00Z"
        raise RequestError.one(name, "is no date or instant", remedy=remedy) from error
    if moment.tzinfo is None:
        raise RequestError.one(name, "has no time zone", remedy="write it like 2026-03-31T12:00:00Z")
    return moment.astimezone(UTC), after.astimezone(UTC)
