"""Who people are, what they take and what they have: events that say so; and who of them a finding
concerns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bedside.errors import InputError, RequestError
from bedside.genome.code import Code, System
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.person import Medication, Person, Problem
from bedside.service.house import House


@dataclass(frozen=True, slots=True)
class Registration:
    """What is registered of one person at once."""

    person: Person
    medications: tuple[Medication, ...] = ()
    problems: tuple[Problem, ...] = ()


def register_person(
    house: House,
    person: Person,
    medications: Iterable[Medication] = (),
    problems: Iterable[Problem] = (),
    *,
    actor: str = "registration",
    valid_at: datetime | None = None,
) -> None:
    """Register one person, or what changed of them; what is known already is not written again."""
    registration = Registration(person, tuple(medications), tuple(problems))
    register_people(house, [registration], actor=actor, valid_at=valid_at)


def register_people(
    house: House,
    registrations: Sequence[Registration],
    *,
    actor: str = "registration",
    valid_at: datetime | None = None,
) -> int:
    """Register many people in one transaction; the number of events written.

    Raises `InputError` when an identifier belongs to somebody else, with nothing stored.
    """
    when = valid_at or house.clock()
    _check_identifiers(house, registrations)
    events = [event for registration in registrations for event in _changes(house, registration, actor, when)]
    house.ledger.append(events)
    return len(events)


def record_medication(
    house: House,
    person: str,
    medication: Medication,
    *,
    actor: str = "registration",
    valid_at: datetime | None = None,
) -> None:
    """Record that a person takes, or no longer takes, a drug."""
    event = _item(
        EventKind.MEDICATION_RECORDED, person, medication.drug, medication, actor, valid_at or house.clock()
    )
    house.ledger.append([event])


def record_problem(
    house: House,
    person: str,
    problem: Problem,
    *,
    actor: str = "registration",
    valid_at: datetime | None = None,
) -> None:
    """Record that a person has, or no longer has, a condition."""
    event = _item(
        EventKind.PROBLEM_RECORDED, person, problem.condition, problem, actor, valid_at or house.clock()
    )
    house.ledger.append([event])


def people_with(house: House, gene: str, phenotype: str, drug: str = "") -> tuple[str, ...]:
    """Everybody whose record gives a gene this phenotype and, if named, who takes the drug now; in order of
    id.

    `drug` is an ingredient's name as the knowledge release writes it. People whose results disagree, or whose
    candidate diplotypes do, count for none of the phenotypes. Raises `RequestError` for an unknown gene or
    drug.
    """
    if gene not in house.pgx.genes:
        raise RequestError.one("gene", "not a gene of this knowledge release")
    among = None if not drug else house.ledger.people_on(drug_codes(house, drug))
    if among is not None and not among:
        return ()
    answers = house.ledger.gene_answers(gene, among)
    calls = house.ledger.calls({digest for digests in answers.values() for digest in digests})
    settled = {digest for digest, call in calls.items() if call.phenotypes == (phenotype,)}
    open_persons = [person for person, digests in answers.items() if len(digests) > 1 and digests & settled]
    found = [person for person, digests in answers.items() if len(digests) == 1 and digests <= settled]
    for person in open_persons:
        if house.ledger.person_calls(person)[gene].phenotypes == (phenotype,):
            found.append(person)
    return tuple(sorted(found))


def drug_codes(house: House, drug: str) -> tuple[Code, ...]:
    """The codes an ingredient is recorded under: RxNorm, then ATC."""
    known = house.pgx.drugs.get(drug)
    if known is None:
        raise RequestError.one("drug", "not a drug of this knowledge release")
    atc = tuple(Code(System.ATC, code) for code in known.atc)
    return (Code(System.RXNORM, known.rxnorm), *atc) if known.rxnorm else atc


def _check_identifiers(house: House, registrations: Sequence[Registration]) -> None:
    owners: dict[tuple[str, str], str] = {}
    taken = 0
    for registration in registrations:
        for identifier in registration.person.identifiers:
            held = owners.setdefault((identifier.system, identifier.value), registration.person.person)
            owner = house.ledger.find_person(identifier) or held
            taken += owner != registration.person.person or held != registration.person.person
    if taken:
        raise InputError.one(
            "registration",
            f"{taken} identifier(s) already belong to another person",
            remedy="merge the records, or correct the identifier",
        )


def _changes(house: House, registration: Registration, actor: str, when: datetime) -> Iterable[NewEvent]:
    person = registration.person
    held = house.ledger.person(person.person)
    if held != person:
        yield NewEvent(EventKind.PERSON_REGISTERED, actor, when, person.person, demographics(person))
    medications = house.ledger.medications(person.person) if held else ()
    problems = house.ledger.problems(person.person) if held else ()
    for medication in registration.medications:
        if medication not in medications:
            yield _item(
                EventKind.MEDICATION_RECORDED, person.person, medication.drug, medication, actor, when
            )
    for problem in registration.problems:
        if problem not in problems:
            yield _item(EventKind.PROBLEM_RECORDED, person.person, problem.condition, problem, actor, when)


def demographics(person: Person) -> dict[str, Any]:
    """Who somebody is, as an event's payload holds it."""
    return {
        "given": person.given,
        "family": person.family,
        "birth_date": None if person.birth_date is None else person.birth_date.isoformat(),
        "sex": person.sex.value,
        "identifiers": [{"system": each.system, "value": each.value} for each in person.identifiers],
        "ancestry": person.ancestry,
    }


def _item(
    kind: EventKind, person: str, code: Code, item: Medication | Problem, actor: str, when: datetime
) -> NewEvent:
    payload = {
        "system": code.system.value,
        "code": code.code,
        "display": code.display,
        "status": item.status.value,
        "since": None if item.since is None else item.since.isoformat(),
    }
    return NewEvent(kind, actor, when, person, payload)
