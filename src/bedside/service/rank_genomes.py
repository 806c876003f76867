"""What the findings of a case say of each gene, for the ranking with variants; and that ranking as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from bedside.genome.case import Case
from bedside.genome.rare_fit import Mode, PutAside
from bedside.interpret.rare_score import Part, PhenotypeScore
from bedside.knowledge.rare_variants import RarePolicy
from bedside.service.rank_cases import Ranker
from bedside.service.rank_variants import RankedCase
from bedside.service.record_ranking import plain_gene, plain_ranking

COLUMNS = (
    "case", "rank", "gene", "disease", "disease_name", "score", "phenotype", "genotype", "mode", "standing",
    "variants", "consequence", "frequency", "clinvar", "claim", "lowered_by", "simulated", "rests_on",
)  # fmt: skip
ASIDE = ("variant", "gene", "effect", "frequency", "clinvar", "reasons")
SIMULATION = "SIMULATION"


class GeneScores(Mapping[str, PhenotypeScore]):
    """The score of each gene by its best disease; the parts are worked out when a gene is asked for.

    Scores are divided by the ranking's temperature, which makes odds of them that hold on public cases: terms
    depend on one another, and their plain sum would drown what the variants say.
    """

    def __init__(self, ranker: Ranker, case: Case) -> None:
        self._ranker, self._case = ranker, case
        scores = ranker.scorer.scores(case)
        self._scale = 1 / ranker.scorer.index.parameters.temperature
        self._scores = np.zeros(0) if scores is None else np.where(ranker.scorer.empty, -np.inf, scores)
        self._best: dict[str, int] = {}
        for at in np.argsort(-self._scores, kind="stable").tolist():
            if np.isfinite(self._scores[at]):
                for gene in ranker.scorer.index.diseases[at].genes:
                    self._best.setdefault(gene, at)

    def __getitem__(self, gene: str) -> PhenotypeScore:
        at = self._best[gene]
        disease, whole = self._ranker.scorer.index.diseases[at], float(self._scores[at]) * self._scale
        names = self._ranker.names
        parts = [
            Part(one.term, names.get(one.term, one.term), float(one.weight) * self._scale)
            for one in self._ranker.scorer.contributions(self._case, at)
        ]
        rest = whole - sum(one.nats for one in parts)
        parts.append(Part("rest", "the disease's own features, what is absent, how well described", rest))
        return PhenotypeScore(whole, disease.id, disease.name, tuple(parts))

    def __iter__(self) -> Iterator[str]:
        return iter(self._best)

    def __len__(self) -> int:
        return len(self._best)


def gene_scores(ranker: Ranker, case: Case) -> Mapping[str, PhenotypeScore] | None:
    """The scores of a case; None for a case without a term to go by."""
    return GeneScores(ranker, case) if ranker.scorer.places(case.observed) else None


def gene_modes(ranker: Ranker, policy: RarePolicy) -> Mapping[str, frozenset[Mode]]:
    """How the diseases of each gene are inherited, all of them together; genes of which the annotations do
    not say are not in it."""
    found: dict[str, frozenset[Mode]] = {}
    for disease in ranker.scorer.index.diseases:
        modes = [policy.inheritance[one] for one in disease.inheritance if one in policy.inheritance]
        for gene in disease.genes:
            if modes:
                found[gene] = found.get(gene, frozenset()).union(*modes)
    return found


def tsv_of(case: str, found: RankedCase, release: str, top: int, simulated: bool) -> Iterator[str]:
    """A table with one line for each gene."""
    yield "\t".join(COLUMNS)
    for place, gene in enumerate(found.genes[:top], 1):
        one = plain_gene(gene, place, found)
        variants: list[Mapping[str, Any]] = one["variants"]
        seen = "" if one["phenotype_nats"] is None else f"{one['phenotype_nats']:.2f}"
        cells = (
            case, str(place), one["gene"], one["disease"], one["disease_name"], f"{one['nats']:.2f}", seen,
            f"{one['genotype_nats']:.2f}", one["mode"], one["standing"], *_joined(variants),
            "provisional" if one["provisional"] else "nothing asked for is missing", " ".join(one["doubts"]),
            SIMULATION if simulated else "", "; ".join((*found.rests_on, release)),
        )  # fmt: skip
        yield "\t".join(cells)


def _joined(variants: list[Mapping[str, Any]]) -> Iterator[str]:
    yield ";".join(one["name"] for one in variants)
    yield ";".join(one["words"] or one["effect"] for one in variants)
    yield ";".join(one["frequency"] for one in variants)
    yield ";".join(f"{one['clinvar']} ({one['stars']} stars)" for one in variants)


def json_of(case: str, found: RankedCase, release: str, top: int, simulated: bool) -> Mapping[str, Any]:
    """The whole ranking in plain values."""
    whole = plain_ranking(found, simulated, top)
    return {"case": case, **whole, "rests_on": [*whole["rests_on"], release]}


def aside_line(one: PutAside) -> str:
    """A variant that was put aside, in the order of ASIDE."""
    from bedside.interpret.rare_score import frequency_words

    variant = one.variant
    cells = (
        variant.name, variant.gene, variant.words or variant.effect.value, frequency_words(variant),
        variant.classified.kind.value, ",".join(reason.value for reason in one.reasons),
    )  # fmt: skip
    return "\t".join(cells)
