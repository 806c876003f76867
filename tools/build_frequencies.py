"""Builds the allele frequency packs.

1000 Genomes: counts whole haplotypes of each pharmacogene by superpopulation among 2,504 unrelated samples.
CPIC (CYP2D6): carries the published numbers in `tools/frequencies` into the pack's form.

    python -m tools.build_frequencies SHARED_DATA_FOLDER
"""

from __future__ import annotations

import gzip
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bedside.knowledge.frequencies import ALLELE_COLUMNS, HAPLOTYPE_COLUMNS
from tools.release import Part, write_release

HERE = Path(__file__).resolve().parent
TARGET = HERE.parent / "src" / "bedside" / "knowledge" / "data" / "frequencies"
RETRIEVED = "2026-11-22"
GENOMES = "getrm/kg3202_pharmcat_positions.vcf.gz"
DPYD = "getrm/kg2504_dpyd_from_grch37_offset.vcf.gz"
PANEL = "prs/ref.psam"
GROUP_OF_CPIC = {
    "African American/Afro-Caribbean": "AFR",
    "Latino": "AMR",
    "East Asian": "EAS",
    "European": "EUR",
    "Central/South Asian": "SAS",
}


@dataclass(frozen=True, slots=True)
class Panel:
    """The phased genotypes of one file, gene by gene, in file order."""

    samples: tuple[str, ...]
    records: Mapping[str, Sequence[Sequence[str]]]


def read_panel(path: Path) -> Panel:
    """The records of a phased panel by the gene in INFO/PX."""
    samples: tuple[str, ...] = ()
    records: dict[str, list[list[str]]] = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            cells = line.rstrip("\n").split("\t")
            if line.startswith("#CHROM"):
                samples = tuple(cells[9:])
            elif not line.startswith("#"):
                records.setdefault(cells[7].removeprefix("PX="), []).append(cells)
    return Panel(samples, records)


