"""Two ClinVar files of a modern release's size, a month apart, in the official layout: genes at their real
places, classes and stars in about today's shares, written from a seed. Nothing in them is a real record."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from bedside.knowledge.findings_reader import load_panel
from bedside.knowledge.gene_regions import load_gene_regions

CLASSES = (
    ("Pathogenic", 0.06), ("Likely_pathogenic", 0.03), ("Uncertain_significance", 0.53),
    ("Likely_benign", 0.26), ("Benign", 0.07), ("Conflicting_classifications_of_pathogenicity", 0.05),
)  # fmt: skip
STATUS = (
    ("criteria_provided,_single_submitter", 0.82),
    ("criteria_provided,_multiple_submitters,_no_conflicts", 0.17),
    ("reviewed_by_expert_panel", 0.01),
)
IN_PANEL, NEW, GONE, RECLASSIFIED = 0.10, 0.02, 0.0005, 0.01
"""Shares: of records in genes of the panel, and of what a month changes (new, gone, another class)."""

HEADER = """##fileformat=VCFv4.1
##fileDate={date}
##source=ClinVar
##reference=GRCh38
##INFO=<ID=CLNREVSTAT,Number=.,Type=String,Description="review status">
##INFO=<ID=CLNSIG,Number=.,Type=String,Description="classification">
#CHROM	POS	ID	REF	ALT	QUAL	FILTER	INFO
"""


def write_pair(folder: Path, records: int, seed: int) -> tuple[Path, Path]:
    """Two files of about so many records."""
    rng = np.random.default_rng(seed)
    frame = _records(rng, records)
    fate = rng.random(len(frame))
    before = frame.filter(pl.Series(fate >= NEW))
    again = _classes(rng, len(frame))
    change = (fate >= NEW + GONE) & (fate < NEW + GONE + RECLASSIFIED)
    after = frame.with_columns(
        pl.when(pl.Series(change)).then(pl.Series(again)).otherwise(pl.col("class")).alias("class")
    ).filter(pl.Series((fate < NEW) | (fate >= NEW + GONE)))
    return (
        _write(before, folder / "clinvar_2026-01-05.vcf", "2026-01-05"),
        _write(after, folder / "clinvar_2026-02-02.vcf", "2026-02-02"),
    )


def _records(rng: np.random.Generator, records: int) -> pl.DataFrame:
    rows = [
        (gene, one.chromosome.removeprefix("chr"), one.start, one.end)
        for gene, one in sorted(load_gene_regions().regions.items())
    ]
    panel = load_panel("acmg-sf").by_gene
    inside = np.array([row[0] in panel for row in rows])
    share = np.where(inside, IN_PANEL / inside.sum(), (1 - IN_PANEL) / (~inside).sum())
    which = rng.choice(len(rows), records, p=share / share.sum())
    start = np.array([row[2] for row in rows])[which]
    length = np.array([min(row[3] - row[2], 60_000) for row in rows])[which]
    reference = rng.integers(0, 4, records)
    bases = np.array(["A", "C", "G", "T"])
    frame = pl.DataFrame(
        {
            "chromosome": np.array([row[1] for row in rows])[which],
            "position": start + (rng.random(records) * length).astype(np.int64),
            "reference": bases[reference],
            "alternate": bases[(reference + rng.integers(1, 4, records)) % 4],
            "gene": np.array([row[0] for row in rows])[which],
            "class": _classes(rng, records),
            "status": rng.choice([word for word, _ in STATUS], records, p=[share for _, share in STATUS]),
        }
    )
    one_each = frame.unique(["chromosome", "position", "alternate"], keep="first", maintain_order=True)
    return one_each.unique(["chromosome", "position"], keep="first", maintain_order=True).with_row_index(
        "id", 1
    )


def _classes(rng: np.random.Generator, count: int) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    shares = np.array([share for _, share in CLASSES])
    return rng.choice(np.array([word for word, _ in CLASSES]), count, p=shares / shares.sum())


def _write(frame: pl.DataFrame, path: Path, date: str) -> Path:
    conflict = pl.col("class").str.starts_with("Conflicting")
    status = pl.when(conflict).then(pl.lit("criteria_provided,_conflicting_classifications"))
    number = pl.col("id").cast(pl.String)
    info = pl.concat_str(
        pl.lit("ALLELEID="), number,
        pl.lit(";CLNDISDB=MedGen:C0950123;CLNDN=Inborn_genetic_diseases;CLNHGVS=NC_000001.11:g."),
        pl.col("position"), pl.col("reference"), pl.lit(">"), pl.col("alternate"),
        pl.lit(";CLNREVSTAT="), status.otherwise(pl.col("status")), pl.lit(";CLNSIG="), pl.col("class"),
        pl.lit(";CLNVC=single_nucleotide_variant;CLNVCSO=SO:0001483;GENEINFO="), pl.col("gene"),
        pl.lit(":1;MC=SO:0001583|missense_variant;ORIGIN=1;RS="), number,
    )  # fmt: skip
    order = [*(str(number) for number in range(1, 23)), "X", "Y", "M"]
    lines = (
        frame.with_columns(pl.col("chromosome").replace_strict(order, list(range(25))).alias("order"))
        .sort("order", "position")
        .select(
            "chromosome", "position", "id", "reference", "alternate",
            pl.lit(".").alias("quality"), pl.lit(".").alias("filter"), info.alias("info"),
        )
    )  # fmt: skip
    with path.open("wb") as file:
        file.write(HEADER.format(date=date).encode())
        lines.write_csv(file, separator="\t", include_header=False, quote_style="never")
    return path
