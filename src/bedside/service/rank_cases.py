"""Ranks cases by phenotype under one release of HPO and its annotations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bedside.genome.case import Case
from bedside.interpret.disease_index import build_index
from bedside.interpret.phenotype_rank import Ranked, Scorer, labels, rank_diseases, rank_genes
from bedside.knowledge.hpo import Hpo, load_hpo, release_folder
from bedside.knowledge.hpo_annotations import Annotations, load_annotations, load_ranking_parameters

BORROWED = "(features of diseases alike) "

COLUMNS = (
    "case", "rank", "id", "label", "gene", "score", "posterior", "top_terms", "annotation_release",
)  # fmt: skip


@dataclass(frozen=True)
class Ranker:
    """Everything a ranking rests on."""

    hpo: Hpo
    annotations: Annotations
    scorer: Scorer

    @cached_property
    def release(self) -> str:
        """The ontology, the annotations and the parameters that answers rest on."""
        parameters = self.scorer.index.parameters.provenance
        weighed = f"{parameters.name}#{parameters.sha256[:12]}"
        return f"HPO {self.hpo.version}, {self.annotations.release}, {weighed}"

    @cached_property
    def names(self) -> Mapping[str, str]:
        """The names of the terms."""
        return {one.id: one.name for one in self.hpo.terms.values()}


def load_ranker(release: str | None = None, root: Path | None = None) -> Ranker:
    """The index of a release (the one that comes along when none is named); raises PackError."""
    folder = release_folder(release, root)
    hpo = load_hpo(folder)
    parameters = load_ranking_parameters(root)
    annotations = load_annotations(hpo, folder, parameters.same, parameters.named)
    diseases = [one for _, one in sorted(annotations.diseases.items()) if not one.id.startswith("DECIPHER:")]
    return Ranker(hpo, annotations, Scorer(build_index(hpo, diseases, parameters)))


def ranked(
    ranker: Ranker, cases: Iterable[Case], top: int, *, by_gene: bool = False
) -> Iterator[tuple[Case, tuple[Ranked, ...]]]:
    """Each case with its first diseases or genes; a case without a term to go by has none."""
    rank = rank_genes if by_gene else rank_diseases
    for case in cases:
        yield case, rank(ranker.scorer, case, top)


def lines(ranker: Ranker, case: Case, found: Sequence[Ranked]) -> Iterator[tuple[str, ...]]:
    """The lines of a case, in the order of COLUMNS."""
    names, release = ranker.names, ranker.release
    for one in found:
        yield (
            case.id, str(one.rank), one.id, one.label, ",".join(one.genes), f"{one.score:.3f}",
            f"{one.posterior:.4f}", BORROWED * one.borrowed + labels(names, one.contributions), release,
        )  # fmt: skip
