"""Builds the table of earlier and other symbols of the pack's genes from HGNC (no restriction on use).

python -m tools.build_tumour_aliases SHARED_DATA_FOLDER

A symbol that is some gene's current one, or that belongs to two genes, is left out: it would not tell which
is meant.
"""

from __future__ import annotations

import csv
import gzip
import sys
from pathlib import Path

from bedside.knowledge.tumour_genes import ALIAS_COLUMNS, load_tumour_genes

TARGET = Path(__file__).resolve().parent.parent / "src" / "bedside" / "knowledge" / "data" / "tumour_genes"


def main(shared: Path) -> None:
    """Builds the table."""
    genes = load_tumour_genes().by_name
    with gzip.open(shared / "hpo" / "hgnc_complete_set.txt.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    current = {row["symbol"] for row in rows}
    owners: dict[str, dict[str, str]] = {}
    for row in rows:
        for column, kind in (("prev_symbol", "earlier"), ("alias_symbol", "other")):
            for name in filter(None, row[column].strip('"').split("|")):
                owners.setdefault(name, {}).setdefault(row["symbol"], kind)
    lines = []
    for name, held in sorted(owners.items()):
        earlier = [gene for gene, kind in held.items() if kind == "earlier"]
        meant = list(held) if len(held) == 1 else earlier if len(earlier) == 1 else []
        if len(meant) == 1 and meant[0] in genes and name not in current and "\t" not in name:
            lines.append(f"{name}\t{meant[0]}\t{held[meant[0]]}")
    text = "\n".join(["\t".join(ALIAS_COLUMNS), *lines]) + "\n"
    (TARGET / "aliases.tsv").write_text(text, encoding="utf-8")
    print(f"{len(lines)} symbols")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
