"""FHIR bundles: valid R4, in the shape that Genomics Reporting 3.0.0 asks for, and
true to what is not known.
"""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.diagnosticreport import DiagnosticReport
from fhir.resources.R4B.observation import Observation
from fhir.resources.R4B.task import Task

from bedside.decide.recommend import recommend_all
from bedside.decide.sample_answer import SampleAnswer
from bedside.exchange.fhir_out import bundle, write_bundle
from bedside.interpret.gene_call import CallStatus, GeneCall
from tests.unit.decide.people import called, pack, rules, unknown

PROFILES = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition/"
MODELS = {"Observation": Observation, "DiagnosticReport": DiagnosticReport, "Task": Task}


def answer(*calls: GeneCall, name: str = "NA00001") -> SampleAnswer:
    by_gene = {call.gene: call for call in calls}
    return SampleAnswer(name, calls, recommend_all(pack(), rules().phrases, by_gene))


POOR = answer(
    called("CYP2C19", "Poor Metabolizer", diplotype="*2/*2"),
    called("CYP2D6", "1.0", diplotype="*1/*4"),
    called("HLA-B", "*57:01 positive"),
    unknown("CYP2C9"),
    unknown("TPMT", CallStatus.NO_CALL),
    unknown("DPYD", CallStatus.NOT_TESTED),
)


def resources(kind: str, made: dict[str, Any]) -> list[dict[str, Any]]:
    return [e["resource"] for e in made["entry"] if e["resource"]["resourceType"] == kind]


def of_profile(name: str, made: dict[str, Any]) -> list[dict[str, Any]]:
    held = [entry["resource"] for entry in made["entry"]]
    return [one for one in held if f"{PROFILES}{name}" in one.get("meta", {}).get("profile", [])]


def test_the_bundle_and_everything_in_it_is_valid_r4() -> None:
    made = bundle([POOR], pack())
    Bundle.model_validate(made)
    for entry in made["entry"]:
        model = MODELS.get(entry["resource"]["resourceType"])
        if model is not None:
            model.model_validate(entry["resource"])


def test_every_reference_leads_to_an_entry_and_no_address_is_used_twice() -> None:
    made = bundle([POOR, answer(called("CYP2C19", "Poor Metabolizer"), name="NA00002")], pack())
    addresses = [entry["fullUrl"] for entry in made["entry"]]
    assert len(set(addresses)) == len(addresses)

    def referred(value: Any) -> set[str]:
        if isinstance(value, dict):
            own = {value["reference"]} if isinstance(value.get("reference"), str) else set()
            return own.union(*(referred(one) for one in value.values())) if value else own
        return set().union(*(referred(one) for one in value)) if isinstance(value, list) else set()

    assert referred(made) - set(addresses) == set()


@pytest.mark.parametrize(
    ("profile", "system", "code"),
    [
        ("genotype", "http://loinc.org", "84413-4"),
        ("haplotype", "http://loinc.org", "84414-2"),
        (
            "therapeutic-implication",
            "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/tbd-codes-cs",
            "therapeutic-implication",
        ),
    ],
)
def test_observations_carry_what_their_profiles_require(profile: str, system: str, code: str) -> None:
    found = of_profile(profile, bundle([POOR], pack()))
    assert found
    for one in found:
        assert one["status"] == "final"
        assert [category["coding"] for category in one["category"]] == [
            [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}],
            [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "GE"}],
        ]
        assert one["code"]["coding"] == [{"system": system, "code": code}]
        assert ("valueCodeableConcept" in one) == (profile != "therapeutic-implication")
        assert "derivedFrom" in one or profile != "therapeutic-implication"


def test_a_genotype_names_its_gene_and_its_haplotypes() -> None:
    made = bundle([POOR], pack())
    genotypes = {one["valueCodeableConcept"]["text"]: one for one in of_profile("genotype", made)}
    assert sorted(genotypes) == ["CYP2C19 *2/*2", "CYP2D6 *1/*4", "HLA-B *57:01 positive"]
    gene = genotypes["CYP2D6 *1/*4"]["component"][0]
    assert gene["code"]["coding"][0]["code"] == "48018-6"
    assert gene["valueCodeableConcept"]["coding"][0] == {
        "system": "http://www.genenames.org",
        "code": pack().genes["CYP2D6"].hgnc,
        "display": "CYP2D6",
    }
    assert len(genotypes["CYP2D6 *1/*4"]["derivedFrom"]) == 2
    assert len(genotypes["CYP2C19 *2/*2"]["derivedFrom"]) == 1


def test_each_implication_is_about_one_drug_and_says_how_strong_it_is() -> None:
    made = bundle([POOR], pack())
    for one in of_profile("therapeutic-implication", made):
        codes = [component["code"]["coding"][0]["code"] for component in one["component"]]
        assert codes.count("51963-7") == 1
        assert "conclusion-string" in codes
        assert pack().review_state in one["note"][0]["text"]
    assert len(of_profile("therapeutic-implication", made)) == sum(
        any(basis.gene in ("CYP2C19", "CYP2D6", "HLA-B") for basis in one.basis)
        for one in POOR.recommendations
    )


def test_what_changes_an_order_is_a_medication_recommendation_in_loinc_s_words() -> None:
    made = bundle([answer(called("CYP2C19", "Poor Metabolizer", diplotype="*2/*2"))], pack())
    tasks = [
        one
        for one in of_profile("medication-recommendation", made)
        if one["description"].startswith("Clopidogrel")
    ]
    assert {(one["status"], one["intent"], one["code"]["coding"][0]["code"]) for one in tasks} == {
        ("requested", "proposal", "LA26421-0")
    }
    (report,) = resources("DiagnosticReport", made)
    recommended = [one["valueReference"]["reference"] for one in report["extension"]]
    assert len(recommended) == len(of_profile("medication-recommendation", made))


def test_what_was_not_tested_is_no_finding_and_the_report_says_so() -> None:
    made = bundle([POOR], pack())
    (report,) = resources("DiagnosticReport", made)
    assert report["conclusion"] == (
        "Tested but not called: TPMT. Not tested: DPYD. Not tested is not normal. "
        f"Knowledge {pack().release}; review: {pack().review_state}."
    )
    observed = json.dumps(resources("Observation", made))
    assert "DPYD" not in observed.replace("uuid", "")


def test_the_same_calls_give_the_same_bytes() -> None:
    first, second = BytesIO(), BytesIO()
    write_bundle([POOR], pack(), first)
    write_bundle([POOR], pack(), second)
    assert first.getvalue() == second.getvalue()
    assert json.loads(first.getvalue()) == bundle([POOR], pack())


def test_nobody_s_results_are_an_empty_report() -> None:
    made = bundle([answer()], pack())
    assert [entry["resource"]["resourceType"] for entry in made["entry"]] == ["Patient", "DiagnosticReport"]
