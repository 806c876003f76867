"""Recommendations for a cohort: each drug is decided once for each combination of calls of its genes."""

from __future__ import annotations

from bedside.decide.recommend import hold_back, recommend
from bedside.decide.recommendation import Recommendation
from bedside.interpret.call_people import PeopleCalls
from bedside.knowledge.pgx import PgxPack
from bedside.knowledge.phrases import Phrases


class PeopleRecommendations:
    """Answers `of(person)`; what was decided for one combination of calls is remembered for everybody who
    shares it.
    """

    def __init__(self, people: PeopleCalls, pack: PgxPack, phrases: Phrases) -> None:
        self.people, self.pack, self.phrases = people, pack, phrases
        self.drugs = tuple((name, _genes(pack, name)) for name in pack.guidance)
        self.index = {gene: people.index[gene].tolist() for gene in people.genes}
        self.known: dict[tuple[str, tuple[int, ...]], tuple[Recommendation, ...]] = {}

    def of(self, person: int) -> tuple[Recommendation, ...]:
        """Every recommendation for the person of this number, by drug."""
        found: list[Recommendation] = []
        for drug, genes in self.drugs:
            found += self._decided(
                drug, genes, tuple([self.index[gene][person] for gene in genes if gene in self.index])
            )
        return tuple(found)

    def _decided(
        self, drug: str, genes: tuple[str, ...], which: tuple[int, ...]
    ) -> tuple[Recommendation, ...]:
        known = self.known.get((drug, which))
        if known is None:
            called = [gene for gene in genes if gene in self.index]
            calls = {
                gene: self.people.calls[gene][number] for gene, number in zip(called, which, strict=True)
            }
            answers = recommend(self.pack, self.phrases, calls, self.pack.drugs[drug])
            known = tuple(
                hold_back(self.phrases, answer, None)
                for answer in answers
                if isinstance(answer, Recommendation)
            )
            self.known[drug, which] = known
        return known


def _genes(pack: PgxPack, drug: str) -> tuple[str, ...]:
    """The genes that the drug's guidance asks for."""
    return tuple(sorted({gene for row in pack.guidance[drug] for gene in row.criteria}))
