"""The record answers from what is known, or from what was known on a day."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from bedside.errors import RequestError
from bedside.genome.code import Code, System
from bedside.genome.person import Identifier, Medication, Person, Sex
from bedside.interpret.gene_call import CallStatus
from bedside.service.accept_result import accept_files
from bedside.service.register_person import register_person
from bedside.service.show_person import as_of, show
from bedside.service.write_person import as_json, as_text, rendered

POOR = {"rs12769205": "1/1", "rs4244285": "1/1"}
CLOPIDOGREL = Medication(Code(System.RXNORM, "32968", "clopidogrel"), since=date(2026, 2, 1))
ADA = Person("ada", "Ada", "Okafor", date(1961, 4, 2), Sex.FEMALE, (Identifier("urn:mrn", "77"),))


def answers(view) -> dict[str, str]:
    return {
        line.call.gene: "/".join(line.call.phenotypes) or line.call.status.value
        for line in view.genes
        if line.call.status is not CallStatus.NOT_TESTED
    }


def test_the_record_shows_what_was_known_on_a_day(house, write_vcf, clock):
    accept_files(house, [write_vcf("first.vcf", {"ada": POOR})])
    clock.turn(days=10)
    accept_files(house, [write_vcf("second.vcf", {"ada": {}}, genes=("TPMT",))])
    first = {"CYP2C19": "Poor Metabolizer"}
    assert answers(show(house, "ada", date(2026, 3, 1))) == first
    assert answers(show(house, "ada", date(2026, 3, 10))) == first
    assert answers(show(house, "ada", date(2026, 3, 11))) == {**first, "TPMT": "Normal Metabolizer"}
    assert answers(show(house, "ada")) == {**first, "TPMT": "Normal Metabolizer"}


def test_before_anything_was_known_there_is_nothing_to_show(house, write_vcf):
    accept_files(house, [write_vcf("first.vcf", {"ada": POOR})])
    with pytest.raises(RequestError, match="nothing is known of this person on 2026-02-28"):
        show(house, "ada", date(2026, 2, 28))
    with pytest.raises(RequestError, match="nothing is known of this person"):
        show(house, "bo")


def test_a_gene_that_was_never_looked_at_is_not_tested_and_never_normal(house, write_vcf):
    accept_files(house, [write_vcf("first.vcf", {"ada": POOR})])
    view = show(house, "ada")
    assert [line.call.gene for line in view.genes] == list(house.pgx.genes)
    assert view.calls["TPMT"].status is CallStatus.NOT_TESTED
    assert ["TPMT", "not", "tested"] in [line.split() for line in as_text(view).splitlines()]


def test_a_top_tier_finding_about_a_drug_taken_now_is_a_task_from_the_day_of_the_result(house, write_vcf):
    register_person(house, ADA, [CLOPIDOGREL])
    accept_files(house, [write_vcf("first.vcf", {"ada": POOR})])
    accept_files(house, [write_vcf("again.vcf", {"ada": POOR}, genes=("CYP2C19", "TPMT"))])
    (task,) = show(house, "ada").tasks
    assert (task.kind, task.about["drug"], task.about["genes"], task.open) == (
        "top-tier-finding",
        "clopidogrel",
        ["CYP2C19"],
        True,
    )
    assert task.owner
    assert task.due > date(2026, 3, 1)


def test_a_finding_about_a_drug_not_taken_opens_no_task(house, write_vcf):
    register_person(house, ADA)
    accept_files(house, [write_vcf("first.vcf", {"ada": POOR})])
    assert show(house, "ada").tasks == ()


def test_the_text_names_person_release_answers_and_where_they_come_from(house, write_vcf):
    register_person(house, ADA, [CLOPIDOGREL])
    accept_files(house, [write_vcf("first.vcf", {"ada": POOR})], laboratory="Northside")
    lines = as_text(show(house, "ada")).splitlines()
    assert lines[:2] == [
        "Ada Okafor (ada, born 1961-04-02, female)",
        f"As known now, under knowledge release {house.pgx.release}",
    ]
    (gene,) = [line.split() for line in lines if line.startswith("CYP2C19")]
    assert gene == ["CYP2C19", "*2/*2", "Poor", "Metabolizer", "2026-03-01"]
    assert "  clopidogrel (active since 2026-02-01)" in lines
    assert any(line.startswith("  2026-03-01 Northside: variant file on GRCh38, ") for line in lines)


def test_the_json_writes_genes_as_bedside_pgx_does_with_their_result(house, write_vcf):
    (accepted,) = accept_files(house, [write_vcf("first.vcf", {"ada": POOR})])
    plain = json.loads(as_json(show(house, "ada", date(2026, 3, 1))))
    (gene,) = [gene for gene in plain["genes"] if gene["gene"] == "CYP2C19"]
    assert (
        gene["status"],
        gene["source_diplotypes"],
        gene["lookup_keys"],
        gene["result"],
        gene["conflict"],
    ) == (
        "called",
        ["*2/*2"],
        ["Poor Metabolizer"],
        accepted.result,
        False,
    )
    assert plain["knowledge_release"] == str(house.pgx.release)
    assert plain["known_until"] == "2026-03-01T23:59:59.999999+00:00"
    assert [result["documents"] for result in plain["results"]] == [list(accepted.documents)]


def test_the_fhir_bundle_reports_the_genes_that_were_tested_and_names_the_release(house, write_vcf):
    accept_files(house, [write_vcf("first.vcf", {"ada": POOR})])
    bundle = json.loads(rendered(house, show(house, "ada"), "fhir"))
    (report,) = [
        e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "DiagnosticReport"
    ]
    assert str(house.pgx.release) in report["conclusion"]
    assert "Not tested is not normal" in report["conclusion"]
    assert rendered(house, show(house, "ada"), "fhir") == rendered(house, show(house, "ada"), "fhir")


def test_guidance_of_a_release_that_is_not_at_hand_is_refused(house, write_vcf):
    accept_files(house, [write_vcf("first.vcf", {"ada": POOR})])
    view = replace(show(house, "ada"), release="cpic@1999-01-01#aaaaaaaaaaaa")
    with pytest.raises(RequestError, match="is not at hand"):
        rendered(house, view, "fhir")


def test_a_day_that_is_none_is_refused(house, write_vcf):
    assert (as_of(None), as_of("2026-03-31")) == (None, date(2026, 3, 31))
    with pytest.raises(RequestError, match="is no day"):
        as_of("31.3.2026")
    accept_files(house, [write_vcf("first.vcf", {"ada": POOR})])
    with pytest.raises(RequestError, match="must be text, json or fhir"):
        rendered(house, show(house, "ada"), "pdf")
