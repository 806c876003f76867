"""What an EHR's chart says over FHIR that a laboratory asks of an order: a Bundle with one Patient and what
is about them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bedside.errors import IntakeError
from bedside.exchange.fhir_address import Resource, addresses_of, entries_of, is_about
from bedside.exchange.fhir_read import codes_of, is_taken, medication_of, text_of
from bedside.exchange.fhir_said import patient_said
from bedside.exchange.order_fhir import QUESTION
from bedside.exchange.said import SaidPatient
from bedside.genome.code import Code, System

_WHERE = "chart"
_PRESENT = frozenset({"active", "recurrence", "relapse"})
_UNSURE = frozenset({"entered-in-error", "refuted", "unconfirmed", "provisional", "differential"})
_FINAL = frozenset({"final", "amended", "corrected"})
_RACE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race"


@dataclass(frozen=True, slots=True)
class ChartOverFhir:
    """A chart as its EHR gives it. answers: to questions asked of orders, by the question's id."""

    patient: SaidPatient
    ancestry: str
    medicines: tuple[str, ...]
    problems: tuple[Code, ...]
    relatives: tuple[str, ...]
    answers: Mapping[str, str]


def read_chart(bundle: object) -> ChartOverFhir:
    """The chart in a Bundle; raises `IntakeError` when it is none of one patient. What is about somebody
    else, or leads nowhere, is left out."""
    entries = tuple(entries_of(bundle))
    patients = [one for _, one in entries if one.get("resourceType") == "Patient"]
    if not isinstance(bundle, Mapping) or bundle.get("resourceType") != "Bundle" or len(patients) != 1:
        raise IntakeError.one(
            _WHERE, "is no FHIR Bundle with one Patient", remedy="give the chart of one person as a Bundle"
        )
    (patient,) = patients
    known = addresses_of(entries)
    mine = [one for _, one in entries if is_about(one, str(patient.get("id", "")), known)]
    return ChartOverFhir(
        patient=patient_said(patient),
        ancestry=_ancestry(patient),
        medicines=tuple(dict.fromkeys(_medicines(mine, known))),
        problems=tuple(dict.fromkeys(_problems(mine))),
        relatives=tuple(sorted(set(_relatives(mine)))),
        answers=dict(_answers(mine)),
    )


def _of(resources: Sequence[Resource], *kinds: str) -> Iterator[Resource]:
    return (one for one in resources if one.get("resourceType") in kinds)


def _medicines(resources: Sequence[Resource], known: Mapping[str, Resource]) -> Iterator[str]:
    for one in _of(resources, "MedicationRequest", "MedicationStatement"):
        codes, text, named = medication_of(one, known)
        if named and is_taken(one):
            yield shown(codes[0]) if codes else text or "a medicine that is not named"


def _problems(resources: Sequence[Resource]) -> Iterator[Code]:
    for one in _of(resources, "Condition"):
        present = set(_plain(one.get("clinicalStatus"))) or {"active"}
        if present & _PRESENT and not set(_plain(one.get("verificationStatus"))) & _UNSURE:
            yield from (code for code in codes_of(one.get("code")) if code.system is System.ICD10CM)


def _relatives(resources: Sequence[Resource]) -> Iterator[str]:
    for one in _of(resources, "FamilyMemberHistory"):
        if one.get("status") != "entered-in-error" and text_of(one.get("relationship")):
            yield text_of(one.get("relationship")).casefold()


def _answers(resources: Sequence[Resource]) -> Iterator[tuple[str, str]]:
    for one in _of(resources, "Observation"):
        value = one.get("valueString")
        if one.get("status") in _FINAL and isinstance(value, str) and value.strip():
            yield from ((code, value.strip()) for code in _plain(one.get("code"), QUESTION))


def _plain(concept: object, system: str = "") -> Iterator[str]:
    """The codes of a concept, of one system where it is named."""
    codings = concept.get("coding") if isinstance(concept, Mapping) else None
    for one in codings if isinstance(codings, list) else []:
        coded = isinstance(one, Mapping) and isinstance(one.get("code"), str)
        if coded and (not system or one.get("system") == system):
            yield one["code"]


def _ancestry(patient: Resource) -> str:
    """What US Core's race extension says in words."""
    extensions = patient.get("extension")
    for one in extensions if isinstance(extensions, list) else []:
        if isinstance(one, Mapping) and one.get("url") == _RACE:
            parts = one.get("extension")
            for part in parts if isinstance(parts, list) else []:
                if isinstance(part, Mapping) and part.get("url") == "text":
                    return str(part.get("valueString", ""))
    return ""


def shown(code: Code) -> str:
    """A code with its words, as an answer is written."""
    return f"{code.display} ({code.code})" if code.display else code.code
