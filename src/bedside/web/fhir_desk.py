"""Where FHIR is served: who may ask, that they asked is written down first, and how a failure is said.

A failure is an OperationOutcome with a status of 4xx or 5xx. It never becomes an empty answer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl
from weakref import WeakKeyDictionary

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bedside.errors import (
    DataMissing,
    InputError,
    NotFound,
    Problem,
    Refused,
    RequestError,
)
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.person import Identifier
from bedside.service.access import Permission
from bedside.service.authorise import Principal, authorise
from bedside.service.fhir_acts import act_of
from bedside.service.house import House
from bedside.service.record_ids import RecordIds, record_ids
from bedside.store.sql_ledger import SqlLedger
from bedside.web.cds_hooks import Desk, read_body, read_json
from bedside.web.errors import outcome_issue, status_of
from bedside.web.guard import needs
from bedside.web.refusals import refused

FHIR_JSON = "application/fhir+json"
FORM = "application/x-www-form-urlencoded"
_log = logging.getLogger("bedside.web.fhir")
_CODES = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    409: "conflict",
    412: "conflict",
    413: "too-long",
    415: "not-supported",
    429: "throttled",
}
_CODES |= {422: "processing", 501: "not-supported", 503: "transient"}
_SAID = {
    404: "there is nothing at this address",
    405: "this address does not take that kind of request",
    413: "the request is larger than is read here",
    415: "only application/fhir+json is read here",
    503: "the record is not available, so no answer is given; try again",
}


class NotSupported(RequestError):
    """The standard has it, this server does not (501)."""

    status = 501


class TooMany(RequestError):
    """The caller asks for too much at a time (429)."""

    status = 429


@dataclass(frozen=True, slots=True)
class Asked:
    """One request after the guard: who asks, its parameters in order, and the resource it brings (None where
    the address takes none). headers: by name in small letters. raw: the resource as it came."""

    house: House
    principal: Principal
    parameters: tuple[tuple[str, str], ...]
    path: Mapping[str, str]
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    raw: bytes = b""
    method: str = "GET"

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a parameter."""
        return tuple(value for key, value in self.parameters if key == name)

    def one(self, name: str) -> str:
        """The value of a parameter that may be given once, "" when it is not."""
        values = self.all(name)
        if len(values) > 1:
            raise RequestError.one(name, "is given more than once")
        return values[0].strip() if values else ""

    def flag(self, name: str) -> bool:
        """A parameter that is true or false, false when it is not given."""
        value = self.one(name).lower() or "false"
        if value not in ("true", "false"):
            raise RequestError.one(name, "is neither true nor false")
        return value == "true"

    def only(self, names: Iterable[str]) -> None:
        """Raises `RequestError` for a parameter that is not one of these: one left unread would widen the
        answer."""
        known = set(names)
        unread = sorted({key for key, _ in self.parameters} - known)
        if unread:
            reason = "is no parameter that this operation reads"
            raise RequestError(Problem(name[:40], reason) for name in unread)


Answering = Callable[[Asked], Mapping[str, Any] | Response]


def fhir_route(
    at: Desk,
    path: str,
    methods: Iterable[str],
    permission: Permission,
    label: str,
    answer: Answering,
    *,
    brings: bool | None = False,
) -> Route:
    """A route that nobody passes without the permission, and whose use is on record before it is answered.

    The label says what it does (`Observation.read`, `Patient.search`, `$find-…`). The scopes of a SMART token
    are held against that, so a label that `act_of` does not know is closed to them.
    brings: its requests bring a resource rather than parameters; None: nothing that comes is read."""
    act = act_of(label)

    async def endpoint(request: Request) -> Response:
        principal = None
        try:
            principal = replace(at.principal(request), act=act)
            authorise(principal, permission)
            at.refuse_foreign_pages(request)
            raw = await read_body(request) if brings else b""
            body = _resource(request, raw) if brings else None
            parameters = (
                await _parameters(request) if brings is False else tuple(request.query_params.multi_items())
            )
            asked = Asked(
                at.house,
                principal,
                parameters,
                dict(request.path_params),
                dict(request.headers),
                body,
                raw,
                request.method,
            )
            answered = await run_in_threadpool(answer, asked)
            return answered if isinstance(answered, Response) else _unless_known(asked, answered)
        except Exception as error:  # noqa: BLE001 — whatever failed is said as an OperationOutcome
            if not isinstance(error, InputError | Refused | HTTPException):
                _log.error("%s at %s", type(error).__name__, label)
            await refused(at.house, at.gate, request, error, principal)
            return refusal(error)

    return Route(path, needs(permission, endpoint, guards_itself=True), methods=list(methods), name=label)


def _resource(request: Request, raw: bytes) -> Mapping[str, Any]:
    """The resource that a request brings."""
    kind = request.headers.get("content-type", FHIR_JSON).partition(";")[0].strip().lower()
    if kind not in (FHIR_JSON, "application/json"):
        raise HTTPException(415)
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise RequestError.one("Request", "is no JSON") from error
    if not isinstance(document, dict) or not isinstance(document.get("resourceType"), str):
        raise RequestError.one("Request", "is no FHIR resource")
    return document


