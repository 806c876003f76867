"""Guidance for one drug, worked out once for each distinct set of the calls that it asks about."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Generic, TypeVar

from bedside.decide.recommend import recommend
from bedside.decide.recommendation import Recommendation, Silence
from bedside.decide.tables import tables_of
from bedside.interpret.gene_call import GeneCall
from bedside.knowledge.pgx import PgxPack
from bedside.knowledge.phrases import Phrases

_KEPT = 20_000
T = TypeVar("T")


class _Same(Generic[T]):
    """A value as a key: it equals only itself, and is kept alive so that its identity is never reused."""

    __slots__ = ("value",)

    def __init__(self, value: T) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.value is self.value


def recommend_distinct(
    pack: PgxPack, phrases: Phrases, calls: Mapping[str, GeneCall], drug: str
) -> tuple[Recommendation | Silence, ...]:
    """What `recommend` says of a drug that nobody has ordered. A record's calls are one object for each
    distinct call, so people who are alike in the drug's genes are answered from one working out."""
    mine = tuple((gene, _Same(calls[gene])) for gene in genes_of(pack, drug) if gene in calls)
    return _worked_out(_Same(pack), _Same(phrases), drug, mine)


def genes_of(pack: PgxPack, drug: str) -> tuple[str, ...]:
    """The genes that guidance about a drug asks for, by name."""
    return _genes(_Same(pack), drug)


@lru_cache(maxsize=1024)
def _genes(pack: _Same[PgxPack], drug: str) -> tuple[str, ...]:
    return tuple(sorted({gene for table in tables_of(pack.value, drug) for gene in table.asked}))


@lru_cache(maxsize=_KEPT)
def _worked_out(
    pack: _Same[PgxPack],
    phrases: _Same[Phrases],
    drug: str,
    calls: tuple[tuple[str, _Same[GeneCall]], ...],
) -> tuple[Recommendation | Silence, ...]:
    own = {gene: call.value for gene, call in calls}
    return recommend(pack.value, phrases.value, own, pack.value.drugs[drug])
