"""A ranking written into a person's record: what was ranked, every part of it, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bedside.errors import NotFound, RequestError
from bedside.genome.consent import Purpose
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.observation import digest
from bedside.interpret.rare_score import Part, RankedGene, frequency_words
from bedside.service.consented_lake import NotPermitted, asked
from bedside.service.house import House
from bedside.service.rank_variants import RankedCase
from bedside.store.encode import canonical

MOST_KEPT = 20
WARNINGS = {
    "mother-contradicted": "The mother's sample does not fit the child's.",
    "father-contradicted": "The father's sample does not fit the child's.",
    "too-few-sites": "Too few places were compared to tell whether the parents' samples fit.",
    "sex-contradicted": "The calls on X do not fit the child's recorded sex.",
    "long-homozygous-runs": "Long stretches have one allele only: the parents may be related.",
}


def plain_ranking(found: RankedCase, simulated: bool = False, top: int = MOST_KEPT) -> dict[str, Any]:
    """A ranking in plain values: what is stored and what `--format json` prints."""
    words = found.policy.doubts
    return {
        "simulated": simulated,
        "genes": [plain_gene(gene, place, found) for place, gene in enumerate(found.genes[:top], 1)],
        "genes_ranked": len(found.genes),
        "aside": {reason.value: count for reason, count in found.aside.items()},
        "aside_words": {reason.value: found.policy.exclusions[reason] for reason in found.aside},
        "doubts": [words[one] for one in found.doubts],
        "warnings": [WARNINGS[one.value] for one in found.checks.warned],
        "checks": {
            "parents": {who: list(counts) for who, counts in found.checks.parents.items()},
            "x_calls": [found.checks.x_calls, found.checks.x_het],
            "homozygous_runs": [found.checks.runs, found.checks.run_bases],
        },
        "statement": found.policy.statement,
        "review_state": found.policy.provenance.review_state,
        "rests_on": list(found.rests_on),
        "notices": list(found.notices),
    }


def plain_gene(gene: RankedGene, place: int, found: RankedCase) -> dict[str, Any]:
    """One gene of a ranking in plain values."""
    seen = gene.phenotype
    return {
        "rank": place,
        "gene": gene.gene,
        "nats": round(gene.nats, 4),
        "phenotype_nats": None if seen is None else round(seen.nats, 4),
        "genotype_nats": round(gene.genotype_nats, 4),
        "disease": "" if seen is None else seen.disease,
        "disease_name": "" if seen is None else seen.disease_name,
        "mode": gene.fit.mode.value,
        "standing": gene.fit.standing.value,
        "variants": [
            {
                "name": one.name,
                "effect": one.effect.value,
                "words": one.words,
                "copies": one.of(found.family.proband).copies,
                "frequency": frequency_words(one),
                "clinvar": one.classified.kind.value,
                "stars": one.classified.stars,
                "clinvar_source": one.classified.source,
            }
            for one in gene.fit.variants
        ],
        "phenotype": [] if seen is None else [_part(one) for one in seen.parts],
        "genotype": [_part(one) for one in gene.genotype],
        "doubts": [found.policy.doubts[one] for one in gene.doubts],
        "provisional": gene.provisional,
    }


def _part(one: Part) -> Mapping[str, Any]:
    return {"about": one.about, "found": one.found, "nats": round(one.nats, 4)}


def record_ranking(
    house: House,
    person: str,
    found: RankedCase,
    *,
    by: str,
    simulated: bool = False,
    more: tuple[str, ...] = (),
) -> None:
    """Write a ranking down; the same one again is the same. more: what else it rests on. Raises
    `NotFound` for a person not in the record, `NotPermitted` without consent to care,
    `RequestError` for a ranking of nothing."""
    if house.ledger.person(person) is None:
        raise NotFound.one("person", "is not in the record")
    why = asked(house, Purpose.CARE).refused(person)
    if why is not None:
        raise NotPermitted(why)
    if not found.lines:
        raise RequestError.one("ranking", "the file holds no variant", remedy="give the child's VCF")
    ranking = plain_ranking(found, simulated)
    ranking["rests_on"] += more
    key = f"ranking:{person}:{digest(canonical(ranking))}"
    event = NewEvent(EventKind.RANKING_RECORDED, by, house.clock(), person, {"ranking": ranking}, key)
    house.ledger.append([event])
