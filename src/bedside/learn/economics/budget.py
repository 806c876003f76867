"""What a strategy does to a payer's budget, year by year, without discounting: who starts each year, and what
they cost from then on, beside what they would have cost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bedside.errors import InputError
from bedside.knowledge.economic_model import EconomicModel
from bedside.learn.economics.arithmetic import work_out
from bedside.learn.economics.draws import Floats, Numbers
from bedside.learn.economics.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class BudgetDraws:
    """By calendar year: who is eligible, who starts the new strategy, what the payer spends more (less than 0
    is saved). people, treated, more: (draws, years)."""

    years: tuple[int, ...]
    people: Floats
    treated: Floats
    more: Floats


def budget(model: EconomicModel, numbers: Numbers, found: dict[str, Outcome], draws: int) -> BudgetDraws:
    """The budget of a model that has one. Everybody starts once; those of earlier years go on to cost."""
    said = model.budget
    if said is None:
        raise ValueError("the model says nothing of a budget")
    years = len(said.people)
    people = np.stack([np.broadcast_to(work_out(one, numbers), (draws,)) for one in said.people], axis=1)
    uptake = np.stack([np.broadcast_to(work_out(one, numbers), (draws,)) for one in said.uptake], axis=1)
    treated = people * uptake
    _are_people(model, people, uptake)
    new, old = found[said.new].by_year, found[said.old].by_year
    width = max(new.shape[1], old.shape[1])
    each = _to(new, width) - _to(old, width)
    more = np.zeros((draws, years))
    for start in range(years):
        for later in range(min(width, years - start)):
            more[:, start + later] += treated[:, start] * each[:, later]
    return BudgetDraws(tuple(range(said.first_year, said.first_year + years)), people, treated, more)


def _are_people(model: EconomicModel, people: Floats, uptake: Floats) -> None:
    """Raises InputError where fewer than nobody are eligible, or less than none or more than all start."""
    for name, wrong, bounds in (
        ("people", people < 0, "fall below 0"),
        ("uptake", (uptake < 0) | (uptake > 1), "leaves 0 to 1"),
    ):
        if wrong.any():
            bad = int(wrong.any(axis=1).sum())
            raise InputError.one(
                f"{model.provenance.name}: budget",
                f"its {name} {bounds} in {bad} of {len(wrong)} draws",
                remedy="a gamma stays above 0, a beta inside 0 to 1",
            )


def _to(values: Floats, width: int) -> Floats:
    return np.pad(values, ((0, 0), (0, width - values.shape[1])))
