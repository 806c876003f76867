"""Builds the transcript pack from the MANE coordinates (0-based blocks, as in BED) of the panels' genes.

python -m tools.build_transcripts SHARED_DATA_FOLDER
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping
from pathlib import Path

from bedside.knowledge.transcripts import COLUMNS

HERE = Path(__file__).resolve().parent
TARGET = HERE.parent / "src" / "bedside" / "knowledge" / "data" / "transcripts"
HEADER = """\
# MANE Select and MANE Plus Clinical transcripts of the genes of ACMG SF v3.3, on GRCh38.
kind = "transcripts"
name = "mane"
title = "MANE transcripts of the findings panels"
owner = "Bedside maintainers (clinical content)"
licence = "public (NCBI and EMBL-EBI)"
source = "MANE.GRCh38 (NCBI RefSeq and Ensembl/GENCODE), as a bigBed track that does not state its release"
retrieved = 2026-11-25
review_due = 2027-05-25
review_state = "facts carried over by program; awaiting sign-off"
evidence_level = "standard"
approval = { state = "awaiting", role = "laboratory director" }
version = "MANE GRCh38, retrieved 2026-11-25"
"""


def line(row: Mapping[str, str]) -> str:
    """One transcript: blocks relative to a 0-based start become 1-based exons."""
    start = int(row["start0"])
    sizes, offsets = (
        [int(part) for part in row[name].split(",") if part] for name in ("block_sizes", "block_starts")
    )
    exons = ";".join(
        f"{start + offset + 1}-{start + offset + size}" for offset, size in zip(offsets, sizes, strict=True)
    )
    cells = {
        "gene": row["gene"],
        "transcript": row["nm"],
        "protein": row["np"],
        "ensembl": row["enst"],
        "status": row["status"],
        "chromosome": row["chrom"],
        "strand": row["strand"],
        "cds_start": str(int(row["thick_start0"]) + 1),
        "cds_end": row["thick_end"],
        "exons": exons,
    }
    return "\t".join(cells[name] for name in COLUMNS)


def main(shared: Path) -> None:
    """Builds the pack."""
    source = shared / "coords" / "acmg_sf_v3.3_mane_coords_GRCh38.tsv"
    with source.open(encoding="utf-8") as file:
        lines = sorted(line(row) for row in csv.DictReader(file, delimiter="\t"))
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "transcripts.toml").write_text(HEADER, encoding="utf-8")
    (TARGET / "transcripts.tsv").write_text("\n".join(["\t".join(COLUMNS), *lines]) + "\n", encoding="utf-8")
    print(f"{len(lines)} transcripts")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
