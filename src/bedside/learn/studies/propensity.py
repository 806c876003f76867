"""The chance of being treated, given what was known before, and the weights made of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from bedside.learn.studies.balance import Flags, Real


class Whom(Enum):
    """For whom the effect is asked (the estimand's population)."""

    EVERYBODY = "everybody"
    TREATED = "those treated"
    OVERLAP = "those who could have been either"


@dataclass(frozen=True, slots=True)
class Propensity:
    """Chances of treatment by logistic regression. influence: each person's share in the coefficients."""

    chance: Real
    design: Real
    influence: Real


def with_constant(covariates: Real) -> Real:
    """The covariates standardised, with a column of ones before them; constant ones are left out."""
    spread = covariates.std(axis=0)
    kept = covariates[:, spread > 0]
    return np.column_stack([np.ones(len(covariates)), (kept - kept.mean(axis=0)) / spread[spread > 0]])


def propensity(treated: Flags, covariates: Real) -> Propensity:
    """Fitted by maximum likelihood. Where the covariates tell the groups apart without fail, the chances run
    to 0 and 1 and the overlap shows it. Raises ValueError when a group is empty."""
    if treated.all() or not treated.any():
        raise ValueError("there must be people with and people without the exposure")
    design = with_constant(covariates)
    chance = logistic(design, treated.astype(np.float64), np.ones(len(treated)))
    information = (design.T * (chance * (1 - chance))) @ design
    influence = (design * (treated - chance)[:, None]) @ np.linalg.pinv(information)
    return Propensity(chance, design, influence)


def logistic(design: Real, outcome: Real, weights: Real, of: Real | None = None) -> Real:
    """The fitted chances of a logistic regression, for the rows of `of` (default: its own). Chances stay
    within one in a million of 0 and 1."""
    import statsmodels.api as sm

    rows = design if of is None else of
    if outcome.min() == outcome.max():
        return np.full(len(rows), float(outcome[0]))
    fit = sm.GLM(outcome, design, family=sm.families.Binomial(), freq_weights=weights).fit(maxiter=50)
    found: Real = np.clip(1 / (1 + np.exp(-np.clip(rows @ fit.params, -40, 40))), 1e-6, 1 - 1e-6)
    return found


def weights_of(treated: Flags, chance: Real, whom: Whom) -> Real:
    """Each person's weight for a population."""
    if whom is Whom.EVERYBODY:
        return np.where(treated, 1 / chance, 1 / (1 - chance))
    if whom is Whom.TREATED:
        return np.where(treated, 1.0, chance / (1 - chance))
    return np.where(treated, 1 - chance, chance)


def slopes_of(treated: Flags, chance: Real, whom: Whom) -> Real:
    """How each weight moves with the logit of the chance."""
    if whom is Whom.EVERYBODY:
        return np.where(treated, -(1 - chance) / chance, chance / (1 - chance))
    if whom is Whom.TREATED:
        return np.where(treated, 0.0, chance / (1 - chance))
    return np.where(treated, -chance * (1 - chance), chance * (1 - chance))


def within(chance: Real, low: float) -> Flags:
    """Who is kept when those with a chance below `low` or above one minus it are cut off (Crump)."""
    return (chance >= low) & (chance <= 1 - low)
