"""Genes where any number of variants may sit on a strand and the least functional one decides (DPYD, RYR1).

Strands known: a diplotype of combinations, and for guidance the least functional allele of each strand.
Strands not known: no diplotype, only the alleles present, and for guidance the two least functional of
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain, product

from bedside.genome.diplotype import Diplotype, allele_order
from bedside.interpret.allele_table import AlleleTable, bits, combinable_alleles
from bedside.interpret.combinations import StrandName, fits, partial, strand_names
from bedside.interpret.phenotype import Meanings
from bedside.interpret.proxy_allele import Proxy, count_strands, proxy_of, read_strand
from bedside.interpret.sites import Site
from bedside.interpret.strands import MOST_BLOCKS, Layout, Strand, strand_pairs

_VALUE_WHEN_NONE = 2.0
"""How much an allele of unassigned value weighs between pairs: it never wins over a known loss."""


@dataclass(frozen=True, slots=True)
class LowestFunction:
    """Diplotypes (strands known) or components (strands not known), the pair for guidance, and warnings."""

    diplotypes: tuple[Diplotype, ...]
    components: tuple[str, ...]
    recommendation: Diplotype
    warnings: frozenset[str]


def call_lowest_function(
    table: AlleleTable, rank: Meanings, layout: Layout, usable: int, haploid: bool
) -> LowestFunction:
    """Call a lowest-function gene from usable sites."""
    if layout.effectively_phased or (layout.phased and len(layout.blocks) <= MOST_BLOCKS):
        return _by_strand(table, rank, layout, usable, haploid)
    return _by_component(table, rank, layout, usable)


def _by_strand(
    table: AlleleTable, rank: Meanings, layout: Layout, usable: int, haploid: bool
) -> LowestFunction:
    symbol, reference = table.gene.symbol, table.names[table.reference]
    proxy = proxy_of(table.gene)
    warnings: set[str] = set()
    found: dict[Diplotype, Diplotype] = {}
    for pair in strand_pairs(table.row, layout):
        strands = [_names(table, proxy, strand, usable, warnings) for strand in pair[: 1 if haploid else 2]]
        for chosen in product(*strands):
            written = Diplotype(symbol, *(name.written(reference) for name in chosen))
            found.setdefault(written, Diplotype(symbol, *(_worst(rank, name, reference) for name in chosen)))
    diplotypes = tuple(sorted(found, key=lambda one: tuple(map(allele_order, one.alleles))))
    recommendation = min((found[one] for one in diplotypes), key=lambda pair: _weight(rank, pair))
    return LowestFunction(diplotypes, (), recommendation, frozenset(warnings))


def _names(
    table: AlleleTable, proxy: Proxy | None, strand: Strand, usable: int, warnings: set[str]
) -> tuple[StrandName, ...]:
    if proxy is None:
        return strand_names(table, strand, usable)
    bases = dict(strand)
    intron, exon = (
        bases.get(place, table.row[place]) if usable >> place & 1 else None
        for place in (proxy.intron, proxy.exon)
    )
    allele, warning = read_strand(proxy, intron, exon)
    warnings.update({warning} - {""})
    rest = tuple(one for one in strand if one[0] not in (proxy.intron, proxy.exon))
    names = strand_names(table, rest, usable)
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


def _by_component(table: AlleleTable, rank: Meanings, layout: Layout, usable: int) -> LowestFunction:
    reference = table.names[table.reference]
    proxy = proxy_of(table.gene)
    aside = () if proxy is None else (proxy.intron, proxy.exon)
    components = found_alleles(table, layout, usable, aside)
    warnings: frozenset[str] = frozenset()
    if proxy is not None:
        seen = {site.place: site for site in chain(layout.fixed, *layout.blocks) if site.place in aside}
        reading = count_strands(proxy, seen.get(proxy.intron), seen.get(proxy.exon))
        components += reading.alleles
        warnings = reading.warnings
    if len(components) > 2:
        components = [name for name in components if name != reference]
    components.sort(key=allele_order)
    padded = [*components, reference, reference][: max(2, len(components))]
    worst = sorted(padded, key=lambda name: _severity(rank, name))[:2]
    return LowestFunction((), tuple(components), Diplotype(table.gene.symbol, *worst), warnings)


def found_alleles(table: AlleleTable, layout: Layout, usable: int, aside: tuple[int, ...] = ()) -> list[str]:
    """Alleles that some assignment of strands shows, twice when one assignment shows them on both strands.

    Also the reference, when some strand may carry no variant at all, and variants that no allele explains.
    Places `aside` are not looked at.
    """
    varied = {
        site.place: site
        for site in chain(layout.fixed, *layout.blocks)
        if site.place not in aside and not (site.first == site.second == table.row[site.place])
    }
    some = 0
    unexplained: list[str] = []
    for place, site in varied.items():
        for base in (site.first, site.second):
            explaining = table.stating[place] & (table.stated[place].get(base, 0) if base is not None else 0)
            some |= explaining
            if base != table.row[place] and not explaining:
                unexplained.append(partial(table, place, base))
    names: list[str] = []
    for number in bits(some & combinable_alleles(table, usable)):
        names += [table.reported(number)] * _strands_with(table, number, varied, usable)
    bare = _may_be_bare(table, varied)
    return ([table.names[table.reference]] if bare else []) + names + unexplained


def _strands_with(table: AlleleTable, number: int, varied: Mapping[int, Site], usable: int) -> int:
    """On how many strands at once an allele may be: 0, 1 or 2."""
    ways: dict[int | None, list[bool]] = {}
    for place in bits((table.core[number] | table.wobbles[number]) & usable):
        site = varied.get(place)
        way = ways.setdefault(None if site is None else site.block, [True, True])
        bases = (table.row[place],) * 2 if site is None else (site.first, site.second)
        for side, base in enumerate(bases):
            way[side] = way[side] and fits(table, number, place, base)
    if not all(any(way) for way in ways.values()):
        return 0
    return 2 if all(all(way) for way in ways.values()) else 1


def _may_be_bare(table: AlleleTable, varied: Mapping[int, Site]) -> bool:
    """Whether some assignment of strands leaves one of them without any variant."""
    ways: dict[int | None, list[bool]] = {}
    for place, site in varied.items():
        way = ways.setdefault(site.block, [True, True])
        for side, base in enumerate((site.first, site.second)):
            way[side] = way[side] and base == table.row[place]
    return all(any(way) for way in ways.values())
