"""Made-up FHIR reports about Ada Osei, to be changed one thing at a time."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

LOINC = "http://loinc.org"
HGNC = "http://www.genenames.org"
HOSPITAL = "urn:oid:2.16.840.1.113883.19.5"
TBD = "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/tbd-codes-cs"
INDICATORS = "https://open.epic.com/FHIR/StructureDefinition/condition-category"


def coded(code: str, display: str = "", system: str = LOINC) -> dict[str, Any]:
    coding = {"system": system, "code": code}
    return {"coding": [coding | ({"display": display} if display else {})]}


def component(code: str, value: dict[str, Any], system: str = LOINC) -> dict[str, Any]:
    return {"code": coded(code, system=system), "valueCodeableConcept": value}


def gene(symbol: str, number: str) -> dict[str, Any]:
    return component("48018-6", coded(number, symbol, HGNC))


def observation(identity: str, code: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": identity,
        "status": "final",
        "code": code,
        "subject": {"reference": "Patient/ada"},
        **more,
    }


PATIENT = {
    "resourceType": "Patient",
    "id": "ada",
    "identifier": [{"system": HOSPITAL, "value": "MRN12345"}],
    "name": [
        {"use": "old", "family": "Mensah"},
        {"use": "official", "family": "Osei", "given": ["Ada", "Efua"]},
    ],
    "birthDate": "1980-01-01",
    "gender": "female",
}
LABORATORY = {"resourceType": "Organization", "id": "lab", "name": "Genlab"}
CYP2C19 = gene("CYP2C19", "HGNC:2621")
GENOTYPE = observation(
    "genotype", coded("84413-4"), component=[CYP2C19], valueCodeableConcept={"text": "CYP2C19 *2/*2"}
)
IMPLICATION = observation(
    "implication",
    coded("therapeutic-implication", system=TBD),
    derivedFrom=[{"reference": "Observation/genotype"}],
    component=[
        component("therapeutic-implication", coded("LA9657-3", "Poor metabolizer"), TBD),
        component("51963-7", coded("32968", "clopidogrel", "http://www.nlm.nih.gov/research/umls/rxnorm")),
    ],
)
VARIANT = observation(
    "variant",
    coded("69548-6"),
    valueCodeableConcept=coded("LA9633-4", "Present"),
    component=[
        gene("BRCA1", "HGNC:1100"),
        component("48004-6", coded("NM_007294.4:c.68_69del", system="http://varnomen.hgvs.org")),
        component("53034-5", coded("LA6706-1", "Heterozygous")),
        component("48002-0", coded("LA6683-2", "Germline")),
        {"code": coded("81258-6"), "valueQuantity": {"value": 0.48, "unit": "relative frequency"}},
    ],
)
MEANS = observation(
    "means",
    coded("diagnostic-implication", system=TBD),
    derivedFrom=[{"reference": "Observation/variant"}],
    component=[
        component("53037-8", coded("LA6668-3", "Pathogenic")),
        component("81259-4", {"text": "hereditary breast and ovarian cancer"}),
    ],
)
REPORT = {
    "resourceType": "DiagnosticReport",
    "id": "report",
    "identifier": [{"system": "urn:genlab", "value": "R1"}],
    "status": "final",
    "code": coded("51969-4"),
    "subject": {"reference": "Patient/ada"},
    "issued": "2026-03-01T10:00:00Z",
    "performer": [{"reference": "Organization/lab"}],
    "result": [
        {"reference": f"Observation/{name}"} for name in ("genotype", "implication", "variant", "means")
    ],
}
EVERYTHING = (REPORT, PATIENT, LABORATORY, GENOTYPE, IMPLICATION, VARIANT, MEANS)


def bundle(*resources: dict[str, Any], **envelope: Any) -> dict[str, Any]:
    entries = [
        {"fullUrl": f"https://lab.example/fhir/{one['resourceType']}/{one['id']}", "resource": deepcopy(one)}
        for one in resources or EVERYTHING
    ]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries, **envelope}


def document(*resources: dict[str, Any], **envelope: Any) -> bytes:
    return json.dumps(bundle(*resources, **envelope), indent=1).encode()


def changed(of: dict[str, Any], **more: Any) -> dict[str, Any]:
    return deepcopy(of) | more


def swapped(*new: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    """Everything, with some resources in the place of those of the same id."""
    by = {one["id"]: one for one in new}
    return tuple(by.get(one["id"], one) for one in EVERYTHING)
