"""What the source's dose numbers mean, read once by a person from each guideline and kept as a table.

The source says `25` both for "to 25 %" and for "by 25 %", and sometimes for a number that is no dose.
Nothing is guessed: a dose without a reading stops the build, and so does a reading that no dose uses.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CELLS = ("percent_low", "percent_high", "fold_low", "fold_high", "maximum", "unit", "basis")


class Doses:
    """Readings of dose numbers by drug, action and what the source wrote."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._unused: set[tuple[str, str, str]] = set()
        self._readings: dict[tuple[str, str, str], Mapping[str, str]] = {}
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                for drug in row["drugs"].split(";"):
                    self._readings[drug, row["action"], row["source_dose"]] = row
        self._unused.update(self._readings)

    def cells(self, one: Mapping[str, Any]) -> Mapping[str, str]:
        """The dose cells of a coded recommendation."""
        if one["dose"] is None:
            return {}
        key = (one["drug"], one["action"], json.dumps(one["dose"]))
        if key not in self._readings:
            raise SystemExit(f"{self._path.name}: no reading of {key}")
        self._unused.discard(key)
        return {f"dose_{name}": self._readings[key][name] for name in CELLS}

    def check_all_used(self) -> None:
        """Stops the build when the table speaks of a dose that the source does not have."""
        if self._unused:
            raise SystemExit(f"{self._path.name}: nothing in the source for {sorted(self._unused)}")
