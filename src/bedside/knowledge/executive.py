"""What the executive page shows: panels of figures by name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.knowledge.provenance import Provenance, rule_files

KIND = "executive"


@dataclass(frozen=True, slots=True)
class Panel:
    """One question, and the figures that answer it."""

    name: str
    asks: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Executive:
    """The panels in order."""

    provenance: Provenance
    panels: tuple[Panel, ...]


def load_executive(root: Path | None = None) -> Executive:
    """The page in force: a site's own file in place of the shipped one. Raises PackError."""
    *_, file = rule_files(KIND, root)
    panels = tuple(
        Panel(str(one.get("name", "")), str(one.get("asks", "")), tuple(map(str, one.get("facts", ()))))
        for one in file.document.get("panel", ())
    )
    problems = [
        Problem(file.label, f"panel {place} needs name, asks and facts")
        for place, one in enumerate(panels, 1)
        if not (one.name and one.asks and one.facts)
    ]
    if problems or not panels:
        raise PackError(problems or [Problem(file.label, "holds no [[panel]]")])
    return Executive(file.provenance, panels)
