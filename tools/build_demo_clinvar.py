"""Writes the two small ClinVar releases of the demonstration: the same variants as classified on two days.

    python tools/build_demo_clinvar.py clinvar_2016-11-02.vcf.gz clinvar_2026-02-26_….vcf.gz src/bedside/demo/data/clinvar

ClinVar is in the public domain. Both are written in the layout of the official VCF of today, on GRCh38: the
older file's words for class and review are put into today's spelling, and its variants stand where the newer
file has them (matched by VariationID). Nothing else is changed, and nothing is made up.
"""  # noqa: E501

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

EACH = 4
"""At most so many variants of one gene and one change of class."""

REVIEW = {
    "criteria_provided..single_submitter": "criteria_provided,_single_submitter",
    "criteria_provided..multiple_submitters..no_conflicts": (
        "criteria_provided,_multiple_submitters,_no_conflicts"
    ),
    "criteria_provided..conflicting_interpretations": "criteria_provided,_conflicting_classifications",
    "reviewed_by_expert_panel": "reviewed_by_expert_panel",
    "no_assertion_criteria_provided": "no_assertion_criteria_provided",
}
WORDS = {
    "Pathogenic": "Pathogenic",
    "Likely_pathogenic": "Likely_pathogenic",
    "Likely_pathogenic|Pathogenic": "Pathogenic/Likely_pathogenic",
    "Uncertain_significance": "Uncertain_significance",
    "Likely_benign": "Likely_benign",
    "Benign": "Benign",
    "Benign|Likely_benign": "Benign/Likely_benign",
}
CONFLICT = "Conflicting_classifications_of_pathogenicity"
HEADER = """##fileformat=VCFv4.1
##fileDate={date}
##source=ClinVar, excerpt for a demonstration ({count} variants of {genes} genes)
##reference=GRCh38
##ID=<Description="ClinVar Variation ID">
##INFO=<ID=ALLELEID,Number=1,Type=Integer,Description="the ClinVar Allele ID">
##INFO=<ID=CLNDN,Number=.,Type=String,Description="ClinVar's preferred disease name">
##INFO=<ID=CLNREVSTAT,Number=.,Type=String,Description="ClinVar review status">
##INFO=<ID=CLNSIG,Number=.,Type=String,Description="Aggregate germline classification">
##INFO=<ID=GENEINFO,Number=1,Type=String,Description="Gene(s) for the variant">
##INFO=<ID=MC,Number=.,Type=String,Description="Molecular consequence">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
"""


@dataclass(frozen=True, slots=True)
class Record:
    """One line: its first five cells and its INFO."""

    cells: tuple[str, ...]
    info: Mapping[str, str]


def records(path: Path) -> Iterator[Record]:
    """Every record of a VCF."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            if not line.startswith("#"):
                cells = line.rstrip("\n").split("\t")
                info = dict(item.split("=", 1) for item in cells[7].split(";") if "=" in item)
                yield Record(tuple(cells[:5]), info)


def older_words(info: Mapping[str, str]) -> tuple[str, str] | None:
    """Class and review of the older layout in today's spelling; None where today has no word for it."""
    review = REVIEW.get(info["REVIEW_STATUS"])
    said = "|".join(word for word in info["CLINICAL_SIGNIFICANCE"].split("|") if word != "not_provided")
    if review is None or not said:
        return None
    if "conflicting" in review:
        return CONFLICT, review
    return None if said not in WORDS else (WORDS[said], review)


def main() -> None:
    """Write both files."""
    older, newer, target = map(Path, sys.argv[1:])
    then = {one.info["MEASURESET_ID"]: one for one in records(older)}
    chosen: dict[tuple[str, str, str], list[tuple[Record, str, str]]] = {}
    for now in records(newer):
        before = then.get(now.cells[2])
        gene = now.info.get("GENEINFO", "").split(":")[0]
        words = None if before is None else older_words(before.info)
        if words is None or "CLNSIG" not in now.info or now.cells[4] == "." or len(now.cells[3]) > 30:
            continue
        kept = chosen.setdefault((gene, words[0], now.info["CLNSIG"]), [])
        if (len(kept) < EACH and "conflicting_classifications" not in words[1] + now.info["CLNREVSTAT"]) or (
            len(kept) < 3
        ):
            kept.append((now, *words))
    rows = sorted(
        (one for several in chosen.values() for one in several),
        key=lambda one: (one[0].cells[0].zfill(2), int(one[0].cells[1]), one[0].cells[2]),
    )
    genes = len({gene for gene, _, _ in chosen})
    for date, place in (("2016-11-02", 0), ("2026-02-26", 1)):
        lines = [HEADER.format(date=date, count=len(rows), genes=genes)]
        for now, said, review in rows:
            info = {
                "ALLELEID": now.info["ALLELEID"],
                "CLNDN": now.info.get("CLNDN", "not_provided"),
                "CLNREVSTAT": now.info["CLNREVSTAT"] if place else review,
                "CLNSIG": now.info["CLNSIG"] if place else said,
                "GENEINFO": now.info["GENEINFO"],
                **({"MC": now.info["MC"]} if "MC" in now.info else {}),
            }
            text = ";".join(f"{name}={value}" for name, value in info.items())
            lines.append("\t".join((*now.cells, ".", ".", text)) + "\n")
        (target / f"clinvar_{date}.vcf").write_text("".join(lines), encoding="utf-8")
    print(f"{len(rows)} variants")


if __name__ == "__main__":
    main()
