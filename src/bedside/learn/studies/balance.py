"""Whether two groups can be compared: their overlap, the weights that make them alike, and what is left of
the difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bedside.knowledge.study_policy import OverlapLimits
from bedside.learn.estimate import Reason, Refusal, Why

Real = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Difference:
    """A covariate's standardised mean difference, treated minus untreated, before and after weighting. The
    standard deviation is that before weighting in both places."""

    name: str
    treated: float
    untreated: float
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Overlap:
    """How far the groups overlap. outside: share of people whose propensity lies beyond that of nearly all
    of the other group. effective: the least share of a group that its weights leave, by Kish. largest: the
    largest share of a group's weight that one person has."""

    treated: int
    untreated: int
    outside: float
    effective: float
    largest: float
    differences: tuple[Difference, ...]

    @property
    def worst(self) -> float:
        """The largest absolute standardised difference after weighting."""
        return max((abs(one.after) for one in self.differences), default=0.0)


def overlap(
    treated: Flags, covariates: Real, names: Sequence[str], propensity: Real, weights: Real, tail: float
) -> Overlap:
    """The overlap at given propensities and weights. tail: this share at either end of the other group does
    not count as support."""
    ones, others = propensity[treated], propensity[~treated]
    low, high = np.quantile(others, (tail, 1 - tail))
    beyond = int(((ones < low) | (ones > high)).sum())
    low, high = np.quantile(ones, (tail, 1 - tail))
    beyond += int(((others < low) | (others > high)).sum())
    shares = [_share(weights[group]) for group in (treated, ~treated)]
    return Overlap(
        treated=int(treated.sum()),
        untreated=int((~treated).sum()),
        outside=beyond / len(treated),
        effective=min(share for share, _ in shares),
        largest=max(largest for _, largest in shares),
        differences=differences(treated, covariates, names, weights),
    )


def _share(weights: Real) -> tuple[float, float]:
    total = weights.sum()
    if total <= 0:
        return 0.0, 1.0
    return float(total**2 / np.square(weights).sum() / len(weights)), float(weights.max() / total)


def differences(
    treated: Flags, covariates: Real, names: Sequence[str], weights: Real
) -> tuple[Difference, ...]:
    """The standardised mean differences of every covariate."""
    found = []
    for name, values in zip(names, covariates.T, strict=True):
        one, two = values[treated], values[~treated]
        spread = float(np.sqrt((one.var() + two.var()) / 2))
        after = np.average(one, weights=weights[treated]) - np.average(two, weights=weights[~treated])
        found.append(
            Difference(
                name,
                float(one.mean()),
                float(two.mean()),
                float((one.mean() - two.mean()) / spread) if spread else 0.0,
                float(after / spread) if spread else 0.0,
            )
        )
    return tuple(found)


def too_little(found: Overlap, limits: OverlapLimits) -> Refusal | None:
    """The refusal where the overlap does not keep the policy's limits; every limit that is not kept."""
    below = (
        (Why.TOO_FEW_TREATED, float(found.treated), float(limits.least_people)),
        (Why.TOO_FEW_UNTREATED, float(found.untreated), float(limits.least_people)),
        (Why.FEW_EFFECTIVE, found.effective, limits.least_effective),
    )
    above = (
        (Why.NO_COUNTERPART, found.outside, limits.most_outside),
        (Why.ONE_RULES, found.largest, limits.largest_weight),
        (Why.NOT_BALANCED, found.worst, limits.largest_difference),
    )
    reasons = [Reason(why, have, limit) for why, have, limit in below if have < limit]
    reasons += [Reason(why, have, limit) for why, have, limit in above if have > limit]
    return Refusal(tuple(reasons)) if reasons else None
