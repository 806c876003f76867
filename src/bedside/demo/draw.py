"""Draws what people carry from published frequencies: whole haplotypes, so that linked changes stay linked.

Genes are drawn independently of each other: linkage between neighbouring genes is not modelled.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

from bedside.errors import PackError
from bedside.genome.person import Sex
from bedside.knowledge.frequencies import AlleleFrequency, AncestryGroup, Change, Frequencies, Haplotype
from bedside.knowledge.pgx import PgxPack, Position

TRIES = 200_000
UNLISTED = ""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Carried:
    """What one person carries, one entry a chromosome: haplotypes, or named alleles for outside calls.

    An allele without a published frequency is `UNLISTED`.
    """

    haplotypes: Mapping[str, tuple[Haplotype, ...]]
    alleles: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Lot(Generic[Item]):
    """A weighted choice, its weights added up once."""

    items: tuple[Item, ...]
    cumulative: tuple[float, ...]

    def draw(self, chance: Random) -> Item:
        """One item, as often as its weight says."""
        place = bisect(self.cumulative, chance.random() * self.cumulative[-1])
        return self.items[min(place, len(self.items) - 1)]


def lot(weights: Mapping[Item, float] | Iterable[tuple[Item, float]]) -> Lot[Item]:
    """A lot over items with their weights."""
    pairs = tuple(weights.items() if isinstance(weights, Mapping) else weights)
    return Lot(tuple(item for item, _ in pairs), tuple(accumulate(weight for _, weight in pairs)))


class Urn:
    """Everything there is to draw from: published frequencies at the positions of a knowledge release."""

    def __init__(self, frequencies: Frequencies, pack: PgxPack) -> None:
        self.frequencies = frequencies
        self._haploid = frozenset(gene.symbol for gene in pack.genes.values() if gene.haploid_in_males)
        self._position = {
            position.rsid: position for gene in pack.genes.values() for position in gene.positions
        }
        self._haplotypes = {
            key: lot([(row.haplotype, row.count) for row in rows])
            for key, rows in frequencies.haplotypes.items()
        }
        self._alleles = {key: _alleles(rows) for key, rows in frequencies.alleles.items()}
        self.genes = frequencies.haplotype_genes

    def position(self, rsid: str) -> Position:
        """The position of an rsID; `PackError` when the release has none."""
        if rsid not in self._position:
            raise PackError.one("demo", f"{rsid} is not a position of the knowledge release")
        return self._position[rsid]

    def draw(self, group: AncestryGroup, sex: Sex, chance: Random) -> Carried:
        """A person of this ancestry and sex."""
        haplotypes = {
            gene: self._strands(gene, group, sex, chance)
            for gene in self.genes
            if (gene, group) in self._haplotypes
        }
        alleles = {
            gene: (choice.draw(chance), choice.draw(chance))
            for (gene, of), choice in self._alleles.items()
            if of is group
        }
        return Carried(haplotypes, alleles)

    def draw_carrier(
        self, gene: str, group: AncestryGroup, sex: Sex, carries: Mapping[str, int], chance: Random
    ) -> tuple[Haplotype, ...]:
        """Strands drawn again and again until each position is changed on as many of them as asked for."""
        wanted = {self.position(rsid): strands for rsid, strands in carries.items()}
        for _ in range(TRIES):
            strands = self._strands(gene, group, sex, chance)
            if all(_carried(strands, position) == count for position, count in wanted.items()):
                return strands
        raise PackError.one("demo", f"nobody of {group.value} carries {dict(carries)} in {gene}")

    def _strands(self, gene: str, group: AncestryGroup, sex: Sex, chance: Random) -> tuple[Haplotype, ...]:
        choice = self._haplotypes[gene, group]
        if gene in self._haploid and sex is Sex.MALE:
            return (choice.draw(chance),)
        return (choice.draw(chance), choice.draw(chance))


def place(strands: tuple[Haplotype, ...], position: Position, copies: int) -> tuple[Haplotype, ...]:
    """The strands with the position's first alternate put on so many of them, by hand."""
    change = Change(position.chromosome, position.position, position.reference, position.alternates[0])
    return tuple(
        Haplotype(strand.gene, tuple(sorted({*strand.changes, change}, key=lambda each: each.position)))
        if number < copies
        else strand
        for number, strand in enumerate(strands)
    )


def _carried(strands: tuple[Haplotype, ...], position: Position) -> int:
    place = (position.chromosome, position.position)
    return sum(
        any((change.chromosome, change.position) == place for change in strand.changes) for strand in strands
    )


def _alleles(rows: tuple[AlleleFrequency, ...]) -> Lot[str]:
    rest = max(0.0, 1.0 - sum(row.frequency for row in rows))
    return lot([*((row.allele, row.frequency) for row in rows), (UNLISTED, rest)])
