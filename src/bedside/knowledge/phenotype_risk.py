"""The site's policy of the worklist of perhaps undiagnosed people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bedside.errors import PackError, Problem
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files

KIND = "phenotype_risk"


@dataclass(frozen=True, slots=True)
class NotNow:
    """A reason against referring somebody. answered: for good; else for so many days."""

    name: str
    title: str
    answered: bool
    days: int


@dataclass(frozen=True, slots=True)
class RiskPolicy:
    """The choices; each is explained in the file that ships."""

    provenance: Provenance
    least_profile: int
    least_features: int
    least_cell: int
    capacity: int
    diagnosed_share: float
    tail_people: int
    least_labels: int
    not_now: Mapping[str, NotNow]

    @property
    def version(self) -> str:
        """The file and the digest of its bytes."""
        return f"{self.provenance.name}@{self.provenance.sha256[:12]}"


def load_risk_policy(root: Path | None = None) -> RiskPolicy:
    """The policy in force; a site's own replaces the one that ships. Raises PackError with every problem."""
    found = list(rule_files(KIND, root))
    if not found:
        raise PackError([Problem(KIND, "no policy is at hand")])
    file = found[-1]
    names = ("least_profile", "least_features", "least_cell", "capacity", "tail_people", "least_labels")
    problems = [
        Problem(file.label, f"{name} must be a whole number from 1 upwards")
        for name in names
        if not isinstance(file.document.get(name), int) or file.document[name] < 1
    ]
    share = file.document.get("diagnosed_share")
    if not isinstance(share, float) or not 0 <= share <= 1:
        problems.append(Problem(file.label, "diagnosed_share must be a share from 0.0 to 1.0"))
    reasons = _reasons(file, problems)
    if problems:
        raise PackError(problems)
    whole: dict[str, Any] = {name: file.document[name] for name in names}
    return RiskPolicy(file.provenance, **whole, diagnosed_share=float(share or 0.0), not_now=reasons)


def _reasons(file: RuleFile, problems: list[Problem]) -> dict[str, NotNow]:
    found: dict[str, NotNow] = {}
    for name, said in dict(file.document.get("not_now", {})).items():
        title, days, answered = said.get("title"), said.get("days", 0), said.get("answered", False)
        if not title or (not answered and (not isinstance(days, int) or days < 1)):
            problems.append(Problem(file.label, f"not_now.{name} needs a title, and days or answered = true"))
            continue
        found[name] = NotNow(name, str(title), bool(answered), int(days))
    if not found:
        problems.append(Problem(file.label, "not_now names no reason"))
    return found
