"""Ranks diseases and genes by what was found in a person: likelihood ratios, added up term by term and
shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bedside.genome.case import Case
from bedside.interpret.disease_index import DiseaseIndex, Real


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one term of the case adds to a disease's score; negative where the disease shows nothing like it.
    `Scorer.through` says where it was met."""

    term: str
    weight: float


@dataclass(frozen=True, slots=True)
class Ranked:
    """One place of a ranking. id: the disease or the gene; disease: the disease that a gene stands there
    for."""

    rank: int
    id: str
    label: str
    genes: tuple[str, ...]
    score: float
    posterior: float
    disease: str
    contributions: tuple[Contribution, ...]
    borrowed: bool = False


class Scorer:
    """Scores cases against an index; keeps the row of each term it met."""

    def __init__(self, index: DiseaseIndex, kept: int = 1500) -> None:
        self.index, self._kept = index, kept
        self._rows: dict[int, Real] = {}
        self.number = {one.id: at for at, one in enumerate(index.diseases)}
        # Own terms stand disease by disease; the first of each disease begins a stretch to be summed.
        owners = index.own_disease
        self._begins = np.flatnonzero(np.diff(owners, prepend=-1)) if len(owners) else np.zeros(0, np.int64)
        self._owners = owners[self._begins]
        self.empty = np.ones(len(index.diseases), bool)
        self.empty[self._owners] = False
        self._weights = self._summed(index.own_share)
        self._prior = index.parameters.described * np.log1p(index.papers.astype(np.float64))

    def _summed(self, values: Real) -> Real:
        """Sums over each disease that has own terms."""
        total: Real = np.add.reduceat(values, self._begins) if len(self._begins) else values
        return total

    def row(self, at: int) -> Real:
        """The logarithms of the likelihood ratios of a term, for every disease."""
        found = self._rows.get(at)
        if found is None:
            index, parameters = self.index, self.index.parameters
            best = np.zeros(len(index.diseases), np.float32)
            for above in index.above[at].tolist():
                part = slice(index.begins[above], index.begins[above + 1])
                who = index.disease[part]
                value = index.ratio[part] if above == at else index.ratio[part] * parameters.back_off
                best[who] = np.maximum(best[who], value)
            found = np.log((1 - parameters.floor) * best + parameters.floor)
            if len(self._rows) >= self._kept:
                self._rows.pop(next(iter(self._rows)))
            self._rows[at] = found
        return found

    def places(self, terms: Sequence[str]) -> list[int]:
        """The places of terms; a term that the release does not have is left out."""
        return [self.index.place[one] for one in terms if one in self.index.place]

    def scores(self, case: Case) -> npt.NDArray[np.float64] | None:
        """The score of every disease; None for a case without a term to go by."""
        at = self.places(case.observed)
        if not at:
            return None
        score = np.zeros(len(self.index.diseases))
        for one in at:
            score += self.row(one)
        score += self.index.parameters.reverse * len(at) * self._reverse(at)
        score += self._prior + self._excluded(self.places(case.excluded))
        return score

    def _reverse(self, at: Sequence[int]) -> npt.NDArray[np.float64]:
        """How well each disease's own terms are found in the case, weighted by their frequency."""
        index = self.index
        seen = np.unique(np.concatenate([index.above[one] for one in at]))
        met = np.zeros(len(index.terms), np.float32)
        for one in seen[np.argsort(index.information[seen], kind="stable")].tolist():
            met[index.below[one]] = index.information[one]
        mean = np.zeros(len(index.diseases))
        mean[self._owners] = self._summed(index.own_share * met[index.own_term]) / self._weights
        return mean

    def _excluded(self, at: Sequence[int]) -> npt.NDArray[np.float64]:
        index, parameters = self.index, self.index.parameters
        lost = np.zeros(len(index.diseases))
        for one in at:
            part = slice(index.begins[one], index.begins[one + 1])
            lost[index.disease[part]] += np.log1p(-0.95 * index.share[part])
        capped: npt.NDArray[np.float64] = np.maximum(parameters.excluded * lost, -parameters.excluded_most)
        return capped

    def contributions(self, case: Case, disease: int) -> tuple[Contribution, ...]:
        """What each term adds, the most telling first."""
        place = self.index.place
        found = [
            Contribution(term, float(self.row(place[term])[disease]))
            for term in case.observed
            if term in place
        ]
        return tuple(sorted(found, key=lambda one: -one.weight))

    def through(self, term: str, disease: str) -> str:
        """The term of a disease at which a term of the case was met: the same one or an ancestor; "" where
        the disease shows nothing like it."""
        index, best, where = self.index, 0.0, ""
        at, number = index.place[term], self.number[disease]
        nearest_first = sorted(index.above[at].tolist(), key=lambda one: -len(index.above[one]))
        for above in nearest_first:
            begin, end = int(index.begins[above]), int(index.begins[above + 1])
            place = begin + int(np.searchsorted(index.disease[begin:end], number))
            if place < end and index.disease[place] == number:
                value = float(index.ratio[place]) * (1.0 if above == at else index.parameters.back_off)
                if value > best:
                    best, where = value, index.terms[above]
        return where


