"""What a polygenic sum is expected to be for somebody of an ancestry, and whether the reference knows that
ancestry at all.

A sum means nothing by itself: its average and its spread move with ancestry, for reasons that have nothing to
do with the trait. Both are fitted on a reference panel as smooth functions of principal components (the mean
by least squares, the logarithm of the variance by a gamma regression), as `pgsc_calc` does in its `Z_norm2`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bedside.knowledge.polygenic_panel import Panel

Floats = NDArray[np.float64]

_ROUNDS = 200
_SETTLED = 1e-10
_SMALLEST = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Adjustment:
    """The fitted panel. center, scale: of the components. mean, spread: coefficients of the expected sum and
    of the logarithm of its variance. inverse: of the normal equations, for the fit's own uncertainty.
    middles, shapes: each group's centre and inverse covariance. limit: the farthest that people of the panel
    stand from the nearest group, at the policy's quantile.
    """

    release: str
    score: str
    people: int
    sites: int
    center: Floats
    scale: Floats
    mean: Floats
    spread: Floats
    inverse: Floats
    middles: Floats
    shapes: Floats
    limit: float

    def standardised(self, sums: Floats, components: Floats) -> tuple[Floats, Floats]:
        """For each person the sum in standard deviations from what is expected of the ancestry, and the
        standard error that the fit itself leaves on that."""
        design = _design((components - self.center) / self.scale)
        z = (sums - design @ self.mean) / np.exp(design @ self.spread / 2)
        leverage = np.einsum("ij,jk,ik->i", design, self.inverse, design)
        return z, np.sqrt(leverage * (1 + z * z / 2))

    def distances(self, components: Floats) -> Floats:
        """For each person the Mahalanobis distance from the nearest group of the panel."""
        return _nearest(components, self.middles, self.shapes)


def fit(panel: Panel, components: int, quantile: float) -> Adjustment:
    """Fit mean and variance on the first components of a panel. Raises ValueError when the panel is too small
    or its components do not vary."""
    used = panel.components[:, :components]
    if used.shape[1] < components:
        raise ValueError(f"the panel has {used.shape[1]} components where {components} are needed")
    if len(used) < 10 * (components + 1):
        raise ValueError(f"{len(used)} people are too few to fit {components} components")
    if not (np.isfinite(used).all() and np.isfinite(panel.sums).all()):
        raise ValueError("a sum or a component of the panel is not a number")
    center, scale = used.mean(axis=0), used.std(axis=0)
    if (scale < _SMALLEST).any():
        raise ValueError("a component of the panel is the same for everybody")
    design = _design((used - center) / scale)
    inverse = np.linalg.inv(design.T @ design).astype(np.float64)
    mean = np.linalg.lstsq(design, panel.sums, rcond=None)[0].astype(np.float64)
    spread = _log_variance(design, (panel.sums - design @ mean) ** 2)
    middles, shapes = _groups(used, panel.groups)
    limit = float(np.quantile(_nearest(used, middles, shapes), quantile))
    return Adjustment(
        release=panel.release,
        score=panel.score,
        people=len(used),
        sites=panel.sites,
        center=center,
        scale=scale,
        mean=mean,
        spread=spread,
        inverse=inverse,
        middles=middles,
        shapes=shapes,
        limit=limit,
    )


def _design(components: Floats) -> Floats:
    return np.column_stack((np.ones(len(components)), components))


def _log_variance(design: Floats, squares: Floats) -> Floats:
    """Gamma regression with a logarithmic link, by iterated least squares (its weights are all one)."""
    squares = np.maximum(squares, _SMALLEST)
    found: Floats = np.zeros(design.shape[1])
    found[0] = np.log(squares.mean())
    for _ in range(_ROUNDS):
        predicted = design @ found
        working = predicted + np.minimum(squares / np.exp(predicted) - 1, 50.0)
        following = np.linalg.lstsq(design, working, rcond=None)[0].astype(np.float64)
        if np.abs(following - found).max() < _SETTLED:
            return following
        found = following
    raise ValueError("the variance of the sums could not be fitted")


def _groups(components: Floats, groups: tuple[str, ...]) -> tuple[Floats, Floats]:
    names = np.array(groups)
    middles, shapes = [], []
    for name in sorted(set(groups)):
        members = components[names == name]
        if len(members) < 2 * components.shape[1]:
            raise ValueError(f"group {name} has too few people to know its shape")
        middles.append(members.mean(axis=0))
        shapes.append(np.linalg.inv(np.cov(members, rowvar=False).reshape(components.shape[1], -1)))
    return np.array(middles), np.array(shapes)


def _nearest(components: Floats, middles: Floats, shapes: Floats) -> Floats:
    away = components[:, None, :] - middles[None, :, :]
    squares = np.einsum("pgi,gij,pgj->pg", away, shapes, away)
    nearest: Floats = np.sqrt(squares.min(axis=1))
    return nearest
