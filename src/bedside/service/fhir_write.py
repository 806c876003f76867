"""Takes resources of FHIR into the record: people, prescriptions, statements about drugs, problems.

Several are gathered and written in one transaction of the ledger. What is on record already in the same words
is not written again, so that the same delivery taken twice is taken once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

from bedside.errors import NotFound, RequestError
from bedside.exchange.fhir_programme import language_in, payer_in, postal_code_in
from bedside.exchange.fhir_signals import SIGNAL_TYPES, heard, subject_of
from bedside.exchange.fhir_taken import (
    Unprocessable,
    agrees,
    identifiers_in,
    item_name,
    kept,
    medication_in,
    person_in,
    plain_item,
    problem_in,
)
from bedside.genome.event import Event, EventKind, NewEvent
from bedside.genome.person import Identifier, ItemStatus, Person
from bedside.genome.programme import Programme, programmes_from
from bedside.service.areas import fifth_of
from bedside.service.fhir_chart import governing
from bedside.service.fhir_record import FhirIds, FhirRecord
from bedside.service.fhir_signals import signal_events
from bedside.service.fhir_versions import Touch, medication_name, problem_name, touches
from bedside.service.house import House
from bedside.service.register_person import demographics

CREATED = ("Patient", "MedicationRequest", "MedicationStatement", "Condition")
"""Types that are taken one by one."""
WRITTEN = (
    EventKind.PERSON_REGISTERED,
    EventKind.MEDICATION_RECORDED,
    EventKind.PROBLEM_RECORDED,
    EventKind.ORDER_PLACED,
    EventKind.SIGNAL_RECORDED,
    EventKind.PROGRAMME_RECORDED,
)
"""Kinds of events that must not come between what was looked up and what is written."""


class Conflict(RequestError):
    """Contradicts what is on record (409)."""

    status = 409


class Changed(RequestError):
    """Is not, or no longer, what the caller takes it to be (412)."""

    status = 412


@dataclass(frozen=True, slots=True)
class Brought:
    """One resource, and how it is to be taken. identity: of one that is to be replaced. unless: create only
    when nothing fits this search. match: the version that is to be replaced."""

    resource: Mapping[str, Any]
    identity: str = ""
    unless: str = ""
    match: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """A resource after it was taken: its type, whose, and the name of its id. new: whether it was created;
    changed: whether anything is written."""

    kind: str
    person: str
    name: str
    new: bool
    changed: bool = True


@dataclass(slots=True)
class Writing:
    """What is to be written together. permit: raises Refused for a person that the caller may not open.
    people: who is registered in it. limited: whether the caller may open some records only."""

    house: House
    ids: FhirIds
    actor: str
    permit: Callable[[str], None]
    limited: bool = False
    events: list[NewEvent] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)

    def take(self, brought: Brought) -> Taken:
        """Take one resource; raises `RequestError` when it cannot be."""
        kind = brought.resource["resourceType"]
        if kind == "Patient":
            return self._replace_person(brought) if brought.identity else self._person(brought)
        if kind in SIGNAL_TYPES:
            return self._signal(brought)
        if kind == "Coverage":
            return self._payer(brought)
        if kind == "Condition":
            return self._problem(brought)
        return self._medication(brought)

    def find(self, identifier: Identifier) -> str | None:
        """Whose number it is, in what is to be written or on record."""
        for person in self.people.values():
            if identifier in person.identifiers:
                return person.person
        return self.house.ledger.find_person(identifier)

    def about(self, resource: Mapping[str, Any]) -> str:
        """The person a resource is about; may be opened, and is known."""
        subject = subject_of(resource)
        person = None
        if isinstance(subject, Mapping):
            person = self._referred(str(subject.get("reference", "")), subject.get("identifier"))
        if person is None:
            remedy = "Patient/ and the id of the record"
            raise Unprocessable.one(
                f"{resource['resourceType']}.subject", "is nobody known here", remedy=remedy
            )
        if person not in self.people:
            self.permit(person)
        return person

    def _referred(self, reference: str, identifier: object) -> str | None:
        if reference.startswith("Patient?identifier="):
            return self.find(token(reference.partition("=")[2]))
        if reference:
            person = self.ids.records.person(reference.rsplit("Patient/", 1)[-1].replace(".", "_"))
            known = person is not None and (person in self.people or self.house.ledger.person(person))
            return person if known else None
        found = next(identifiers_in({"identifier": [identifier]}), None)
        return None if found is None else self.find(found)

    def _person(self, brought: Brought) -> Taken:
        said = person_in(brought.resource, "")
        if brought.unless:
            owner = self._only(brought.unless)
            if owner is not None:
                return self._held(owner)
        owners = {self.find(one) for one in said.identifiers} - {None}
        if len(owners) > 1:
            raise Conflict.one("Patient.identifier", "its identifiers belong to several people on record")
        if owners:
            owner = str(owners.pop())
            held = self.people.get(owner) or self.house.ledger.person(owner)
            if held is None or not agrees(said, held):
                remedy = "PUT the person's own resource to change what is known of them"
                reason = "an identifier belongs to somebody of whom other things are known"
                raise Conflict.one("Patient.identifier", reason, remedy=remedy)
            return self._held(owner)
        if self.limited:
            raise Conflict.one("Patient", "a caller that may open some records only registers nobody")
        person = self._own_id(said.identifiers[0])
        self._register(person_in(brought.resource, person), f"fhir:{person}")
        self._groups(person, brought.resource)
        return Taken("Patient", person, "", new=True)

    def _held(self, person: str) -> Taken:
        if person not in self.people:
            self.permit(person)
        return Taken("Patient", person, "", new=False, changed=False)

    def _only(self, search: str) -> str | None:
        name, _, value = search.removeprefix("Patient?").lstrip("?").partition("=")
        if name != "identifier" or "&" in value:
            raise RequestError.one(
                "If-None-Exist", "people are looked up by one identifier", remedy="identifier=s|v"
            )
        return self.find(token(value))

    def _own_id(self, identifier: Identifier) -> str:
        """The record's own id of somebody new: the same when the same delivery is taken twice at a time."""
        text = f"{identifier.system}|{identifier.value}"
        made = f"P{hashlib.sha256(text.encode()).hexdigest()[:15]}"
        return made if self.house.ledger.person(made) is None else f"P{uuid4().hex[:15]}"

    def _register(self, person: Person, key: str | None = None) -> None:
        self.people[person.person] = person
        now = self.house.clock()
        payload = demographics(person)
        self.events.append(
            NewEvent(EventKind.PERSON_REGISTERED, self.actor, now, person.person, payload, key)
        )

    def _replace_person(self, brought: Brought) -> Taken:
        person = self.ids.records.person(brought.identity.replace(".", "_"))
        held = None if person is None else self.house.ledger.person(person)
        if person is None or held is None:
            raise NotFound.one("id", "there is no Patient of this id; a person is created by POST")
        self.permit(person)
        said = person_in(brought.resource, person, held.ancestry)
        self._check(FhirRecord(self.house, self.ids, person), "Patient", "", brought.match)
        if any(self.find(one) not in (None, person) for one in said.identifiers):
            raise Conflict.one("Patient.identifier", "an identifier belongs to another person")
        if said != held:
            self._register(said)
        told = self._groups(person, brought.resource)
        return Taken("Patient", person, "", new=False, changed=said != held or told)

    def _check(self, record: FhirRecord, kind: str, name: str, match: str) -> Touch:
        """The last event of a resource, when it is the version that the caller replaces."""
        made = [one for one in touches(record.events) if (one.kind, one.name) == (kind, name)]
        if not made:
            raise NotFound.one("id", f"there is no {kind} of this id that can be replaced")
        if match and match.removeprefix("W/").strip('"') != str(made[-1].event.sequence):
            raise Changed.one("If-Match", "another version is in force; read it again")
        return made[-1]

    def _named(self, record: FhirRecord, kind: str, identity: str) -> str:
        found = (one.name for one in touches(record.events) if one.kind == kind)
        name = next((one for one in found if record.resource_id(kind, one) == identity), None)
        if name is None:
            raise NotFound.one("id", f"there is no {kind} of this id that can be replaced")
        return name

    def _medication(self, brought: Brought) -> Taken:
        resource, kind = brought.resource, brought.resource["resourceType"]
        person, said = self.about(resource), medication_in(resource)
        record = FhirRecord(self.house, self.ids, person)
        payload = plain_item(said.drug, said.status, said.since)
        payload["fhir"] = {"resource": kept(resource)}
        if kind == "MedicationStatement":
            return self._item(brought, record, EventKind.MEDICATION_RECORDED, medication_name, payload)
        _identified(brought)
        item = item_name(resource)
        name = f"request/{item}"
        if brought.identity:
            name = self._named(record, kind, brought.identity)
            item = name.removeprefix("request/")
            self._check(record, kind, name, brought.match)
        payload["fhir"]["item"] = item
        last = _items(record.events).get(item)
        if last is not None and last.payload["fhir"]["resource"] == payload["fhir"]["resource"]:
            return Taken(kind, person, name, new=False, changed=False)
        if last is not None and not brought.identity:
            reason = "this prescription is on record in other words"
            raise Conflict.one(f"{kind}.identifier", reason, remedy=f"PUT it to {kind}/ and its id")
        if last is not None and last.payload["code"] != payload["code"]:
            raise Unprocessable.one(f"{kind}.medication", "another drug is another prescription")
        if said.status is not ItemStatus.ACTIVE and _still_taken(record.events, item, payload):
            payload["status"] = ItemStatus.ACTIVE.value
        self._add(
            EventKind.MEDICATION_RECORDED, person, payload, f"fhir:{person}:{item}" if last is None else None
        )
        return Taken(kind, person, name, new=last is None)

    def _problem(self, brought: Brought) -> Taken:
        person, said = self.about(brought.resource), problem_in(brought.resource)
        payload = plain_item(said.condition, said.status, said.since)
        payload["fhir"] = {"resource": kept(brought.resource)}
        record = FhirRecord(self.house, self.ids, person)
        return self._item(brought, record, EventKind.PROBLEM_RECORDED, problem_name, payload)

    def _groups(self, person: str, patient: Mapping[str, Any]) -> bool:
        """The language somebody speaks and the fifth of area they live in; whether anything is written."""
        fifth = fifth_of(self.house.settings, postal_code_in(patient))
        spoken = self._programme(person, "language", language_in(patient))
        return self._programme(person, "deprivation", fifth) or spoken

    def _programme(self, person: str, part: str, value: str, before: str | None = None) -> bool:
        """Write what a programme counts the person by, where that is something else than is on record.
        before: only if this is on record. What is not said leaves what is known."""
        events = self.house.ledger.events(person=person, kinds=(EventKind.PROGRAMME_RECORDED,))
        held = str(getattr(programmes_from(events).get(person, Programme()), part))
        if held == value or (before is None and not value) or before not in (None, held):
            return False
        self._add(EventKind.PROGRAMME_RECORDED, person, {part: value})
        return True

    def _payer(self, brought: Brought) -> Taken:
        """Who pays for a person; a cover that is not in force takes back that this payer does."""
        _posted_only(brought)
        name, in_force = payer_in(brought.resource, self.house.clock().date())
        person = self.about(brought.resource)
        made = self._programme(person, "payer", name if in_force else "", None if in_force else name)
        return Taken("Coverage", person, "coverage", new=made, changed=made)

    def _signal(self, brought: Brought) -> Taken:
        """What says something of a pathway: taken as what it says, under its identifier."""
        kind = brought.resource["resourceType"]
        _posted_only(brought)
        said = heard(brought.resource)
        person = self.about(brought.resource)
        made = signal_events(self.house, person, said, self.actor)
        self.events += made
        return Taken(kind, person, said.name, new=bool(made), changed=bool(made))

    def _item(
        self,
        brought: Brought,
        record: FhirRecord,
        event_kind: EventKind,
        name_of: Callable[[Mapping[str, Any]], str],
        payload: dict[str, Any],
    ) -> Taken:
        """A drug or a problem, of which the chart has one for each code."""
        kind, name = brought.resource["resourceType"], name_of(payload)
        if brought.unless:
            raise RequestError.one("If-None-Exist", f"the chart has one {kind} for each code as it is")
        if brought.identity:
            if record.resource_id(kind, name) != brought.identity:
                self._named(record, kind, brought.identity)
                raise Unprocessable.one(kind, "another code is another resource", remedy="POST it")
            self._check(record, kind, name, brought.match)
        last = governing(record.events, event_kind, name_of).get(name)
        same = (
            last is not None and last.payload.get("fhir", {}).get("resource") == payload["fhir"]["resource"]
        )
        if not same:
            self._add(event_kind, record.person, payload)
        return Taken(kind, record.person, name, new=last is None, changed=not same)

    def _add(self, kind: EventKind, person: str, payload: Mapping[str, Any], key: str | None = None) -> None:
        self.events.append(NewEvent(kind, self.actor, self.house.clock(), person, payload, key))


