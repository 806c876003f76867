"""One position may carry guidance for a gene that cannot be called (SLCO1B1 rs4149056)."""

from __future__ import annotations

from bedside.genome.diplotype import Diplotype
from bedside.interpret.sites import Sites
from bedside.knowledge.pgx import Gene


def single_position(gene: Gene, sites: Sites) -> tuple[Diplotype, str] | None:
    """The pair to look guidance up with and how a report prints it, or None when the position cannot tell."""
    if not gene.fallback_rsid or sites.haploid:
        return None
    for site in sites.sites:
        if gene.positions[site.place].rsid == gene.fallback_rsid:
            bases = (site.first, site.second)
            names = [gene.fallback_alleles.get(base) for base in bases if base is not None]
            if len(names) < 2 or None in names:
                return None
            pair = Diplotype(gene.symbol, *(name for name in names if name is not None))
            return pair, "/".join(sorted(f"{gene.fallback_rsid} {base}" for base in bases))
    return None
