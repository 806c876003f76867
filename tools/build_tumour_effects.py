"""Builds the list of protein changes that activate a gene, from accepted CIViC evidence (CC0).

python -m tools.build_tumour_effects SHARED_DATA_FOLDER

A substitution is listed when accepted, supporting, predictive evidence of level A or B links it to sensitivity to a drug, or
when accepted functional evidence says gain of function.
"""

from __future__ import annotations

import csv
import gzip
import re
import sys
from pathlib import Path

from bedside.knowledge.tumour_effects import COLUMNS

TARGET = Path(__file__).resolve().parent.parent / "src" / "bedside" / "knowledge" / "data" / "tumour_effects"
HEADER = """\
# Protein changes known to activate their gene, one a row, and the stretches of proteins that rules name.
# What is not listed is not known: it is undetermined, never inactive.
kind = "tumour_effects"
name = "effects"
title = "Activating changes of tumour genes"
owner = "Bedside maintainers (clinical content)"
licence = "CC0-1.0"
source = "CIViC, nightly of February 2021 (CC0), accepted evidence; domains: UniProt P04626 and P03372 (CC BY 4.0)"
retrieved = 2026-11-26
review_due = 2027-02-26
review_state = "facts carried over by program; awaiting sign-off by a site's molecular tumour board"

# Codons of named stretches, both ends included.
[domains]
"ERBB2:tkd" = [720, 987]
"ESR1:lbd" = [311, 547]

# From where a call is shown with a warning; nothing is decided by it. A house rule, not a fact from a source.
[reading]
low_fraction = 0.05
low_depth = 50
"""
_CHANGE = re.compile(r"([A-Z])([0-9]+)([A-Z])")


def main(shared: Path) -> None:
    """Builds the pack."""
    found: dict[tuple[str, str], set[int]] = {}
    path = shared / "onc" / "civic" / "2021-nightly-ClinicalEvidenceSummaries.tsv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["evidence_status"] != "accepted" or row["evidence_direction"] != "Supports":
                continue
            if "Germline" in row["variant_origin"]:
                continue
            predictive = (
                row["evidence_type"] == "Predictive"
                and row["evidence_level"] in ("A", "B")
                and row["clinical_significance"] == "Sensitivity/Response"
            )
            functional = (
                row["evidence_type"] == "Functional" and "Gain of Function" in row["clinical_significance"]
            )
            if (predictive or functional) and _CHANGE.fullmatch(row["variant"]):
                found.setdefault((row["gene"], row["variant"]), set()).add(int(row["evidence_id"]))
    TARGET.mkdir(parents=True, exist_ok=True)
    lines = [
        "\t".join((gene, change, "activating", ";".join(f"EID{one}" for one in sorted(ids))))
        for (gene, change), ids in sorted(found.items())
    ]
    (TARGET / "effects.toml").write_text(HEADER, encoding="utf-8")
    (TARGET / "effects.tsv").write_text("\n".join(["\t".join(COLUMNS), *lines]) + "\n", encoding="utf-8")
    print(f"{len(lines)} changes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
