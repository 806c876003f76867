"""FHIR R4 REST: read, search and `$everything` over the record; the CapabilityStatement of what is served."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.routing import BaseRoute, Route

from bedside import __version__
from bedside.errors import NotFound, RequestError
from bedside.exchange.fhir_capability import capability
from bedside.exchange.fhir_rest import patient, searchset
from bedside.genome.person import Identifier, Person
from bedside.service.access import Permission
from bedside.service.authorise import authorise
from bedside.service.fhir_record import EVERYTHING, KINDS, FhirIds, FhirRecord
from bedside.web.cds_hooks import Desk
from bedside.web.fhir_desk import Answering, Asked, fhir_route, ids_of, note_access, subject

MOST, PAGE = 500, 50
OF_PEOPLE = {"_id": "token", "identifier": "token", "name": "string", "birthdate": "date"}
BY_POST = frozenset({"identifier", "name", "birthdate"})
OF_RECORD = {"patient": "reference", "subject": "reference", "_id": "token"}
FURTHER = {
    "Observation": {"code": "token", "category": "token"},
    "Task": {"status": "token"},
    "Condition": {"category": "token"},
    "Consent": {"status": "token"},
    "DiagnosticReport": {"code": "token", "category": "token"},
}
SEARCHED_BY = {kind: {**OF_RECORD, **FURTHER.get(kind, {})} for kind in KINDS} | {"Patient": OF_PEOPLE}
NOT_HERE = (
    "The variants of the stored genome are not listed here; ask $find-subject-variants for a place.",
    "Who looked at the record is asked for as AuditEvent.",
)


def rest_routes(at: Desk, operations: Sequence[BaseRoute]) -> list[BaseRoute]:
    """The routes; operations: the others that the CapabilityStatement tells of."""
    made: list[BaseRoute] = []
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
        return capability(labels, SEARCHED_BY, version=__version__, on=today, url=where)

    return [fhir_route(at, "/fhir/metadata", ("GET",), Permission.DISCOVERY, "metadata", metadata), *made]


def _ids(asked: Asked) -> FhirIds:
    ids = ids_of(asked.house)
    if ids is None:
        raise NotFound.one("id", "the record is empty")
    return FhirIds(ids)


def _read(kind: str, needed: Permission) -> Answering:
    def read(asked: Asked) -> Mapping[str, Any]:
        asked.only(("_format",))
        identity, ids = asked.path["id"], _ids(asked)
        if kind == "Patient":
            person, _ = subject(asked, needed, kind, identity)
        else:
            whose = ids.whose(identity)
            if whose is None:
                raise NotFound.one("id", f"there is no {kind} of this id")
            authorise(asked.principal, needed, whose)
            note_access(asked, kind, whose)
            person = whose
        wanted = ids.patient(person) if kind == "Patient" else identity
        found = next(
            (one for one in FhirRecord(asked.house, ids, person).of(kind) if one["id"] == wanted), None
        )
        if found is None:
            raise NotFound.one("id", f"there is no {kind} of this id")
        return found

    return read


def _posted(search: Answering) -> Answering:
    def posted(asked: Asked) -> Mapping[str, Any]:
        return search(Asked(asked.house, asked.principal, asked.parameters, {**asked.path, "posted": "yes"}))

    return posted


def _search(kind: str, needed: Permission) -> Answering:
    def search(asked: Asked) -> Mapping[str, Any]:
        asked.only((*SEARCHED_BY[kind], "_count", "_offset", "_format"))
        whom = asked.one("patient") or asked.one("subject")
        if not whom:
            raise RequestError.one("patient", "is needed: a search is about one person")
        person, _ = subject(asked, needed, kind, whom)
        found = [
            one for one in FhirRecord(asked.house, _ids(asked), person).of(kind) if _fits(asked, kind, one)
        ]
        return _page(asked, kind, found)

    return search


def _fits(asked: Asked, kind: str, resource: Mapping[str, Any]) -> bool:
    wanted = asked.one("_id")
    if wanted and resource["id"] not in wanted.split(","):
        return False
    return all(
        _any_code(resource.get(name), asked.one(name).split(","))
        for name in FURTHER.get(kind, {})
        if asked.one(name)
    )


def _any_code(value: Any, wanted: Sequence[str]) -> bool:
    if isinstance(value, str):
        return value in wanted
    concepts = value if isinstance(value, list) else [value or {}]
    codings = [coding for concept in concepts for coding in concept.get("coding", [])]
    codes = {one["code"] for one in codings} | {f"{one.get('system', '')}|{one['code']}" for one in codings}
    return bool(codes & set(wanted))


def _people(asked: Asked) -> Mapping[str, Any]:
    """Everybody, or who fits; what is personal is searched for by POST, so that it stands in no address."""
    asked.only((*OF_PEOPLE, "_count", "_offset", "_format"))
    personal = sorted(name for name in BY_POST if asked.all(name))
    if personal and "posted" not in asked.path:
        remedy = "POST it to /fhir/Patient/_search as a form"
        raise RequestError.one(personal[0], "is personal and does not belong in an address", remedy=remedy)
    ids, ledger, only = _ids(asked), asked.house.ledger, asked.principal.people
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
    return _page(asked, "Patient", [patient(ids.patient(one.person), one) for one in fitting])


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
    record = FhirRecord(asked.house, _ids(asked), person)
    found = [one for kind in kinds for one in record.of(kind)]
    return searchset(found, len(found), _base(asked), {}, NOT_HERE)


def _page(asked: Asked, kind: str, found: Sequence[dict[str, Any]]) -> Mapping[str, Any]:
    count, offset = _number(asked, "_count", PAGE), _number(asked, "_offset", 0)
    if count > MOST:
        raise RequestError.one("_count", f"is more than {MOST}")
    links = {}
    if "posted" not in asked.path and offset + count < len(found):
        kept = [(name, value) for name, value in asked.parameters if name != "_offset"]
        query = urlencode([*kept, ("_offset", str(offset + count))])
        links["next"] = f"{_base(asked)}/{kind}?{query}"
    return searchset(found[offset : offset + count], len(found), _base(asked), links)


def _number(asked: Asked, name: str, otherwise: int) -> int:
    text = asked.one(name)
    if text and not (text.isdecimal() and len(text) < 9):
        raise RequestError.one(name, "is no whole number")
    return int(text) if text else otherwise


def _base(asked: Asked) -> str:
    """The address of the server as it was set; relative where it was not."""
    url = asked.house.settings.public_url.rstrip("/")
    return f"{url}/fhir" if url else "http://localhost/fhir"
