"""Which protein changes are known to activate their gene, and where named stretches of proteins lie."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.genome.tumour import Effect
from bedside.knowledge.provenance import Provenance, rule_files
from bedside.knowledge.table import parse_table

KIND = "tumour_effects"
COLUMNS = ("gene", "change", "effect", "source")
_CHANGE = re.compile(r"([A-Z])([0-9]+)([A-Z*])")
_CLASS = re.compile(r"exon([0-9]+):(inframe-deletion|inframe-insertion)")


@dataclass(frozen=True, slots=True)
class Reading:
    """From where a call is shown with a warning. low_fraction: share of reads; low_depth: number of reads."""

    low_fraction: float
    low_depth: int


@dataclass(frozen=True, slots=True)
class TumourEffects:
    """activating: for (gene, reference, codon, alternate) where it says so; the alternate "*" is any other
    amino acid. classes: for (gene, exon, effect), in-frame changes of a whole exon. domains: for
    `GENE:domain` the first and last codon."""

    provenance: Provenance
    activating: Mapping[tuple[str, str, int, str], str]
    classes: Mapping[tuple[str, int, Effect], str]
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
    classes: dict[tuple[str, int, Effect], str] = {}
    for row in parse_table(f"{KIND}/effects.tsv", path.read_bytes(), COLUMNS, problems):
        change, several = _CHANGE.fullmatch(row["change"]), _CLASS.fullmatch(row["change"])
        if row["effect"] != "activating" or not row["source"] or (change is None and several is None):
            problems.append(row.problem("a row has L858R, G12* or exon11:inframe-deletion, and a source"))
        elif change is not None:
            found[(row["gene"], change[1], int(change[2]), change[3])] = row["source"]
        elif several is not None:
            classes[(row["gene"], int(several[1]), Effect(several[2]))] = row["source"]
    if problems:
        raise PackError(problems)
    domains = {str(name): (int(a), int(b)) for name, (a, b) in file.document.get("domains", {}).items()}
    said = file.document.get("reading", {})
    try:
        reading = Reading(float(said["low_fraction"]), int(said["low_depth"]))
    except (KeyError, TypeError, ValueError):
        raise file.fail("[reading] has low_fraction and low_depth") from None
    return TumourEffects(file.provenance, found, classes, domains, reading)
