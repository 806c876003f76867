"""Small ClinVar files for tests, in each layout."""

from __future__ import annotations

from pathlib import Path

OFFICIAL_HEAD = """\
##fileformat=VCFv4.1
##fileDate={date}
##source=ClinVar
##reference={build}
##INFO=<ID=CLNREVSTAT,Number=.,Type=String,Description="review status">
##INFO=<ID=CLNSIG,Number=.,Type=String,Description="Aggregate germline classification">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
"""

MEASURE_SET_HEAD = """\
##source=ClinVar
##INFO=<ID=MUT,Number=1,Type=String,Description="MEASURESET_ID">
##INFO=<ID=MUT,Number=1,Type=String,Description="CLINICAL_SIGNIFICANCE">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
"""

SUMMARY_COLUMNS = (
    "#AlleleID", "Type", "Name", "GeneSymbol", "ClinicalSignificance", "PhenotypeList", "Assembly",
    "Chromosome", "Start", "ReviewStatus", "VariationID", "PositionVCF", "ReferenceAlleleVCF",
    "AlternateAlleleVCF", "SomaticClinicalImpact", "Oncogenicity",
)  # fmt: skip


def official(path: Path, *records: str, date: str = "2026-02-26", build: str = "GRCh38") -> Path:
    """An official VCF; a record is `17 100 7 A G CLNSIG=…;CLNREVSTAT=…`."""
    lines = ["\t".join((*record.split(" ")[:5], ".", ".", record.split(" ")[5])) for record in records]
    head = OFFICIAL_HEAD.format(date=date, build=build)
    path.write_text(head + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def record(place: str, number: int, alleles: str, words: str, review: str = "practice_guideline") -> str:
    """`record("17 100", 7, "A G", "Pathogenic")` of an official VCF, in a made-up gene."""
    info = f"ALLELEID={number + 1000};CLNREVSTAT={review};CLNSIG={words};GENEINFO=MADEUP1:1|MADEUP2:2"
    return f"{place} {number} {alleles} {info}"
