"""Builds the table of diseases that OMIM and Orphanet both list, by Mondo's exact matches (CC BY 4.0).

python -m tools.build_mondo_pairs SHARED_DATA_FOLDER
"""

from __future__ import annotations

import csv
import gzip
import sys
from collections import defaultdict
from pathlib import Path

TARGET = (
    Path(__file__).resolve().parent.parent / "src" / "bedside" / "knowledge" / "data" / "phenotype_ranking"
)


def main(shared: Path) -> None:
    """Builds the table."""
    names: dict[str, str] = {}
    omim: dict[str, set[str]] = defaultdict(set)
    orphanet: dict[str, set[str]] = defaultdict(set)
    with gzip.open(shared / "hpo" / "mondo.sssom.tsv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t"):
            if row["predicate_id"] != "skos:exactMatch":
                continue
            source, _, number = row["object_id"].partition(":")
            if source == "OMIM":
                omim[row["subject_id"]].add(f"OMIM:{number}")
                names[f"OMIM:{number}"] = row["object_label"] or row["subject_label"]
            elif source.lower() == "orphanet":
                orphanet[row["subject_id"]].add(f"ORPHA:{number}")
    pairs = sorted({(a, b) for one, many in omim.items() for a in many for b in orphanet.get(one, ())})
    text = "\n".join(["omim\torphanet", *("\t".join(pair) for pair in pairs)]) + "\n"
    (TARGET / "mondo_pairs.tsv").write_text(text, encoding="utf-8")
    listed = "\n".join(["omim\tname", *(f"{one}\t{name}" for one, name in sorted(names.items()))]) + "\n"
    (TARGET / "mondo_names.tsv").write_text(listed, encoding="utf-8")
    print(f"{len(pairs)} pairs, {len(names)} names")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
