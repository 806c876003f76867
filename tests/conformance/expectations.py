"""What the suite expects, in the words of a `GeneCall`. docs/calling.md has the same map for the JSON."""

from __future__ import annotations

from bedside.decide.evidence import NO_RESULT, most_specific, terms_of
from bedside.interpret.gene_call import CallSource, CallStatus, GeneCall
from bedside.knowledge.pgx import PgxPack

UNKNOWN = "Unknown/Unknown"
HAPB3 = "dpyd-hapB3-"


def written(call: GeneCall) -> list[str]:
    """The call as diplotypes, or as components where strands are unknown."""
    return [str(pair) for pair in call.source_diplotypes] or list(call.component_alleles) or [UNKNOWN]


def printed(call: GeneCall) -> list[str]:
    """The call as a report prints it."""
    return list(call.display) or written(call)


def by_matcher(call: GeneCall) -> bool:
    return call.source is CallSource.MATCHER and call.status in (CallStatus.CALLED, CallStatus.INDETERMINATE)


def hapb3_warning(call: GeneCall) -> str:
    codes = [limit.code for limit in call.warnings if limit.code.startswith(HAPB3)]
    return f"pcat-{codes[0]}" if codes else ""


def annotations(pack: PgxPack, calls: dict[str, GeneCall], drug: str, source: str) -> tuple[str, ...]:
    """The guidance rows of a source that all of a person's look-up keys meet, for any population.

    A row needs at least one gene with a result. In a guideline that speaks of single diplotypes, those rows
    stand before its rows for the phenotype.
    """
    met = [
        row
        for row in pack.guidance.get(drug, ())
        if row.source == source
        and all(key in terms_of(pack.genes.get(gene), calls.get(gene)) for gene, key in row.criteria.items())
        and any(key != NO_RESULT for key in row.criteria.values())
    ]
    return tuple(row.guidance_id for row in most_specific(met))
