"""ClinGen's gene–disease validity, and what changed between two releases."""

from __future__ import annotations

import pytest

from bedside.errors import PackError
from bedside.knowledge.gene_validity import (
    Claim,
    Pair,
    Validity,
    ValidityChange,
    read_validity,
    validity_changes,
)

OFFICIAL = """"CLINGEN GENE DISEASE VALIDITY CURATIONS","","","","","","","","",""
"FILE CREATED: 2025-01-02","","","","","","","","",""
"++++++++++","++++++++++","+","+","+","+","+","+","+","+"
"GENE SYMBOL","GENE ID (HGNC)","DISEASE LABEL","DISEASE ID (MONDO)","MOI","SOP","CLASSIFICATION","ONLINE REPORT","CLASSIFICATION DATE","GCEP"
"++++++++++","++++++++++","+","+","+","+","+","+","+","+"
"PLN","HGNC:9080","intrinsic cardiomyopathy","MONDO:0000591","AD","SOP8","Definitive","","2020-12-18","x"
"TTN","HGNC:12403","hypertrophic cardiomyopathy","MONDO:0005045","AD","SOP8","Limited","","2020-12-18","x"
"""  # noqa: E501


def test_the_official_file_is_read_past_its_preamble():
    assert read_validity("summary.csv", OFFICIAL.encode()) == {
        Pair("PLN", "MONDO:0000591"): Claim("intrinsic cardiomyopathy", Validity.DEFINITIVE),
        Pair("TTN", "MONDO:0005045"): Claim("hypertrophic cardiomyopathy", Validity.LIMITED),
    }


def test_an_unknown_class_stops_the_release_with_its_line():
    with pytest.raises(PackError) as error:
        read_validity("summary.csv", OFFICIAL.replace("Limited", "Probable").encode())
    assert [(p.line, p.reason) for p in error.value.problems] == [(7, "'Probable' is no known class")]


def test_a_file_of_something_else_is_refused():
    with pytest.raises(PackError, match="no header"):
        read_validity("other.csv", b"a,b\n1,2\n")


def test_a_gene_that_loses_its_last_supported_disease_is_told_from_one_that_keeps_another():
    before = read_validity("a", OFFICIAL.encode())
    after = {**before, Pair("PLN", "MONDO:0000591"): Claim("intrinsic cardiomyopathy", Validity.REFUTED)}
    lost = validity_changes(before, after)
    assert lost == (
        ValidityChange(
            Pair("PLN", "MONDO:0000591"),
            "intrinsic cardiomyopathy",
            Validity.DEFINITIVE,
            Validity.REFUTED,
            True,
            False,
        ),
    )


def test_the_public_file_has_its_pairs_once_each(shared):
    path = shared / "clingen" / "gene_disease_validity_2025-01.tsv.gz"
    claims = read_validity(path.name, path.read_bytes())
    assert claims[Pair("PLN", "MONDO:0000591")] == Claim("intrinsic cardiomyopathy", Validity.DEFINITIVE)
    assert len(claims) > 3_000
