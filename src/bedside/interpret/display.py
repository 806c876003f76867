"""How a report prints a call, where that differs from the diplotype."""

from __future__ import annotations

from bedside.genome.diplotype import Diplotype
from bedside.knowledge.pgx import Gene


def printed(gene: Gene, diplotypes: tuple[Diplotype, ...], components: tuple[str, ...]) -> tuple[str, ...]:
    """The printed forms, or nothing when they are the diplotypes themselves."""
    if components:
        return tuple(
            f"{name} (homozygous)" if components.count(name) > 1 else name
            for name in dict.fromkeys(components)
        )
    if not gene.shown_by_variant:
        return ()
    forms = tuple(_by_variant(gene.reference_allele.name, pair) for pair in diplotypes)
    return () if forms == tuple(map(str, diplotypes)) else forms


def _by_variant(reference: str, pair: Diplotype) -> str:
    variants = [name for name in pair.alleles if name != reference]
    if len(pair.alleles) == 2 and len(variants) == 1:
        return f"{variants[0]} (heterozygous)"
    return "/".join(variants) if variants else "/".join("Reference" for _ in pair.alleles)
