"""Shares of small groups, drawn towards the share of the larger group they belong to (beta-binomial).

A group of four of whom three accepted says little; it is told as a share near that of its rule, with an
interval that shows how little is known. How strongly groups are drawn together is estimated from how much
they differ (Casella 1985; the beta-binomial of Skellam 1948).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from bedside.learn.shares import Share

K = TypeVar("K")
HALF = 0.5
"""As Jeffreys."""
STRENGTHS = (1.0, 400.0)
"""The prior counts for no fewer people than the first and no more than the second."""


@dataclass(frozen=True, slots=True)
class Shrunk:
    """A share after shrinkage, with the 95 % interval of its posterior."""

    value: float
    low: float
    high: float


def strength(counts: Mapping[K, Share], mean: Mapping[K, float]) -> float:
    """For how many observations the larger group's share counts: by maximum likelihood, within STRENGTHS."""
    from scipy.optimize import minimize_scalar
    from scipy.special import betaln

    told = [(one.count, one.of, mean[key]) for key, one in counts.items() if one.of > 0]
    if len(told) < 2:
        return STRENGTHS[0] * 2
    yes, of, share = (np.asarray(column, dtype=np.float64) for column in zip(*told, strict=True))

    def loss(log: float) -> float:
        a, b = share * np.exp(log), (1 - share) * np.exp(log)
        return -float((betaln(yes + a, of - yes + b) - betaln(a, b)).sum())

    low, high = np.log(STRENGTHS)
    return float(np.exp(minimize_scalar(loss, bounds=(low, high), method="bounded").x))


def shrink(share: Share, mean: float, weight: float) -> Shrunk:
    """One group's share, drawn towards `mean` as if that had been seen in `weight` observations. Half an
    observation each way is added, so that a group at 0 or 1 is not told as certain."""
    from scipy.stats import beta

    a = share.count + mean * weight + HALF
    b = share.of - share.count + (1 - mean) * weight + HALF
    low, high = beta.ppf((0.025, 0.975), a, b)
    return Shrunk(a / (a + b), float(low), float(high))


def shrink_all(counts: Mapping[K, Share], within: Mapping[K, str]) -> dict[K, Shrunk]:
    """Every group's share, drawn to that of its larger group (`within`), which is itself drawn to all."""
    every = sum(one.count for one in counts.values()), sum(one.of for one in counts.values())
    overall = (every[0] + 1) / (every[1] + 2)
    larger: dict[str, Share] = {}
    for key, one in counts.items():
        held = larger.get(within[key], Share(0, 0))
        larger[within[key]] = Share(held.count + one.count, held.of + one.of)
    flat = dict.fromkeys(larger, overall)
    weight = strength(larger, flat)
    means = {name: shrink(one, overall, weight).value for name, one in larger.items()}
    mean = {key: means[within[key]] for key in counts}
    inner = strength(counts, mean)
    return {key: shrink(one, mean[key], inner) for key, one in counts.items()}
