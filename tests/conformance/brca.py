"""BRCA1 and BRCA2: their reference sequence and their records in ClinVar's release of 2026-02-26."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bedside.genome.variant import Variant
from bedside.interpret.germline.coding import Bases
from bedside.knowledge.transcripts import Transcript, load_transcripts

STARTS = {"chr17": ("brca1", 43_000_001), "chr13": ("brca2", 32_300_001)}
RELEASE = "clinvar/clinvar_2026-02-26_GRCh38_HBOC_Lynch_subset.vcf.gz"
GENE = {"17": "BRCA1", "13": "BRCA2"}


@dataclass(frozen=True, slots=True)
class Stated:
    """What ClinVar states of one allele: SO terms, class and review status in its own words."""

    variation_id: int
    variant: Variant
    gene: str
    terms: frozenset[str]
    classification: str
    review: str
    frequencies: dict[str, float]

    @property
    def single(self) -> bool:
        """Whether one base is another."""
        return len(self.variant.reference) == len(self.variant.alternate) == 1


def reference(shared: Path) -> Bases:
    """The 200,000 bases around each gene; None elsewhere."""
    known = {
        chromosome: (
            start,
            gzip.decompress((shared / "brca" / f"{name}_hg38.txt.gz").read_bytes()).decode().strip(),
        )
        for chromosome, (name, start) in STARTS.items()
    }

    def bases(chromosome: str, first: int, last: int) -> str | None:
        start, sequence = known.get(chromosome, (0, ""))
        if not sequence or first < start or last >= start + len(sequence):
            return None
        return sequence[first - start : last - start + 1]

    return bases


def transcripts() -> dict[str, Transcript]:
    """The MANE Select transcript of each."""
    by_gene = load_transcripts().by_gene
    return {gene: by_gene[gene][0] for gene in GENE.values()}


def stated(shared: Path) -> Iterator[Stated]:
    """Every record of the two genes that has bases on both sides."""
    with gzip.open(shared / RELEASE, "rt", encoding="utf-8") as file:
        for line in file:
            cells = line.rstrip("\n").split("\t")
            if line.startswith("#") or cells[0] not in GENE or set(cells[3] + cells[4]) - set("ACGT"):
                continue
            info = dict(part.partition("=")[::2] for part in cells[7].split(";"))
            gene = GENE[cells[0]]
            if f"{gene}:" not in info.get("GENEINFO", "") or "MC" not in info:
                continue
            yield Stated(
                int(cells[2]),
                Variant(f"chr{cells[0]}", int(cells[1]), cells[3], cells[4]),
                gene,
                frozenset(term.partition("|")[0] for term in info["MC"].split(",")),
                info.get("CLNSIG", ""),
                info.get("CLNREVSTAT", ""),
                {name: float(info[name]) for name in ("AF_EXAC", "AF_ESP", "AF_TGP") if name in info},
            )
