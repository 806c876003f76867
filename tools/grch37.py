"""GRCh37 coordinates and reference bases of GRCh38 positions, each base confirmed against independent GRCh37
records.

A coordinate comes from the alignment chains between the assemblies, there and back. A reference base is
believed only when a GRCh37 source shows it: a variant record's REF column is the assembly's own sequence.
Where the assemblies differ, the position carries GRCh37's own base.
"""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

Block = tuple[int, int, str, int]  # start, end (0-based, half-open), chromosome there, start there


class Chains:
    """Ungapped blocks of the best forward alignment of each base between two assemblies."""

    def __init__(self, path: Path, chromosomes: frozenset[str]) -> None:
        self._blocks: dict[str, list[Block]] = {name: [] for name in chromosomes}
        for block_chromosome, block in _blocks(path, chromosomes):
            self._blocks[block_chromosome].append(block)
        for found in self._blocks.values():
            found.sort()

    def lift(self, chromosome: str, start: int, length: int) -> int | None:
        """The 1-based start on the same chromosome of `length` bases without a gap, or None."""
        blocks = self._blocks.get(chromosome, [])
        place = bisect_right(blocks, (start - 1, 1 << 60, "", 0)) - 1
        if place < 0:
            return None
        block_start, block_end, there, there_start = blocks[place]
        if start - 1 + length > block_end or there != chromosome:
            return None
        return there_start + (start - 1 - block_start) + 1


def _blocks(path: Path, chromosomes: frozenset[str]) -> Iterator[tuple[str, Block]]:
    """Blocks of chains that stay on the chromosome and its forward strand; a base in several takes the best
    chain.
    """
    taken: dict[str, list[tuple[int, int]]] = {name: [] for name in chromosomes}
    for chain in _chains(path, chromosomes):
        chromosome, blocks = chain
        span = (blocks[0][0], blocks[-1][1])
        if any(span[0] < end and start < span[1] for start, end in taken[chromosome]):
            blocks = [
                block
                for block in blocks
                if not any(block[0] < end and start < block[1] for start, end in taken[chromosome])
            ]
        taken[chromosome].append(span)
        for block in blocks:
            yield chromosome, block


def _chains(path: Path, chromosomes: frozenset[str]) -> Iterator[tuple[str, list[Block]]]:
    """Chains of these chromosomes onto themselves, forward, best score first as the file lists them."""
    with gzip.open(path, "rt") as lines:
        for line in lines:
            fields = line.split()
            if not fields or fields[0] != "chain":
                continue
            chromosome, start, there, strand, there_start = (
                fields[2],
                int(fields[5]),
                fields[7],
                fields[9],
                int(fields[10]),
            )
            blocks: list[Block] = []
            for entry in lines:
                numbers = [int(part) for part in entry.split()]
                if not numbers:
                    break
                blocks.append((start, start + numbers[0], there, there_start))
                if len(numbers) == 3:
                    start, there_start = (
                        start + numbers[0] + numbers[1],
                        there_start + numbers[0] + numbers[2],
                    )
            if chromosome in chromosomes and there == chromosome and strand == "+":
                yield chromosome, blocks


@dataclass(slots=True)
class Evidence:
    """GRCh37 reference bases that independent records show, and each position's name there."""

    bases: dict[tuple[str, int], Counter[str]]
    sources: Counter[str]

    def add(self, source: str, chromosome: str, position: int, reference: str) -> None:
        """A record's REF column at a 1-based GRCh37 position."""
        if not reference or set(reference) - set("ACGT"):
            return
        chromosome = chromosome if chromosome.startswith("chr") else f"chr{chromosome}"
        for offset, base in enumerate(reference):
            self.bases.setdefault((chromosome, position + offset), Counter())[base] += 1
        self.sources[source] += 1

    def reference(self, chromosome: str, position: int, length: int) -> str | None:
        """The bases there when every one is shown and no source contradicts another."""
        found = ""
        for offset in range(length):
            seen = self.bases.get((chromosome, position + offset))
            if not seen or len(seen) > 1:
                return None
            found += next(iter(seen))
        return found


def read_evidence(shared: Path, wheel: Path) -> Evidence:
    """Every GRCh37 record of the sources at hand."""
    evidence = Evidence({}, Counter())
    for path in sorted((shared / "clinvar").glob("clinvar_2016*.vcf.gz")):
        _add_vcf(evidence, "ClinVar, releases of 2016 (GRCh37)", path)
    for path in sorted((shared / "clinvar/monthly_b37").glob("*.tsv.gz")):
        with gzip.open(path, "rt") as lines:
            for row in csv.DictReader(lines, delimiter="\t"):
                evidence.add("ClinVar, monthly tables (GRCh37)", row["chrom"], int(row["pos"]), row["ref"])
    _add_vcf(
        evidence, "Genome in a Bottle, Ashkenazi trio (GRCh37)", shared / "genotypes/slivar_ashk-trio.vcf.gz"
    )
    _add_vcf(evidence, "Scout's clinical trio (GRCh37)", shared / "genotypes/scout_643594.clinical.vcf.gz")
    _add_vcf(evidence, "Complete Genomics HG00404 (GRCh37)", shared / "fhir_ops/HG00404_b37.vcf.gz")
    for name in _pypgx_variants(wheel):
        chromosome, position, reference, *_ = name.split("-")
        evidence.add("pypgx 0.27.0 variant and allele tables (MIT)", chromosome, int(position), reference)
    return evidence


def _pypgx_variants(wheel: Path) -> Iterator[str]:
    """`22-42522613-G-C`: GRCh37 names of variants in pypgx's tables."""
    with zipfile.ZipFile(wheel) as archive:
        variants, alleles = (
            io.StringIO(archive.read(f"pypgx/api/data/{name}-table.csv").decode())
            for name in ("variant", "allele")
        )
    for row in csv.DictReader(variants):
        yield from (
            name for name in (row["GRCh37Name"], *row["GRCh37Synonym"].split(",")) if name.count("-") == 3
        )
    for row in csv.DictReader(alleles):
        listed = f"{row['GRCh37Core']},{row['GRCh37Tag']}"
        yield from (name for name in listed.split(",") if name.count("-") == 3)


def _add_vcf(evidence: Evidence, source: str, path: Path) -> None:
    with gzip.open(path, "rt") as lines:
        for line in lines:
            if not line.startswith("#"):
                chromosome, position, _, reference, _ = line.split("\t", 4)
                evidence.add(source, chromosome, int(position), reference)


class Assembly37:
    """GRCh37 cells of a position: coordinate there and back by the chains, base only where it was seen."""

    def __init__(self, shared: Path, wheel: Path, chromosomes: frozenset[str]) -> None:
        self._to = Chains(shared / "liftover/hg38ToHg19.over.chain.gz", chromosomes)
        self._back = Chains(shared / "liftover/hg19ToHg38.over.chain.gz", chromosomes)
        self._evidence = read_evidence(shared, wheel)

    def cells(self, chromosome: str, position: int, reference: str) -> dict[str, str]:
        """`position_grch37`, `reference_grch37` and `grch37` of a GRCh38 position."""
        length = len(reference)
        lifted = self._to.lift(chromosome, position, length)
        if lifted is None or self._back.lift(chromosome, lifted, length) != position:
            return {"grch37": "none"}
        seen = self._evidence.reference(chromosome, lifted, length)
        if seen is None:
            return {"position_grch37": str(lifted), "grch37": "coordinate"}
        return {"position_grch37": str(lifted), "reference_grch37": seen, "grch37": "confirmed"}
