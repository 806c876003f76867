"""When a study may be estimated at all: limits that stand in a dated pack, not in code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
class OverlapLimits:
    """Below or above these two groups are not compared. least_people: in either group. tail: share at either
    end of the other group's chances of treatment that is no support. most_outside: share of people without a
    counterpart. least_effective: share of a group that its weights leave. largest_weight: one person's share
    of a group's weight. largest_difference: standardised, of any covariate after weighting."""

    least_people: int
    tail: float
    most_outside: float
    least_effective: float
    largest_weight: float
    largest_difference: float


@dataclass(frozen=True, slots=True)
class OtherLimits:
    """least_clusters: of a stepped wedge. least_at_risk: people under observation where a survival curve
    begins. least_negative_controls: outcomes, for an empirical calibration. most_missing: share of people of
    whom a variable is not known. type_one: chance of a false alarm in watching over safety."""

    least_clusters: int
    least_at_risk: int
    least_negative_controls: int
    most_missing: float
    type_one: float


@dataclass(frozen=True, slots=True)
class StudyPolicy:
    """The whole pack. examples: each a set of figures and whether the policy refuses it."""

    provenance: Provenance
    interrupted_series: SeriesLimits
    overlap: OverlapLimits
    other: OtherLimits
    examples: tuple[Mapping[str, Any], ...]

    @property
    def release(self) -> str:
        """The policy as studies name it."""
        return f"{self.provenance.name}@{self.provenance.retrieved.isoformat()}#{self.provenance.sha256[:12]}"


def load_study_policy(root: Path | None = None) -> StudyPolicy:
    """The shipped policy, or a site's own in its place; raises PackError."""
    *_, chosen = rule_files(KIND, root)
    return read_study_policy(chosen)


def read_study_policy(file: RuleFile) -> StudyPolicy:
    """The policy in a rule file; raises PackError when a limit is missing or cannot be one."""
    document = file.document
    try:
        series = SeriesLimits(**_numbers(document["interrupted_series"], int))
        shares = document["overlap"]
        overlap = OverlapLimits(
            least_people=int(shares["least_people"]),
            **_numbers({name: one for name, one in shares.items() if name != "least_people"}, float),
        )
        other = document["other"]
        counts = ("least_clusters", "least_at_risk", "least_negative_controls")
        rest = OtherLimits(
            **_numbers({name: other[name] for name in counts}, int),
            **_numbers({name: one for name, one in other.items() if name not in counts}, float),
        )
        if min(series.least_before, series.least_after, overlap.least_people, rest.least_clusters) < 3:
            raise ValueError("nothing is estimated from fewer than three periods, people or clusters")
        fractions = (
            overlap.tail, overlap.most_outside, overlap.least_effective, overlap.largest_weight,
            overlap.largest_difference, rest.most_missing, rest.type_one,
        )  # fmt: skip
        if not all(0 < one < 1 for one in fractions):
            raise ValueError("a share lies between 0 and 1")
        return StudyPolicy(file.provenance, series, overlap, rest, tuple(document.get("example", ())))
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"not a study policy: {error}") from error


def _numbers(table: Mapping[str, Any], kind: Callable[[Any], Any]) -> dict[str, Any]:
    return {str(name): kind(value) for name, value in table.items()}
