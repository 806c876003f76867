"""Made-up tumours as JSON: facts agree with the packs, the people do not exist."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

L858R = {
    "gene": "EGFR", "build": "GRCh38", "chromosome": "chr7", "start": 55191822, "reference": "T",
    "alternate": "G", "protein": "p.L858R", "origin": "somatic", "vaf": 0.31, "depth": 410,
}  # fmt: skip
T790M = {
    "gene": "EGFR", "build": "GRCh38", "chromosome": "chr7", "start": 55181378, "reference": "C",
    "alternate": "T", "protein": "p.T790M", "vaf": 0.04, "depth": 80,
}  # fmt: skip
SCOPE = {
    "small-variants": ["EGFR", "KRAS", "BRAF"],
    "fusions": ["ALK", "ROS1"],
    "copy-number": ["MET"],
    "markers": ["msi", "PDL1_TPS"],
}


def lung(**more: Any) -> dict[str, Any]:
    """An adenocarcinoma of the lung with EGFR L858R."""
    return {
        "sample": "S1",
        "tumour": "LUAD",
        "small_variants": [L858R],
        "markers": [{"name": "PDL1_TPS", "number": 60}],
        "scope": SCOPE,
        "patient": {"performance_status": "1", "stage": "IV"},
    } | more


def write_tumour(folder: Path, plain: dict[str, Any], name: str = "tumour.json") -> Path:
    """A tumour as a file."""
    path = folder / name
    path.write_text(json.dumps(plain))
    return path
