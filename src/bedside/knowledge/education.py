"""Short texts for clinicians, linked to the card or step at which they are needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.knowledge.provenance import Provenance, rule_files

KIND = "education"
LONGEST = 120
"""Words of a text: it is read between two patients."""


@dataclass(frozen=True, slots=True)
class Education:
    """One text. linked: where it is shown, such as `pathway:nsclc/molecular-ordered` or `action:AVOID`.
    sources: citations."""

    provenance: Provenance
    linked: tuple[str, ...]
    text: str
    sources: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its name."""
        return self.provenance.name


def load_education(root: Path | None = None) -> Mapping[str, Education]:
    """Every text by name, a site's own in place of a shipped one of the same name; raises PackError."""
    found: dict[str, Education] = {}
    problems: list[Problem] = []
    for file in rule_files(KIND, root):
        linked, text = file.document.get("linked", []), str(file.document.get("text", "")).strip()
        sources = file.document.get("sources", [])
        if not linked or not text or not sources:
            problems.append(Problem(file.label, "a text needs `linked`, `text` and `sources`"))
        if len(text.split()) > LONGEST:
            problems.append(Problem(file.label, f"{len(text.split())} words; {LONGEST} are the most"))
        found[file.provenance.name] = Education(file.provenance, tuple(linked), text, tuple(sources))
    if problems:
        raise PackError(problems)
    return found


def unlinked(texts: Mapping[str, Education], places: frozenset[str]) -> tuple[Problem, ...]:
    """Links that lead to no place."""
    return tuple(
        Problem(f"{KIND}/{one.name}", f"is linked to {place}, which is not there")
        for one in texts.values()
        for place in one.linked
        if place not in places
    )


def untaught(texts: Mapping[str, Education], wanted: frozenset[str]) -> tuple[str, ...]:
    """Of the places that should have a text, those that have none."""
    return tuple(sorted(wanted - {place for one in texts.values() for place in one.linked}))
