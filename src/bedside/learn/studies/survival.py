"""Time until an event when people came under observation late: Kaplan and Meier, restricted mean, Cox.

Who is in a genomic register lived until they were sequenced. Counting them from their diagnosis makes that
time immortal; with `entries` they are at risk only from the day they came (left truncation).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Any

import numpy as np

from bedside.learn.estimate import Estimate, Reason, Refusal, Why
from bedside.learn.shares import Z
from bedside.learn.studies.balance import Flags, Real


@dataclass(frozen=True, slots=True)
class Survival:
    """The share without the event at each time of events, rising; terms: Greenwood's sum. at_risk: just
    before."""

    times: Real
    share: Real
    terms: Real
    at_risk: Real
    steps: Real

    def at(self, time: float) -> Estimate:
        """The share at a time, its interval on the log-minus-log scale."""
        place = int(np.searchsorted(self.times, time, side="right")) - 1
        if place < 0:
            return Estimate(1.0, 1.0, 1.0, 0.0)
        value, term = float(self.share[place]), float(self.terms[place])
        if not 0 < value < 1:
            return Estimate(value, value, value, 0.0)
        spread = Z * sqrt(term) / abs(log(value))
        return Estimate(value, value ** exp(spread), value ** exp(-spread), value * sqrt(term))

    def mean(self, until: float) -> Estimate:
        """The mean time without the event, up to a time (restricted mean)."""
        kept = self.times < until
        edges = np.concatenate(([0.0], self.times[kept], [until]))
        levels = np.concatenate(([1.0], self.share[kept]))
        areas = np.diff(edges) * levels
        value = float(areas.sum())
        beyond = value - np.cumsum(areas)[:-1]
        error = float(np.sqrt((np.square(beyond) * self.steps[kept]).sum()))
        return Estimate(value, value - Z * error, value + Z * error, error)


def survival(times: Real, events: Flags, entries: Real | None, least_at_risk: int) -> Survival | Refusal:
    """The survival of people who came at `entries` (None: all at 0) and left at `times`. Refused when fewer
    than `least_at_risk` are under observation at an event while most have yet to come: one early death among
    two would halve the curve for good. Raises ValueError for somebody who left before coming."""
    came = np.zeros(len(times)) if entries is None else entries
    if not ((came >= 0).all() and (came < times).all()):
        raise ValueError("everybody must come under observation before leaving it")
    found: Real = np.unique(times[events])
    gone = np.searchsorted(np.sort(times), found, side="left")
    here = (np.searchsorted(np.sort(came), found, side="left") - gone).astype(np.float64)
    died = np.bincount(np.searchsorted(found, times[events]), minlength=len(found)).astype(np.float64)
    waiting = np.searchsorted(np.sort(came), found, side="left") < len(times) / 2
    thin = (here < least_at_risk) & waiting
    if thin.any():
        return Refusal((Reason(Why.TOO_FEW_AT_RISK, float(here[thin].min()), least_at_risk),))
    share = (1 - died / here).cumprod().astype(np.float64)
    steps: Real = np.where(here > died, died / np.where(here > died, here * (here - died), 1.0), 0.0)
    terms: Real = np.cumsum(steps)
    return Survival(found, share, terms, here, steps)


@dataclass(frozen=True, slots=True)
class HazardRatios:
    """Of each covariate, with the p-value of a test that it is proportional (Schoenfeld residuals against
    rank of time): small means that one ratio does not describe it."""

    ratios: dict[str, Estimate]
    proportional: dict[str, float]
    people: int
    events: int


def hazard_ratios(
    times: Real, events: Flags, covariates: Real, names: Sequence[str], entries: Real | None
) -> HazardRatios:
    """Cox's model, by lifelines. Raises ValueError when it does not converge."""
    import pandas as pd
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError

    columns = [f"x{place}" for place in range(len(names))]
    frame = pd.DataFrame(covariates, columns=columns)
    frame["time"], frame["event"] = times, events.astype(int)
    entry = None
    if entries is not None:
        frame["entry"], entry = entries, "entry"
    try:
        fit = CoxPHFitter().fit(frame, "time", "event", entry_col=entry)
    except (ConvergenceError, np.linalg.LinAlgError) as error:
        raise ValueError(f"Cox's model did not converge: {error}") from error
    held = _proportional(times, events, covariates, entries, fit)
    ratios = {}
    for column, name in zip(columns, names, strict=True):
        value, deviation = float(fit.params_[column]), float(fit.standard_errors_[column])
        ratios[name] = Estimate(value, value - Z * deviation, value + Z * deviation, deviation).exponential()
    proportional = {name: float(one) for name, one in zip(names, held, strict=True)}
    return HazardRatios(ratios, proportional, len(times), int(events.sum()))


def _proportional(times: Real, events: Flags, covariates: Real, entries: Real | None, fit: Any) -> Real:
    """The p-values of Grambsch and Therneau's test; lifelines has none for people who came late."""
    from scipy.stats import chi2, rankdata

    risk = np.exp((covariates - covariates.mean(axis=0)) @ fit.params_.to_numpy())
    when = times[events]
    here = times[None, :] >= when[:, None]
    if entries is not None:
        here &= entries[None, :] < when[:, None]
    weights = here * risk
    residuals = covariates[events] - (weights @ covariates) / weights.sum(axis=1)[:, None]
    spread = fit.variance_matrix_.to_numpy()
    rank = rankdata(when)
    rank = rank - rank.mean()
    number = len(when)
    statistic = np.square(number * (rank @ residuals @ spread)) / (
        number * np.diag(spread) * np.square(rank).sum()
    )
    found: Real = chi2.sf(statistic, 1)
    return found
