"""The codes by which genomic results are exchanged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from bedside.knowledge.pgx import Action
from bedside.knowledge.provenance import Provenance, rule_files


@dataclass(frozen=True, slots=True)
class Terminology:
    """LOINC codes by what they are for, phenotype answers by code, usage answers by action, and the gene
    that a code for an enzyme's activity names.
    """

    provenance: Provenance
    codes: Mapping[str, str]
    phenotypes: Mapping[str, str]
    usage: Mapping[Action, tuple[str, str]]
    indicator_category: str
    gene_activity: Mapping[str, str]


@cache
def load_terminology() -> Terminology:
    """The shipped codes; raises PackError."""
    file = next(rule_files("terminology"))
    document = file.document
    try:
        return Terminology(
            file.provenance,
            document["codes"],
            document["phenotypes"],
            {Action(name): (code, display) for name, (code, display) in document["usage"].items()},
            document["genomic_indicator_category"],
            document["gene_activity"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"not a terminology: {error}") from error
