"""Which words are symbols of genes."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from bedside.knowledge.gene_regions import load_gene_regions
from bedside.service.house import House


def known_genes(house: House) -> frozenset[str]:
    """Every gene symbol there is, to tell genes from other words of capitals."""
    return _genes(house.settings.knowledge_folder) | frozenset(house.pgx.genes)


@lru_cache(maxsize=4)
def _genes(root: Path | None) -> frozenset[str]:
    return frozenset(load_gene_regions(root).regions)
