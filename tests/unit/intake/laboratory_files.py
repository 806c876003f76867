"""Small laboratory files for tests: VCF text, bgzip and BCF, and what intake says about one position."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from bedside.genome.genotypes import GenotypeTable
from bedside.genome.state import PositionState
from bedside.intake.vcf import read_genotypes
from bedside.knowledge.catalogue import load_pgx
from bedside.knowledge.pgx import PgxPack

DECLARED = (
    "##reference=GRCh38",
    '##FILTER=<ID=LowQual,Description="Low quality">',
    '##INFO=<ID=END,Number=1,Type=Integer,Description="End">',
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Depths">',
    '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">',
    '##FORMAT=<ID=MIN_DP,Number=1,Type=Integer,Description="Least depth">',
    '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">',
    '##FORMAT=<ID=FT,Number=1,Type=String,Description="Filter">',
    '##FORMAT=<ID=PS,Number=1,Type=Integer,Description="Phase set">',
)
CHROMOSOMES = (*(f"chr{number}" for number in range(1, 23)), "chrX", "chrM")
FIXED = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT")
Record = tuple[str, int, str, str, str]


@cache
def pack() -> PgxPack:
    """The newest CPIC release."""
    return load_pgx()


def row_of(rsid: str, gene: str | None = None) -> int:
    """The table's row of a position, by rsID."""
    positions = [position for one in pack().genes.values() for position in one.positions]
    return next(
        number
        for number, position in enumerate(positions)
        if position.rsid == rsid and gene in (None, position.gene)
    )


def record(
    chromosome: str,
    position: int,
    reference: str,
    alternate: str,
    *samples: str,
    form: str = "GT",
    filters: str = "PASS",
    info: str = ".",
) -> str:
    """One line of a VCF."""
    fixed = [chromosome, str(position), ".", reference, alternate, ".", filters, info, form]
    return "\t".join([*fixed, *samples])


def vcf_text(
    records: Iterable[str],
    samples: Sequence[str] = ("S1",),
    header: Sequence[str] = DECLARED,
    contigs: Sequence[str] = CHROMOSOMES,
    line_end: str = "\n",
) -> str:
    """A whole VCF."""
    declared = [f"##contig=<ID={name}>" for name in contigs]
    lines = ["##fileformat=VCFv4.2", *header, *declared, "\t".join([*FIXED, *samples]), *records]
    return line_end.join([*lines, ""])


def write_vcf(path: Path, records: Iterable[str], **more: object) -> Path:
    """A whole VCF on disk, plain text."""
    path.write_bytes(vcf_text(records, **more).encode())  # type: ignore[arg-type]
    return path


def bgzip(content: bytes, block: int = 400) -> bytes:
    """Bytes as bgzip, in small blocks so that records lie across them."""
    out = bytearray()
    for at in range(0, len(content), block):
        data = content[at : at + block]
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        packed = packer.compress(data) + packer.flush()
        out += b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0" + struct.pack("<H", len(packed) + 25) + packed
        out += struct.pack("<II", zlib.crc32(data), len(data))
    return bytes(out) + bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


def write_bcf(path: Path, vcf: Path) -> Path:
    """The same records as BCF, written by htslib."""
    import cyvcf2

    reader = cyvcf2.VCF(str(vcf))
    writer = cyvcf2.Writer(str(path), reader, mode="wb")
    for variant in reader:
        writer.write_record(variant)
    writer.close()
    return path


def read(*paths: Path) -> GenotypeTable:
    """What intake makes of the files."""
    return read_genotypes(paths, pack())


def states(table: GenotypeTable, person: int = 0) -> dict[str, PositionState]:
    """One person's tested positions: `chr10:94781859` → state."""
    found = {}
    for row, locus in enumerate(table.loci):
        if table.codes[row, person]:
            found[f"{locus.chromosome}:{locus.position}"] = table.state(row, person)
    return found


def read_states(path: Path, records: Iterable[str], **more: object) -> dict[str, PositionState]:
    """What a VCF of these records says about its first sample."""
    return states(read(write_vcf(path / "laboratory.vcf", records, **more)))
