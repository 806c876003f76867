"""What the source's sentences say beyond action, dose and monitoring, read once and kept as codes by the
sentence's digest.

A sentence that changes has another digest, so that its old reading stops the build instead of standing on.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class Further:
    """Further advice by the digest of the source's sentence and the drug."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._codes: dict[tuple[str, str], str] = {}
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                for drug in row["drugs"].split(";"):
                    self._codes[row["wording_sha1"], drug] = row["further"]
        self._used: set[tuple[str, str]] = set()

    def codes(self, one: Mapping[str, Any]) -> str:
        """The codes of a recommendation, "" where its sentence says no more."""
        key = (one.get("text_sha1", ""), one["drug"])
        self._used.add(key)
        return self._codes.get(key, "")

    def check_all_used(self) -> None:
        """Stops the build when the table reads a sentence that the source does not have."""
        unused = sorted(self._codes.keys() - self._used)
        if unused:
            raise SystemExit(f"{self._path.name}: nothing in the source for {unused}")
