"""FHIR conditions and measurements become coded findings with what is said of them."""

from __future__ import annotations

import orjson
import pytest

from bedside.errors import IntakeError
from bedside.genome.case import FeatureStatus
from bedside.intake.fhir_findings import CodedFinding, read_findings

SNOMED, LOINC = "http://snomed.info/sct", "http://loinc.org"


def coded(system: str, code: str) -> dict:
    return {"coding": [{"system": system, "code": code, "display": "words"}]}


def read(*resources: dict) -> tuple[CodedFinding, ...]:
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": one} for one in resources],
    }
    return read_findings(orjson.dumps(bundle), "chart.json")


@pytest.mark.parametrize(
    ("verified", "status"),
    [
        ("confirmed", FeatureStatus.OBSERVED),
        ("refuted", FeatureStatus.EXCLUDED),
        ("provisional", FeatureStatus.UNCERTAIN),
        ("differential", FeatureStatus.UNCERTAIN),
        ("unconfirmed", FeatureStatus.UNCERTAIN),
    ],
)
def test_a_condition_is_as_certain_as_it_says(verified: str, status: FeatureStatus) -> None:
    one = {
        "resourceType": "Condition",
        "code": coded(SNOMED, "1"),
        "verificationStatus": {"coding": [{"code": verified}]},
    }
    assert [(each.status, each.place) for each in read(one)] == [(status, "chart.json:/entry/0/Condition")]


def test_what_was_entered_in_error_says_nothing() -> None:
    wrong = {"verificationStatus": {"coding": [{"code": "entered-in-error"}]}}
    assert read({"resourceType": "Condition", "code": coded(SNOMED, "1"), **wrong}) == ()
    assert read({"resourceType": "Observation", "status": "cancelled", "code": coded(LOINC, "1")}) == ()
    absent = {"status": "final", "dataAbsentReason": {}, "interpretation": [coded("x", "H")]}
    assert read({"resourceType": "Patient"}) == ()
    assert (
        read(
            {
                "resourceType": "Observation",
                "code": coded(LOINC, "1"),
                **absent,
                "dataAbsentReason": {"text": "x"},
            }
        )
        == ()
    )


@pytest.mark.parametrize(
    ("code", "outcome"), [("HH", "H"), ("L", "L"), ("N", "N"), ("A", "A"), ("ND", "NEG")]
)
def test_a_measurement_means_what_its_interpretation_says(code: str, outcome: str) -> None:
    one = {
        "resourceType": "Observation",
        "status": "final",
        "code": coded(LOINC, "2823-3"),
        "interpretation": [coded("x", code)],
    }
    assert [(each.outcome, each.status) for each in read(one)] == [(outcome, FeatureStatus.OBSERVED)]
    assert read({**one, "status": "preliminary"})[0].status is FeatureStatus.UNCERTAIN
    assert read({**one, "interpretation": [coded("x", "H"), coded("x", "L")]}) == ()


def test_a_relatives_condition_is_the_relatives() -> None:
    one = {"resourceType": "FamilyMemberHistory", "condition": [{"code": coded(SNOMED, "1")}]}
    assert [each.status for each in read(one)] == [FeatureStatus.FAMILY]


def test_every_problem_is_named_at_once_without_what_the_document_says() -> None:
    with pytest.raises(IntakeError) as caught:
        read(
            {"resourceType": "Condition", "code": "secret"},
            {"nothing": 1},
            {"resourceType": "Observation", "status": "final", "interpretation": 7},
        )
    assert len(caught.value.problems) == 3
    assert "secret" not in str(caught.value)
    with pytest.raises(IntakeError, match="no JSON"):
        read_findings(b"{", "x.json")
