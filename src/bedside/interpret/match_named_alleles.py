"""Which pairs of named alleles fit a genotype exactly.

No strand is ever listed. A pair (a, b) fits when, in every block of phased sites, a fits one strand and b
the other, one way round or the other way round; blocks are independent of each other. This equals listing
all 2^n strands and looking for complementary ones (a property test holds the two together) and takes time
linear in the number of blocks.
"""

from __future__ import annotations

from dataclasses import dataclass

from bedside.interpret.allele_table import AlleleTable, bits, callable_alleles
from bedside.interpret.sites import Site
from bedside.interpret.strands import Layout


@dataclass(frozen=True, slots=True)
class Block:
    """One block as masks of alleles: those that fit its first strand, and those that fit its second."""

    first: int
    second: int


@dataclass(frozen=True, slots=True)
class Match:
    """Two alleles by number in the table (the same twice when homozygous), or one on a haploid chromosome."""

    first: int
    second: int | None


def match_named_alleles(table: AlleleTable, layout: Layout, usable: int, haploid: bool) -> tuple[Match, ...]:
    """Every pair of alleles (single allele on a haploid chromosome) that fits, in table order."""
    fitting = callable_alleles(table, usable)
    for site in layout.fixed:
        fitting &= _fit(table, site.place, site.first)
        if not fitting:
            return ()
    blocks = [_block(table, block, fitting) for block in layout.blocks]
    if haploid:
        return tuple(Match(number, None) for number in bits(fitting))
    matches: list[Match] = []
    for first in bits(fitting):
        partners = fitting >> first << first
        for block in blocks:
            partners &= (block.second if block.first >> first & 1 else 0) | (
                block.first if block.second >> first & 1 else 0
            )
        matches.extend(Match(first, second) for second in bits(partners))
    return tuple(matches)


def _fit(table: AlleleTable, place: int, base: str | None) -> int:
    return 0 if base is None else table.filled[place].get(base, 0)


def _block(table: AlleleTable, sites: tuple[Site, ...], fitting: int) -> Block:
    first = second = fitting
    for site in sites:
        first &= _fit(table, site.place, site.first)
        second &= _fit(table, site.place, site.second)
    return Block(first, second)
