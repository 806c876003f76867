"""When a new release of annotations is worth a look at somebody unsolved, and whose task that is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bedside.errors import PackError, Problem
from bedside.knowledge.hpo_annotations import KIND
from bedside.knowledge.provenance import Provenance, rule_files
from bedside.knowledge.tiers import TaskPolicy

NAME = "unsolved"


@dataclass(frozen=True, slots=True)
class UnsolvedPolicy:
    """near, least, times: as the file says; kept: how many places of a ranking are kept."""

    provenance: Provenance
    near: int
    least: float
    times: float
    kept: int
    task: TaskPolicy


def load_unsolved_policy(root: Path | None = None) -> UnsolvedPolicy:
    """The policy in force; raises PackError."""
    found = [file for file in rule_files(KIND, root) if file.provenance.name == NAME]
    if not found:
        raise PackError([Problem(f"{KIND}/{NAME}.toml", "no such rule file")])
    document = found[-1].document
    try:
        made = UnsolvedPolicy(
            found[-1].provenance,
            int(document["near"]),
            float(document["least"]),
            float(document["times"]),
            int(document["kept"]),
            TaskPolicy(**document["task"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise found[-1].fail(f"not a policy of unsolved people: {error}") from error
    if made.near < 1 or made.kept < made.near or made.times < 1:
        raise found[-1].fail("near is at least 1, kept at least near, times at least 1")
    return made
