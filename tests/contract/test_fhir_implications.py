"""What a classification release and the transcripts say of variants, and what was searched for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.parameters import Parameters

from bedside.genome.presence import Zygosity
from bedside.service.house import House
from tests.contract.site import record
from tests.contract.test_fhir_operations import Fhir, numbers
from tests.unit.service.made_up_biobank import (
    BRCA2,
    PATHOGENIC,
    Record,
    Somebody,
    biobank,
    enrol,
    release,
)

DX = "/fhir/$find-subject-dx-implications?subject=dora&variants="
MOLECULAR = "/fhir/$find-subject-molecular-consequences?subject=dora&variants="
HERS = "NC_000013.11:32338762:A:T"
NOT_HERS = "NC_000013.11:32338800:A:T"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = biobank(tmp_path)
    enrol(opened, Somebody("dora", [(BRCA2, Zygosity.HETEROZYGOUS)]))
    yield opened
    opened.close()


def by_name(answer: Any) -> dict[str, list[dict[str, Any]]]:
    """The parameters of an answer that must succeed, by name."""
    assert answer.status_code == 200, answer.text
    Parameters.model_validate(answer.json())
    found: dict[str, list[dict[str, Any]]] = {}
    for one in answer.json().get("parameter", []):
        found.setdefault(one["name"], []).append(one)
    return found


def test_a_classified_variant_is_implied_with_its_release_and_what_was_searched(house: House) -> None:
    made = release(house, "2026-01-10", [Record(BRCA2, "BRCA2")])
    told = by_name(Fhir(house).ask(f"{DX}{HERS},{NOT_HERS}"))
    (implied,), (variant,) = told["implication"], told["variant"]
    resource = implied["resource"]
    components = {c["code"]["coding"][0]["code"]: c for c in resource["component"]}
    assert components["53037-8"]["valueCodeableConcept"]["text"] == PATHOGENIC
    assert resource["derivedFrom"] == [{"reference": f"Observation/{variant['resource']['id']}"}]
    assert [one["coding"][0]["code"] for one in resource["category"]] == ["laboratory", "GE"]
    assert resource["note"] == [{"text": f"Classification release {made.release}."}]
    searched = [part["part"][1]["valueCodeableConcept"]["coding"][0]["code"] for part in told["searched"]]
    assert searched == ["LA9633-4", "not-performed"]


def test_without_a_release_nothing_is_said_and_that_is_an_error(house: House) -> None:
    answer = Fhir(house).ask(f"{DX}{HERS}")
    assert (answer.status_code, answer.json()["resourceType"]) == (422, "OperationOutcome")


def test_conditions_are_asked_by_name_and_a_code_is_refused(house: House) -> None:
    release(house, "2026-01-10", [Record(BRCA2, "BRCA2")])
    fhir = Fhir(house)
    assert len(by_name(fhir.ask(f"{DX}{HERS}&conditions=made up"))["implication"]) == 1
    assert "implication" not in by_name(fhir.ask(f"{DX}{HERS}&conditions=another"))
    coded = fhir.ask(f"{DX}{HERS}&conditions=https://www.ncbi.nlm.nih.gov/medgen|C0677776")
    assert coded.status_code == 422


def test_what_a_variant_does_is_told_as_far_as_it_can_be(house: House) -> None:
    told = by_name(Fhir(house).ask(f"{MOLECULAR}{HERS}"))
    (found,) = told["consequence"]
    components = {c["code"]["coding"][0]["code"]: c for c in found["resource"]["component"]}
    assert components["51958-7"]["valueCodeableConcept"]["coding"][0]["code"].startswith("NM_")
    assert components["feature-consequence"]["valueCodeableConcept"]["coding"][0]["code"] == "SO:0001580"
    assert found["resource"]["note"][0]["text"].startswith("Not everything could be told")
    narrowed = by_name(Fhir(house).ask(f"{MOLECULAR}{HERS}&featureConsequences=SO:0001589"))
    assert "consequence" not in narrowed


def test_a_population_is_counted_by_what_is_implied(house: House) -> None:
    enrol(house, Somebody("eve"))
    release(house, "2026-01-10", [Record(BRCA2, "BRCA2")])
    fhir = Fhir(house)
    path = "/fhir/$find-population-dx-implications?includePatientList=true&variants="
    (told,) = by_name(fhir.ask(path + HERS))["implications"]
    expected = {
        "numerator": "1",
        "denominator": "1",
        "indeterminate": "0",
        "notTested": "1",
        "notCounted": "0",
    }
    assert numbers(told["part"]) == expected
    (told,) = by_name(fhir.ask(f"{path}{HERS}&conditions=another"))["implications"]
    assert numbers(told["part"])["numerator"] == "0"
    path = "/fhir/$find-population-molecular-consequences?includePatientList=true&variants="
    (told,) = by_name(fhir.ask(f"{path}{HERS}&featureConsequences=SO:0001580"))["consequences"]
    assert numbers(told["part"])["numerator"] == "1"


def test_a_population_is_counted_by_the_guidance_that_follows(house: House) -> None:
    record(house, "fay", {"CYP2C19": "*2/*2"})
    record(house, "gus", {"CYP2D6": "*1/*1"})
    path = "/fhir/$find-population-tx-implications?includePatientList=true&treatments=clopidogrel"
    (told,) = by_name(Fhir(house).ask(path))["implications"]
    expected = {
        "numerator": "1",
        "denominator": "1",
        "indeterminate": "0",
        "notTested": "0",
        "notCounted": "0",
    }
    assert numbers(told["part"]) == expected
    (told,) = by_name(Fhir(house).ask(f"{path}&haplotypes=CYP2C19 *17"))["implications"]
    assert numbers(told["part"])["numerator"] == "0"
