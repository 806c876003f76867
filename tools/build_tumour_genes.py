"""Builds the pack of tumour genes: exons on GRCh38 (MANE) and on GRCh37 (lifted base for base).

python -m tools.build_tumour_genes SHARED_DATA_FOLDER      (needs pyBigWig)
"""

from __future__ import annotations

import csv
import gzip
import importlib
import re
import sys
from pathlib import Path

import numpy as np

from bedside.genome.liftover import Chain, parse_chain
from bedside.genome.region import CHROMOSOME_NUMBER
from bedside.knowledge.tumour_genes import COLUMNS

HERE = Path(__file__).resolve().parent
TARGET = HERE.parent / "src" / "bedside" / "knowledge" / "data" / "tumour_genes"
HEADER = """\
# Transcripts in which changes of tumour genes are named: the exons on both assemblies, 1-based, both ends included.
kind = "tumour_genes"
name = "mane"
title = "MANE transcripts of genes that tumours are tested for"
owner = "Bedside maintainers (clinical content)"
licence = "public (NCBI and EMBL-EBI)"
source = "MANE.GRCh38 (NCBI RefSeq and Ensembl/GENCODE), a bigBed track that does not state its release; GRCh37 places are computed from it base for base, and checked against the codon numbers of a public GRCh37 cohort"
retrieved = 2026-11-26
review_due = 2027-05-26
review_state = "facts carried over by program; awaiting sign-off"
evidence_level = "standard"
approval = { state = "awaiting", role = "molecular tumour board" }
version = "MANE GRCh38, retrieved 2026-11-25"
"""


def genes_of(shared: Path) -> set[str]:
    """The genes of the therapy facts, and those of accepted predictive CIViC evidence."""
    found: set[str] = set()
    with (shared / "onc" / "therapies_seed.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            found |= set(re.findall(r"[A-Z][A-Z0-9-]{1,9}", f"{row['gene']} {row['match_rule']}"))
    civic = shared / "onc" / "civic" / "2021-nightly-ClinicalEvidenceSummaries.tsv.gz"
    with gzip.open(civic, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["evidence_type"] == "Predictive" and row["evidence_status"] == "accepted":
                found.add(row["gene"])
    return found


def lifted(chain: Chain, chromosome: str, start: int, end: int) -> tuple[int, int] | None:
    """A stretch on GRCh37; None when it does not lie there as it does on GRCh38."""
    number = np.array([CHROMOSOME_NUMBER[chromosome]] * 2, np.int8)
    found = chain.lift(number, np.array([start, end], np.int64))
    if not found.mapped.all() or found.reverse.any() or set(found.chromosome.tolist()) != {int(number[0])}:
        return None
    first, last = (int(one) for one in found.position)
    return (first, last) if last - first == end - start else None


def main(shared: Path) -> None:
    """Builds the pack."""
    track = importlib.import_module("pyBigWig").open(str(shared / "coords" / "MANE.GRCh38.bb"))
    with gzip.open(shared / "liftover" / "hg38ToHg19.over.chain.gz", "rt", encoding="ascii") as file:
        chain = parse_chain(file, "hg38ToHg19")
    wanted, lines, left = genes_of(shared), [], []
    for chromosome in track.chroms():
        if chromosome not in CHROMOSOME_NUMBER:
            continue
        for begin, _, text in track.entries(chromosome, 0, track.chroms()[chromosome]) or ():
            cells = text.split("\t")
            gene, status = cells[15], cells[21] if len(cells) > 21 else cells[-1]
            if gene not in wanted or status != "MANE Select":
                continue
            sizes, offsets = ([int(n) for n in cells[place].split(",") if n] for place in (7, 8))
            exons = [(begin + o + 1, begin + o + s) for o, s in zip(offsets, sizes, strict=True)]
            old = [lifted(chain, chromosome, *exon) for exon in exons]
            cds = (int(cells[3]) + 1, int(cells[4]))
            old_cds = [lifted(chain, chromosome, base, base) for base in cds]
            placed = [one for one in old if one is not None]
            coding = [one for one in old_cds if one is not None]
            if len(placed) < len(old) or len(coding) < len(old_cds):
                left.append(gene)
                placed = []
            made = {
                "gene": gene,
                "transcript": cells[18],
                "protein": cells[20],
                "ensembl": cells[0],
                "chromosome": chromosome,
                "strand": cells[2],
                "cds_grch38": f"{cds[0]}-{cds[1]}",
                "exons_grch38": ";".join(f"{a}-{b}" for a, b in exons),
                "cds_grch37": f"{coding[0][0]}-{coding[1][0]}" if placed else "",
                "exons_grch37": ";".join(f"{a}-{b}" for a, b in placed),
            }
            lines.append("\t".join(made[name] for name in COLUMNS))
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "mane.toml").write_text(HEADER, encoding="utf-8")
    table = "\n".join(["\t".join(COLUMNS), *sorted(lines)]) + "\n"
    (TARGET / "mane.tsv").write_text(table, encoding="utf-8")
    print(f"{len(lines)} transcripts; not on GRCh37: {', '.join(left) or 'none'}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