def superpopulations(path: Path) -> dict[str, str]:
    """The superpopulation of each sample."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = (line.split() for line in lines if not line.startswith("#"))
    return {row[0]: row[4] for row in rows}


def haplotypes(records: Sequence[Sequence[str]], column: int) -> Iterator[str]:
    """The one or two haplotypes of a sample over a gene, as its differences from the reference."""
    strands = [record[9 + column].split("|") for record in records]
    for strand in range(len(strands[0])):
        changes = []
        for record, alleles in zip(records, strands, strict=True):
            if alleles[strand] != "0":
                alternate = record[4].split(",")[int(alleles[strand]) - 1]
                changes.append(f"{record[0]}:{record[1]}:{record[3]}>{alternate}")
        yield ";".join(changes) or "reference"


def haplotype_rows(
    panels: Sequence[Panel], groups: Mapping[str, str], unrelated: frozenset[str]
) -> Iterator[str]:
    """One row per gene, haplotype and group, commonest first."""
    holders = {gene: panel for panel in panels for gene in panel.records}
    for gene, holder in sorted(holders.items()):
        counts: dict[str, Counter[str]] = {}
        for column, sample in enumerate(holder.samples):
            if sample in unrelated:
                counts.setdefault(groups[sample], Counter()).update(haplotypes(holder.records[gene], column))
        for group in sorted(counts):
            total = counts[group].total()
            for haplotype, count in sorted(counts[group].items(), key=lambda item: (-item[1], item[0])):
                yield "\t".join((gene, haplotype, group, str(count), str(total)))


def build_genomes(data: Path) -> None:
    """The pack of 1000 Genomes haplotypes."""
    panels = [read_panel(data / GENOMES), read_panel(data / DPYD)]
    groups = superpopulations(data / PANEL)
    rows = haplotype_rows(panels, groups, frozenset(panels[1].samples))
    content = "\n".join(("\t".join(HAPLOTYPE_COLUMNS), *rows)) + "\n"
    write_release(
        TARGET / "1000-genomes" / "2022-09-01",
        {
            "kind": "frequencies",
            "name": "1000-genomes",
            "date": "2022-09-01",
            "title": "1000 Genomes: haplotypes of pharmacogenes by superpopulation",
            "owner": "the Bedside authors (counted from 1000 Genomes Project genotypes)",
            "licence": "LicenseRef-IGSR-open-data",
            "url": "https://www.internationalgenome.org/data-portal/data-collection/30x-grch38",
            "version": "30x phased panel, 2,504 unrelated samples; DPYD from phase 3",
            "retrieved": RETRIEVED,
            "review_state": "counts recomputed by tools/build_frequencies.py; awaiting a second reader",
            "evidence_level": "observational",
            "approval": {"state": "awaiting", "role": "second reader"},
            "review_due": "2027-11-22",
            "made_by": "tools/build_frequencies.py",
            "attribution": "1000 Genomes Project: Byrska-Bishop 2022, doi:10.1016/j.cell.2022.08.004; "
            "phase 3, doi:10.1038/nature15393. Open data without embargo; samples consented to open release.",
        },
        {
            "haplotypes": "only aggregate counts are carried; no sample, genotype or family is",
            "dpyd": "DPYD counted on GRCh37 phase 3 genotypes moved to GRCh38 by a constant offset",
            "absent": "CACNA1S and IFNL3 are not in the panel and have no row: unknown, not zero",
        },
        [
            Part(
                "haplotypes.tsv",
                content.encode(),
                RETRIEVED,
                "counted over phased genotypes at CPIC positions",
            )
        ],
    )


def build_cyp2d6() -> None:
    """The pack of CPIC's CYP2D6 allele frequencies."""
    lines = (HERE / "frequencies" / "cyp2d6_cpic.tsv").read_text(encoding="utf-8").splitlines()
    header = lines[0].split("\t")
    rows = []
    for line in lines[1:]:
        cells = line.split("\t")
        for population, frequency in zip(header[1:], cells[1:], strict=True):
            if frequency and float(frequency) > 0:
                rows.append(("CYP2D6", cells[0], GROUP_OF_CPIC[population], population, frequency, ""))
    write_release(
        TARGET / "cpic-cyp2d6" / "2026-11-22",
        {
            "kind": "frequencies",
            "name": "cpic-cyp2d6",
            "date": "2026-11-22",
            "title": "CPIC: CYP2D6 allele frequencies by biogeographical group",
            "owner": "Clinical Pharmacogenetics Implementation Consortium (CPIC)",
            "licence": "CC0-1.0",
            "url": "https://cpicpgx.org/",
            "version": "CYP2D6 frequency table as carried by BCyrius at 5da0dbb, which does not date it",
            "retrieved": RETRIEVED,
            "review_state": "carried from a copy of the table; awaiting comparison with the original",
            "evidence_level": "guideline",
            "approval": {"state": "awaiting", "role": "pharmacist"},
            "review_due": "2027-11-22",
            "made_by": "tools/build_frequencies.py",
            "attribution": "Facts from CPIC (cpicpgx.org), CC0 1.0. CPIC has not reviewed this form of them.",
        },
        {
            "left-out": "alleles below 1 in 1,000 in each of the five groups, cells that are empty or zero, "
            "and four groups that have no 1000 Genomes counterpart",
            "sum": "the rows of a group do not add up to 1: unlisted alleles are the rest",
        },
        [Part("alleles.tsv", allele_table(rows), RETRIEVED, "CPIC CYP2D6 frequency table")],
    )


def allele_table(rows: Sequence[tuple[str, ...]]) -> bytes:
    """The rows under their header."""
    return ("\n".join("\t".join(row) for row in (ALLELE_COLUMNS, *rows)) + "\n").encode()


if __name__ == "__main__":
    build_genomes(Path(sys.argv[1]))
    build_cyp2d6()
