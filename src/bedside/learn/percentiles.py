"""By when so many percent of everybody had got there, with those who wait and those who ended otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bedside.learn.competing_risks import Incidence, cumulative_incidence
from bedside.learn.shares import Z

Floats = npt.NDArray[np.float64]
ARRIVED = 1
WIDEST = 500.0
"""A spread beyond which the band is all there is, 0 to 1, and no number holds more."""


@dataclass(frozen=True, slots=True)
class Percentile:
    """A time and its 95 % interval. value: None when fewer than so many got there until now; low, high: None
    where that end of the interval is not reached either."""

    value: float | None
    low: float | None
    high: float | None


NOBODY = Percentile(None, None, None)


def percentiles(
    times: Floats, causes: npt.NDArray[np.int64], percents: Sequence[int]
) -> Mapping[int, Percentile]:
    """For each percent the first time by which so many of everybody had arrived (cause 1), other causes
    competing and 0 counted until its time. The interval holds the times at which the band of the cumulative
    incidence crosses the percent (as Brookmeyer and Crowley do for survival)."""
    found = cumulative_incidence(times, causes).get(ARRIVED)
    if found is None:
        return dict.fromkeys(percents, NOBODY)
    low, high = _band(found)
    return {
        one: Percentile(
            _crossing(found, found.incidence, one), _crossing(found, high, one), _crossing(found, low, one)
        )
        for one in percents
    }


def _band(found: Incidence) -> tuple[Floats, Floats]:
    """The 95 % band, on the log-minus-log scale; at 0 and 1 there is no spread."""
    value = found.incidence
    inside = (value > 0) & (value < 1)
    safe = np.where(inside, value, 0.5)
    spread = np.minimum(Z * np.sqrt(found.variance) / (safe * np.abs(np.log(safe))), WIDEST)
    return (
        np.where(inside, safe ** np.exp(spread), value),
        np.where(inside, safe ** np.exp(-spread), value),
    )


def _crossing(found: Incidence, curve: Floats, percent: int) -> float | None:
    """The first time at which a curve reaches a percent."""
    # A sum of a hundred thousand parts ends a little below 1 where everybody arrived.
    reached = np.flatnonzero(curve >= percent / 100 - 1e-9)
    return float(found.times[reached[0]]) if len(reached) else None
