"""One input at a time from its low to its high value: which of them moves the answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bedside.knowledge.economic_model import EconomicModel
from bedside.learn.economics.budget import budget
from bedside.learn.economics.draws import as_written, span, with_derived
from bedside.learn.economics.outcomes import outcomes


@dataclass(frozen=True, slots=True)
class Bar:
    """One input: its low and high, and the difference in cost, the net benefit and the budget of all years at
    each of them. None where that is not known or, of the budget, where the model has none."""

    input: str
    title: str
    low: float
    high: float
    cost_at_low: float | None
    cost_at_high: float | None
    benefit_at_low: float | None
    benefit_at_high: float | None
    budget_at_low: float | None = None
    budget_at_high: float | None = None

    @property
    def moves(self) -> float:
        """How far it moves the net benefit, or the cost where the benefit is not known; 0 for nothing."""
        pair = (self.benefit_at_low, self.benefit_at_high)
        low, high = pair if None not in pair else (self.cost_at_low, self.cost_at_high)
        return 0.0 if low is None or high is None else abs(high - low)


def tornado(model: EconomicModel, strategy: str, threshold: float) -> tuple[Bar, ...]:
    """The bars of a strategy beside the comparator, the widest first; inputs without a span are left out."""
    spans = [(one, span(one)) for one in model.inputs]
    moved = [(one, found) for one, found in spans if found is not None]
    draws = 2 * len(moved)
    if not draws:
        return ()
    base = as_written(model)
    held = {one.name: np.repeat(base[one.name], draws) for one in model.inputs}
    for number, (one, (low, high)) in enumerate(moved):
        held[one.name][2 * number : 2 * number + 2] = (low, high)
    numbers = with_derived(model, held)
    found = outcomes(model, numbers, draws)
    spent = budget(model, numbers, found, draws).more.sum(axis=1) if model.budget is not None else None
    new, old = found[strategy], found[model.comparator]
    cost, effect = new.cost - old.cost, new.effect - old.effect
    benefit = threshold * effect - cost
    bars = [
        Bar(
            one.name,
            one.title,
            low,
            high,
            _known(cost[2 * number]),
            _known(cost[2 * number + 1]),
            _known(benefit[2 * number]),
            _known(benefit[2 * number + 1]),
            None if spent is None else _known(spent[2 * number]),
            None if spent is None else _known(spent[2 * number + 1]),
        )
        for number, (one, (low, high)) in enumerate(moved)
    ]
    return tuple(sorted(bars, key=lambda bar: (-bar.moves, bar.input)))


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
