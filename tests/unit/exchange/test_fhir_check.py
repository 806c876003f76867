"""Each kind of rule that the profile checker knows, on the smallest resource that breaks it."""

from __future__ import annotations

from typing import Any

import pytest

from bedside.exchange.fhir_check import GUIDE, check
from bedside.exchange.fhir_fault import Rule

LOINC = "http://loinc.org"
Json = dict[str, Any]


def variant(**changed: Any) -> Json:
    """A correct variant; an element that is changed to None is left out."""
    whole: Json = {
        "resourceType": "Observation",
        "id": "v1",
        "meta": {"profile": [f"{GUIDE}variant"]},
        "status": "final",
        "category": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                        "code": "laboratory",
                    }
                ]
            },
            {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "GE"}]},
        ],
        "code": {"coding": [{"system": LOINC, "code": "69548-6"}]},
        "subject": {"reference": "Patient/p1"},
        "valueCodeableConcept": {"coding": [{"system": LOINC, "code": "LA9633-4"}]},
        **changed,
    }
    return {name: value for name, value in whole.items() if value is not None}


def found(resource: Json, *beside: Json) -> set[tuple[str, Rule]]:
    return {(one.path, one.rule) for one in check(resource, beside=beside).faults}


def test_a_correct_variant_has_no_fault() -> None:
    checked = check(variant())
    assert (checked.faults, checked.resources, checked.claims) == ((), 1, 1)


@pytest.mark.parametrize(
    ("changed", "path", "rule"),
    [
        ({"status": None}, "Observation.status", Rule.CARDINALITY),
        ({"status": "done"}, "Observation.status", Rule.BINDING),
        ({"status": ["final"]}, "Observation.status", Rule.JSON),
        ({"note": {"text": "x"}}, "Observation.note", Rule.JSON),
        ({"note": []}, "Observation.note", Rule.JSON),
        ({"surprise": 1}, "Observation", Rule.UNKNOWN),
        ({"valueRocket": 1}, "Observation", Rule.UNKNOWN),
        ({"issued": "2026-01-01"}, "Observation.issued", Rule.FORMAT),
        ({"category": [{"text": "x"}]}, "Observation.category:labCategory", Rule.CARDINALITY),
        ({"code": {"coding": [{"system": LOINC, "code": "1-8"}]}}, "Observation.code", Rule.VALUE),
        ({"subject": {"reference": "Medication/1"}}, "Observation.subject", Rule.REFERENCE),
        ({"subject": {"reference": "#gone"}}, "Observation.subject", Rule.REFERENCE),
        ({"dataAbsentReason": {"text": "x"}}, "Observation", Rule.INVARIANT),
        ({"meta": {"profile": [f"{GUIDE}nothing"]}}, "Observation", Rule.PROFILE),
        ({"meta": {"profile": [f"{GUIDE}genomic-report"]}}, "Observation", Rule.PROFILE),
        ({"contained": [{"resourceType": "Rocket"}]}, "Observation.contained[0]", Rule.JSON),
    ],
)
def test_a_broken_rule_is_named_with_its_place(changed: Json, path: str, rule: Rule) -> None:
    assert (path, rule) in found(variant(**changed))


def test_a_coded_value_must_be_of_the_required_answer_list() -> None:
    of_another_list = {"coding": [{"system": LOINC, "code": "LA26421-0"}]}
    assert found(variant(valueCodeableConcept=of_another_list)) == {
        ("Observation.valueCodeableConcept", Rule.BINDING)
    }


def test_a_reference_is_followed_to_what_is_beside_it() -> None:
    patient = {"resourceType": "Patient", "id": "p1"}
    bundle: Json = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"fullUrl": "urn:uuid:0f7d2f3c-4f0a-4d0e-9a3e-6a8f3b1c2d4e", "resource": patient},
            {
                "fullUrl": "urn:uuid:1f7d2f3c-4f0a-4d0e-9a3e-6a8f3b1c2d4e",
                "resource": variant(
                    subject={"reference": "urn:uuid:0f7d2f3c-4f0a-4d0e-9a3e-6a8f3b1c2d4e"},
                    specimen={"reference": "urn:uuid:0f7d2f3c-4f0a-4d0e-9a3e-6a8f3b1c2d4e"},
                ),
            },
        ],
    }
    assert found(bundle) == {("Bundle.entry[1].resource.specimen", Rule.REFERENCE)}


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        ({"resourceType": "Bundle", "type": "collection", "total": 1}, "Bundle"),
        ({"resourceType": "Parameters", "parameter": [{"name": "x"}]}, "Parameters.parameter[0]"),
        (
            {"resourceType": "Patient", "name": [{"period": {"start": "2026-02", "end": "2026-01"}}]},
            "Patient.name[0].period",
        ),
        ({"resourceType": "Patient", "extension": [{"url": "http://x.org/y"}]}, "Patient.extension[0]"),
        ({"resourceType": "Patient", "telecom": [{"value": "1"}]}, "Patient.telecom[0]"),
    ],
)
def test_simple_invariants(resource: Json, path: str) -> None:
    assert found(resource) == {(path, Rule.INVARIANT)}


def test_an_extension_of_the_guide_is_checked_wherever_it_stands() -> None:
    wrong = {"url": f"{GUIDE}genomic-study-analysis-title", "valueInteger": 1}
    resource = {"resourceType": "Patient", "extension": [wrong]}
    assert (("Patient.extension[0].valueInteger", Rule.TYPE)) in found(resource)


def test_what_is_no_resource_says_so() -> None:
    assert found({}) == {("?", Rule.JSON)}
    assert found({"resourceType": "HumanName"}) == {("HumanName", Rule.JSON)}
