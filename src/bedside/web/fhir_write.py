"""Writing over FHIR: create, conditional create, update, transactions, batches; why the rest is not taken.

Bundles of genomic results go the way of every result: into the right chart once, or into quarantine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from starlette.responses import Response
from starlette.routing import BaseRoute

from bedside.errors import Refused, RequestError
from bedside.exchange.fhir_programme import HEARD_TYPES
from bedside.exchange.fhir_taken import Unprocessable
from bedside.service.access import Permission
from bedside.service.authorise import authorise
from bedside.service.fhir_record import KINDS, FhirIds, FhirRecord
from bedside.service.fhir_transaction import (
    Writer,
    brought_of,
    entries_of,
    reference_of,
    write_bundle,
    write_one,
)
from bedside.service.fhir_write import CREATED, Brought, Taken
from bedside.service.receive_fhir import keep_fhir
from bedside.service.receive_result import Fate, Received, receive_kept
from bedside.service.scopes import Act, allows
from bedside.web.cds_hooks import Desk
from bedside.web.fhir_desk import Answering, Asked, fhir_response, fhir_route, note_access, refusal
from bedside.web.fhir_history import ids_here
from bedside.web.fhir_search import base_of

Resource = Mapping[str, Any]
RESULTS = frozenset({"DiagnosticReport", "Observation"})
WHY = {
    "Observation": "results come as a whole report: POST the Bundle to /fhir",
    "DiagnosticReport": "results come as a whole report: POST the Bundle to /fhir",
    "Procedure": "studies follow from results, which come as a whole report: POST the Bundle to /fhir",
    "ServiceRequest": "an order comes with its patient, specimen and answers: POST the Bundle to /fhir",
    "Specimen": "what happens to a specimen is written down where it happens (bedside specimen)",
    "Task": "a duty is done where it stands, with its outcome (the tasks page)",
    "Consent": "consent is recorded with who said it, in the consent page or command",
    "AuditEvent": "who looked is written by the record itself",
}
HEARD = "taken as what it says; it is not kept as a resource"
HEARD_BEFORE = "says what is on record already, or nothing yet"
NEVER_GONE = "nothing is deleted over FHIR; what was entered in error is PUT with that status"
NOT_PATCHED = "patches are not taken; PUT the whole resource"


def write_routes(at: Desk) -> list[BaseRoute]:
    """The routes; what is not taken has its own, which say why."""
    needed = Permission.FHIR_WRITE
    made: list[BaseRoute] = [fhir_route(at, "/fhir", ("POST",), needed, "transaction", _bundle, brings=True)]
    made += [
        fhir_route(at, f"/fhir/{kind}", ("POST",), needed, f"{kind}.create", _create(kind), brings=True)
        for kind in HEARD_TYPES
    ]
    for kind in KINDS:
        path, one = f"/fhir/{kind}", f"/fhir/{kind}/{{id}}"
        read, every = "GET, POST" if kind in CREATED else "GET", ("PATCH", "DELETE")
        if kind in CREATED:
            made += [
                fhir_route(at, path, ("POST",), needed, f"{kind}.create", _create(kind), brings=True),
                fhir_route(at, one, ("PUT",), needed, f"{kind}.update", _update(kind), brings=True),
                fhir_route(at, path, ("PUT", *every), needed, "refused", _refused("", read), brings=None),
                fhir_route(
                    at, one, ("POST", *every), needed, "refused", _refused("", "GET, PUT"), brings=None
                ),
            ]
        else:
            made += [
                fhir_route(
                    at, path, ("POST", "PUT", *every), needed, "refused", _refused(kind, read), brings=None
                ),
                fhir_route(
                    at, one, ("POST", "PUT", *every), needed, "refused", _refused(kind, read), brings=None
                ),
            ]
    return made


def _refused(kind: str, allowed: str) -> Answering:
    def answer(asked: Asked) -> Response:
        method = asked.method
        text = WHY.get(kind, "") or {"DELETE": NEVER_GONE, "PATCH": NOT_PATCHED}.get(method, "")
        issue = {
            "severity": "error",
            "code": "not-supported",
            "diagnostics": text or "not done at this address",
        }
        outcome = {"resourceType": "OperationOutcome", "issue": [issue]}
        return fhir_response(outcome, 405, {"allow": allowed})

    return answer


def _writer(asked: Asked) -> Writer:
    caller = asked.principal

    def permit(person: str) -> None:
        authorise(caller, Permission.FHIR_WRITE, person)

    return Writer(asked.house, caller.name, permit, caller.people is not None)


def _create(kind: str) -> Answering:
    def answer(asked: Asked) -> Response:
        asked.only(("_format",))
        brought = Brought(_of(asked, kind), unless=asked.headers.get("if-none-exist", ""))
        note_access(asked, f"{kind} create", None)
        return _written(asked, write_one(_writer(asked), brought))

    return answer


def _update(kind: str) -> Answering:
    def answer(asked: Asked) -> Response:
        asked.only(("_format",))
        resource, identity = _of(asked, kind), asked.path["id"]
        if resource.get("id", identity) != identity:
            raise RequestError.one("id", "is another one than the address names")
        brought = Brought(resource, identity, match=asked.headers.get("if-match", ""))
        note_access(asked, f"{kind} update", None)
        return _written(asked, write_one(_writer(asked), brought))

    return answer


def _of(asked: Asked, kind: str) -> Resource:
    resource = asked.body or {}
    if resource.get("resourceType") != kind:
        raise RequestError.one("resourceType", f"is not {kind}")
    return resource


def _now(asked: Asked, ids: FhirIds, taken: Taken) -> dict[str, Any]:
    """A resource as it stands after it was taken."""
    record = FhirRecord(asked.house, ids, taken.person)
    identity = record.resource_id(taken.kind, taken.name)
    return next(one for one in record.of(taken.kind) if one["id"] == identity)


def _written(asked: Asked, taken: Taken) -> Response:
    if taken.kind in HEARD_TYPES:
        note_access(asked, f"{taken.kind} written", taken.person)
        return fhir_response(_told(HEARD if taken.changed else HEARD_BEFORE), 201 if taken.new else 200)
    ids = ids_here(asked)
    note_access(asked, f"{taken.kind} written", taken.person)
    resource = _now(asked, ids, taken)
    where = f"{base_of(asked)}/{reference_of(ids, taken)}/_history/{resource['meta']['versionId']}"
    response = fhir_response(resource, 201 if taken.new else 200, {"location": where})
    if "return=minimal" in asked.headers.get("prefer", ""):
        response.body = b""
        response.headers["content-length"] = "0"
    return response


def _bundle(asked: Asked) -> Response:
    """A transaction, a batch, or a report of genomic results."""
    asked.only(("_format",))
    bundle = _of(asked, "Bundle")
    kinds = {
        one["resource"].get("resourceType")
        for one in bundle.get("entry") or ()
        if isinstance(one, Mapping) and isinstance(one.get("resource"), Mapping)
    }
    note_access(asked, "Bundle", None)
    _covered(asked, kinds)
    if kinds & RESULTS and "ServiceRequest" not in kinds:
        return _report(asked, bundle)
    if bundle.get("type") == "transaction":
        taken = write_bundle(_writer(asked), bundle)
        return _answered(asked, "transaction-response", [_entry(asked, one) for one in taken])
    if bundle.get("type") == "batch":
        return _answered(asked, "batch-response", [_alone(asked, one) for one in entries_of(bundle)])
    raise Unprocessable.one("Bundle.type", "is neither transaction nor batch, and holds no genomic results")


def _covered(asked: Asked, kinds: set[Any]) -> None:
    """What says something of a pathway needs its own scope; raises `Refused`."""
    scopes = asked.principal.scopes
    mine = tuple(kind for kind in HEARD_TYPES if kind in kinds)
    if mine and scopes is not None and not allows(scopes, Act(mine, "c")):
        raise Refused("the token's scopes do not cover this")


def _answered(asked: Asked, kind: str, entries: Sequence[Resource]) -> Response:
    made = {"resourceType": "Bundle", "type": kind} | ({"entry": list(entries)} if entries else {})
    return fhir_response(made)


def _entry(asked: Asked, taken: Taken | None) -> Resource:
    if taken is None:
        return {"response": {"status": "200 OK", "outcome": _told("kept as a part of what refers to it")}}
    if taken.kind in HEARD_TYPES:
        note_access(asked, f"{taken.kind} written", taken.person)
        status = "201 Created" if taken.new else "200 OK"
        return {"response": {"status": status, "outcome": _told(HEARD if taken.changed else HEARD_BEFORE)}}
    ids = ids_here(asked)
    note_access(asked, f"{taken.kind} written", taken.person)
    meta = _now(asked, ids, taken)["meta"]
    said = {
        "status": "201 Created" if taken.new else "200 OK",
        "location": f"{reference_of(ids, taken)}/_history/{meta['versionId']}",
        "etag": f'W/"{meta["versionId"]}"',
        "lastModified": meta["lastUpdated"],
    }
    return {"response": said}


def _alone(asked: Asked, entry: Resource) -> Resource:
    """An entry of a batch, taken by itself."""
    try:
        resource = entry["resource"]
        if resource["resourceType"] not in (*CREATED, *HEARD_TYPES):
            raise Unprocessable.one("entry", "is not taken in a batch", remedy=", ".join(CREATED))
        return _entry(asked, write_one(_writer(asked), brought_of(entry, resource)))
    except (RequestError, Refused) as error:
        answer = refusal(error)
        outcome = orjson.loads(bytes(answer.body))
        return {"response": {"status": str(answer.status_code), "outcome": outcome}}


def _told(text: str, severity: str = "information", code: str = "informational") -> Resource:
    issue = {"severity": severity, "code": code, "diagnostics": text}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def _report(asked: Asked, bundle: Resource) -> Response:
    """Genomic results, taken as results of every other format are."""
    if asked.principal.people is not None:
        raise Refused("whose result it is shows when it is read; this caller may open some records only")
    if bundle.get("type") == "batch":
        raise Unprocessable.one("Bundle.type", "a report is taken as a whole", remedy="send a transaction")
    (kept,) = keep_fhir(asked.house, asked.raw)
    received = receive_kept(asked.house, kept)
    if received.person:
        note_access(asked, "Bundle written", received.person)
    status, outcome = _fate(received)
    if bundle.get("type") != "transaction":
        return fhir_response(outcome, status)
    said = {"status": str(status), "outcome": outcome}
    return _answered(asked, "transaction-response", [{"response": said} for _ in bundle["entry"]])


def _fate(received: Received) -> tuple[int, Resource]:
    if received.fate is Fate.QUARANTINED:
        text = f"kept as {received.number}, and waits for a person: {'; '.join(received.reasons)}"
        return 202, _told(text, "warning", "incomplete")
    again = "" if received.new else "was taken before; "
    text = f"{again}in the chart; {received.unread} statement(s) wait to be read by a person"
    return 201 if received.new else 200, _told(text)
