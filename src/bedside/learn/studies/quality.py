"""Whether data are fit for the question: what is missing, what cannot be, what does not conform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np

from bedside.knowledge.study_protocol import Protocol, StudyDesign
from bedside.learn.studies.balance import Flags, Real
from bedside.learn.studies.table import StudyTable


class QualityKind(Enum):
    """The three questions asked of data (Kahn 2016)."""

    CONFORMANCE = "conformance"
    COMPLETENESS = "completeness"
    PLAUSIBILITY = "plausibility"


@dataclass(frozen=True, slots=True)
class QualityFinding:
    """One check of one column: how many rows fail it, of how many, and how large a share may."""

    kind: QualityKind
    column: str
    asks: str
    failing: int
    of: int
    most: float

    @property
    def passes(self) -> bool:
        """Whether few enough rows fail."""
        return self.failing <= self.most * self.of and self.of > 0


YES_NO, COUNT, ORDER = "is 0 or 1", "is a whole number from 0", "stands in a possible order"
_NEEDS: Mapping[StudyDesign, tuple[str, ...]] = {
    StudyDesign.COMPARISON: ("treated",),
    StudyDesign.EXTERNAL_CONTROL: ("treated",),
    StudyDesign.TARGET_TRIAL: ("start", "end", "outcome"),
    StudyDesign.SURVIVAL: ("treated", "entry", "time", "event"),
    StudyDesign.RANDOMISED: ("unit", "did"),
    StudyDesign.INTERRUPTED_SERIES: ("period", "events", "exposure"),
    StudyDesign.STEPPED_WEDGE: ("clinic", "period", "total", "people", "switched"),
}


def columns_needed(protocol: Protocol) -> tuple[str, ...]:
    """The columns a table must have for a protocol, besides those of covariates by group."""
    found = list(_NEEDS[protocol.design])
    if protocol.series is not None and protocol.series.control_events:
        found += ["control_events", "control_exposure"]
    if protocol.design is StudyDesign.RANDOMISED:
        found.append(protocol.primary.name)
    if protocol.design in (StudyDesign.COMPARISON, StudyDesign.EXTERNAL_CONTROL):
        found += [one.name for one in protocol.outcomes]
    if protocol.control_group is not None:
        found.append("control_group")
    grouped = ("site", "payer", "language", "deprivation")
    return (*found, *(one.name for one in protocol.covariates if one.part not in grouped))


def check_quality(protocol: Protocol, table: StudyTable, most_missing: float) -> tuple[QualityFinding, ...]:
    """Every check, failing ones too, in the order of the table."""
    found = []
    limits = {one.name: (one.low, one.high) for one in protocol.covariates}
    yes_no = {"treated", "did", "outcome", "control_group", *(one.name for one in protocol.outcomes)}
    yes_no |= {one.name for one in protocol.covariates if one.window is not None or one.part == "female"}
    counts = {"events", "exposure", "control_events", "control_exposure", "total", "people", "end", "event"}
    if protocol.design is StudyDesign.SURVIVAL:
        yes_no -= {"event"}  # how it ended, also where an outcome has this name
    for name, values in table.columns.items():
        given = ~np.isnan(values)
        missing = 1.0 if name == "start" else most_missing
        found.append(_found(QualityKind.COMPLETENESS, name, "is known", ~given, missing))
        if name in yes_no or "=" in name:
            found.append(_found(QualityKind.CONFORMANCE, name, YES_NO, given & ~np.isin(values, (0, 1))))
        elif name in counts:
            wrong = given & ((values < 0) | (values != np.floor(values)))
            found.append(_found(QualityKind.CONFORMANCE, name, COUNT, wrong))
        low, high = limits.get(name, (None, None))
        if low is not None or high is not None:
            least, most = (-np.inf if low is None else low), (np.inf if high is None else high)
            asks = f"lies between {least:g} and {most:g}"
            outside = given & ((values < least) | (values > most))
            found.append(_found(QualityKind.PLAUSIBILITY, name, asks, outside))
    return (*found, *_orders(table.columns))


def _found(kind: QualityKind, name: str, asks: str, wrong: Flags, most: float = 0.0) -> QualityFinding:
    return QualityFinding(kind, name, asks, int(wrong.sum()), len(wrong), most)


def _orders(columns: Mapping[str, Real]) -> list[QualityFinding]:
    """What must not come after, or be more than, something else."""
    pairs = (
        ("entry", "time", "comes before it ends"), ("events", "exposure", "is no more than the exposed"),
        ("control_events", "control_exposure", "is no more than the exposed"),
        ("total", "people", "is no more than the people"), ("start", "end", "is not after the end"),
    )  # fmt: skip
    found = []
    for first, second, asks in pairs:
        if first in columns and second in columns:
            wrong = columns[first] > columns[second]  # what is not known is not wrong
            found.append(_found(QualityKind.PLAUSIBILITY, first, asks, wrong))
    return found
