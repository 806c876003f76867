"""A synthetic cohort at every position of the release, drawn from published haplotypes, as VCF.gz and BCF."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import cyvcf2
import numpy as np
from numpy.typing import NDArray

from bedside.genome.locus import Build
from bedside.intake.policy import default_policy
from bedside.knowledge.frequencies import AncestryGroup, Frequencies, load_frequencies
from bedside.knowledge.pgx import Gene, PgxPack, Position

RARE = 1 / 20_000
"""Share of strands with each alternate allele that no published haplotype has: assumed, not found."""

SHARES = {
    AncestryGroup.EUROPEAN: 0.94, AncestryGroup.SOUTH_ASIAN: 0.02, AncestryGroup.AFRICAN: 0.02,
    AncestryGroup.EAST_ASIAN: 0.01, AncestryGroup.AMERICAN: 0.01,
}  # fmt: skip
"""Roughly the make-up of UK Biobank."""

_BLOCK = 65280
_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


def write_cohort(folder: Path, pack: PgxPack, people: int, seed: int) -> tuple[Path, Path]:
    """The same cohort as bgzipped VCF and as BCF; unphased genotypes of `people` samples at all positions."""
    vcf, bcf = folder / "cohort.vcf.gz", folder / "cohort.bcf"
    rng = np.random.default_rng(seed)
    groups = rng.choice(len(SHARES), people, p=list(SHARES.values()))
    frequencies = load_frequencies()
    with vcf.open("wb") as file:
        out = _Bgzip(file)
        out.write(_header(pack, people))
        for gene in sorted(pack.genes.values(), key=_place):
            for line in _lines(gene, frequencies, groups, rng):
                out.write(line)
        out.close()
    reader = cyvcf2.VCF(str(vcf))
    writer = cyvcf2.Writer(str(bcf), reader, mode="wb")
    for variant in reader:
        writer.write_record(variant)
    writer.close()
    return vcf, bcf


def _place(gene: Gene) -> tuple[str, int]:
    return gene.chromosome, gene.positions[0].position if gene.positions else 0


def _header(pack: PgxPack, people: int) -> bytes:
    used = {position.chromosome for gene in pack.genes.values() for position in gene.positions}
    lines = ["##fileformat=VCFv4.2", '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">']
    lines += [
        f"##contig=<ID={chromosome.name},length={chromosome.lengths[Build.GRCH38]}>"
        for chromosome in default_policy().chromosomes
        if chromosome.name in used
    ]
    fixed = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"]
    lines.append("\t".join([*fixed, *(f"P{number:06d}" for number in range(people))]))
    return ("\n".join(lines) + "\n").encode()


def _lines(
    gene: Gene, frequencies: Frequencies, groups: NDArray[np.int64], rng: np.random.Generator
) -> Iterator[bytes]:
    strands = [_strand(gene, frequencies, groups, rng) for _ in range(2)]
    for number, position in sorted(enumerate(gene.positions), key=lambda item: item[1].position):
        first, second = strands[0][number], strands[1][number]
        low, high = np.minimum(first, second), np.maximum(first, second)
        text = np.empty((len(groups), 4), np.uint8)
        text[:, 0], text[:, 1], text[:, 2], text[:, 3] = low + 48, ord("/"), high + 48, ord("\t")
        site = [
            position.chromosome, str(position.position), position.rsid or ".", position.reference,
            ",".join(position.alternates), ".", "PASS", ".", "GT",
        ]  # fmt: skip
        yield "\t".join(site).encode() + b"\t" + text.tobytes()[:-1] + b"\n"


def _strand(
    gene: Gene, frequencies: Frequencies, groups: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Allele numbers, positions × people: a published haplotype of the group, and rare single changes."""
    alleles = np.zeros((len(gene.positions), len(groups)), np.uint8)
    seen = _seen(gene, frequencies)
    for number, position in enumerate(gene.positions):
        if (position.chromosome, position.position) not in seen:
            carriers = rng.random(len(groups)) < RARE * len(position.alternates)
            alleles[number, carriers] = rng.integers(1, len(position.alternates) + 1, int(carriers.sum()))
    for which, group in enumerate(SHARES):
        counted = frequencies.haplotypes.get((gene.symbol, group), ())
        if not counted:
            continue
        members = np.flatnonzero(groups == which)
        counts = np.array([row.count for row in counted], float)
        table = np.array(
            [
                [
                    _allele(position, {str(change) for change in row.haplotype.changes})
                    for position in gene.positions
                ]
                for row in counted
            ],
            np.uint8,
        )
        drawn = table[rng.choice(len(counted), len(members), p=counts / counts.sum())].T
        alleles[:, members] = np.where(drawn > 0, drawn, alleles[:, members])
    return alleles


def _seen(gene: Gene, frequencies: Frequencies) -> set[tuple[str, int]]:
    """Positions at which the published haplotypes of any group differ from the reference."""
    rows = [row for group in SHARES for row in frequencies.haplotypes.get((gene.symbol, group), ())]
    return {(change.chromosome, change.position) for row in rows for change in row.haplotype.changes}


def _allele(position: Position, changes: set[str]) -> int:
    site = f"{position.chromosome}:{position.position}:{position.reference}"
    for number, alternate in enumerate(position.alternates, start=1):
        if f"{site}>{alternate}" in changes:
            return number
    return 0


class _Bgzip:
    """Writes bgzip: gzip members of at most 64 KiB that name their own length."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.kept = file, bytearray()

    def write(self, data: bytes) -> None:
        self.kept += data
        at = 0
        while len(self.kept) - at >= _BLOCK:
            self._block(bytes(self.kept[at : at + _BLOCK]))
            at += _BLOCK
        del self.kept[:at]

    def close(self) -> None:
        if self.kept:
            self._block(bytes(self.kept))
        self.file.write(_END)

    def _block(self, data: bytes) -> None:
        packer = zlib.compressobj(1, zlib.DEFLATED, -15)
        packed = packer.compress(data) + packer.flush()
        start = b"\x1f\x8b\x08\x04\x00\x00\x00\x00\x00\xff\x06\x00BC\x02\x00"
        self.file.write(start + struct.pack("<H", len(packed) + 25) + packed)
        self.file.write(struct.pack("<II", zlib.crc32(data), len(data)))
