"""How FHIR Genomics Operations name sequences and answers: RefSeq accessions, and codes by what they say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bedside.genome.locus import Build
from bedside.genome.region import CHROMOSOMES
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files


@dataclass(frozen=True, slots=True)
class Coding:
    """A code as FHIR writes it."""

    system: str
    code: str
    display: str


@dataclass(frozen=True, slots=True, eq=False)
class FhirOperations:
    """accessions: the RefSeq sequence of each chromosome, by assembly. places: the assembly and chromosome of
    each accession; the mitochondrial sequence, which both assemblies share, is GRCh38's. answers, codes,
    values: codes by what they say."""

    provenance: Provenance
    accessions: Mapping[Build, Mapping[str, str]]
    places: Mapping[str, tuple[Build, str]]
    answers: Mapping[str, Coding]
    codes: Mapping[str, Coding]
    values: Mapping[str, Coding]


@cache
def load_fhir_operations(root: Path | None = None) -> FhirOperations:
    """The shipped names, or a site's own in their place; raises `PackError`."""
    *_, chosen = rule_files("fhir_operations", root)
    return _read(chosen)


def _read(file: RuleFile) -> FhirOperations:
    document = file.document
    try:
        accessions = {build: dict(document["accessions"][build.value]) for build in Build}
        systems = document["systems"]
        tables = [_codes(document[name], systems) for name in ("answers", "codes", "values")]
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"not a table of sequences and codes: {error}") from error
    for build, table in accessions.items():
        if set(table) != set(CHROMOSOMES):
            raise file.fail(f"{build.value} must name a sequence for each of chr1 … chrM")
    order = (Build.GRCH37, Build.GRCH38)
    places = {name: (build, of) for build in order for of, name in accessions[build].items()}
    return FhirOperations(file.provenance, accessions, places, *tables)


def _codes(table: Mapping[str, Any], systems: Mapping[str, str]) -> Mapping[str, Coding]:
    return {name: Coding(systems[system], code, display) for name, (system, code, display) in table.items()}
