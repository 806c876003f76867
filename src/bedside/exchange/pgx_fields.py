"""How an answer names the knowledge release it rests on, and how a gene's call is written in the pgx
formats.
"""

from __future__ import annotations

from typing import Any

from bedside.decide.recommendation import Recommendation
from bedside.interpret.gene_call import GeneCall, MissingPosition
from bedside.knowledge.pgx import PgxPack

GENE_FIELDS = (
    "gene", "status", "source_diplotypes", "component_alleles", "recommendation_diplotypes", "phenotypes",
    "activity_score", "lookup_keys", "missing_positions", "warnings",
)  # fmt: skip


def knowledge(pack: PgxPack) -> dict[str, Any]:
    """The release by name, date and content digest, with who owns it, its licence, and how far it was
    reviewed; then each further release that guidance comes from, under its own licence.
    """
    further = [
        {
            "name": one.release.name,
            "date": one.release.date,
            "sha256": one.release.sha256,
            "licence": one.licence,
            "review_state": one.review_state,
        }
        for one in pack.guidance_releases
        if one.release != pack.release
    ]
    return {
        "name": pack.release.name,
        "date": pack.release.date,
        "sha256": pack.release.sha256,
        "licence": pack.licence,
        "owner": pack.owner,
        "review_state": pack.review_state,
        "review_due": pack.review_due,
    } | ({"further_guidance": further} if further else {})


def gene_fields(call: GeneCall) -> dict[str, Any]:
    """A gene's call under the names that others script against. Several activity scores
    (candidates that disagree) are joined with `;`."""
    return {
        "gene": call.gene,
        "status": call.status.value,
        "source_diplotypes": [str(diplotype) for diplotype in call.source_diplotypes],
        "component_alleles": list(call.component_alleles),
        "recommendation_diplotypes": [str(diplotype) for diplotype in call.recommendation_diplotypes],
        "phenotypes": list(call.phenotypes),
        "activity_score": ";".join(call.activity_scores) or None,
        "lookup_keys": list(call.lookup_keys),
        "missing_positions": [missing_position(position) for position in call.missing_positions],
        "warnings": [str(warning) for warning in call.warnings],
    }


def missing_position(position: MissingPosition) -> str:
    """`chr10:94781859`, with the state in brackets when there is a record that cannot be used."""
    return position.locus if position.state == "not tested" else f"{position.locus} ({position.state})"


def recommendation_fields(recommendation: Recommendation) -> dict[str, Any]:
    """A recommendation under the names that others script against."""
    return {
        "drug": recommendation.drug.name,
        "rxnorm": recommendation.drug.rxnorm,
        "genes": [basis.gene for basis in recommendation.basis],
        "population": recommendation.population,
        "action": recommendation.action.value,
        "strength": recommendation.strength.value,
        "source": recommendation.source,
        "guideline": recommendation.citation.title or recommendation.citation.identifier,
        "pmids": list(recommendation.citation.pmids),
        "text": recommendation.text,
        "review_state": recommendation.review_state,
    }
