"""The plain way to match named alleles, as a yardstick: list every pair of strands, compare base by base."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement, product

from bedside.knowledge.pgx import Gene

IUPAC = {
    "R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC",
}  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """One observed position: its place in the gene, the two bases, and the block that fixes their order."""

    place: int
    first: str
    second: str
    block: int | None


def accepts(base: str) -> set[str]:
    return set(IUPAC.get(base, "")) or {base}


def filled(gene: Gene, number: int) -> tuple[str, ...]:
    """An allele's row with its blanks filled from the reference row."""
    reference = gene.reference_allele.bases
    row = tuple(
        position.reference if base in IUPAC else base
        for position, base in zip(gene.positions, reference, strict=True)
    )
    return tuple(base or blank for base, blank in zip(gene.alleles[number].bases, row, strict=True))


def strand_pairs(sites: list[Seen]) -> list[tuple[dict[int, str], dict[int, str]]]:
    free = sorted({site.block for site in sites if site.block is not None and site.first != site.second})
    found = []
    for turns in product((False, True), repeat=len(free)):
        turned = dict(zip(free, turns, strict=True))
        first, second = {}, {}
        for site in sites:
            swap = site.block is not None and turned.get(site.block, False)
            first[site.place] = site.second if swap else site.first
            second[site.place] = site.first if swap else site.second
        found.append((first, second))
    return found


def fitting(gene: Gene, sites: list[Seen]) -> dict[tuple[str, str], int]:
    """Every fitting pair of alleles by name with its best score."""
    places = [site.place for site in sites]
    callable_alleles = [
        number
        for number, allele in enumerate(gene.alleles)
        if any(allele.bases) and any(allele.bases[place] for place in places)
    ]
    best: dict[tuple[str, str], int] = {}
    for first, second in strand_pairs(sites):
        on_first = [n for n in callable_alleles if fits(gene, n, first)]
        on_second = [n for n in callable_alleles if fits(gene, n, second)]
        for one in on_first:
            for other in on_second:
                pair = (gene.alleles[min(one, other)].name, gene.alleles[max(one, other)].name)
                found = score(gene, one, first) + score(gene, other, second)
                best[pair] = max(best.get(pair, -1), found)
    return best


def fits(gene: Gene, number: int, strand: dict[int, str]) -> bool:
    row = filled(gene, number)
    return all(base in accepts(row[place]) for place, base in strand.items())


def score(gene: Gene, number: int, strand: dict[int, str]) -> int:
    bases = gene.alleles[number].bases
    return sum(
        1
        for place, base in strand.items()
        if bases[place] and not (bases[place] in IUPAC and base == gene.positions[place].reference)
    )


def every_pair(gene: Gene) -> list[tuple[int, int]]:
    """All pairs of alleles that genotypes can show, by number, homozygous pairs included."""
    numbers = [number for number, allele in enumerate(gene.alleles) if any(allele.bases)]
    return list(combinations_with_replacement(numbers, 2))


def carried(gene: Gene, number: int) -> tuple[str, ...]:
    """What somebody with this allele carries: where several bases would do, one that is not the genome's."""
    return tuple(
        next(iter(sorted(accepts(base) - {position.reference})), base) if base in IUPAC else base
        for base, position in zip(filled(gene, number), gene.positions, strict=True)
    )
