"""Who may approve what: the approval matrix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from bedside.errors import PackError, Problem
from bedside.knowledge.provenance import Provenance, rule_files

KIND = "approvals"


class Sort(Enum):
    """What sort of content something is in the programme's list."""

    RULE = "rule"
    PATHWAY = "pathway"
    POLICY = "policy"
    DATASET = "dataset"
    STUDY = "study"
    PLAYBOOK = "playbook"
    MEASURE = "measure"


@dataclass(frozen=True, slots=True)
class Row:
    """The sort of a kind of content, and the roles of which one may approve it."""

    sort: Sort
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The rows by kind, and what holds for a kind in no row."""

    provenance: Provenance
    rows: Mapping[str, Row]
    otherwise: Row

    def row(self, kind: str) -> Row:
        """What holds for a kind."""
        return self.rows.get(kind, self.otherwise)


def load_matrix(root: Path | None = None) -> Matrix:
    """The matrix in force: a site's own file in place of the shipped one. Raises PackError."""
    *_, file = rule_files(KIND, root)
    problems: list[Problem] = []
    rows: dict[str, Row] = {}

    def row(entry: Mapping[str, Any], what: str) -> Row | None:
        try:
            made = Row(Sort(entry["sort"]), frozenset(str(one) for one in entry["roles"]))
        except (KeyError, TypeError, ValueError) as error:
            problems.append(Problem(file.label, f"{what} needs a sort and roles: {error}"))
            return None
        if not made.roles:
            problems.append(Problem(file.label, f"{what} lets nobody approve"))
        return made

    otherwise = row(file.document.get("otherwise", {}), "[otherwise]")
    for place, entry in enumerate(file.document.get("row", ()), 1):
        made = row(entry, f"row {place}")
        for kind in entry.get("kinds", ()):
            if kind in rows:
                problems.append(Problem(file.label, f"{kind} stands in two rows"))
            if made is not None:
                rows[str(kind)] = made
    if problems or otherwise is None:
        raise PackError(problems)
    return Matrix(file.provenance, rows, otherwise)
