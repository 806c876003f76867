"""A drug's guidance as tables: rows of one source and guideline that ask about the same genes, worked out
once a release.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

from bedside.decide.evidence import asked_of
from bedside.knowledge.pgx import Guidance, PgxPack

LEVELS = ("A", "A/B", "B", "B/C", "C", "C/D", "D")


@dataclass(frozen=True, slots=True)
class GuidanceTable:
    """Rows that answer the same question. name: how traces call it. asked: the keys its rows ask of each
    gene.

    level: the strongest level at which the source holds the drug with one of its genes, "" when it lists
    none.
    """

    name: str
    rows: tuple[Guidance, ...]
    asked: Mapping[str, frozenset[str]]
    level: str


class _Release:
    """A loaded release as a key: it equals only itself, and is kept alive so that its identity is never
    reused.
    """

    __slots__ = ("pack",)

    def __init__(self, pack: PgxPack) -> None:
        self.pack = pack

    def __hash__(self) -> int:
        return id(self.pack)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Release) and other.pack is self.pack


def tables_of(pack: PgxPack, drug: str) -> tuple[GuidanceTable, ...]:
    """The tables of a drug, in the order of the release; none for a drug without guidance."""
    return _tables(_Release(pack), drug)


@lru_cache(maxsize=1024)
def _tables(release: _Release, drug: str) -> tuple[GuidanceTable, ...]:
    pack = release.pack
    found: dict[tuple[str, str, tuple[str, ...]], list[Guidance]] = {}
    for row in pack.guidance.get(drug, ()):
        found.setdefault((row.source, row.citation.identifier, tuple(sorted(row.criteria))), []).append(row)
    return tuple(
        GuidanceTable(
            f"{source}:{guideline}:{drug}:{'+'.join(genes)}",
            tuple(rows),
            asked_of(rows),
            level_of(pack, drug, genes),
        )
        for (source, guideline, genes), rows in found.items()
    )


def level_of(pack: PgxPack, drug: str, genes: Collection[str]) -> str:
    """The strongest level at which the source holds the drug with one of these genes,
    "" when it lists none.
    """
    held = {pair.level for pair in pack.pairs if pair.drug == drug and pair.gene in genes}
    return min(held & set(LEVELS), key=LEVELS.index, default="")
