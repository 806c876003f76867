"""What the source's dose numbers mean, read once by a person from each guideline and kept as a table.

The source says `25` both for "to 25 %" and for "by 25 %", sometimes for a number that is no dose, and nothing
where the dose stands in words. Nothing is guessed: a number without a reading stops the build, and so does a
reading that no row uses.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CELLS = ("percent_low", "percent_high", "fold_low", "fold_high", "maximum", "unit", "basis")


class Doses:
    """Readings by drug, action, what the source wrote and, if needed, one criterion: the first that fits."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open(encoding="utf-8", newline="") as lines:
            self._rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
        self._used: set[tuple[int, str]] = set()

    def cells(self, one: Mapping[str, Any]) -> Mapping[str, str]:
        """The dose cells of a coded recommendation."""
        written = json.dumps(one["dose"]) if one["dose"] else ""
        criteria = {"", *(f"{gene}={key}" for gene, key in one["criteria"].items())}
        for place, row in enumerate(self._rows):
            same = (row["action"], row["source_dose"]) == (one["action"], written)
            if same and one["drug"] in row["drugs"].split(";") and row["criterion"] in criteria:
                self._used.add((place, one["drug"]))
                return {f"dose_{name}": row[name] for name in CELLS}
        if written:
            raise SystemExit(f"{self._path.name}: no reading of {one['drug']} {one['action']} {written}")
        return {}

    def check_all_used(self) -> None:
        """Stops the build when the table speaks of a dose that the source does not have."""
        told = {(place, drug) for place, row in enumerate(self._rows) for drug in row["drugs"].split(";")}
        unused = sorted((drug, self._rows[place]["source_dose"]) for place, drug in told - self._used)
        if unused:
            raise SystemExit(f"{self._path.name}: nothing in the source for {unused}")
