"""What a study answers, with everything that has to be read beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bedside.learn.estimate import Estimate, Reason, Refusal, Why
from bedside.learn.studies.balance import Overlap
from bedside.learn.studies.negative_controls import Calibration, ControlGroupCheck, Placebo
from bedside.learn.studies.quality import QualityFinding


@dataclass(frozen=True, slots=True)
class Named:
    """One figure: what was tried, of what, and what came of it."""

    name: str
    quantity: str
    answer: Estimate | Refusal


@dataclass(frozen=True, slots=True)
class StudyAnswer:
    """first: sentences to be read before the result. main: the answer. naive: what would have come without a
    design. sensitivity, outcomes, negative: other analyses, outcomes, outcomes without a possible effect.
    checks: figures by name. not_known: rows left out because something was not known."""

    first: tuple[str, ...]
    main: Named
    naive: Named | None = None
    sensitivity: tuple[Named, ...] = ()
    outcomes: tuple[Named, ...] = ()
    negative: tuple[Named, ...] = ()
    calibration: Calibration | Refusal | None = None
    calibrated: Named | None = None
    control: ControlGroupCheck | None = None
    placebo: Placebo | None = None
    e_values: tuple[float, float] | None = None
    tipping: float | None = None
    overlap: Overlap | None = None
    checks: Mapping[str, float] = field(default_factory=dict)
    quality: tuple[QualityFinding, ...] = ()
    not_known: int = 0
    used: int = 0


def unfit(quality: tuple[QualityFinding, ...]) -> Refusal | None:
    """The refusal where the data are not fit for the question: one reason a failing check."""
    reasons = [
        Reason(Why.UNFIT_DATA, one.failing / one.of if one.of else 1.0, one.most)
        for one in quality
        if not one.passes
    ]
    return Refusal(tuple(reasons)) if reasons else None
