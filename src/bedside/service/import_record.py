"""A person's FHIR record from another house into this one, where nobody has it yet: who they are, what they
take, what they have, and the genomic result like any other.

Only somebody who is not here can be registered so: as soon as a number, or a name with its birth date, is
known, the document is matched like any result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bedside.errors import IntakeError, Problem
from bedside.exchange.fhir_called import is_indicator
from bedside.exchange.fhir_document import FhirDocument, Found, read_document
from bedside.exchange.fhir_read import codes_of, day_of
from bedside.exchange.fhir_said import said_of
from bedside.exchange.fhir_value import codes_of_any
from bedside.exchange.json_places import SOURCE
from bedside.exchange.said import SaidPatient
from bedside.genome.code import PROBLEM_SYSTEMS
from bedside.genome.person import Identifier, ItemStatus, Medication, Person
from bedside.genome.person import Problem as Condition
from bedside.knowledge.terminology import load_terminology
from bedside.service.house import House
from bedside.service.match_person import owners, plain_name
from bedside.service.message_events import Reading
from bedside.service.read_bulk import documents_of, is_ndjson
from bedside.service.receive_document import document_bytes
from bedside.service.receive_fhir import brings_a_result, keep_document
from bedside.service.receive_result import Received, receive_kept
from bedside.service.register_person import Registration, register_people

_TAKEN: Mapping[str, ItemStatus] = {
    "active": ItemStatus.ACTIVE,
    "on-hold": ItemStatus.ACTIVE,
    "completed": ItemStatus.ENDED,
    "stopped": ItemStatus.ENDED,
    "not-taken": ItemStatus.ENDED,
    "entered-in-error": ItemStatus.ENTERED_IN_ERROR,
}
_HELD: Mapping[str, ItemStatus] = {
    "active": ItemStatus.ACTIVE,
    "recurrence": ItemStatus.ACTIVE,
    "relapse": ItemStatus.ACTIVE,
    "inactive": ItemStatus.ENDED,
    "remission": ItemStatus.ENDED,
    "resolved": ItemStatus.ENDED,
}


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a record. registered: the id under which the person was registered, "" when they were
    known. received: of their result; None when it brings none."""

    registered: str
    received: Received | None


def read_records(paths: Sequence[Path]) -> tuple[tuple[str, bytes], ...]:
    """Each person's document with the name of its file; NDJSON files are one export together. Raises
    `IntakeError` with every problem of every file."""
    problems: list[Problem] = []
    contents: dict[str, bytes] = {}
    for path in paths:
        try:
            contents[path.name] = document_bytes(path)
        except IntakeError as error:
            problems += error.problems
    bulk = {name: content for name, content in contents.items() if is_ndjson(name, content)}
    records = [(name, content) for name, content in contents.items() if name not in bulk]
    try:
        records += [(f"export, patient {n}", one) for n, one in enumerate(documents_of(bulk), start=1)]
    except IntakeError as error:
        problems += error.problems
    if problems:
        raise IntakeError(problems)
    return tuple(records)


def import_fhir(house: House, content: bytes) -> Imported:
    """Register the person where nobody has them, with drugs and problems, and take the result. Raises
    `IntakeError`; then nothing is stored."""
    document = read_document(content)
    said = said_of(document)
    result = brings_a_result(document)
    registered, recorded = "", frozenset[str]()
    kept = keep_document(house, document, content) if result else None
    if not any(True for one in said.patient.identifiers for _ in owners(house, one)):
        person = _person(house, said.patient)
        medications = {one.place.pointer: each for one, each in _medications(document)}
        problems = {one.place.pointer: each for one, each in _problems(document)}
        register_people(
            house, [Registration(person, tuple(medications.values()), tuple(problems.values()))], actor="fhir"
        )
        registered, recorded = person.person, frozenset((*medications, *problems))
    elif kept is None:
        raise IntakeError.one(
            SOURCE, "/: holds no genomic result of a person who is known", remedy="nothing to do"
        )
    if kept is None:
        return Imported(registered, None)
    read = kept.read
    taken = replace(kept, read=lambda under: _without(read(under), recorded))
    return Imported(registered, receive_kept(house, taken))


def _without(reading: Reading, recorded: frozenset[str]) -> Reading:
    """What was read, without the drugs and problems that the chart holds by now."""
    left = tuple(one for one in reading.unread if one["place"][0] not in recorded)
    return replace(reading, unread=left)


def _person(house: House, said: SaidPatient) -> Person:
    """The person to register; raises `IntakeError` with everything that is missing, or somebody who could
    be them."""
    numbers = tuple(Identifier(one.authority, one.value) for one in said.identifiers if one.authority)
    missing = [
        name
        for name, given in (
            ("number with its system", numbers),
            ("family name", said.family),
            ("given name", said.given),
            ("birth date", said.birth_date),
        )
        if not given
    ]
    if missing:
        raise IntakeError(
            Problem(SOURCE, f"the patient has no {name}", remedy="register by hand") for name in missing
        )
    identity = numbers[0].value
    here = house.ledger.people(said.family, limit=1000)
    if any(_same(one, said) for one in here):
        reason = "somebody of this name and birth date is here under other numbers"
        raise IntakeError.one(SOURCE, reason, remedy="add the number to their record, or register by hand")
    if (
        house.ledger.person(identity) is not None
        or house.ledger.results(identity)
        or not identity.isprintable()
    ):
        raise IntakeError.one(SOURCE, "the patient's number names a record here", remedy="register by hand")
    return Person(identity, said.given, said.family, said.birth_date, said.sex, numbers)


def _same(one: Person, said: SaidPatient) -> bool:
    names = plain_name(one.family) == plain_name(said.family) and plain_name(one.given) == plain_name(
        said.given
    )
    return names and one.birth_date == said.birth_date


def _medications(document: FhirDocument) -> Iterator[tuple[Found, Medication]]:
    for one in document.of("MedicationStatement"):
        codes = codes_of(one.resource.get("medicationCodeableConcept"))
        status = _TAKEN.get(str(one.resource.get("status")))
        period = one.resource.get("effectivePeriod")
        since = period.get("start") if isinstance(period, Mapping) else one.resource.get("effectiveDateTime")
        if codes and status is not None:
            yield one, Medication(codes[0], status, day_of(since))


def _problems(document: FhirDocument) -> Iterator[tuple[Found, Condition]]:
    for one in document.of("Condition"):
        codes = [code for code in codes_of(one.resource.get("code")) if code.system in PROBLEM_SYSTEMS]
        status = _status(one.resource)
        if codes and status is not None and not is_indicator(one, load_terminology()):
            yield one, Condition(codes[0], status, day_of(one.resource.get("recordedDate")))


def _status(condition: Mapping[str, Any]) -> ItemStatus | None:
    verified = codes_of_any(condition.get("verificationStatus"))
    if "entered-in-error" in verified:
        return ItemStatus.ENTERED_IN_ERROR
    if verified - {"confirmed"}:
        return None
    said = [_HELD[code] for code in codes_of_any(condition.get("clinicalStatus")) if code in _HELD]
    return said[0] if len(said) == 1 else None
