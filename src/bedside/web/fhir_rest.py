"""FHIR R4 REST: read, search and `$everything` over the record; the CapabilityStatement of what is served."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bedside import __version__
from bedside.errors import NotFound, RequestError
from bedside.exchange.fhir_capability import capability
from bedside.exchange.fhir_rest import searchset
from bedside.genome.person import Identifier, Person
from bedside.service.access import Permission
from bedside.service.app_launch import AUTHORIZE
from bedside.service.authorise import authorise
from bedside.service.fhir_filter import OF_PEOPLE, SEARCHED_BY, fits
from bedside.service.fhir_record import EVERYTHING, KINDS, FhirRecord
from bedside.service.give_token import ASKED_AT
from bedside.service.scopes import visible
from bedside.web.cds_hooks import Desk
from bedside.web.fhir_desk import Answering, Asked, fhir_route, note_access, subject
from bedside.web.fhir_history import history_routes, ids_here, record_of
from bedside.web.fhir_search import BY_POST, base_of, page

NOT_HERE = (
    "The variants of the stored genome are not listed here; ask $find-subject-variants for a place.",
    "Who looked at the record is asked for as AuditEvent.",
)


def rest_routes(at: Desk, operations: Sequence[BaseRoute]) -> list[BaseRoute]:
    """The routes; operations: the others that the CapabilityStatement tells of."""
    made: list[BaseRoute] = history_routes(at)
    for kind in KINDS:
        needed = Permission.AUDIT if kind == "AuditEvent" else Permission.FHIR
        search = _people if kind == "Patient" else _search(kind, needed)
        made += [
            fhir_route(at, f"/fhir/{kind}", ("GET",), needed, f"{kind}.search", search),
            fhir_route(at, f"/fhir/{kind}/_search", ("POST",), needed, f"{kind}.search", _posted(search)),
            fhir_route(at, f"/fhir/{kind}/{{id}}", ("GET",), needed, f"{kind}.read", _read(kind, needed)),
        ]
    everything = "/fhir/Patient/{id}/$everything"
    made.append(fhir_route(at, everything, ("GET",), Permission.FHIR, "Patient.$everything", _everything))
    labels = [route.name for route in (*made, *operations) if isinstance(route, Route)]

    def metadata(asked: Asked) -> Mapping[str, Any]:
        url = asked.house.settings.public_url.rstrip("/")
        today = asked.house.clock().date()
        where = f"{url}/fhir" if url else ""
        addresses = {"token": ASKED_AT, "authorize": AUTHORIZE} if at.gate.access.clients else {}
        oauth = {name: at.gate.address(path) for name, path in addresses.items()}
        return capability(labels, SEARCHED_BY, version=__version__, on=today, url=where, oauth=oauth)

    return [fhir_route(at, "/fhir/metadata", ("GET",), Permission.DISCOVERY, "metadata", metadata), *made]


def _read(kind: str, needed: Permission) -> Answering:
    def read(asked: Asked) -> Mapping[str, Any]:
        asked.only(("_format",))
        record = record_of(asked, kind, needed, kind)
        wanted = record.resource_id(kind, "") if kind == "Patient" else asked.path["id"]
        seen = visible(asked.principal.scopes, kind, "r", record.of(kind))
        found = next((one for one in seen if one["id"] == wanted), None)
        if found is None:
            raise NotFound.one("id", f"there is no {kind} of this id")
        return found

    return read


def _posted(search: Answering) -> Answering:
    def posted(asked: Asked) -> Mapping[str, Any] | Response:
        return search(replace(asked, path={**asked.path, "posted": "yes"}))

    return posted


def _search(kind: str, needed: Permission) -> Answering:
    def search(asked: Asked) -> Mapping[str, Any]:
        asked.only((*SEARCHED_BY[kind], "_count", "_offset", "_format"))
        whom = asked.one("patient") or asked.one("subject")
        if not whom and kind == "AuditEvent":
            authorise(asked.principal, needed, "")
            note_access(asked, "AuditEvent", None)
            every = FhirRecord(asked.house, ids_here(asked), "").of(kind)
            seen = visible(asked.principal.scopes, kind, "s", every)
            return page(asked, kind, [one for one in seen if fits(one, asked.parameters)][::-1])
        if not whom:
            raise RequestError.one("patient", "is needed: a search is about one person")
        person, _ = subject(asked, needed, kind, whom)
        every = FhirRecord(asked.house, ids_here(asked), person).of(kind)
        seen = visible(asked.principal.scopes, kind, "s", every)
        return page(asked, kind, [one for one in seen if fits(one, asked.parameters)])

    return search


def _people(asked: Asked) -> Mapping[str, Any]:
    """Everybody, or who fits; what is personal is searched for by POST, so that it stands in no address."""
    asked.only((*OF_PEOPLE, "_count", "_offset", "_format"))
    personal = sorted(name for name in BY_POST if asked.all(name))
    if personal and "posted" not in asked.path:
        remedy = "POST it to /fhir/Patient/_search as a form"
        raise RequestError.one(personal[0], "is personal and does not belong in an address", remedy=remedy)
    ids, ledger, only = ids_here(asked), asked.house.ledger, asked.principal.people
    note_access(asked, "Patient", None)
    if asked.one("_id"):
        whose = ids.records.person(asked.one("_id").replace(".", "_"))
        found = _known(asked, whose)
    elif asked.one("identifier"):
        system, bar, value = asked.one("identifier").rpartition("|")
        if not bar:
            raise RequestError.one("identifier", "needs its system", remedy="write system|value")
        found = _known(asked, ledger.find_person(Identifier(system, value)))
    else:
        found = list(ledger.people(asked.one("name"), limit=max(1, ledger.count_people())))
    born = asked.one("birthdate").removeprefix("eq")
    fitting = [
        one
        for one in found
        if (only is None or one.person in only)
        and (not born or (one.birth_date is not None and one.birth_date.isoformat() == born))
    ]
    if asked.one("_lastUpdated"):
        records = [FhirRecord(asked.house, ids, one.person).of("Patient")[0] for one in fitting]
        return page(asked, "Patient", [one for one in records if fits(one, asked.parameters)])
    return page(
        asked, "Patient", fitting, lambda one: FhirRecord(asked.house, ids, one.person).of("Patient")[0]
    )


def _known(asked: Asked, person: str | None) -> list[Person]:
    found = None if person is None else asked.house.ledger.person(person)
    return [] if found is None else [found]


def _everything(asked: Asked) -> Mapping[str, Any]:
    asked.only(("_type", "_format"))
    person, _ = subject(asked, Permission.FHIR, "Patient/$everything", asked.path["id"])
    kinds = asked.one("_type").split(",") if asked.one("_type") else list(EVERYTHING)
    unknown = sorted(set(kinds) - set(EVERYTHING))
    if unknown:
        raise RequestError.one("_type", "names a type that is not part of everything")
    record = FhirRecord(asked.house, ids_here(asked), person)
    found = [one for kind in kinds for one in record.of(kind)]
    return searchset(found, len(found), base_of(asked), {}, NOT_HERE)
