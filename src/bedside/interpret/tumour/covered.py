"""Which genes, exons and codons the stretches that a panel read hold."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence

from bedside.genome.locus import Build
from bedside.genome.tumour import Aspect, Covered, Scope
from bedside.knowledge.tumour_genes import Placed, TumourGenes

Spans = Mapping[str, Sequence[tuple[int, int]]]


def scope_of(spans: Spans, genes: TumourGenes, build: Build) -> Scope:
    """What was looked at: whole genes, and of others the part that was read. A gene whose transcript could
    not be placed on this assembly is not said to be looked at."""
    whole: set[str] = set()
    partly: dict[str, Covered] = {}
    for one in genes.by_name.values():
        placed = one.on.get(build)
        if placed is None:
            continue
        here = spans.get(one.chromosome, ())
        coding = [n for n in range(1, len(placed.exons) + 1) if placed.coding(n) is not None]
        covered = _covered(placed, coding, here)
        if set(coding) <= covered.spliced:
            whole.add(one.gene)
        elif covered.codons:
            partly[one.gene] = covered
    return Scope({Aspect.SMALL: frozenset(whole)}, partly=partly)


def _covered(placed: Placed, coding: Sequence[int], spans: Sequence[tuple[int, int]]) -> Covered:
    exons, spliced, codons = set(), set(), []
    for number in coding:
        low, high = placed.coding(number) or (0, 0)
        if within(spans, low, high):
            exons.add(number)
        start, end = placed.exons[number - 1]
        wide = (low - 2 if low == start else low, high + 2 if high == end else high)
        if within(spans, *wide):
            spliced.add(number)
        for a, b in spans:
            first, last = max(a, low), min(b, high)
            if first <= last and (found := _whole_codons(placed, first, last)) is not None:
                codons.append(found)
    return Covered(frozenset(exons), frozenset(spliced), tuple(sorted(codons)))


def _whole_codons(placed: Placed, first: int, last: int) -> tuple[int, int] | None:
    """The codons of which every base lies in a stretch of one exon; a codon at its edge that is read in
    part is none of them, and neither is one that goes on in the next exon."""
    places = sorted(one for one in (placed.coding_place(first), placed.coding_place(last)) if one is not None)
    if len(places) != 2:
        return None
    low, high = (places[0] + 1) // 3 + 1, places[1] // 3
    return (low, high) if low <= high else None


def within(spans: Sequence[tuple[int, int]], low: int, high: int) -> bool:
    """Whether one stretch holds all of another; the stretches are sorted and do not touch."""
    place = bisect_right(spans, (low, 1 << 40)) - 1
    return place >= 0 and spans[place][0] <= low and high <= spans[place][1]
