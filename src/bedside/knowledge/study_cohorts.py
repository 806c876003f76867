"""The cohort library: named definitions of who is followed and from when, which several studies share.

Things that happened are named `kind:code`, such as `drug:rxnorm:32968` or `signal:therapy-started`; `*`
stands for anything. docs/evidence.md has the kinds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bedside.knowledge.provenance import Provenance, RuleFile, rule_files

KIND = "study_cohorts"


@dataclass(frozen=True, slots=True)
class Window:
    """Whether something happened within days around time zero. names: any of these; first, last: days, both
    included, negative before; title: what it is called in tables."""

    title: str
    names: tuple[str, ...]
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class CohortDefinition:
    """Who is in, and from when. entry: what begins it, at any of its days. washout: what must not have
    happened in so many days before (new users). observed: known to the record so many days before. ages: in
    whole years at time zero; None for no limit."""

    provenance: Provenance
    entry: tuple[str, ...]
    washout: tuple[str, ...]
    washout_days: int
    observed_days: int
    youngest: int | None
    oldest: int | None
    require: tuple[Window, ...]
    exclude: tuple[Window, ...]
    examples: tuple[Mapping[str, Any], ...]

    @property
    def version(self) -> str:
        """The definition as studies name it."""
        return f"{self.provenance.name}#{self.provenance.sha256[:12]}"


def load_study_cohorts(root: Path | None = None) -> Mapping[str, CohortDefinition]:
    """Every definition by name; a site's own replaces the shipped one. Raises PackError."""
    return {file.provenance.name: read_cohort(file) for file in rule_files(KIND, root)}


def read_cohort(file: RuleFile) -> CohortDefinition:
    """The definition in a rule file; raises PackError when it cannot be one."""
    document = file.document
    try:
        entry = names_of(document["entry"])
        return CohortDefinition(
            provenance=file.provenance,
            entry=entry,
            washout=names_of(document.get("washout", list(entry))),
            washout_days=_days(document.get("washout_days", 0)),
            observed_days=_days(document.get("observed_days", 0)),
            youngest=_age(document.get("youngest")),
            oldest=_age(document.get("oldest")),
            require=tuple(window_of(one) for one in document.get("require", ())),
            exclude=tuple(window_of(one) for one in document.get("exclude", ())),
            examples=tuple(document.get("example", ())),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"not a cohort: {error}") from error


def names_of(said: object) -> tuple[str, ...]:
    """Names of things that happen; raises ValueError for none, or one without its kind."""
    if not isinstance(said, list) or not said or not all(isinstance(one, str) for one in said):
        raise ValueError("what happens is a list of names, each kind:code")
    wrong = [one for one in said if ":" not in one]
    if wrong:
        raise ValueError(f"{wrong[0]!r} has no kind before a colon")
    return tuple(said)


def window_of(said: Mapping[str, Any]) -> Window:
    """A window; raises KeyError or ValueError."""
    first, last = int(said["from"]), int(said["to"])
    if first > last:
        raise ValueError(f"{said['title']!r} ends before it begins")
    return Window(str(said["title"]), names_of(said["any"]), first, last)


def _days(said: object) -> int:
    if not isinstance(said, int) or said < 0:
        raise ValueError("days are a whole number from 0")
    return said


def _age(said: object) -> int | None:
    return None if said is None else _days(said)
