"""What an analysis finds where nothing can be found: other outcomes, people whom the exposure cannot help,
and exposures drawn by lot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from math import exp, log, sqrt

import numpy as np

from bedside.learn.estimate import Estimate, Reason, Refusal, Why
from bedside.learn.shares import Z
from bedside.learn.studies.balance import Flags, Real
from bedside.learn.studies.comparison import expected_in
from bedside.learn.studies.propensity import propensity, with_constant


@dataclass(frozen=True, slots=True)
class Calibration:
    """The systematic error that negative controls show: its mean and spread, as logarithms of ratios
    (Schuemie 2014)."""

    mean: float
    spread: float
    controls: int

    def calibrated(self, ratio: Estimate) -> Estimate:
        """A ratio with the systematic error taken off and its doubt added to the interval."""
        value = log(ratio.value) - self.mean
        error = sqrt(ratio.error**2 + self.spread**2)
        return Estimate(exp(value), exp(value - Z * error), exp(value + Z * error), error)


def calibrate(controls: Sequence[Estimate], least: int) -> Calibration | Refusal:
    """Fits the systematic error by maximum likelihood. controls: ratios of outcomes that the exposure cannot
    cause or prevent."""
    from scipy.optimize import minimize

    if len(controls) < least:
        return Refusal((Reason(Why.TOO_FEW_EVENTS, len(controls), least),))
    values = np.array([log(one.value) for one in controls])
    errors = np.array([one.error for one in controls])

    def cost(at: Real) -> float:
        variance = errors**2 + at[1] ** 2
        return float((np.log(variance) + np.square(values - at[0]) / variance).sum())

    start = np.array([values.mean(), max(values.std(), 0.01)])
    found = minimize(cost, start, method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10}).x
    return Calibration(float(found[0]), abs(float(found[1])), len(controls))


class ControlGroup(Enum):
    """What people show whom the exposure cannot help (those without an actionable genotype)."""

    SAME_EFFECT = "the control group shows the same effect: it is not due to acting on the genotype"
    NO_EFFECT = "the control group shows no effect, and the difference between the groups is clear"
    UNCLEAR = "the control group shows no clear effect, but the two groups cannot be told apart"


@dataclass(frozen=True, slots=True)
class ControlGroupCheck:
    """The effect in both groups, their difference, and what to say first. Scales as given."""

    verdict: ControlGroup
    actionable: Estimate
    control: Estimate
    difference: Estimate


def control_group(actionable: Estimate, control: Estimate) -> ControlGroupCheck:
    """Holds the effect among those with an actionable genotype against that among those without. Both are
    differences (of risks, of logarithms); the groups have nobody in common."""
    error = sqrt(actionable.error**2 + control.error**2)
    value = actionable.value - control.value
    between = Estimate(value, value - Z * error, value + Z * error, error)
    alike = not control.holds(0.0) and (control.value > 0) == (actionable.value > 0)
    if alike and between.holds(0.0):
        verdict = ControlGroup.SAME_EFFECT
    elif between.holds(0.0) or not control.holds(0.0):
        verdict = ControlGroup.UNCLEAR
    else:
        verdict = ControlGroup.NO_EFFECT
    return ControlGroupCheck(verdict, actionable, control, between)


@dataclass(frozen=True, slots=True)
class Placebo:
    """What exposures drawn by lot within strata of propensity find. mean and spread of their effects (the
    mean must be near 0: else the analysis itself makes an effect); chance: how often one is as large as the
    effect found."""

    mean: float
    spread: float
    chance: float
    draws: int
    seed: int


def placebo(
    treated: Flags, outcome: Real, covariates: Real, seed: int, draws: int = 200, strata: int = 10
) -> Placebo:
    """Permutes who was exposed within strata of propensity, and estimates the effect again each time with the
    propensity that belongs to the permuted exposure: the share of its stratum, and outcome models fitted
    anew. (A test that keeps the propensity of the real exposure finds an effect where there is none.)"""
    chance = propensity(treated, covariates).chance
    edges = np.quantile(chance, np.linspace(0, 1, strata + 1)[1:-1])
    stratum = np.searchsorted(edges, chance)
    design = with_constant(covariates)
    people = np.bincount(stratum, minlength=strata)
    share = np.bincount(stratum, treated, strata) / np.maximum(people, 1)  # few distinct chances leave gaps
    usable = np.isin(stratum, np.flatnonzero((share > 0) & (share < 1)))
    treated, outcome, design, stratum = treated[usable], outcome[usable], design[usable], stratum[usable]
    known = np.clip(share[stratum], 1e-6, 1 - 1e-6)
    random = np.random.default_rng(seed)
    pooled = expected_in(design, outcome, np.ones(len(treated), bool))

    def effect(flags: Flags) -> float:
        left = outcome - pooled
        return float(np.mean(flags / known * left - ~flags / (1 - known) * left))

    found = []
    for _ in range(draws):
        order = np.lexsort((random.random(len(treated)), stratum))
        flags = np.empty(len(treated), bool)
        flags[np.argsort(stratum, kind="stable")] = treated[order]
        found.append(effect(flags))
    seen = np.array(found)
    extreme = int((np.abs(seen) >= abs(effect(treated))).sum())
    return Placebo(float(seen.mean()), float(seen.std()), (1 + extreme) / (draws + 1), draws, seed)
