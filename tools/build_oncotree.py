"""Builds the pack of tumour types from OncoTree's own JSON (CC BY 4.0).

python -m tools.build_oncotree SHARED_DATA_FOLDER
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bedside.knowledge.oncotree import COLUMNS

TARGET = Path(__file__).resolve().parent.parent / "src" / "bedside" / "knowledge" / "data" / "oncotree"
HEADER = """\
# Tumour types: OncoTree, version of 2025-10-03, as it was published, without its external references.
kind = "oncotree"
name = "oncotree"
title = "OncoTree tumour types"
owner = "Bedside maintainers (clinical content)"
licence = "CC-BY-4.0"
source = "OncoTree (Memorial Sloan Kettering Cancer Center), oncotree_2025_10_03, CC BY 4.0; changed in form only"
retrieved = 2026-11-26
review_due = 2027-05-26
review_state = "facts carried over by program"
evidence_level = "standard"
approval = { state = "awaiting", role = "molecular tumour board" }
version = "oncotree_2025_10_03"
"""


def rows(node: Mapping[str, Any], parent: str) -> Iterator[tuple[str, str, str, str]]:
    """Every type below a node: code, parent, name, tissue."""
    for code, child in sorted(node.get("children", {}).items()):
        yield code, parent, str(child["name"]), str(child.get("tissue") or child["name"])
        yield from rows(child, code)


def main(shared: Path) -> None:
    """Builds the pack."""
    document = json.loads((shared / "onc" / "oncotree_2025_10_03.json").read_text(encoding="utf-8"))
    found = list(rows(document["TISSUE"], ""))
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "oncotree.toml").write_text(HEADER, encoding="utf-8")
    lines = ["\t".join(COLUMNS), *("\t".join(row) for row in found)]
    (TARGET / "oncotree.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(found)} types")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
