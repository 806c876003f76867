"""A whole model worked out: base case, how sure it is, what moves it, the budget, and what was published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bedside.knowledge.economic_model import EconomicModel, Example
from bedside.learn.economics.budget import BudgetDraws, budget
from bedside.learn.economics.compare import Difference, Ranked, difference, rank
from bedside.learn.economics.draws import as_written, drawn
from bedside.learn.economics.outcomes import Outcome, outcomes
from bedside.learn.economics.probabilistic import Probabilistic, probabilistic
from bedside.learn.economics.tornado import Bar, tornado
from bedside.learn.economics.worth import Worth, worth_of_knowing


@dataclass(frozen=True, slots=True)
class Reproduced:
    """A published figure beside ours; ours: None where it is not known."""

    name: str
    published: float
    within: float
    ours: float | None
    source: str

    @property
    def same(self) -> bool:
        """Whether they agree to the places in which the figure was published."""
        return self.ours is not None and abs(self.ours - self.published) <= self.within


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything that is said of a model. differences: each strategy beside the comparator, as written.
    budget: as written, one draw; budget_draws: over the draws. worth: of knowing one input, at
    `threshold`."""

    model: EconomicModel
    ranked: tuple[Ranked, ...]
    differences: Mapping[str, Difference]
    sure: Probabilistic
    tornado: Mapping[str, tuple[Bar, ...]]
    budget: BudgetDraws | None
    budget_draws: BudgetDraws | None
    published: tuple[Reproduced, ...]
    worth: tuple[Worth, ...]

    @property
    def threshold(self) -> float:
        """The price of a unit of effect at which one input at a time is looked at."""
        return middle_threshold(self.model)


def middle_threshold(model: EconomicModel) -> float:
    """The middle one of the prices of a unit of effect that the model names, 0 apart."""
    held = [one for one in model.thresholds if one > 0] or list(model.thresholds)
    return held[len(held) // 2]


def analyse(model: EconomicModel, draws: int, seed: int) -> Analysis:
    """The model worked out. Raises InputError where its numbers cannot be."""
    numbers = as_written(model)
    found = outcomes(model, numbers, 1)
    differences = differences_of(model, found)
    sure = probabilistic(model, draws, seed)
    held = _Held(model, found, differences)
    bars = {name: tornado(model, name, middle_threshold(model)) for name in differences}
    spent = much = None
    many = drawn(model, draws, seed)
    if model.budget is not None:
        spent = budget(model, numbers, found, 1)
        much = budget(model, many, dict(sure.outcomes), draws)
    return Analysis(
        model,
        rank({name: (known(one.cost), known(one.effect)) for name, one in found.items()}),
        differences,
        sure,
        bars,
        spent,
        much,
        tuple(
            Reproduced(one.name, one.value, one.within, held.figure(one.name, bars), one.source)
            for one in model.published
        ),
        worth_of_knowing(model, many, sure.outcomes, middle_threshold(model)),
    )


def budget_only(model: EconomicModel, draws: int, seed: int) -> BudgetDraws:
    """The budget over the draws, and nothing else: for many models at once."""
    numbers = drawn(model, draws, seed)
    return budget(model, numbers, outcomes(model, numbers, draws), draws)


def differences_of(model: EconomicModel, found: Mapping[str, Outcome]) -> dict[str, Difference]:
    """Each strategy beside the comparator, of outcomes as written."""
    old = found[model.comparator]
    return {
        name: difference(known(one.cost - old.cost), known(one.effect - old.effect))
        for name, one in found.items()
        if name != model.comparator
    }


def example_holds(model: EconomicModel, example: Example) -> bool:
    """Whether a worked case of a model comes out as it says."""
    given = model.given(example.given)
    found = differences_of(given, outcomes(given, as_written(given), 1))
    return found[example.strategy].direction.value == example.expect


def known(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float | None:
    """The one value; None where it is not known."""
    return float(values[0]) if np.isfinite(values[0]) else None


@dataclass(frozen=True, slots=True)
class _Held:
    model: EconomicModel
    found: Mapping[str, Outcome]
    differences: Mapping[str, Difference]

    def figure(self, name: str, bars: Mapping[str, tuple[Bar, ...]]) -> float | None:
        """One of cost, effect, cost_difference, effect_difference, ratio, budget_low, budget_high, with the
        strategy after a point."""
        what, _, strategy = name.partition(".")
        if what in ("cost", "effect") and strategy in self.found:
            held = self.found[strategy]
            return known(held.cost if what == "cost" else held.effect)
        one = self.differences.get(strategy)
        if one is None:
            return None
        if what in ("budget_low", "budget_high"):
            ends = [end for bar in bars[strategy] for end in (bar.budget_at_low, bar.budget_at_high)]
            numbers = [end for end in ends if end is not None]
            return None if not numbers else min(numbers) if what == "budget_low" else max(numbers)
        return {"cost_difference": one.cost, "effect_difference": one.effect, "ratio": one.ratio}.get(what)
