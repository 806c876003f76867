"""When a study may be estimated at all: limits that stand in a dated pack, not in code."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bedside.knowledge.provenance import Provenance, RuleFile, rule_files

KIND = "study_policy"


@dataclass(frozen=True, slots=True)
class SeriesLimits:
    """Below these no interrupted time series is estimated: periods before and after the change, without those
    of the phase-in; events in all."""

    least_before: int
    least_after: int
    least_events: int


@dataclass(frozen=True, slots=True)
class StudyPolicy:
    """The whole pack."""

    provenance: Provenance
    interrupted_series: SeriesLimits


def load_study_policy(root: Path | None = None) -> StudyPolicy:
    """The shipped policy, or a site's own in its place; raises PackError."""
    *_, chosen = rule_files(KIND, root)
    return read_study_policy(chosen)


def read_study_policy(file: RuleFile) -> StudyPolicy:
    """The policy in a rule file; raises PackError when a limit is missing or cannot be one."""
    try:
        limits = {name: int(value) for name, value in file.document["interrupted_series"].items()}
        if min(limits.values()) < 3:
            raise ValueError("an interrupted time series needs at least three periods on either side")
        return StudyPolicy(file.provenance, SeriesLimits(**limits))
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"not a study policy: {error}") from error
