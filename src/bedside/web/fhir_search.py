"""How a search is narrowed and paged: the parameters of each type, and what fits them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from bedside.errors import RequestError
from bedside.exchange.fhir_coded import has_code
from bedside.exchange.fhir_rest import searchset
from bedside.service.fhir_record import KINDS
from bedside.web.fhir_desk import Asked

Resource = dict[str, Any]
MOST, PAGE = 500, 50
COMMON = {"_id": "token", "_lastUpdated": "date"}
OF_PEOPLE = {**COMMON, "identifier": "token", "name": "string", "birthdate": "date"}
BY_POST = frozenset({"identifier", "name", "birthdate"})
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


def fits(asked: Asked, kind: str, resource: Mapping[str, Any]) -> bool:
    """Whether a resource is what is searched for."""
    wanted = asked.one("_id")
    if wanted and resource["id"] not in wanted.split(","):
        return False
    at = resource.get("meta", {}).get("lastUpdated")
    if not all(_in_time(text, at) for text in asked.all("_lastUpdated")):
        return False
    return all(
        has_code(resource.get(element), asked.one(name).split(","))
        for name, element in FURTHER.get(kind, {}).items()
        if asked.one(name)
    )


def _in_time(text: str, at: str | None) -> bool:
    """Whether a moment fits a date parameter; what has no version fits none."""
    prefix = text[:2] if text[:2] in ("eq", "ge", "gt", "le", "lt") else ""
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
    except (ValueError, OverflowError) as error:
        remedy = "write it like 2026-03-31 or 2026-03-31T12:00:00Z"
        raise RequestError.one(name, "is no date or instant", remedy=remedy) from error
    if moment.tzinfo is None:
        raise RequestError.one(name, "has no time zone", remedy="write it like 2026-03-31T12:00:00Z")
    step = timedelta(microseconds=1) if moment.microsecond else timedelta(seconds=1)
    return moment, moment + step


def page(
    asked: Asked,
    kind: str,
    found: Sequence[Any],
    resource: Callable[[Any], Resource] = lambda one: one,
) -> Resource:
    """One page of what was found. resource: makes what stands on the page."""
    count, offset = paging(asked)
    links = {}
    if "posted" not in asked.path and offset + count < len(found):
        kept = [(name, value) for name, value in asked.parameters if name != "_offset"]
        query = urlencode([*kept, ("_offset", str(offset + count))])
        links["next"] = f"{base_of(asked)}/{kind}?{query}"
    shown = [resource(one) for one in found[offset : offset + count]]
    return searchset(shown, len(found), base_of(asked), links)


def paging(asked: Asked) -> tuple[int, int]:
    """How many are asked for at once, and from where."""
    count, offset = _number(asked, "_count", PAGE), _number(asked, "_offset", 0)
    if count > MOST:
        raise RequestError.one("_count", f"is more than {MOST}")
    return count, offset


def _number(asked: Asked, name: str, otherwise: int) -> int:
    text = asked.one(name)
    if text and not (text.isascii() and text.isdecimal() and len(text) < 9):
        raise RequestError.one(name, "is no whole number")
    return int(text) if text else otherwise


def base_of(asked: Asked) -> str:
    """The address of the server as it was set; this machine's where it was not."""
    url = asked.house.settings.public_url.rstrip("/")
    if url:
        return f"{url}/fhir"
    host = asked.headers.get("host", "localhost")
    return f"http://{host}/fhir"
