"""A resource whose elements have the wrong JSON kind is named by path, and a right one passes."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from bedside.exchange.fhir_shape import misshapen

GENOTYPE: dict[str, Any] = {
    "resourceType": "Observation",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "84413-4"}]},
    "subject": {"reference": "Patient/p1"},
    "valueCodeableConcept": {"text": "CYP2C19 *2/*2"},
    "component": [{"code": {"coding": [{"code": "48018-6"}]}, "valueCodeableConcept": {"text": "CYP2C19"}}],
}


def test_a_right_resource_and_a_bundle_of_it_pass() -> None:
    assert list(misshapen(GENOTYPE, "O")) == []
    assert list(misshapen({"resourceType": "Bundle", "entry": [{"resource": GENOTYPE}]}, "B")) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"status": ["final"]}, ("O.status", "is no text")),
        ({"code": "84413-4"}, ("O.code", "is no object")),
        ({"code": {"coding": {"code": "84413-4"}}}, ("O.code.coding", "is no list")),
        ({"code": {"coding": [{"system": []}]}}, ("O.code.coding[0].system", "is no text")),
        ({"code": {"coding": [{"code": {}}]}}, ("O.code.coding[0].code", "is no text")),
        ({"code": {"coding": ["84413-4"]}}, ("O.code.coding[0]", "is no object")),
        ({"component": [{"code": "x"}]}, ("O.component[0].code", "is no object")),
        ({"valueCodeableConcept": {"text": 1}}, ("O.valueCodeableConcept.text", "is no text")),
        ({"subject": "Patient/p1"}, ("O.subject", "is no object")),
        ({"resourceType": 7}, ("O.resourceType", "is no text")),
    ],
)
def test_a_wrong_kind_is_named_by_its_path(change: dict[str, Any], problem: tuple[str, str]) -> None:
    assert list(misshapen({**GENOTYPE, **change}, "O")) == [problem]


def test_what_is_not_read_is_left_alone() -> None:
    assert list(misshapen({"resourceType": "Encounter", "status": 7}, "E")) == []


def test_whole_charts_of_made_up_patients_pass(shared: Path) -> None:
    for path in sorted((shared / "synthea").glob("[A-F]*.json.gz")):
        assert list(misshapen(json.loads(gzip.decompress(path.read_bytes())), "B")) == []
