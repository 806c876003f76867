"""Watching over safety as events come in: looking at any time, with the chance of a false alarm fixed before.

Two ways. The evidence process is a wager against "no more events than expected"; by Ville's inequality it
exceeds 1/α with chance at most α however often one looks, for ever. MaxSPRT (Kulldorff 2011) has an exact
limit for a number of expected events fixed in advance, and is quicker within it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import exp, lgamma, log

import numpy as np

from bedside.learn.studies.balance import Real


@dataclass(frozen=True, slots=True)
class Watched:
    """The state after each look. evidence: the wager's worth; ratio: MaxSPRT's log likelihood ratio, 0 where
    there are no more events than expected. alarm, sprt_alarm: the first look with an alarm, None for none.
    limit: of the ratio."""

    events: Real
    expected: Real
    evidence: Real
    ratio: Real
    alarm: int | None
    sprt_alarm: int | None
    type_one: float
    limit: float


def evidence(events: float, expected: float) -> float:
    """The worth of a wager spread over rate ratios above 1 (a gamma density of shape 2 and mean 2, cut off
    below 1): the mean likelihood ratio over it. Below 1 when there are no more events than expected."""
    from scipy.special import gammaincc

    shape, rate = 2.0, 1.0
    worth = expected + shape * log(rate) - lgamma(shape) + lgamma(shape + events)
    worth -= (shape + events) * log(rate + expected)
    share = float(gammaincc(shape + events, rate + expected)) / float(gammaincc(shape, rate))
    return exp(min(worth, 700.0)) * share


def likelihood_ratio(events: float, expected: float) -> float:
    """MaxSPRT's log likelihood ratio for Poisson counts; 0 unless there are more events than expected."""
    if events <= expected or expected <= 0:
        return 0.0
    return events * log(events / expected) - (events - expected)


@lru_cache(maxsize=64)
def sprt_limit(most_expected: float, type_one: float) -> float:
    """The limit of the ratio at which the chance of any alarm, looking all the time until so many events are
    expected, is type_one. Exact but for its last digits."""
    low, high = 0.5, 12.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if false_alarm(middle, most_expected) > type_one else (low, middle)
    return high


def false_alarm(limit: float, most_expected: float) -> float:
    """The chance of an alarm by MaxSPRT when nothing is wrong. The n-th event raises one when it comes while
    fewer than some e(n) are expected; so no alarm means fewer than n events at each e(n)."""
    quiet, before, most = np.ones(1), 0.0, 1
    while True:
        boundary = min(_boundary(most, limit), most_expected)
        step = boundary - before
        moves = np.exp(-step + np.arange(most) * log(max(step, 1e-300)) - _log_factorials(most))
        quiet = np.convolve(quiet, moves)[:most]
        before, most = boundary, most + 1
        if boundary >= most_expected:
            return float(1 - quiet.sum())


def _boundary(events: int, limit: float) -> float:
    low, high = 0.0, float(events)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if likelihood_ratio(events, middle) >= limit else (low, middle)
    return low


def _log_factorials(count: int) -> Real:
    return np.array([lgamma(one + 1) for one in range(count)])


def watch(events: Real, expected: Real, type_one: float, most_expected: float) -> Watched:
    """Looks at running totals of events and of those expected. most_expected: until how many MaxSPRT looks.
    Raises ValueError when a total falls or is not known."""
    if len(events) != len(expected) or not (np.isfinite(events).all() and np.isfinite(expected).all()):
        raise ValueError("there must be as many expected as events, all known")
    if (np.diff(events) < 0).any() or (np.diff(expected) < 0).any():
        raise ValueError("running totals do not fall")
    limit = sprt_limit(most_expected, type_one)
    worth = np.array([evidence(one, two) for one, two in zip(events, expected, strict=True)])
    ratio = np.array([likelihood_ratio(one, two) for one, two in zip(events, expected, strict=True)])
    above = np.flatnonzero(worth >= 1 / type_one)
    beyond = np.flatnonzero((ratio >= limit) & (expected <= most_expected))
    return Watched(
        events=events,
        expected=expected,
        evidence=worth,
        ratio=ratio,
        alarm=int(above[0]) if len(above) else None,
        sprt_alarm=int(beyond[0]) if len(beyond) else None,
        type_one=type_one,
        limit=limit,
    )