def _unless_known(asked: Asked, resource: Mapping[str, Any]) -> Response:
    """The resource, or 304 when the caller has this version already."""
    response = fhir_response(resource)
    tag = response.headers.get("etag")
    if tag is not None and tag in asked.headers.get("if-none-match", "").split(", "):
        return Response(status_code=304, headers={"etag": tag})
    return response


async def _parameters(request: Request) -> tuple[tuple[str, str], ...]:
    """Of the address, and of a body that is a form or a Parameters resource."""
    found = list(request.query_params.multi_items())
    if request.method != "POST":
        return tuple(found)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == FORM:
        body = await request.body()
        try:
            found += parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=1000)
        except ValueError as error:
            raise RequestError.one("Request", "is no form") from error
        return tuple(found)
    document = await read_json(request)
    if not isinstance(document, dict) or document.get("resourceType") != "Parameters":
        raise RequestError.one("Request", "is neither a form nor a Parameters resource")
    return (*found, *_of_resource(document.get("parameter", [])))


def _of_resource(listed: object) -> list[tuple[str, str]]:
    found = []
    for one in listed if isinstance(listed, list) else [None]:
        name, value = _simple(one) if isinstance(one, dict) else ("", None)
        if not name or value is None:
            raise RequestError.one("Parameters", "has a parameter without a name, or with no simple value")
        found.append((name, value))
    return found


def _simple(parameter: Mapping[str, Any]) -> tuple[str, str | None]:
    """Name and value of one parameter, as they would stand in an address."""
    name = parameter.get("name")
    value = next((held for key, held in parameter.items() if key.startswith("value")), None)
    if isinstance(value, dict):
        code, system = value.get("code"), value.get("system")
        value = value.get("reference") or (f"{system}|{code}" if system and code else code)
    if isinstance(value, bool):
        value = str(value).lower()
    return name if isinstance(name, str) else "", value if isinstance(value, str) else None


_kept: WeakKeyDictionary[SqlLedger, RecordIds] = WeakKeyDictionary()


def ids_of(house: House) -> RecordIds | None:
    """The record ids of a house, derived once; None while its record is empty."""
    if house.ledger not in _kept:
        made = record_ids(house.ledger)
        if made is None:
            return None
        _kept[house.ledger] = made
    return _kept[house.ledger]


def note_access(asked: Asked, what: str, person: str | None) -> None:
    """Write down who asks for what; raises `AuditUnavailable`, and then nothing is answered."""
    seen = {"page": "fhir", "asked": what}
    event = NewEvent(EventKind.ACCESSED, asked.principal.name, asked.house.clock(), person or None, seen)
    asked.house.audit.append([event])


def subject(asked: Asked, permission: Permission, what: str, reference: str) -> tuple[str, str]:
    """The person that a reference names, and the FHIR id of their record; granted, and on record.

    A reference is `Patient/` and the record's id, a registered number as `system|value`, or the id that the
    site registered the person by. Somebody unknown is refused like somebody who may not be opened.
    """
    ids = ids_of(asked.house)
    if not reference:
        raise RequestError.one("subject", "is needed", remedy="Patient/ and the record's id")
    person = (
        None if ids is None else _person(asked.house, reference, lambda text: ids.person(from_fhir_id(text)))
    )
    if person is None and asked.principal.people is not None:
        raise Refused("this caller may not open this record")
    if person is None or ids is None:
        raise NotFound.one("subject", "nobody is known here by this reference")
    authorise(asked.principal, permission, person)
    note_access(asked, what, person)
    return person, fhir_id(ids.of(person))


def _person(house: House, reference: str, of_record: Callable[[str], str | None]) -> str | None:
    if "|" in reference:
        system, _, value = reference.removeprefix("Patient/").rpartition("|")
        return house.ledger.find_person(Identifier(system, value))
    text = reference.rsplit("Patient/", 1)[-1]
    person = of_record(text) or text
    known = house.ledger.person(person) is not None or bool(house.ledger.results(person))
    return person if known else None


def fhir_id(record_id: str) -> str:
    """A record id in the letters that a FHIR id may have."""
    return record_id.replace("_", ".")


def from_fhir_id(text: str) -> str:
    """The record id of a FHIR id."""
    return text.replace(".", "_")


def fhir_response(
    resource: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A resource as an answer, with its version in the headers where it has one."""
    told = dict(headers or {})
    meta = resource.get("meta", {})
    if "versionId" in meta:
        told["etag"] = f'W/"{meta["versionId"]}"'
        told["last-modified"] = format_datetime(datetime.fromisoformat(meta["lastUpdated"]), usegmt=True)
    return Response(orjson.dumps(resource), status, headers=told, media_type=FHIR_JSON)


def refusal(error: Exception) -> Response:
    """The failure as an OperationOutcome: what is wrong and where, never a value."""
    status = 422 if isinstance(error, DataMissing) else status_of(error)
    code = _CODES.get(status, "exception" if status >= 500 else "invalid")
    problems = error.problems if isinstance(error, RequestError) else ()
    issues = [outcome_issue(code, problem) for problem in problems]
    if not issues:
        said = (
            str(error)
            if status in (401, 403)
            else _SAID.get(status, "the request failed; no answer is given")
        )
        issues = [{"severity": "error", "code": code, "diagnostics": said}]
    response = fhir_response({"resourceType": "OperationOutcome", "issue": issues}, status)
    if status == 401:
        response.headers["www-authenticate"] = "Bearer"
    return response
