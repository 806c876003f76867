"""What a dispense, an administration, an appointment, a preauthorisation or a harm says of somebody.

A status that says nothing yet (a medicine in preparation, an appointment proposed) is taken and says nothing;
one that takes back what it said before says so. What cannot be told apart is refused. A dispense proves
pick-up only. A time that is a day counts from its beginning in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from bedside.errors import Problem
from bedside.exchange.fhir_read import codes_of, text_of
from bedside.exchange.fhir_taken import Unprocessable, identifiers_in
from bedside.genome.code import System

Resource = Mapping[str, Any]
SIGNAL_TYPES = (
    *("MedicationDispense", "MedicationAdministration", "Appointment", "Claim", "ClaimResponse"),
    "AdverseEvent",
)
"""Types that are taken as what they say, and are not kept as resources."""

_GONE = frozenset({"entered-in-error", "cancelled", "stopped", "declined", "not-done", "potential"})
_QUIET = {
    "MedicationDispense": frozenset({"preparation", "in-progress", "on-hold", "unknown"}),
    "MedicationAdministration": frozenset({"in-progress", "on-hold", "unknown"}),
    "Appointment": frozenset({"proposed", "pending", "waitlist"}),
    "Claim": frozenset({"draft"}),
    "ClaimResponse": frozenset({"draft"}),
    "AdverseEvent": frozenset(),
}
_MET = frozenset({"arrived", "checked-in", "fulfilled"})
_REVIEWED = {
    "A1": "approved",
    "A2": "approved",
    "A6": "approved",
    "A3": "denied",
    "A4": "pended",
    "A5": "denied",
}
"""Codes of a health care services review (X12 306): certified, partly, modified, not certified, pended."""
_EXCLUDES = {
    "appointment-kept": ("appointment-missed",),
    "appointment-missed": ("appointment-kept",),
    "authorisation-approved": ("authorisation-denied",),
    "authorisation-denied": ("authorisation-approved",),
}


@dataclass(frozen=True, slots=True)
class Heard:
    """What a resource says. name: its own, the same whenever it is sent. signal: "" where it says nothing.
    at: None for when it was sent. takes_back: which of its signals no longer hold, all for None."""

    name: str
    signal: str = ""
    at: datetime | None = None
    attributes: tuple[tuple[str, str], ...] = ()
    takes_back: tuple[str, ...] | None = ()


def subject_of(resource: Resource) -> object:
    """Whom a resource is about, as it says it: the one participant of an appointment who is a patient."""
    if resource["resourceType"] != "Appointment":
        return resource.get("subject") or resource.get("patient") or resource.get("beneficiary")
    actors = (one.get("actor") for one in _list(resource.get("participant")) if isinstance(one, Mapping))
    patients = [one for one in actors if isinstance(one, Mapping) and _is_patient(one)]
    return patients[0] if len(patients) == 1 else None


def heard(resource: Resource) -> Heard:
    """What a resource says; raises `Unprocessable` with every reason that keeps it from being taken."""
    kind = str(resource["resourceType"])
    status = str(resource.get("actuality" if kind == "AdverseEvent" else "status"))
    numbers = sorted(f"{one.system}|{one.value}" for one in identifiers_in(_several(resource)))
    problems = []
    if not numbers:
        problems.append(Problem(f"{kind}.identifier", "is needed, so that the same is taken once"))
    found = Heard("")
    name = f"{kind}/{numbers[0]}" if numbers else ""
    try:
        if status in _GONE:
            found = Heard(name, takes_back=None)
        elif status in _QUIET[kind]:
            found = Heard(name)
        else:
            signal, at, said = _SAYS[kind](resource, status)
            found = Heard(name, signal, at, said, _EXCLUDES.get(signal, ()))
    except Unprocessable as error:
        problems += error.problems
    if problems:
        raise Unprocessable(problems)
    return found


_Said = tuple[str, datetime | None, tuple[tuple[str, str], ...]]


def _dispensed(resource: Resource, status: str) -> _Said:
    _only(resource, status, ("completed",))
    at = _moment(resource, "whenHandedOver")
    if at is None:
        remedy = "what is only prepared was not picked up"
        raise Unprocessable.one("MedicationDispense.whenHandedOver", "is needed", remedy=remedy)
    return "dispensed", at, _drug(resource)


def _given(resource: Resource, status: str) -> _Said:
    _only(resource, status, ("completed",))
    period = resource.get("effectivePeriod")
    at = _moment(resource, "effectiveDateTime") or (
        _moment(period, "start", "MedicationAdministration.effectivePeriod")
        if isinstance(period, Mapping)
        else None
    )
    if at is None:
        raise Unprocessable.one("MedicationAdministration.effective", "is needed: when it was given")
    return "first-dose-confirmed", at, (("by", "administration"), *_drug(resource))


def _appointment(resource: Resource, status: str) -> _Said:
    _only(resource, status, ("booked", "noshow", *sorted(_MET)))
    services = (*_list(resource.get("serviceType")), *_list(resource.get("specialty")))
    named = next((text for text in map(text_of, services) if text), "")
    said = (("with", named[:80]),) if named else ()
    if status == "booked":
        return "appointment-made", _moment(resource, "created"), said
    at = _moment(resource, "start")
    if at is None:
        raise Unprocessable.one("Appointment.start", "is needed")
    return ("appointment-kept" if status in _MET else "appointment-missed"), at, said


def _asked(resource: Resource, status: str) -> _Said:
    _only(resource, status, ("active",))
    _preauthorisation(resource)
    return "authorisation-requested", _moment(resource, "created"), _payer(resource)


def _answered(resource: Resource, status: str) -> _Said:
    _only(resource, status, ("active",))
    _preauthorisation(resource)
    told = {_REVIEWED[code] for code in _review_codes(resource) if code in _REVIEWED}
    outcome = resource.get("outcome")
    if len(told) > 1:
        reason = "its items were decided in different ways"
        raise Unprocessable.one("ClaimResponse.item", reason, remedy="one response for each medicine")
    decided = next(iter(told), "")
    if not decided and outcome == "complete" and resource.get("preAuthRef"):
        decided = "approved"
    if decided == "pended" or (not decided and outcome in ("queued", "partial")):
        return "", None, ()
    if not decided:
        remedy = "a review action of X12 306 (A1 to A6), or outcome complete with preAuthRef"
        raise Unprocessable.one("ClaimResponse", "does not say what the payer decided", remedy=remedy)
    return f"authorisation-{decided}", _moment(resource, "created"), _payer(resource)


def _harmed(resource: Resource, status: str) -> _Said:
    """A suspected adverse reaction: to which medicines, which coded reaction, whether it was serious."""
    _only(resource, status, ("actual",))
    at = _moment(resource, "date") or _moment(resource, "detected")
    problems = [] if at else [Problem("AdverseEvent.date", "is needed: when it happened, or was detected")]
    drugs = dict.fromkeys(_suspected(resource))
    if not drugs:
        remedy = "code it in RxNorm or ATC in a contained Medication that suspectEntity.instance refers to"
        problems.append(Problem("AdverseEvent.suspectEntity", "names no drug that is coded", remedy=remedy))
    reactions = codes_of(resource.get("event"))
    if not reactions:
        problems.append(Problem("AdverseEvent.event", "is not coded", remedy="SNOMED CT or ICD-10-CM"))
    if problems:
        raise Unprocessable(problems)
    seriousness = resource.get("seriousness")
    codings = _list(seriousness.get("coding")) if isinstance(seriousness, Mapping) else []
    told = [
        _SERIOUS[one["code"]] for one in codings if isinstance(one, Mapping) and one.get("code") in _SERIOUS
    ]
    said = [("drug", " ".join(drugs)), ("reaction", reactions[0].code)]
    return "adverse-reaction", at, (*said, *((("serious", told[0]),) if told else ()))


_SERIOUS = {"serious": "yes", "non-serious": "no"}
"""Codes of AdverseEventSeriousness (FHIR R4), a system of its own."""


def _suspected(resource: Resource) -> Iterator[str]:
    """The coded medicines that are suspected, each in a contained Medication."""
    held = {f"#{one.get('id')}": one for one in _list(resource.get("contained")) if isinstance(one, Mapping)}
    for entity in _list(resource.get("suspectEntity")):
        instance = entity.get("instance") if isinstance(entity, Mapping) else None
        medicine = held.get(str(instance.get("reference"))) if isinstance(instance, Mapping) else None
        for one in codes_of(medicine.get("code")) if medicine else ():
            if one.system in (System.RXNORM, System.ATC):
                yield one.code
                break


def _several(resource: Resource) -> Resource:
    """The resource with its identifiers as a list: an AdverseEvent has one, which is none."""
    found = resource.get("identifier")
    return {**resource, "identifier": [found]} if isinstance(found, Mapping) else resource


_SAYS = {
    "MedicationDispense": _dispensed,
    "MedicationAdministration": _given,
    "Appointment": _appointment,
    "Claim": _asked,
    "ClaimResponse": _answered,
    "AdverseEvent": _harmed,
}


def _only(resource: Resource, status: str, known: tuple[str, ...]) -> None:
    kind = str(resource["resourceType"])
    if status not in known:
        every = sorted({*known, *_QUIET[kind], *_GONE})
        raise Unprocessable.one(f"{kind}.status", "is not understood", remedy=", ".join(every))


def _preauthorisation(resource: Resource) -> None:
    if resource.get("use") != "preauthorization":
        kind = str(resource["resourceType"])
        raise Unprocessable.one(f"{kind}.use", "only preauthorization says something of a pathway")


def _drug(resource: Resource) -> tuple[tuple[str, str], ...]:
    codes = codes_of(resource.get("medicationCodeableConcept"))
    found = [one.code for one in codes if one.system in (System.RXNORM, System.ATC)]
    if not found:
        kind = str(resource["resourceType"])
        remedy = "code it in RxNorm or ATC, in medicationCodeableConcept"
        raise Unprocessable.one(f"{kind}.medication", "names no drug that is coded", remedy=remedy)
    return (("drug", found[0]),)


def _payer(resource: Resource) -> tuple[tuple[str, str], ...]:
    named = resource.get("insurer")
    display = named.get("display") if isinstance(named, Mapping) else None
    return (("payer", display[:80]),) if isinstance(display, str) and display else ()


def _review_codes(value: object) -> Iterator[str]:
    """Every code of a review action within the items of a response, however deep its extension lies."""
    if isinstance(value, list):
        for one in value:
            yield from _review_codes(one)
    elif isinstance(value, Mapping):
        system, code = value.get("system"), value.get("code")
        if isinstance(system, str) and "x12.org" in system and "306" in system and isinstance(code, str):
            yield code
        for name in (
            "item",
            "addItem",
            "adjudication",
            "extension",
            "valueCodeableConcept",
            "reason",
            "coding",
        ):
            yield from _review_codes(value.get(name))


def _moment(resource: Resource, name: str, path: str = "") -> datetime | None:
    text = resource.get(name)
    if text is None:
        return None
    where = f"{path or resource['resourceType']}.{name}"
    try:
        if isinstance(text, str) and len(text) == len("2026-01-31"):
            return datetime.combine(date.fromisoformat(text), time(), UTC)
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Unprocessable.one(where, "is no day, and no moment with its zone")
    return found.astimezone(UTC)


def _is_patient(actor: Mapping[str, Any]) -> bool:
    reference = actor.get("reference", "")
    return (
        "Patient/" in str(reference)
        or str(reference).startswith("Patient?")
        or actor.get("type") == "Patient"
    )


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
