"""The site's policy of how small a number about a group of people may be and still be shown."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.knowledge.provenance import Provenance, rule_files

NAME = "small_numbers"


@dataclass(frozen=True, slots=True)
class SmallNumbers:
    """A count from 1 to `least` minus one is not shown, only that it is fewer."""

    provenance: Provenance
    least: int

    def hides(self, count: int) -> bool:
        """Whether a count may not be shown."""
        return 0 < count < self.least


def load_small_numbers(root: Path | None = None) -> SmallNumbers:
    """The policy in force; a site's own file of the same name replaces the shipped one. Raises PackError."""
    found = [file for file in rule_files("cohort", root) if file.provenance.name == NAME]
    if not found:
        raise PackError([Problem(NAME, "no policy of small numbers is at hand")])
    least = found[-1].document.get("least")
    if not isinstance(least, int) or least < 1:
        raise found[-1].fail("least must be a whole number from 1 upwards")
    return SmallNumbers(found[-1].provenance, least)
