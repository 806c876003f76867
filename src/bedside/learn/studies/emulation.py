"""A target trial emulated where treatment may start within a grace period: clone, censor, weight.

At time zero nobody has shown yet which strategy they follow. So everybody is counted in both arms, leaves an
arm when they do what it does not allow, and who stays is weighted for those alike who left (Hernán 2016;
Cain 2010 for the grace period). Comparing people by what they did later would credit the treatment with the
time they had to survive to get it: immortal time. `immortal_time` shows that figure beside.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from bedside.knowledge.study_policy import OverlapLimits
from bedside.learn.estimate import Estimate, Reason, Refusal, Why
from bedside.learn.shares import Z
from bedside.learn.studies.balance import Flags, Real
from bedside.learn.studies.comparison import naive
from bedside.learn.studies.propensity import with_constant

Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Followed:
    """People from time zero in whole intervals, the first numbered 0. start: in which interval treatment
    started (intervals if never). end: in which interval the outcome came, or observation ended. outcome:
    whether it was the outcome. covariates: known at time zero. In an interval treatment is decided first."""

    start: Whole
    end: Whole
    outcome: Flags
    covariates: Real
    intervals: int


@dataclass(frozen=True, slots=True)
class Emulated:
    """Risks by the last interval under both strategies: start within the grace period (spread evenly over
    it) and never start. immortal_time: the naive difference of those who ever started and those who did not.
    effective: the least share of an arm's people that the weights leave at the end; largest: the largest
    share of an arm's weight that one person has at any time. curves: risk by interval, one row an arm."""

    with_it: float
    without: float
    difference: Estimate
    immortal_time: Estimate
    effective: float
    largest: float
    curves: Real
    people: int


def emulate(followed: Followed, grace: int, limits: OverlapLimits) -> Emulated | Refusal:
    """The emulated trial. grace: treatment may start in the intervals 0 to grace. Who is lost is supposed to
    be lost alike within strata of covariates and time. Raises ValueError when the grace period is longer than
    the follow-up."""
    if not 0 <= grace < followed.intervals:
        raise ValueError("the grace period must end within the follow-up")
    started = int((followed.start <= np.minimum(followed.end, grace)).sum())
    never = int((followed.start > followed.end).sum())
    few = [
        Reason(why, have, limits.least_people)
        for why, have in ((Why.TOO_FEW_TREATED, started), (Why.TOO_FEW_UNTREATED, never))
        if have < limits.least_people
    ]
    if few:
        return Refusal(tuple(few))
    times = np.arange(followed.intervals)
    there = times[None, :] <= followed.end[:, None]
    events = (times[None, :] == followed.end[:, None]) & followed.outcome[:, None]
    hazard, rows, scores = _starting(followed, there, times)
    arms = [_start_within(followed, hazard, grace, times), _never_start(followed, hazard, times)]
    found = [_risk(weights * there, events, rows, scores) for weights in arms]
    figures = [_concentration(weights * there) for weights in arms]
    effective, largest = min(one for one, _ in figures), max(two for _, two in figures)
    reasons = []
    if effective < limits.least_effective:
        reasons.append(Reason(Why.FEW_EFFECTIVE, effective, limits.least_effective))
    if largest > limits.largest_weight:
        reasons.append(Reason(Why.ONE_RULES, largest, limits.largest_weight))
    if reasons:
        return Refusal(tuple(reasons))
    (one, first), (two, second) = found
    influence = first - second
    error = float(sqrt(np.square(influence).sum()))
    value = float(one[-1] - two[-1])
    return Emulated(
        with_it=float(one[-1]),
        without=float(two[-1]),
        difference=Estimate(value, value - Z * error, value + Z * error, error),
        immortal_time=naive(followed.start <= followed.end, followed.outcome.astype(np.float64)),
        effective=effective,
        largest=largest,
        curves=np.stack([one, two]),
        people=len(followed.start),
    )


def _starting(followed: Followed, there: Flags, times: Whole) -> tuple[Real, Real, Real]:
    """The chance of starting in each interval of those who have not; rows: each person's score; scores: the
    inverse information, by which estimated weights are accounted for."""
    import statsmodels.api as sm

    people, columns = followed.covariates.shape[0], with_constant(followed.covariates)
    at_risk = there & (times[None, :] <= followed.start[:, None])
    person, time = np.nonzero(at_risk)
    happened = (followed.start[person] == time).astype(np.float64)
    scaled = (time - times.mean()) / max(len(times), 2)
    design = np.column_stack([columns[person], scaled, scaled**2])
    fit = sm.GLM(happened, design, family=sm.families.Binomial()).fit()
    everything = np.column_stack(
        [
            np.repeat(columns, len(times), axis=0),
            np.tile((times - times.mean()) / max(len(times), 2), people),
            np.tile(((times - times.mean()) / max(len(times), 2)) ** 2, people),
        ]
    )
    chance = 1 / (1 + np.exp(-np.clip(everything @ fit.params, -30, 30)))
    scores = np.zeros((people, design.shape[1]))
    np.add.at(scores, person, design * (happened - fit.fittedvalues)[:, None])
    inverse = np.linalg.pinv(scores.T @ scores).astype(np.float64)
    return chance.reshape(people, len(times)), scores, inverse


def _start_within(followed: Followed, hazard: Real, grace: int, times: Whole) -> Real:
    """Weights of the arm that starts within the grace period: 0 once it is over and they have not."""
    left = np.where(times <= grace, 1 / np.maximum(grace - times + 1, 1), 0.0)
    waiting = times[None, :] < followed.start[:, None]
    starting = times[None, :] == followed.start[:, None]
    factor: Real = np.where(waiting & (times <= grace), (1 - left) / (1 - hazard), 1.0)
    factor = np.where(starting, np.where(times <= grace, left / hazard, 0.0), factor)
    return np.cumprod(factor, axis=1).astype(np.float64)


def _never_start(followed: Followed, hazard: Real, times: Whole) -> Real:
    """Weights of the arm that never starts: 0 from the start on."""
    factor: Real = np.where(times[None, :] < followed.start[:, None], 1 / (1 - hazard), 0.0)
    return np.cumprod(factor, axis=1).astype(np.float64)


def _risk(weights: Real, events: Flags, rows: Real, scores: Real) -> tuple[Real, Real]:
    """The weighted risk by interval, and each person's influence on the last one, with what the estimation of
    the weights takes off it (the residual on the scores of their model)."""
    at_risk = np.maximum(weights.sum(axis=0), 1e-12)
    hazard = (weights * events).sum(axis=0) / at_risk
    survival = np.cumprod(1 - hazard)
    own = weights * (events - hazard) / at_risk / np.maximum(1 - hazard, 1e-12)
    influence = survival[-1] * own.sum(axis=1)
    influence = influence - rows @ (scores @ (rows.T @ influence))
    return 1 - survival, influence


def _concentration(weights: Real) -> tuple[float, float]:
    total = np.maximum(weights.sum(axis=0), 1e-12)
    effective = total[-1] ** 2 / np.maximum(np.square(weights[:, -1]).sum(), 1e-12)
    counted = max(int((weights[:, -1] > 0).sum()), 1)
    return float(effective / counted), float((weights.max(axis=0) / total).max())
