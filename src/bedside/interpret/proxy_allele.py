"""An allele that one position defines and another stands in for (DPYD HapB3: rs75017182, rs56038477).

Both positions and the alleles they define are taken out of ordinary matching and read here: strand by
strand when the strands are known, by counting when they are not.
"""

from __future__ import annotations

from dataclasses import dataclass

from bedside.interpret.gene_call import Limit
from bedside.interpret.sites import Site
from bedside.knowledge.pgx import Gene

EXONIC_ONLY = "exonic-only"
MISMATCH = "intronic-mismatch-exonic"


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where the two positions stand in a gene, and what carrying the variant there is called."""

    intron: int
    exon: int
    intron_variant: str
    exon_variant: str
    both: str
    intron_only: str


@dataclass(frozen=True, slots=True)
class ProxyReading:
    """The alleles found when strands are unknown, and what to warn of."""

    alleles: tuple[str, ...]
    warnings: frozenset[str]


def proxy_of(gene: Gene) -> Proxy | None:
    """The proxy facts of a gene that has them."""
    if not gene.proxy_allele:
        return None
    places = {position.rsid: place for place, position in enumerate(gene.positions)}
    intron, exon = places.get(gene.proxy_intron_rsid), places.get(gene.proxy_exon_rsid)
    bases = {allele.name: allele.bases for allele in gene.alleles}.get(gene.proxy_allele, ())
    if intron is None or exon is None or not any(bases):
        return None
    return Proxy(intron, exon, bases[intron], bases[exon], gene.proxy_allele, gene.proxy_intron_allele)


def read_strand(proxy: Proxy, intron: str | None, exon: str | None) -> tuple[str, str]:
    """The allele of one strand and what to warn of, "" for none. A base of None was not seen."""
    exon_variant = exon == proxy.exon_variant
    if intron is None:
        return (proxy.both, EXONIC_ONLY) if exon_variant else ("", "")
    if intron == proxy.intron_variant:
        return (proxy.both if exon_variant else proxy.intron_only), ""
    return "", MISMATCH if exon_variant else ""


def count_strands(proxy: Proxy, intron: Site | None, exon: Site | None) -> ProxyReading:
    """The alleles when strands are unknown, from how many strands carry each variant."""
    exons = 0 if exon is None else (exon.first, exon.second).count(proxy.exon_variant)
    if intron is None:
        return ProxyReading((proxy.both,) * exons, frozenset({EXONIC_ONLY} if exons else ()))
    introns = (intron.first, intron.second).count(proxy.intron_variant)
    both = min(introns, exons)
    alleles = (proxy.both,) * both + (proxy.intron_only,) * (introns - both)
    return ProxyReading(alleles, frozenset({MISMATCH} if introns < exons else ()))


def proxy_limits(gene: Gene, warnings: frozenset[str]) -> tuple[Limit, ...]:
    """The warnings in stable codes and words for people."""
    words = {
        EXONIC_ONLY: f"{gene.proxy_intron_rsid} was not seen; {gene.proxy_allele} is inferred from its usual "
        f"companion {gene.proxy_exon_rsid} alone",
        MISMATCH: f"{gene.proxy_exon_rsid} carries its variant where {gene.proxy_intron_rsid} does not; "
        f"{gene.proxy_intron_rsid} decides and the strand is not counted as {gene.proxy_allele}",
    }
    label = gene.proxy_allele.rsplit("(", 1)[-1].rstrip(")")
    label = label[:1].lower() + label[1:]
    return tuple(
        Limit(f"{gene.symbol.lower()}-{label}-{code}", words[code]) for code in words if code in warnings
    )
