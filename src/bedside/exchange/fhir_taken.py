"""What a Patient, a prescription, a statement about a drug or a problem says, as the record keeps it.

Everything that keeps one from being taken is said at once. Nothing is guessed: a status that does not say
whether a drug is taken, or whether a problem is there, is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import orjson

from bedside.errors import Problem as Wrong
from bedside.errors import RequestError
from bedside.exchange.fhir_read import codes_of
from bedside.exchange.fhir_shape import misshapen
from bedside.genome.code import Code, System
from bedside.genome.person import Identifier, ItemStatus, Medication, Person, Problem, Sex

Resource = Mapping[str, Any]
_REQUESTED = {
    "active": ItemStatus.ACTIVE,
    "on-hold": ItemStatus.ACTIVE,
    "completed": ItemStatus.ENDED,
    "stopped": ItemStatus.ENDED,
    "cancelled": ItemStatus.ENDED,
    "entered-in-error": ItemStatus.ENTERED_IN_ERROR,
}
_STATED = {
    "active": ItemStatus.ACTIVE,
    "on-hold": ItemStatus.ACTIVE,
    "completed": ItemStatus.ENDED,
    "stopped": ItemStatus.ENDED,
    "not-taken": ItemStatus.ENDED,
    "entered-in-error": ItemStatus.ENTERED_IN_ERROR,
}
_CLINICAL = {
    **dict.fromkeys(("active", "recurrence", "relapse"), ItemStatus.ACTIVE),
    **dict.fromkeys(("inactive", "remission", "resolved"), ItemStatus.ENDED),
}
STATUSES = {"MedicationRequest": _REQUESTED, "MedicationStatement": _STATED}
"""Of each kind the states that are taken, and what each says of the drug."""
_ORDERS = frozenset({"order", "original-order", "reflex-order", "filler-order", "instance-order"})
_DRUGS, _PROBLEMS = (System.RXNORM, System.ATC), (System.SNOMED_CT, System.ICD10CM, System.HPO)
_OWN = frozenset({"id", "meta", "text", "resourceType", "subject", "patient"})


class Unprocessable(RequestError):
    """Understood, and not to be taken as it is (422)."""

    status = 422


def kept(resource: Resource) -> dict[str, Any]:
    """What is kept of a resource beside whose it is: all of it but the id, version and narrative of its
    sender."""
    left = {name: value for name, value in resource.items() if name not in _OWN}
    return {"resourceType": resource["resourceType"], **left}


def item_name(resource: Resource) -> str:
    """What makes a prescription this one: its identifiers, else everything it says but its status."""
    said: object = resource.get("identifier") or {
        name: value for name, value in kept(resource).items() if name not in ("status", "statusReason")
    }
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()[:24]


def person_in(resource: Resource, person: str, ancestry: str = "") -> Person:
    """The person that a Patient describes; raises `Unprocessable`."""
    _shaped(resource)
    problems: list[Wrong] = []
    names = [one for one in _list(resource.get("name")) if isinstance(one, Mapping)]
    name = next((one for one in names if one.get("use") == "official"), names[0] if names else {})
    given = [one for one in _list(name.get("given")) if isinstance(one, str)]
    identifiers = tuple(identifiers_in(resource))
    if not identifiers:
        problems.append(Wrong("Patient.identifier", "is needed: a system and a value by which to find them"))
    sex = resource.get("gender", "unknown")
    if sex not in {one.value for one in Sex}:
        problems.append(Wrong("Patient.gender", "is none of FHIR's four"))
    born = _day(resource.get("birthDate"))
    if resource.get("birthDate") and born is None:
        problems.append(Wrong("Patient.birthDate", "is no whole date", remedy="write it like 1980-01-31"))
    if resource.get("active") is False or resource.get("link"):
        problems.append(Wrong("Patient", "merged and inactive records are not taken over FHIR"))
    if problems:
        raise Unprocessable(problems)
    family = name.get("family", "")
    return Person(person, " ".join(given), family, born, Sex(sex), identifiers, ancestry)


def identifiers_in(resource: Resource) -> Iterator[Identifier]:
    """The numbers of a resource that have a system and a value."""
    for one in _list(resource.get("identifier")):
        if isinstance(one, Mapping) and one.get("system") and one.get("value"):
            yield Identifier(str(one["system"]), str(one["value"]))


def agrees(said: Person, held: Person) -> bool:
    """Whether what is said of a person contradicts nothing that is held of them."""
    pairs = (
        (said.family.casefold(), held.family.casefold()),
        (said.given.casefold(), held.given.casefold()),
        (said.birth_date, held.birth_date),
        ("" if said.sex is Sex.UNKNOWN else said.sex, "" if held.sex is Sex.UNKNOWN else held.sex),
    )
    return all(not one or not other or one == other for one, other in pairs)


def medication_in(resource: Resource) -> Medication:
    """The drug of a MedicationRequest or MedicationStatement; raises `Unprocessable`."""
    _shaped(resource)
    kind = resource["resourceType"]
    problems: list[Wrong] = []
    codes = [one for one in codes_of(resource.get("medicationCodeableConcept")) if one.system in _DRUGS]
    if not codes:
        remedy = "code it in RxNorm or ATC, in medicationCodeableConcept"
        problems.append(Wrong(f"{kind}.medication", "names no drug that is coded", remedy=remedy))
    status = STATUSES[kind].get(str(resource.get("status")))
    if status is None:
        remedy = ", ".join(STATUSES[kind])
        problems.append(Wrong(f"{kind}.status", "does not say whether the drug is taken", remedy=remedy))
    if kind == "MedicationRequest" and resource.get("intent") not in _ORDERS:
        problems.append(Wrong(f"{kind}.intent", "is no order", remedy="drafts are asked about by CDS Hooks"))
    if resource.get("doNotPerform"):
        problems.append(Wrong(f"{kind}.doNotPerform", "what is not to be given is not kept as taken"))
    if problems or status is None:
        raise Unprocessable(problems)
    period = resource.get("effectivePeriod")
    started = period.get("start") if isinstance(period, Mapping) else None
    since = _day(resource.get("authoredOn") or started or resource.get("effectiveDateTime"))
    return Medication(codes[0], status, since)


def problem_in(resource: Resource) -> Problem:
    """The problem of a Condition; raises `Unprocessable`."""
    _shaped(resource)
    problems: list[Wrong] = []
    codes = [one for one in codes_of(resource.get("code")) if one.system in _PROBLEMS]
    if not codes:
        remedy = "code it in SNOMED CT, ICD-10-CM or HPO"
        problems.append(Wrong("Condition.code", "names no problem that is coded", remedy=remedy))
    verified = _first_code(resource.get("verificationStatus")) or "confirmed"
    status = _CLINICAL.get(_first_code(resource.get("clinicalStatus")))
    if verified == "entered-in-error":
        status = ItemStatus.ENTERED_IN_ERROR
    elif verified != "confirmed":
        problems.append(Wrong("Condition.verificationStatus", "only what is confirmed is on the list"))
    if status is None:
        problems.append(Wrong("Condition.clinicalStatus", "is needed", remedy=", ".join(_CLINICAL)))
    if problems or status is None:
        raise Unprocessable(problems)
    return Problem(codes[0], status, _day(resource.get("onsetDateTime") or resource.get("recordedDate")))


def plain_item(code: Code, status: ItemStatus, since: date | None) -> dict[str, Any]:
    """A drug or a problem as an event's payload holds it."""
    return {
        "system": code.system.value,
        "code": code.code,
        "display": code.display,
        "status": status.value,
        "since": None if since is None else since.isoformat(),
    }


def _shaped(resource: Resource) -> None:
    wrong = [Wrong(path, reason) for path, reason in misshapen(resource, str(resource["resourceType"]))]
    if wrong:
        raise RequestError(wrong)


def _first_code(concept: object) -> str:
    codings = _list(concept.get("coding")) if isinstance(concept, Mapping) else []
    return next((str(one["code"]) for one in codings if isinstance(one, Mapping) and one.get("code")), "")


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _day(text: object) -> date | None:
    """The day of a date or a moment; None of what is less exact."""
    try:
        return date.fromisoformat(str(text)[:10]) if isinstance(text, str) else None
    except ValueError:
        return None
