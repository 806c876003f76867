"""Which gene an observation is about, however the laboratory says so."""

from __future__ import annotations

from typing import Any

import pytest

from bedside.exchange.fhir_read import calls_of
from bedside.exchange.genomic_text import GenomicWords, genomic_words
from bedside.genome.observation import OutsideCall
from bedside.knowledge.catalogue import load_pgx
from bedside.knowledge.names import load_names
from bedside.knowledge.terminology import load_terminology

LOINC = "http://loinc.org"


@pytest.fixture(scope="module")
def words() -> GenomicWords:
    return genomic_words(load_pgx(), load_names())


def observed(code: dict[str, Any], said: str) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": code,
        "valueCodeableConcept": {"text": said},
    }


def loinc(code: str, display: str = "") -> dict[str, Any]:
    return {"coding": [{"system": LOINC, "code": code, "display": display}]}


@pytest.mark.parametrize(
    ("code", "gene"),
    [
        (loinc("79716-7"), "CYP2C9"),
        (loinc("79713-4"), "TPMT"),
        (loinc("00000-0", "CYP2C19 gene product metabolic activity interpretation"), "CYP2C19"),
        ({"text": "CYP2D6 phenotype"}, "CYP2D6"),
    ],
)
def test_a_poor_metabolizer_is_read_where_only_the_code_names_the_gene(
    words: GenomicWords, code: dict[str, Any], gene: str
) -> None:
    calls, unread = calls_of([observed(code, "Poor Metaboliser")], words, load_terminology())
    assert (calls, unread) == ((OutsideCall(gene, phenotype="Poor Metabolizer"),), ())


def test_a_patient_whose_result_is_in_other_words_was_tested_for_the_gene(words: GenomicWords) -> None:
    odd = observed({"text": "CYP2C19 phenotype"}, "slow, see the attached letter")
    assert calls_of([odd], words, load_terminology()) == ((), ("CYP2C19",))


def test_another_observation_of_the_patient_says_nothing_about_a_gene(words: GenomicWords) -> None:
    tissue_type = observed({"text": "HLA-B27 antigen"}, "positive")
    potassium = observed(loinc("2823-3", "Potassium"), "normal")
    assert calls_of([tissue_type, potassium], words, load_terminology()) == ((), ())
