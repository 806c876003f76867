"""Stepped wedge: clinics switch over one after the other, in an order drawn by lot.

Period effects are fixed, clinics random (Hussey and Hughes 2007). With a dozen clinics the textbook interval
is too short; ours turns round the lot itself: the effects that a permutation of the clinics' dates would not
find surprising.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bedside.learn.estimate import Estimate, Reason, Refusal, Why
from bedside.learn.shares import Z
from bedside.learn.studies.balance import Real

Whole = npt.NDArray[np.int64]
PERMUTATIONS = 999


@dataclass(frozen=True, slots=True)
class Wedge:
    """Sums and numbers of people by clinic (row) and period (column). switched: the first period of each
    clinic with the intervention (periods if never)."""

    total: Real
    people: Real
    switched: Whole

    @property
    def treated(self) -> Real:
        """1 where a clinic has the intervention."""
        periods = np.arange(self.total.shape[1])
        return (periods[None, :] >= self.switched[:, None]).astype(np.float64)


@dataclass(frozen=True, slots=True)
class WedgeEffect:
    """The difference of means (of shares, where the outcome is yes or no). chance: how often a permuted lot
    finds as much; seed: of the permutations. alike: how alike a clinic's people are (intracluster
    correlation of the clinic-period means' model). model: with the textbook interval; naive: with people
    counted as independent and time left out; both to be shown beside."""

    difference: Estimate
    chance: float
    seed: int
    alike: float
    model: Estimate
    naive: Estimate
    clusters: int


def stepped_wedge(wedge: Wedge, least_clusters: int, seed: int) -> WedgeEffect | Refusal:
    """The effect of the intervention. Raises ValueError when a clinic has nobody in a period."""
    clusters, periods = wedge.total.shape
    if not (wedge.people > 0).all():
        raise ValueError("every clinic must have people in every period")
    sequences = len(np.unique(np.minimum(wedge.switched, periods)))
    if clusters < least_clusters or sequences < 2:
        return Refusal((Reason(Why.TOO_FEW_CLUSTERS, clusters if sequences > 1 else 1, least_clusters),))
    means, treated = wedge.total / wedge.people, wedge.treated
    weights = wedge.people / wedge.people.mean()
    between, value, error = _mixed(means, treated, weights)
    operator = _operator(weights, between)
    random = np.random.default_rng(seed)
    orders = np.stack([random.permutation(clusters) for _ in range(PERMUTATIONS)])
    lots = treated[orders].reshape(PERMUTATIONS, -1)
    contrasts = lots @ operator
    scale = np.einsum("pi,pi->p", contrasts, lots)
    contrasts = contrasts / np.where(scale > 1e-12, scale, np.inf)[:, None]
    found, moved = contrasts @ means.ravel(), contrasts @ treated.ravel()
    low, high = _interval(value, found, moved, max(error, 1e-9))
    chance = (1 + int((np.abs(found) >= abs(value) - 1e-12).sum())) / (PERMUTATIONS + 1)
    return WedgeEffect(
        difference=Estimate(value, low, high, (high - low) / (2 * Z)),
        chance=chance,
        seed=seed,
        alike=between / (between + 1),
        model=Estimate(value, value - Z * error, value + Z * error, error),
        naive=_naive(wedge),
        clusters=clusters,
    )


def _operator(weights: Real, between: float) -> Real:
    """What takes clinics and periods out of the cells: V⁻¹ less its projection on the periods."""
    clusters, periods = weights.shape
    inverse = np.zeros((weights.size, weights.size))
    for clinic in range(clusters):
        here = slice(clinic * periods, (clinic + 1) * periods)
        inverse[here, here] = np.linalg.inv(np.diag(1 / weights[clinic]) + between)
    columns = np.tile(np.eye(periods), (clusters, 1))
    middle = inverse @ columns
    return inverse - middle @ np.linalg.solve(columns.T @ middle, middle.T)


def _mixed(means: Real, treated: Real, weights: Real) -> tuple[float, float, float]:
    """Restricted likelihood over the ratio of the clinics' variance to that of a cell of mean size: the
    ratio, the effect and its model error."""
    size, periods = means.size, means.shape[1]
    degrees = size - periods - 1
    best = (-np.inf, 0.0, 0.0, 0.0)
    for between in np.concatenate(([0.0], np.geomspace(0.02, 20, 24))):
        operator = _operator(weights, between)
        information = float(treated.ravel() @ operator @ treated.ravel())
        effect = float(treated.ravel() @ operator @ means.ravel()) / information
        left = means.ravel() - effect * treated.ravel()
        variance = float(left @ operator @ left) / degrees
        blocks = [np.diag(1 / row) + between for row in weights]
        log_v = sum(np.linalg.slogdet(block)[1] for block in blocks)
        gram = sum(np.linalg.inv(block) for block in blocks)
        log_x = np.linalg.slogdet(gram)[1] + np.log(information)
        likelihood = -(degrees * np.log(max(variance, 1e-300)) + log_v + log_x) / 2
        if likelihood > best[0]:
            best = (likelihood, between, effect, float(np.sqrt(variance / information)))
    return best[1], best[2], best[3]


def _interval(value: float, found: Real, moved: Real, error: float) -> tuple[float, float]:
    """The effects that the permutations do not find surprising at 5 %, outwards from the estimate."""
    ends = []
    for side in (-1.0, 1.0):
        near, far = value, value + side * 40 * error
        for _ in range(40):
            middle = (near + far) / 2
            extreme = (np.abs(found - middle * moved) >= abs(value - middle) - 1e-12).sum()
            if (1 + extreme) / (len(found) + 1) > 0.05:
                near = middle
            else:
                far = middle
        ends.append(near)
    return ends[0], ends[1]


def _naive(wedge: Wedge) -> Estimate:
    on = wedge.treated > 0
    one, two = (float(wedge.total[part].sum() / wedge.people[part].sum()) for part in (on, ~on))
    spread = [
        max(mean * (1 - mean), 0.0) / wedge.people[part].sum() for mean, part in ((one, on), (two, ~on))
    ]
    error = float(np.sqrt(sum(spread)))
    return Estimate(one - two, one - two - Z * error, one - two + Z * error, error)
