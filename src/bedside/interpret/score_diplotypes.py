"""How well a fitting pair explains the genotype: the more positions its alleles define, the better.

The score of an allele is the number of usable positions it defines. Where its definition accepts several
bases and the strand carries the genome's reference, that position counts nothing. Of the ways round a pair
fits, the best counts.
"""

from __future__ import annotations

from bedside.interpret.allele_table import AlleleTable
from bedside.interpret.match_named_alleles import Match
from bedside.interpret.sites import Site
from bedside.interpret.strands import Layout


def score(table: AlleleTable, layout: Layout, usable: int, match: Match) -> int:
    """The score of a pair, or of one haploid allele."""
    defined = (table.defined[match.first] & usable).bit_count()
    wobbles = table.wobbles[match.first] & usable
    if match.second is None:
        return defined - _at_reference(table, layout.fixed, match.first, first=True)
    defined += (table.defined[match.second] & usable).bit_count()
    if not (wobbles or table.wobbles[match.second] & usable):
        return defined
    fixed = sum(_at_reference(table, layout.fixed, one, first=True) for one in (match.first, match.second))
    return defined - fixed - sum(_least(table, block, match.first, match.second) for block in layout.blocks)


def _least(table: AlleleTable, block: tuple[Site, ...], one: int, other: int) -> int:
    ways = [
        _at_reference(table, block, one, first=turn) + _at_reference(table, block, other, first=not turn)
        for turn in (True, False)
        if _fits(table, block, one, first=turn) and _fits(table, block, other, first=not turn)
    ]
    return min(ways)


def _base(site: Site, first: bool) -> str | None:
    return site.first if first else site.second


def _fits(table: AlleleTable, block: tuple[Site, ...], number: int, *, first: bool) -> bool:
    return all(table.filled[site.place].get(_base(site, first) or "", 0) >> number & 1 for site in block)


def _at_reference(table: AlleleTable, sites: tuple[Site, ...], number: int, *, first: bool) -> int:
    wobbles = table.wobbles[number]
    if not wobbles:
        return 0
    positions = table.gene.positions
    return sum(
        1
        for site in sites
        if wobbles >> site.place & 1 and _base(site, first) == positions[site.place].reference
    )
