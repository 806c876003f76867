"""Coded terms of the field's vocabularies."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class System(Enum):
    """A terminology, by the URI that FHIR uses for it."""

    RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
    ATC = "http://www.whocc.no/atc"
    LOINC = "http://loinc.org"
    SNOMED_CT = "http://snomed.info/sct"
    HGNC = "http://www.genenames.org"
    PHARMVAR = "https://www.pharmvar.org"
    ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
    HPO = "http://purl.obolibrary.org/obo/hp.owl"


PROBLEM_SYSTEMS = frozenset({System.SNOMED_CT, System.ICD10CM})
"""The terminologies by which knowledge names problems."""


@dataclass(frozen=True, slots=True)
class Code:
    """One term: system, code, and what a person reads."""

    system: System
    code: str
    display: str = ""
