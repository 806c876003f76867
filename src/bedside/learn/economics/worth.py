"""What it would be worth to know one input exactly, and nothing else (EVPPI), from the draws of everything.

The benefit of each strategy is smoothed over the values of the input (regression on a cubic spline; Strong,
Oakley and Brennan, Med Decis Making 2014): what is left is what the input alone decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bedside.knowledge.economic_model import EconomicModel
from bedside.learn.economics.draws import Floats, Numbers
from bedside.learn.economics.outcomes import Outcome

KNOTS = 5
"""Inner knots of the spline, at even shares of the draws."""
LEAST = 200
"""With fewer draws nothing is smoothed: a spline would take chance for knowledge."""


@dataclass(frozen=True, slots=True)
class Worth:
    """An input with the worth of knowing it exactly, a person, in the model's money, and the error that comes
    from drawing only so many times (one standard error)."""

    input: str
    title: str
    value: float
    error: float


def worth_of_knowing(
    model: EconomicModel, numbers: Numbers, found: Mapping[str, Outcome], threshold: float
) -> tuple[Worth, ...]:
    """Each input in doubt, the most worth first; () where a cost or effect is not known or the draws are few.
    numbers, found: the draws of the inputs and what came of them."""
    benefit = np.stack([threshold * one.effect - one.cost for one in found.values()], axis=1)
    if len(benefit) < LEAST or not np.isfinite(benefit).all():
        return ()
    benefit = benefit - benefit[:, :1]
    worths = []
    for one in model.inputs:
        values = numbers[one.name]
        if len(values) != len(benefit) or np.ptp(values) <= 0:
            continue
        smooth = _smoothed(values, benefit)
        lost = smooth.max(axis=1) - smooth[:, int(smooth.mean(axis=0).argmax())]
        error = float(lost.std(ddof=1) / np.sqrt(len(lost)))
        worths.append(Worth(one.name, one.title, float(lost.mean()), error))
    return tuple(sorted(worths, key=lambda one: (-one.value, one.input)))


def _smoothed(values: Floats, benefit: Floats) -> Floats:
    """The benefit of each strategy as a smooth function of one input."""
    place = (values - values.mean()) / values.std()
    knots = np.unique(np.quantile(place, np.linspace(0, 1, KNOTS + 2)[1:-1]))
    columns = [np.ones_like(place), place, place**2, place**3]
    columns += [np.maximum(place - knot, 0) ** 3 for knot in knots]
    basis = np.stack(columns, axis=1)
    weights, *_ = np.linalg.lstsq(basis, benefit, rcond=None)
    return np.asarray(basis @ weights)
