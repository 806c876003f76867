"""`_history` and vread: resources as each event of the ledger left them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.routing import BaseRoute

from bedside.errors import NotFound, RequestError
from bedside.exchange.fhir_rest import history, stamped
from bedside.genome.event import Event
from bedside.service.access import Permission
from bedside.service.authorise import authorise
from bedside.service.fhir_filter import period
from bedside.service.fhir_record import FhirIds, FhirRecord
from bedside.service.fhir_versions import MAKES, SETTLED, Touch, touches
from bedside.web.cds_hooks import Desk
from bedside.web.fhir_desk import Answering, Asked, fhir_route, ids_of, note_access, subject
from bedside.web.fhir_search import base_of, paging

Resource = dict[str, Any]
NOT_KEPT = (
    "this is worked out from results and knowledge when somebody asks; no older versions of it are kept"
)


def history_routes(at: Desk) -> list[BaseRoute]:
    """The routes, for the types of which each version is what one event says."""
    made: list[BaseRoute] = []
    for kind in sorted(SETTLED):
        path, needed = f"/fhir/{kind}", Permission.FHIR
        one, every = _of_one(kind), _of_type(kind)
        made += [
            fhir_route(at, f"{path}/_history", ("GET",), needed, f"{kind}.history-type", every),
            fhir_route(at, f"{path}/{{id}}/_history", ("GET",), needed, f"{kind}.history", one),
            fhir_route(
                at, f"{path}/{{id}}/_history/{{version}}", ("GET",), needed, f"{kind}.vread", _vread(kind)
            ),
        ]
    return made


def record_of(asked: Asked, kind: str, needed: Permission, what: str) -> FhirRecord:
    """The record that the id of a resource opens: granted, and on record."""
    ids, identity = ids_here(asked), asked.path["id"]
    if kind == "Patient":
        person, _ = subject(asked, needed, what, identity)
        return FhirRecord(asked.house, ids, person)
    whose = ids.whose(identity)
    if whose is None:
        raise NotFound.one("id", f"there is no {kind} of this id")
    authorise(asked.principal, needed, whose)
    note_access(asked, what, whose)
    return FhirRecord(asked.house, ids, whose)


def ids_here(asked: Asked) -> FhirIds:
    """The ids of the house's record; raises `NotFound` while it is empty."""
    ids = ids_of(asked.house)
    if ids is None:
        raise NotFound.one("id", "the record is empty")
    return FhirIds(ids)


def made_by(record: FhirRecord, kind: str, identity: str) -> tuple[Touch, ...]:
    """The events that made the resource of an id, oldest first; none where it is no settled one."""
    return tuple(
        one
        for one in touches(record.events)
        if one.kind == kind and record.resource_id(kind, one.name) == identity
    )


def as_left(record: FhirRecord, kind: str, touch: Touch) -> Resource:
    """A resource as an event left it."""
    until = [event for event in record.events if event.sequence <= touch.event.sequence]
    identity = record.resource_id(kind, touch.name)
    found = next(one for one in record.chart(kind, until) if one["id"] == identity)
    return stamped(found, str(touch.event.sequence), touch.event.known_at)


def _of_one(kind: str) -> Answering:
    def answer(asked: Asked) -> Mapping[str, Any]:
        asked.only(("_since", "_count", "_offset", "_format"))
        record = record_of(asked, kind, Permission.FHIR, f"{kind} history")
        identity = record.resource_id(kind, "") if kind == "Patient" else asked.path["id"]
        every = made_by(record, kind, identity)
        if not every:
            _refuse(record, kind, identity)
        first = every[0].event.sequence
        return _bundle(asked, kind, [(record, one, one.event.sequence == first) for one in every])

    return answer


def _refuse(record: FhirRecord, kind: str, identity: str) -> None:
    if any(one["id"] == identity for one in record.of(kind)):
        raise RequestError.one("id", NOT_KEPT)
    raise NotFound.one("id", f"there is no {kind} of this id")


def _vread(kind: str) -> Answering:
    def answer(asked: Asked) -> Mapping[str, Any]:
        asked.only(("_format",))
        record = record_of(asked, kind, Permission.FHIR, f"{kind} version")
        identity = record.resource_id(kind, "") if kind == "Patient" else asked.path["id"]
        wanted = asked.path["version"]
        for one in made_by(record, kind, identity):
            if str(one.event.sequence) == wanted:
                return as_left(record, kind, one)
        raise NotFound.one("version", f"there is no such version of this {kind}")

    return answer


def _of_type(kind: str) -> Answering:
    def answer(asked: Asked) -> Mapping[str, Any]:
        asked.only(("_since", "_count", "_offset", "_format"))
        ids, only = ids_here(asked), asked.principal.people
        note_access(asked, f"{kind} history", None)
        by_person: dict[str, list[Event]] = {}
        for event in asked.house.ledger.events(kinds=MAKES[kind]):
            if event.person is not None and (only is None or event.person in only):
                by_person.setdefault(event.person, []).append(event)
        found: list[tuple[FhirRecord, Touch, bool]] = []
        for person, events in by_person.items():
            record, seen = FhirRecord(asked.house, ids, person), set[str]()
            for one in touches(events):
                if one.kind == kind:
                    found.append((record, one, one.name not in seen))
                    seen.add(one.name)
        return _bundle(asked, kind, found, noting=True)

    return answer


def _bundle(
    asked: Asked, kind: str, found: Sequence[tuple[FhirRecord, Touch, bool]], *, noting: bool = False
) -> Mapping[str, Any]:
    """The newest first, a page at a time. noting: whose versions stand on the page is put on record."""
    since = asked.one("_since")
    if since:
        first, _ = period(since, "_since")
        found = [one for one in found if one[1].event.known_at >= first]
    ordered = sorted(found, key=lambda one: -one[1].event.sequence)
    count, offset = paging(asked)
    shown = ordered[offset : offset + count]
    if noting:
        for person in dict.fromkeys(record.person for record, _, _ in shown):
            note_access(asked, f"{kind} history", person)
    entries = [(as_left(record, kind, touch), new) for record, touch, new in shown]
    more = f"_count={count}&_offset={offset + count}" + (f"&_since={since}" if since else "")
    where = f"{kind}/{asked.path['id']}" if "id" in asked.path else kind
    next_page = f"{base_of(asked)}/{where}/_history?{more}" if offset + count < len(ordered) else ""
    return history(entries, len(ordered), base_of(asked), next_page)