def _posted_only(brought: Brought) -> None:
    if brought.identity or brought.unless or brought.match:
        reason = "is taken as what it says; the same identifier sent again corrects it"
        raise Unprocessable.one(brought.resource["resourceType"], reason, remedy="POST it")


def token(text: str) -> Identifier:
    """`system|value` of a search; raises `RequestError`."""
    system, bar, value = unquote(text).rpartition("|")
    if not bar or not system or not value:
        raise RequestError.one("identifier", "needs its system and value", remedy="write system|value")
    return Identifier(system, value)


def _identified(brought: Brought) -> None:
    """A prescription created unless it is there names the identifier that it carries itself."""
    if not brought.unless:
        return
    name, _, value = brought.unless.removeprefix("MedicationRequest?").lstrip("?").partition("=")
    if name != "identifier" or token(value) not in set(identifiers_in(brought.resource)):
        remedy = "name an identifier that the resource carries"
        raise RequestError.one("If-None-Exist", "is looked up by its own identifier", remedy=remedy)


def _items(events: Any) -> dict[str, Event]:
    """The last event of each prescription."""
    return {
        event.payload["fhir"]["item"]: event
        for event in events
        if event.kind is EventKind.MEDICATION_RECORDED and event.payload.get("fhir", {}).get("item")
    }


def _still_taken(events: Any, item: str, payload: Mapping[str, Any]) -> bool:
    """Whether another prescription of the same drug is in force."""
    return any(
        other != item
        and (event.payload["system"], event.payload["code"]) == (payload["system"], payload["code"])
        and event.payload["fhir"]["resource"]["status"] in ("active", "on-hold")
        for other, event in _items(events).items()
    )