def posteriors(scores: npt.NDArray[np.float64], temperature: float) -> npt.NDArray[np.float64]:
    """Scores as probabilities that add up to one among the diseases that can be ranked."""
    scaled = scores / temperature
    weight = np.exp(scaled - scaled.max())
    share: npt.NDArray[np.float64] = weight / weight.sum()
    return share


def rank_diseases(scorer: Scorer, case: Case, top: int) -> tuple[Ranked, ...]:
    """The first diseases of a case; none for a case without a term to go by. Ties stand in order of id."""
    scores = scorer.scores(case)
    if scores is None:
        return ()
    index = scorer.index
    scores[scorer.empty] = -np.inf
    chance = posteriors(scores, index.parameters.temperature)
    order = _first(scores, min(top, int(np.isfinite(scores).sum())))
    return tuple(
        Ranked(
            number,
            index.diseases[at].id,
            index.diseases[at].name,
            index.diseases[at].genes,
            float(scores[at]),
            float(chance[at]),
            index.diseases[at].id,
            scorer.contributions(case, at),
            at in index.borrowed,
        )
        for number, at in enumerate(order, 1)
    )


def rank_genes(scorer: Scorer, case: Case, top: int) -> tuple[Ranked, ...]:
    """The first genes of a case: each stands where its best disease stands, with the chances of all of
    them."""
    scores = scorer.scores(case)
    if scores is None:
        return ()
    index = scorer.index
    scores[scorer.empty] = -np.inf
    chance = posteriors(scores, index.parameters.temperature)
    best: dict[str, int] = {}
    total: dict[str, float] = {}
    for at in np.argsort(-scores, kind="stable").tolist():
        if not np.isfinite(scores[at]):
            break
        for gene in index.diseases[at].genes:
            best.setdefault(gene, at)
            total[gene] = total.get(gene, 0.0) + float(chance[at])
    found = sorted(best, key=lambda gene: (-scores[best[gene]], gene))[:top]
    return tuple(
        Ranked(
            number,
            gene,
            index.diseases[best[gene]].name,
            (gene,),
            float(scores[best[gene]]),
            total[gene],
            index.diseases[best[gene]].id,
            scorer.contributions(case, best[gene]),
            best[gene] in index.borrowed,
        )
        for number, gene in enumerate(found, 1)
    )


def _first(scores: npt.NDArray[np.float64], count: int) -> list[int]:
    if count <= 0:
        return []
    near = np.argpartition(-scores, count - 1)[:count] if count < len(scores) else np.arange(len(scores))
    least = scores[near].min()
    near = np.flatnonzero(scores >= least)
    ordered = near[np.lexsort((near, -scores[near]))][:count]
    return [int(one) for one in ordered]


def rank_of(scores: npt.NDArray[np.float64], own: float, without: int) -> float:
    """The rank that a score would have among the others, ties halved."""
    others = np.delete(scores, without)
    return 1.0 + float((others > own).sum()) + float((others == own).sum()) / 2


def labels(terms: Mapping[str, str], contributions: Sequence[Contribution], most: int = 5) -> str:
    """The most telling terms in words."""
    return "; ".join(
        f"{terms.get(one.term, one.term)} {one.weight:+.1f}" for one in contributions[:most] if one.weight > 0
    )
