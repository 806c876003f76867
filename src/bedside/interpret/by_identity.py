"""Genes as keys of a memo: a gene holds mappings, so it is compared by identity, never by content."""

from __future__ import annotations

from bedside.knowledge.pgx import Gene


class ByIdentity:
    """A gene that equals only itself. It keeps the gene alive, so that an identity is never reused."""

    __slots__ = ("gene",)

    def __init__(self, gene: Gene) -> None:
        self.gene = gene

    def __hash__(self) -> int:
        return id(self.gene)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ByIdentity) and other.gene is self.gene
