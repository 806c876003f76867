"""Genes where any number of variants may sit on a strand and the least functional one decides (DPYD, RYR1).

Strands known: a diplotype of combinations, and for guidance the least functional allele of each strand. Strands not
known: no diplotype, only the alleles present, and for guidance the two least functional of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from bedside.genome.diplotype import Diplotype, allele_order
from bedside.interpret.allele_table import AlleleTable, bits, combinable_alleles
from bedside.interpret.combinations import StrandName, strand_names
from bedside.interpret.phenotype import Meanings
from bedside.interpret.proxy_allele import Proxy, count_strands, proxy_of, read_strand
from bedside.interpret.sites import Site
from bedside.interpret.strands import MOST_BLOCKS, Layout, Strand, strand_pairs

_VALUE_WHEN_NONE = 2.0
"""How much a pair with an allele of unassigned value weighs against other pairs: it never wins over a known loss."""


@dataclass(frozen=True, slots=True)
class LowestFunction:
    """The call: diplotypes (strands known) or components (strands not known), the pair that guidance uses, warnings."""

    diplotypes: tuple[Diplotype, ...]
    components: tuple[str, ...]
    recommendation: Diplotype
    warnings: frozenset[str]


def call_lowest_function(
    table: AlleleTable, rank: Meanings, sites: tuple[Site, ...], layout: Layout, usable: int, haploid: bool
) -> LowestFunction:
    """Call a lowest-function gene from usable sites."""
    strands_known = layout.effectively_phased or (layout.phased and len(layout.blocks) <= MOST_BLOCKS)
    if strands_known:
        return _by_strand(table, rank, sites, layout, usable, haploid)
    return _by_component(table, rank, sites, layout, usable)


def _by_strand(
    table: AlleleTable, rank: Meanings, sites: tuple[Site, ...], layout: Layout, usable: int, haploid: bool
) -> LowestFunction:
    symbol, reference = table.gene.symbol, table.names[table.reference]
    proxy = proxy_of(table.gene)
    warnings: set[str] = set()
    found: dict[Diplotype, Diplotype] = {}
    for pair in strand_pairs(sites, layout):
        first, second = (_names(table, proxy, sites, strand, usable, warnings) for strand in pair)
        for one in first:
            for other in second[: 1 if haploid else None]:
                names = [one.written(reference)] + ([] if haploid else [other.written(reference)])
                worst = [_worst(rank, one, reference)] + ([] if haploid else [_worst(rank, other, reference)])
                found.setdefault(Diplotype(symbol, *names), Diplotype(symbol, *worst))
    diplotypes = tuple(sorted(found, key=lambda one: tuple(map(allele_order, one.alleles))))
    recommendation = min((found[one] for one in diplotypes), key=lambda pair: _weight(rank, pair))
    return LowestFunction(diplotypes, (), recommendation, frozenset(warnings))


def _names(
    table: AlleleTable,
    proxy: Proxy | None,
    sites: tuple[Site, ...],
    strand: Strand,
    usable: int,
    warnings: set[str],
) -> tuple[StrandName, ...]:
    if proxy is None:
        return strand_names(table, sites, strand, usable)
    bases = {site.place: base for site, base in zip(sites, strand, strict=True)}
    allele, warning = read_strand(proxy, bases.get(proxy.intron), bases.get(proxy.exon))
    warnings.update({warning} - {""})
    others = tuple(site for site in sites if site.place not in (proxy.intron, proxy.exon))
    rest = tuple(bases[site.place] for site in others)
    names = strand_names(table, others, rest, usable)
    if not allele:
        return names
    return tuple(
        StrandName(tuple(sorted((*name.alleles, allele), key=allele_order)), name.partials) for name in names
    )


def _worst(rank: Meanings, strand: StrandName, reference: str) -> str:
    return least_functional(rank, (*strand.alleles, *strand.partials) or (reference,))


def least_functional(rank: Meanings, names: tuple[str, ...]) -> str:
    """The allele of a strand that decides."""
    return min(names, key=lambda name: _severity(rank, name))


def _severity(rank: Meanings, name: str) -> tuple[float, tuple[tuple[int, int, str], ...]]:
    """Sorts the least functional allele first; one without an assigned value before all others."""
    if rank.gene.risk_function:
        return (0.0 if rank.term(name) == rank.gene.risk_function else 1.0), allele_order(name)
    value = rank.value(name)
    return (-1.0 if value is None else value), allele_order(name)


def _weight(rank: Meanings, pair: Diplotype) -> float:
    if rank.gene.risk_function:
        return -sum(rank.term(name) == rank.gene.risk_function for name in pair.alleles)
    values = [rank.value(name) for name in pair.alleles]
    return sum(_VALUE_WHEN_NONE if value is None else value for value in values)


def _by_component(
    table: AlleleTable, rank: Meanings, sites: tuple[Site, ...], layout: Layout, usable: int
) -> LowestFunction:
    reference = table.names[table.reference]
    proxy = proxy_of(table.gene)
    by_place = {site.place: site for site in sites}
    aside = () if proxy is None else (proxy.intron, proxy.exon)
    components = _found(table, layout, usable, frozenset(aside))
    warnings: frozenset[str] = frozenset()
    if proxy is not None:
        reading = count_strands(proxy, by_place.get(proxy.intron), by_place.get(proxy.exon))
        components += [name for strand in reading.alleles for name in strand]
        warnings = reading.warnings
    if len(components) > 2:
        components = [name for name in components if name != reference]
    components.sort(key=allele_order)
    padded = [*components, reference, reference][: max(2, len(components))]
    worst = sorted(padded, key=lambda name: _severity(rank, name))[:2]
    return LowestFunction((), tuple(components), Diplotype(table.gene.symbol, *worst), warnings)


def _found(table: AlleleTable, layout: Layout, usable: int, aside: frozenset[int]) -> list[str]:
    """Alleles that some assignment of strands shows, twice when one assignment shows them on both strands.

    Also the reference, when some strand may carry no variant at all, and variants that no allele explains.
    """
    either = both = combinable_alleles(table, usable)
    unexplained: list[str] = []
    bare = True
    for block in (*((site,) for site in layout.fixed), *layout.blocks):
        block = tuple(site for site in block if site.place not in aside)
        first = second = ~0
        plain = [True, True]
        for site in block:
            strands = (site.first, site.second)
            fits = [
                ~table.stating[site.place] | (table.stated[site.place].get(base, 0) if base else 0)
                for base in strands
            ]
            first, second = first & fits[0], second & fits[1]
            for turn, base in enumerate(strands):
                plain[turn] = plain[turn] and base == table.row[site.place]
            unexplained += _unexplained(table, site)
        either &= first | second
        both &= first & second
        bare = bare and any(plain)
    names = [table.names[number] for number in bits(either)]
    names += [table.names[number] for number in bits(both)]
    return ([table.names[table.reference]] if bare else []) + names + unexplained


def _unexplained(table: AlleleTable, site: Site) -> list[str]:
    position = table.gene.positions[site.place]
    return [
        f"g.{position.position}" + ("?" if base is None else f"{position.reference}>{base}")
        for base in (site.first, site.second)
        if base != table.row[site.place]
        and not (base and table.stated[site.place].get(base, 0) & table.stating[site.place])
    ]
