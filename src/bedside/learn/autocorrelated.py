"""A straight line through a short series whose errors follow one another.

Newey and West's interval is far too short for the forty or fifty months that a hospital has (docs/evidence.md
shows the figures). Here the first-order autocorrelation and the dispersion are estimated by restricted
likelihood and the interval is averaged over every autocorrelation in proportion to its likelihood, so that
not knowing it widens the interval.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bedside.learn.estimate import Estimate

Real = npt.NDArray[np.float64]
AUTOCORRELATIONS: Real = np.arange(-4, 20) / 20
"""What is looked at: -0.2 to 0.95."""


@dataclass(frozen=True, slots=True)
class LineFit:
    """One generalised least squares fit for each autocorrelation. likelihood: their shares, sum 1;
    coefficients: one row each; spread: covariance of the coefficients; degrees: of freedom."""

    likelihood: Real
    coefficients: Real
    spread: npt.NDArray[np.float64]
    degrees: int

    @property
    def autocorrelation(self) -> float:
        """The mean autocorrelation."""
        return float(self.likelihood @ AUTOCORRELATIONS)

    def estimate(self, contrast: Real) -> Estimate:
        """A weighted sum of the coefficients; its interval: quantiles of the mixture of t distributions."""
        from scipy.optimize import brentq
        from scipy.stats import t

        place = self.coefficients @ contrast
        scale = np.sqrt(np.einsum("i,kij,j->k", contrast, self.spread, contrast))
        value = float(self.likelihood @ place)
        error = float(np.sqrt(self.likelihood @ (scale**2 + (place - value) ** 2)))

        def beyond(at: float, share: float) -> float:
            return float(self.likelihood @ t.cdf((at - place) / scale, self.degrees)) - share

        far = 1000 * error
        low, high = (brentq(beyond, value - far, value + far, args=(share,)) for share in (0.025, 0.975))
        return Estimate(value, float(low), float(high), error)


def fit_line(
    times: Real, design: Real, response: Real, weights: Real, least_dispersion: float = 1.0
) -> LineFit:
    """Fits response = design · coefficients, variance dispersion / weights, errors the more alike the nearer
    in time. times: whole numbers, rising; gaps are taken into account. least_dispersion: 1 for counts, which
    scatter at least as chance does. Raises ValueError when the columns cannot be told apart or leave no
    degrees of freedom."""
    rows, columns = design.shape
    degrees = rows - columns
    if degrees < 1 or np.linalg.matrix_rank(design) < columns:
        raise ValueError("the columns of the design cannot be told apart")
    root = np.sqrt(weights)
    one, two, gaps = design * root[:, None], response * root, np.diff(times)
    likelihood, coefficients, spread = [], [], []
    for rho in AUTOCORRELATIONS:
        x, y = _whiten(one, rho**gaps), _whiten(two, rho**gaps)
        gram = x.T @ x
        inverse = np.linalg.inv(gram)
        found = inverse @ (x.T @ y)
        rest = float(np.square(y - x @ found).sum())
        dispersion = max(rest / degrees, least_dispersion)
        log_likelihood = -degrees / 2 * np.log(max(rest, 1e-300)) - np.linalg.slogdet(gram)[1] / 2
        likelihood.append(log_likelihood - np.log(1 - rho ** (2 * gaps)).sum() / 2)
        coefficients.append(found)
        spread.append(inverse * dispersion)
    share = np.exp(np.array(likelihood) - max(likelihood))
    return LineFit(share / share.sum(), np.array(coefficients), np.array(spread), degrees)


def _whiten(values: Real, alike: Real) -> Real:
    out = values.copy()
    before, root = values[:-1], np.sqrt(1 - alike**2)
    out[1:] = ((values[1:].T - alike * before.T) / root).T
    return out
