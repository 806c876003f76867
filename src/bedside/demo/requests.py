"""CDS Hooks requests as an EHR would send them about the made-up people, with prefetch in FHIR R4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from bedside.demo.people import MadeUpPerson
from bedside.genome.code import System
from bedside.genome.diplotype import Diplotype
from bedside.knowledge.pgx import Drug, PgxPack

LOINC = System.LOINC.value
PRESCRIBER = "Practitioner/demo-prescriber"


def patient_view(person: MadeUpPerson, pack: PgxPack) -> dict[str, Any]:
    """The chart is opened."""
    return _request("patient-view", person, pack, {})


def order_select(person: MadeUpPerson, pack: PgxPack, drug: str) -> dict[str, Any]:
    """A drug is chosen; it is the only selection."""
    draft = draft_order(person, pack.drugs[drug])
    context = {"draftOrders": _bundle([draft]), "selections": [f"MedicationRequest/{draft['id']}"]}
    return _request("order-select", person, pack, context)


def order_sign(person: MadeUpPerson, pack: PgxPack, drugs: Iterable[str]) -> dict[str, Any]:
    """Drafts are about to be signed."""
    drafts = [draft_order(person, pack.drugs[drug]) for drug in drugs]
    return _request("order-sign", person, pack, {"draftOrders": _bundle(drafts)})


def open_order_set(person: MadeUpPerson, pack: PgxPack, order_set: str) -> dict[str, Any]:
    """An order set of the house is opened for the person; asks for it to be filtered."""
    request = _request("order-set-filter", person, pack, {})
    return {
        "requestId": str(uuid5(NAMESPACE_URL, f"urn:bedside:demo:{person.person}/{order_set}")),
        "userId": PRESCRIBER,
        "patientId": person.person,
        "prefetch": request["prefetch"],
        "orderSet": order_set,
    }


def draft_order(person: MadeUpPerson, drug: Drug) -> dict[str, Any]:
    """A draft MedicationRequest for an ingredient, coded in RxNorm."""
    return _order(person, drug, "draft")


def genotype_observation(person: str, gene: str, hgnc: str, diplotype: Diplotype | str) -> dict[str, Any]:
    """A genotype as HL7 Genomics Reporting writes it, for requests that must work without the record."""
    return {
        "resourceType": "Observation",
        "id": f"genotype-{person}-{gene}".lower(),
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": "84413-4", "display": "Genotype display name"}]},
        "subject": {"reference": f"Patient/{person}"},
        "valueCodeableConcept": {"text": str(diplotype)},
        "component": [
            {
                "code": {"coding": [{"system": LOINC, "code": "48018-6", "display": "Gene studied [ID]"}]},
                "valueCodeableConcept": {
                    "coding": [{"system": System.HGNC.value, "code": hgnc, "display": gene}]
                },
            }
        ],
    }


def with_genotypes(request: Mapping[str, Any], observations: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The same request with genotypes in its prefetch."""
    prefetch = {**request["prefetch"], "genotypes": _bundle(list(observations))}
    return {**request, "prefetch": prefetch}


def _request(hook: str, person: MadeUpPerson, pack: PgxPack, context: Mapping[str, Any]) -> dict[str, Any]:
    orders = [_order(person, pack.drugs[name], "active") for name in person.medicines]
    subject = f"{hook}/{person.person}/{sorted(context)}/{[*_ordered(context)]}"
    return {
        "hook": hook,
        "hookInstance": str(uuid5(NAMESPACE_URL, f"urn:bedside:demo:{subject}")),
        "context": {"userId": PRESCRIBER, "patientId": person.person, **context},
        "prefetch": {
            "patient": patient(person),
            "medications": _bundle(orders),
            "problems": _bundle([_condition(person, number) for number in range(len(person.conditions))]),
        },
    }


def patient(person: MadeUpPerson) -> dict[str, Any]:
    """The person as a FHIR Patient."""
    return {
        "resourceType": "Patient",
        "id": person.person,
        "name": [{"use": "official", "family": person.family, "given": [person.given]}],
        "gender": person.sex.value,
        "birthDate": person.birth_date.isoformat(),
        "communication": [{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": person.language}]}}],
    }


def _ordered(context: Mapping[str, Any]) -> Iterable[str]:
    return (entry["resource"]["id"] for entry in context.get("draftOrders", {}).get("entry", ()))


def _order(person: MadeUpPerson, drug: Drug, status: str) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": f"{status}-{person.person}-{drug.rxnorm}",
        "status": status,
        "intent": "order",
        "subject": {"reference": f"Patient/{person.person}"},
        "medicationCodeableConcept": {
            "coding": [{"system": System.RXNORM.value, "code": drug.rxnorm, "display": drug.name}],
            "text": drug.name,
        },
    }


def _condition(person: MadeUpPerson, number: int) -> dict[str, Any]:
    condition = person.conditions[number]
    return {
        "resourceType": "Condition",
        "id": f"problem-{person.person}-{number + 1}",
        "clinicalStatus": {
            "coding": [
                {"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}
            ]
        },
        "subject": {"reference": f"Patient/{person.person}"},
        "code": {
            "coding": [
                {"system": condition.system.value, "code": condition.code, "display": condition.words}
            ],
            "text": condition.words,
        },
    }


def _bundle(resources: list[Mapping[str, Any]] | list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": resource} for resource in resources],
    }
