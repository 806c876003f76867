"""Which protein changes are known to activate their gene, and where named stretches of proteins lie."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.knowledge.provenance import Provenance, rule_files
from bedside.knowledge.table import parse_table

KIND = "tumour_effects"
COLUMNS = ("gene", "change", "effect", "source")
_CHANGE = re.compile(r"([A-Z])([0-9]+)([A-Z])")


@dataclass(frozen=True, slots=True)
class Reading:
    """From where a call is shown with a warning. low_fraction: share of reads; low_depth: number of reads."""

    low_fraction: float
    low_depth: int


@dataclass(frozen=True, slots=True)
class TumourEffects:
    """activating: for (gene, reference, codon, alternate) where it says so. domains: for `GENE:domain`
    the first and last codon."""

    provenance: Provenance
    activating: Mapping[tuple[str, str, int, str], str]
    domains: Mapping[str, tuple[int, int]]
    reading: Reading


def load_tumour_effects(root: Path | None = None) -> TumourEffects:
    """The list in force; raises PackError with every problem."""
    *_, file = rule_files(KIND, root)
    path = (file.folder or Path()) / "effects.tsv"
    if not path.is_file():
        raise file.fail("effects.tsv is missing beside it")
    problems: list[Problem] = []
    found: dict[tuple[str, str, int, str], str] = {}
    for row in parse_table(f"{KIND}/effects.tsv", path.read_bytes(), COLUMNS, problems):
        change = _CHANGE.fullmatch(row["change"])
        if change is None or row["effect"] != "activating" or not row["source"]:
            problems.append(row.problem("a row has a change such as L858R, `activating` and a source"))
            continue
        found[(row["gene"], change[1], int(change[2]), change[3])] = row["source"]
    if problems:
        raise PackError(problems)
    domains = {str(name): (int(a), int(b)) for name, (a, b) in file.document.get("domains", {}).items()}
    said = file.document.get("reading", {})
    try:
        reading = Reading(float(said["low_fraction"]), int(said["low_depth"]))
    except (KeyError, TypeError, ValueError):
        raise file.fail("[reading] has low_fraction and low_depth") from None
    return TumourEffects(file.provenance, found, domains, reading)
