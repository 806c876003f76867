"""How sure a model is: many draws of everything that is not known exactly, and what follows from each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bedside.knowledge.economic_model import EconomicModel
from bedside.learn.economics.draws import HIGH, LOW, Floats, drawn
from bedside.learn.economics.outcomes import Outcome, outcomes


@dataclass(frozen=True, slots=True)
class Spread:
    """A number over the draws: mean, the middle 95 %, and the error of the mean that comes from drawing only
    so many times (one standard error)."""

    mean: float
    low: float
    high: float
    monte_carlo_error: float


@dataclass(frozen=True, slots=True)
class Against:
    """A strategy beside the comparator over the draws. saves: share of draws in which it costs less; better:
    in which it does more. effect, better: None where the effect is not known."""

    cost: Spread
    effect: Spread | None
    saves: float
    better: float | None


@dataclass(frozen=True, slots=True)
class AtThreshold:
    """At one price of a unit of effect: how often each strategy is best, which has the most expected benefit
    (the frontier), how often that one is best, and what it would be worth, a person, to know everything,
    with the error of drawing."""

    threshold: float
    best: Mapping[str, float]
    frontier: str
    evpi: float
    evpi_error: float


@dataclass(frozen=True, slots=True)
class Probabilistic:
    """All of it. thresholds: () where an effect is not known."""

    draws: int
    seed: int
    against: Mapping[str, Against]
    thresholds: tuple[AtThreshold, ...]
    outcomes: Mapping[str, Outcome]


def spread(values: Floats) -> Spread | None:
    """The spread of some draws; None where any of them is not known."""
    if not np.isfinite(values).all():
        return None
    low, high = np.quantile(values, [LOW, HIGH])
    error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0
    return Spread(float(values.mean()), float(low), float(high), error)


def probabilistic(model: EconomicModel, draws: int, seed: int) -> Probabilistic:
    """The model over so many draws; the same seed gives the same numbers."""
    found = outcomes(model, drawn(model, draws, seed), draws)
    old = found[model.comparator]
    against = {}
    for name, one in found.items():
        cost = spread(one.cost - old.cost)
        if name == model.comparator or cost is None:
            continue
        effect = spread(one.effect - old.effect)
        against[name] = Against(
            cost,
            effect,
            float((one.cost < old.cost).mean()),
            None if effect is None else float((one.effect > old.effect).mean()),
        )
    return Probabilistic(draws, seed, against, _thresholds(model, found), found)


def _thresholds(model: EconomicModel, found: Mapping[str, Outcome]) -> tuple[AtThreshold, ...]:
    names = list(found)
    costs = np.stack([found[name].cost for name in names], axis=1)
    effects = np.stack([found[name].effect for name in names], axis=1)
    if not (np.isfinite(costs).all() and np.isfinite(effects).all()):
        return ()
    made = []
    for threshold in model.thresholds:
        benefit = threshold * effects - costs
        first = benefit.argmax(axis=1)
        shares = np.bincount(first, minlength=len(names)) / len(first)
        expected = int(benefit.mean(axis=0).argmax())
        lost = benefit.max(axis=1) - benefit[:, expected]
        error = float(lost.std(ddof=1) / np.sqrt(len(lost))) if len(lost) > 1 else 0.0
        best = {name: float(share) for name, share in zip(names, shares, strict=True)}
        made.append(AtThreshold(threshold, best, names[expected], float(lost.mean()), error))
    return tuple(made)
