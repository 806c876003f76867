"""A seeded, simulated biobank of exomes, without linkage: what the figures of the lake are measured on.

180,000 exons in 19,000 genes, about 51 million bases. 87,500 common sites with frequencies from 0.5 to 99 %,
evenly on a logarithmic scale; rare sites carried by k people, their number falling as k to the power -1.7;
25,000 non-reference genotypes a person, about 500 of them rare. Single-base changes only, chromosomes 1 to
22 only. Nobody is real.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bedside.genome.evidence import AssayKind, Evidence, Genome, Regions
from bedside.genome.locus import Build
from bedside.genome.region import CHROMOSOMES, Region
from bedside.genome.texts import Texts
from bedside.genome.variant import snv_keys
from bedside.store.lake.bulk import common_rows
from bedside.store.lake.carriers_file import Hits
from bedside.store.lake.stretches import Stretches, place

COMMON, RARE_EACH, GENES = 87_500, 500, 19_000
SMALLEST, LARGEST = 0.005, 0.99
_AUTOSOMES, _LENGTH = 22, 130_000_000
_BASES = np.frombuffer(b"ACGT", np.uint8)
_SITES = 400_000
"""Rare sites simulated at a time."""


@dataclass(frozen=True, eq=False)
class Biobank:
    """Where the exons are, and what varies."""

    people: int
    seed: int
    chromosome: NDArray[np.int8]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    gene: NDArray[np.int32]
    common: NDArray[np.int64]
    frequency: NDArray[np.float64]
    rare: NDArray[np.int64]
    carriers: NDArray[np.int32]

    @property
    def looked(self) -> Stretches:
        """What the kit covers."""
        return Stretches(place(self.chromosome, self.start), place(self.chromosome, self.end))

    def genes(self, count: int, rng: np.random.Generator) -> list[Region]:
        """Some genes, from their first exon to their last."""
        regions = []
        for gene in rng.choice(np.unique(self.gene), count, replace=False):
            exons = np.flatnonzero(self.gene == gene)
            number = int(self.chromosome[exons[0]])
            exons = exons[self.chromosome[exons] == number]
            span = int(self.start[exons].min()), int(self.end[exons].max())
            regions.append(Region(CHROMOSOMES[number - 1], *span))
        return regions

    def rare_pieces(self) -> Iterator[tuple[int, Iterator[Hits]]]:
        """Carriers of the rare sites, chromosome by chromosome, in pieces."""
        for number in range(1, _AUTOSOMES + 1):
            first, last = np.searchsorted(self.rare, [number << 58, number + 1 << 58])
            yield number, self._rare(int(first), int(last))

    def _rare(self, first: int, last: int) -> Iterator[Hits]:
        for low in range(first, last, _SITES):
            rng = np.random.default_rng((self.seed, 1, low))
            some = slice(low, min(low + _SITES, last))
            counts = self.carriers[some]
            site = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
            pair = site * self.people + rng.integers(0, self.people, len(site))
            pair.sort()
            pair = pair[np.concatenate(([True], pair[1:] != pair[:-1]))]
            site, run = pair // self.people, (pair % self.people).astype(np.int32)
            kind = np.where(rng.integers(0, 1 << 12, len(pair), np.int16) == 0, 2, 1).astype(np.int8)
            yield Hits(self.rare[some][site], run, kind)

    def common_pieces(self) -> Iterator[pa.Table]:
        """The matrix of the common sites."""
        rng = np.random.default_rng((self.seed, 2))
        step = max(1, (64 << 20) // self.people)
        for low in range(0, len(self.common), step):
            some = slice(low, low + step)
            frequency = self.frequency[some, None]
            draw = rng.integers(0, 1 << 16, (len(frequency), self.people), np.uint16)
            both = (frequency**2 * 65536).astype(np.uint16)
            any_ = ((2 * frequency - frequency**2) * 65536).astype(np.uint16)
            kind = (draw < any_).view(np.uint8) + (draw < both).view(np.uint8)
            pad = -self.people % 4
            lanes = np.pad(kind, ((0, 0), (0, pad))).reshape(len(kind), -1, 4)
            packed = lanes[:, :, 0] | lanes[:, :, 1] << 2 | lanes[:, :, 2] << 4 | lanes[:, :, 3] << 6
            yield common_rows(self.common[some], packed)

    def genome(self, number: int) -> Genome:
        """A further person with depths and qualities, as a laboratory's file would show."""
        rng = np.random.default_rng((self.seed, 3, number))
        draw = rng.random(len(self.common))
        kind = (draw < 2 * self.frequency - self.frequency**2).astype(np.int8)
        kind += draw < self.frequency**2
        weights = self.carriers / self.carriers.sum()
        rare = np.unique(rng.choice(self.rare, RARE_EACH, p=weights))
        key = np.concatenate((self.common[kind > 0], rare))
        kind = np.concatenate((kind[kind > 0], np.ones(len(rare), np.int8)))
        order = np.argsort(key)
        return _genome(self, key[order], kind[order], rng)


