"""Cumulative incidence with competing events, by Aalen and Johansen.

One minus Kaplan and Meier counts people who died, refused or took another therapy as if they could still
get the first dose, and so says too much; this does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np
import numpy.typing as npt

from bedside.learn.shares import Z

Real = npt.NDArray[np.float64]
CENSORED = 0


@dataclass(frozen=True, slots=True)
class Incidence:
    """One cause. At each time of `times` (the distinct times of events of any cause, rising): the cumulative
    incidence and its variance (delta method, as Aalen). at_risk: who was still counted just before."""

    cause: int
    times: Real
    incidence: Real
    variance: Real
    at_risk: npt.NDArray[np.int64]
    people: int

    def at(self, time: float) -> float:
        """The incidence at a time: 0 before the first event."""
        place = int(np.searchsorted(self.times, time, side="right")) - 1
        return 0.0 if place < 0 else float(self.incidence[place])

    def interval(self, time: float) -> tuple[float, float] | None:
        """The 95 % interval at a time, on the log-minus-log scale; None where the incidence is 0 or 1."""
        place = int(np.searchsorted(self.times, time, side="right")) - 1
        if place < 0 or not 0 < self.incidence[place] < 1:
            return None
        value, variance = float(self.incidence[place]), float(self.variance[place])
        spread = Z * sqrt(variance) / (value * abs(log(value)))
        return (value ** exp(spread), value ** exp(-spread))


def cumulative_incidence(
    times: Real, causes: npt.NDArray[np.int64], entries: Real | None = None
) -> dict[int, Incidence]:
    """The incidence of every cause. times: from the start until the event, or until somebody was last known
    to be without one; causes: which event, CENSORED for none. entries: when each came under observation (left
    truncation: nobody counts as at risk before); None for everybody at the start. Raises ValueError for a
    negative or unknown time, or somebody who left before coming.
    """
    if len(times) != len(causes):
        raise ValueError("there must be as many causes as times")
    if len(times) and not (np.isfinite(times).all() and times.min() >= 0):
        raise ValueError("a time is negative or not known")
    if entries is not None and not (len(entries) == len(times) and (entries < times).all()):
        raise ValueError("everybody must come under observation before leaving it")
    kinds = [int(one) for one in np.unique(causes) if one != CENSORED]
    distinct, place = np.unique(times, return_inverse=True)
    leaving = np.bincount(place, minlength=len(distinct))
    at_risk = len(times) - np.concatenate(([0], np.cumsum(leaving)[:-1])) if len(times) else leaving
    if entries is not None:  # who comes at a time is at risk only after it
        at_risk = at_risk - (len(times) - np.searchsorted(np.sort(entries), distinct, side="left"))
    events = {one: np.bincount(place[causes == one], minlength=len(distinct)) for one in kinds}
    every = np.sum(list(events.values()), axis=0) if kinds else np.zeros(len(distinct), np.int64)
    keep = every > 0
    number, risk = every[keep].astype(np.float64), at_risk[keep].astype(np.float64)
    after = np.cumprod(1 - number / risk)
    before = np.concatenate(([1.0], after[:-1])) if len(after) else after
    return {
        one: _one(one, distinct[keep], events[one][keep].astype(np.float64), number, risk, before, len(times))
        for one in kinds
    }


def _one(cause: int, times: Real, own: Real, every: Real, risk: Real, before: Real, people: int) -> Incidence:
    incidence = np.cumsum(before * own / risk)
    left = risk - every
    hazard = np.where(left > 0, every / np.where(left > 0, risk * left, 1.0), 0.0)
    square = np.cumsum(before**2 * own * (risk - own) / risk**3)
    product = before * own / risk**2
    first, second, third = np.cumsum(hazard), np.cumsum(hazard * incidence), np.cumsum(hazard * incidence**2)
    variance = incidence**2 * first - 2 * incidence * second + third + square
    variance -= 2 * (incidence * np.cumsum(product) - np.cumsum(product * incidence))
    return Incidence(cause, times, incidence, np.maximum(variance, 0.0), risk.astype(np.int64), people)


def kaplan_meier_complement(times: Real, causes: npt.NDArray[np.int64], cause: int, time: float) -> float:
    """One minus Kaplan and Meier at a time, with every other event taken for censoring: what not to report.
    It is here to be shown beside the right figure."""
    alone = cumulative_incidence(times, np.where(causes == cause, 1, CENSORED))
    return alone[1].at(time) if 1 in alone else 0.0
