"""Statements about therapies: which drug, for which tumour with which finding, under what status, and
from where.

A row whose wording was not checked against its source is kept and never shown as a fact.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.knowledge.provenance import Provenance, rule_files
from bedside.knowledge.table import Row, parse_table
from bedside.knowledge.tumour_rule import Rule, parse_rule

KIND, NAME = "therapies", "therapies"
COLUMNS = (
    "id", "gene", "alteration", "rule", "oncotree", "drug", "rxcui", "direction", "setting", "status", "date",
    "level", "url", "pmid", "checked", "why_unchecked", "note",
)  # fmt: skip

NO_CODE = "no RxNorm code is at hand"
"""What the note of a statement says whose drug has no code."""


class Direction(Enum):
    """Whether the finding speaks for the drug or against it."""

    SENSITIVITY = "sensitivity"
    RESISTANCE = "resistance"


class Status(Enum):
    """What the regulator says of it."""

    APPROVED = "approved"
    ACCELERATED = "accelerated"
    WITHDRAWN = "withdrawn"
    OFF_LABEL = "off-label"
    RESEARCH = "research"
    RESISTANCE = "resistance"


@dataclass(frozen=True, slots=True)
class Therapy:
    """One statement. setting: the line and context in words; level: A1 (label for this tumour), A2
    (guideline,
    off label), B (consensus of studies), R1, R2 (resistance: label or guideline, studies). checked:
    whether the gene, drug, tumour and year stand in the wording it cites."""

    name: str
    gene: str
    alteration: str
    rule: Rule
    written: str
    oncotree: str
    drug: str
    rxnorm: tuple[str, ...]
    direction: Direction
    setting: str
    status: Status
    since: date | None
    level: str
    url: str
    pmids: tuple[str, ...]
    checked: bool
    why_unchecked: str
    note: str

    @property
    def source(self) -> str:
        """Where it says so."""
        return self.url or ", ".join(f"PMID {one}" for one in self.pmids)


@dataclass(frozen=True, slots=True)
class Therapies:
    """The statements of a pack, in order. excluded: of therapies for any solid tumour, the tumours that the
    label leaves out."""

    provenance: Provenance
    rows: tuple[Therapy, ...]
    excluded: Mapping[str, tuple[str, ...]]

    @property
    def release(self) -> str:
        """What every answer names."""
        return f"{self.provenance.name}@{self.provenance.retrieved.isoformat()}#{self.provenance.sha256[:12]}"


def load_therapies(root: Path | None = None) -> Therapies:
    """The statements in force; raises PackError with every problem."""
    files = [file for file in rule_files(KIND, root) if file.provenance.name == NAME]
    if not files:
        raise PackError([Problem(f"{KIND}/{NAME}.toml", "no such rule file")])
    file = files[-1]
    path = (file.folder or Path()) / f"{NAME}.tsv"
    if not path.is_file():
        raise file.fail(f"{path.name} is missing beside it")
    problems: list[Problem] = []
    rows = []
    content = path.read_bytes()
    for row in parse_table(f"{KIND}/{path.name}", content, COLUMNS, problems):
        try:
            rows.append(_therapy(row))
        except ValueError as error:
            problems.append(row.problem(str(error)))
    if len({one.name for one in rows}) != len(rows):
        problems.append(Problem(f"{KIND}/{path.name}", "two statements have one id"))
    if problems:
        raise PackError(problems)
    excluded = {str(key): tuple(map(str, codes)) for key, codes in file.document.get("excluded", {}).items()}
    both = hashlib.sha256(f"{file.provenance.sha256}\n".encode() + content).hexdigest()
    return Therapies(replace(file.provenance, sha256=both), tuple(rows), excluded)


def _therapy(row: Row) -> Therapy:
    if row["checked"] not in ("wording", "unchecked"):
        raise ValueError("checked is `wording` or `unchecked`")
    if row["checked"] == "wording" and not (row["url"] or row["pmid"]):
        raise ValueError("a checked statement names its source")
    return Therapy(
        row["id"],
        row["gene"],
        row["alteration"],
        parse_rule(row["rule"]),
        row["rule"],
        row["oncotree"],
        row["drug"],
        tuple(row["rxcui"].split("|")) if row["rxcui"] else (),
        Direction(row["direction"]),
        row["setting"],
        Status(row["status"]),
        date.fromisoformat(row["date"]) if row["date"] else None,
        row["level"],
        row["url"],
        tuple(part for part in row["pmid"].replace("|", ";").split(";") if part),
        row["checked"] == "wording",
        row["why_unchecked"],
        row["note"],
    )
