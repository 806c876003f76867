"""Genomes of small files: what a record says, as rows and stretches that read like sentences."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bedside.genome.evidence import AssayKind, Genome, Seen
from bedside.genome.locus import Build
from bedside.genome.region import CHROMOSOMES
from bedside.intake.genome.read import read_genomes
from bedside.intake.policy import default_policy
from tests.unit.intake.laboratory_files import DECLARED, write_vcf

CONTIGS = tuple(one.name for one in default_policy().chromosomes)
HEADER = (*DECLARED, '##ALT=<ID=NON_REF,Description="Any">', '##ALT=<ID=DEL,Description="Deletion">')


def genome(folder: Path, records: Iterable[str], **more: Any) -> Genome:
    """The genome of the one sample of a file of these records."""
    return genomes(folder, records, ("S1",), **more)[0]


def genomes(
    folder: Path,
    records: Iterable[str],
    samples: tuple[str, ...],
    header: tuple[str, ...] = HEADER,
    **more: Any,
) -> tuple[Genome, ...]:
    """The genomes of a file of these records."""
    path = write_vcf(folder / "laboratory.vcf", records, samples=samples, header=header, contigs=CONTIGS)
    return read_genomes(path, assay=AssayKind.EXOME, **more)


def alleles(found: Genome) -> list[tuple[str, int, int, int]]:
    """Each row: the variant, copies, ploidy, strands."""
    evidence = found.evidence
    return [
        (variant, int(copies), int(ploidy), int(strands))
        for variant, copies, ploidy, strands in zip(
            variants(found), evidence.copies, evidence.ploidy, evidence.strands, strict=True
        )
    ]


def variants(found: Genome) -> list[str]:
    """The variants of the rows."""
    evidence = found.evidence
    return [
        f"{CHROMOSOMES[(key >> 58) - 1]}-{key >> 30 & (1 << 28) - 1}-{reference}-{alternate}"
        for key, reference, alternate in zip(
            evidence.key.tolist(), evidence.reference, evidence.alternate, strict=True
        )
    ]


def stretches(found: Genome) -> list[tuple[str, Seen]]:
    """Each stretch outside the rows, and what was seen there."""
    regions = found.regions
    columns = (regions.chromosome, regions.start, regions.end, regions.state)
    return [
        (f"{CHROMOSOMES[number - 1]}:{start}-{end}", Seen(state))
        for number, start, end, state in zip(*(column.tolist() for column in columns), strict=True)
    ]


def chain_file(folder: Path, *chains: str) -> Path:
    """A chain file."""
    path = folder / "small.chain"
    path.write_text("\n\n".join(chains) + "\n")
    return path


GRCH37 = ("##reference=GRCh37", *HEADER[1:])
__all__ = ["GRCH37", "Build", "alleles", "chain_file", "genome", "genomes", "stretches", "variants"]