def biobank(people: int, seed: int = 1) -> Biobank:
    """A biobank of so many people."""
    rng = np.random.default_rng(seed)
    chromosome, start, end, gene = _exons(rng)
    lengths = end - start + 1
    reach = np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))
    most = max(20, people // 200)
    sizes = np.arange(1, most + 1)
    weights = sizes**-1.7 / (sizes**-1.7).sum()
    sites = int(people * RARE_EACH / (weights * sizes).sum())
    offsets = np.unique(rng.integers(0, int(reach[-1]) * 3, int((sites + COMMON) * 1.03)))
    offsets = np.sort(rng.permutation(offsets)[: sites + COMMON])
    exon = np.searchsorted(reach, offsets // 3, side="right") - 1
    at = start[exon] + (offsets // 3 - reach[exon])
    reference = at % 4
    alternate = (reference + 1 + offsets % 3) % 4
    keys = np.sort(snv_keys(chromosome[exon], at, _BASES[reference], _BASES[alternate]))
    chosen = np.zeros(len(keys), np.bool_)
    chosen[rng.choice(len(keys), COMMON, replace=False)] = True
    frequency = np.exp(rng.uniform(np.log(SMALLEST), np.log(LARGEST), COMMON))
    carriers = rng.choice(sizes, int((~chosen).sum()), p=weights).astype(np.int32)
    exons = chromosome, start.astype(np.int32), end.astype(np.int32), gene
    return Biobank(people, seed, *exons, keys[chosen], frequency, keys[~chosen], carriers)


def _exons(
    rng: np.random.Generator,
) -> tuple[NDArray[np.int8], NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]:
    begin = np.sort(rng.integers(0, _AUTOSOMES * _LENGTH, GENES))
    counts = np.maximum(1, rng.poisson(9.5, GENES))
    gene = np.repeat(np.arange(GENES, dtype=np.int32), counts)
    gaps = rng.exponential(4_000, len(gene)).astype(np.int64) + 500
    inside = np.cumsum(gaps) - np.repeat(np.cumsum(gaps)[np.cumsum(counts) - counts], counts)
    start = begin[gene] + inside
    order = np.argsort(start, kind="stable")
    start, gene = start[order], gene[order]
    end = start + rng.integers(150, 420, len(start))
    keep = np.concatenate(([True], start[1:] > np.maximum.accumulate(end)[:-1] + 1))
    keep &= (start // _LENGTH == end // _LENGTH) & (end < _AUTOSOMES * _LENGTH)
    start, end, gene = start[keep], end[keep], gene[keep]
    return (start // _LENGTH + 1).astype(np.int8), start % _LENGTH + 1, end % _LENGTH + 1, gene


def _genome(
    bank: Biobank, key: NDArray[np.int64], kind: NDArray[np.int8], rng: np.random.Generator
) -> Genome:
    count = len(key)
    depth = (rng.negative_binomial(8, 8 / 68, count) + 5).astype(np.int32)
    alternate_depth = np.where(kind == 2, depth, rng.binomial(depth, 0.5)).astype(np.int32)
    quality = np.where(depth > 25, 99, np.minimum(99, depth * 3)).astype(np.int16)
    letters = [_BASES[key >> shift & 3] for shift in (18, 16)]
    offsets = np.arange(count + 1, dtype=np.int32)
    evidence = Evidence(
        key=key,
        reference=Texts(offsets, letters[0]),
        alternate=Texts(offsets, letters[1]),
        copies=kind,
        ploidy=np.full(count, 2, np.int8),
        missing=np.zeros(count, np.int8),
        strands=np.zeros(count, np.int8),
        phase_set=np.full(count, -1, np.int32),
        passed=np.ones(count, np.bool_),
        depth=depth,
        alternate_depth=alternate_depth,
        quality=quality,
        line=np.arange(100, 100 + count, dtype=np.int32),
        moved=np.zeros(count, np.bool_),
    )
    state = np.ones(len(bank.start), np.int8)
    regions = Regions(bank.chromosome, bank.start, bank.end, state)
    return Genome("simulated", AssayKind.EXOME, Build.GRCH38, evidence, regions, count)
