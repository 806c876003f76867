"""Two groups compared as if they had been drawn by lot: augmented inverse probability weighting, and plain
weighting beside it.

The augmented estimator (Robins, Rotnitzky and Zhao 1994) is right when either the model of who is treated or
the model of the outcome is. Its variance is that of its influence function; that of plain weighting takes
into account that the weights were estimated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np

from bedside.knowledge.study_policy import OverlapLimits
from bedside.learn.estimate import Estimate, Reason, Refusal, Why
from bedside.learn.shares import Z
from bedside.learn.studies.balance import Flags, Overlap, Real, overlap, too_little
from bedside.learn.studies.propensity import (
    Propensity,
    Whom,
    logistic,
    propensity,
    slopes_of,
    weights_of,
    with_constant,
)


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of two groups made comparable. with_it, without: the mean outcome of each (a risk, where the
    outcome is yes or no). difference: with minus without. ratio: None where a mean is not above 0.
    influence: each person's share in the difference. naive: the difference with nothing made comparable."""

    whom: Whom
    with_it: float
    without: float
    difference: Estimate
    ratio: Estimate | None
    naive: Estimate
    overlap: Overlap
    people: int
    influence: Real


def compare(
    treated: Flags,
    outcome: Real,
    covariates: Real,
    names: Sequence[str],
    limits: OverlapLimits,
    whom: Whom = Whom.EVERYBODY,
    augmented: bool = True,
) -> Compared | Refusal:
    """The effect of the exposure, or why it cannot be told. outcome: 0 and 1, or any number; no missing
    values. Raises ValueError for a missing value or arrays that do not fit together."""
    if not (len(treated) == len(outcome) == len(covariates) and np.isfinite(covariates).all()):
        raise ValueError("there must be one outcome and one row of known covariates for each person")
    if not np.isfinite(outcome).all():
        raise ValueError("an outcome is not known")
    ones, others = int(treated.sum()), int((~treated).sum())
    few = [
        Reason(why, have, limits.least_people)
        for why, have in ((Why.TOO_FEW_TREATED, ones), (Why.TOO_FEW_UNTREATED, others))
        if have < limits.least_people
    ]
    if few:
        return Refusal(tuple(few))
    fitted = propensity(treated, covariates)
    weights = weights_of(treated, fitted.chance, whom)
    seen = overlap(treated, covariates, names, fitted.chance, weights, limits.tail)
    refused = too_little(seen, limits)
    if refused is not None:
        return refused
    if augmented and whom is not Whom.OVERLAP:
        one, two, first, second = _augmented(treated, outcome, covariates, fitted.chance, whom)
    else:
        one, two, first, second = _weighted(treated, outcome, fitted, weights, whom)
    return Compared(
        whom=whom,
        with_it=one,
        without=two,
        difference=_difference(one - two, first - second),
        ratio=_ratio(one, two, first, second),
        naive=naive(treated, outcome),
        overlap=seen,
        people=len(treated),
        influence=first - second,
    )


def naive(treated: Flags, outcome: Real) -> Estimate:
    """The difference of the groups as they are."""
    one, two = outcome[treated], outcome[~treated]
    error = sqrt(one.var(ddof=1) / len(one) + two.var(ddof=1) / len(two))
    value = float(one.mean() - two.mean())
    return Estimate(value, value - Z * error, value + Z * error, error)


def _augmented(
    treated: Flags, outcome: Real, covariates: Real, chance: Real, whom: Whom
) -> tuple[float, float, Real, Real]:
    design = with_constant(covariates)
    if whom is Whom.TREATED:
        expected = expected_in(design, outcome, ~treated)
        share, odds = treated.mean(), chance / (1 - chance)
        one = float(outcome[treated].mean())
        values = (treated * expected + ~treated * odds * (outcome - expected)) / share
        two = float(values.mean())
        return one, two, treated * (outcome - one) / share, values - treated / share * two
    with_it, without = expected_in(design, outcome, treated), expected_in(design, outcome, ~treated)
    first = with_it + treated / chance * (outcome - with_it)
    second = without + ~treated / (1 - chance) * (outcome - without)
    one, two = float(first.mean()), float(second.mean())
    return one, two, first - one, second - two


def expected_in(design: Real, outcome: Real, group: Flags) -> Real:
    """The outcome expected of everybody had they been in this group."""
    import statsmodels.api as sm

    if bool(np.isin(outcome, (0.0, 1.0)).all()):
        return logistic(design[group], outcome[group], np.ones(int(group.sum())), design)
    found: Real = design @ sm.OLS(outcome[group], design[group]).fit().params
    return found


def _weighted(
    treated: Flags, outcome: Real, fitted: Propensity, weights: Real, whom: Whom
) -> tuple[float, float, Real, Real]:
    slopes = slopes_of(treated, fitted.chance, whom)
    found = []
    for group in (treated, ~treated):
        total = float(weights[group].sum())
        mean = float((weights * outcome)[group].sum() / total)
        own = group * (outcome - mean) * len(outcome) / total
        moves = (fitted.design * (own * slopes)[:, None]).mean(axis=0)
        found.append((mean, own * weights + len(outcome) * (fitted.influence @ moves)))
    (one, first), (two, second) = found
    return one, two, first, second


def _difference(value: float, influence: Real) -> Estimate:
    error = float(influence.std(ddof=1) / sqrt(len(influence)))
    return Estimate(value, value - Z * error, value + Z * error, error)


def _ratio(one: float, two: float, first: Real, second: Real) -> Estimate | None:
    if one <= 0 or two <= 0:
        return None
    error = float((first / one - second / two).std(ddof=1) / sqrt(len(first)))
    value = log(one / two)
    return Estimate(exp(value), exp(value - Z * error), exp(value + Z * error), error)
