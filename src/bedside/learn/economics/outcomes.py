"""What each strategy of a model costs and brings, for every draw at once: trees and cohorts.

Not known stays not known: a number that rests on one nobody knows is not a number, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from bedside.errors import InputError
from bedside.knowledge.economic_model import Branch, EconomicModel, Markov, Phase, Strategy
from bedside.learn.economics.arithmetic import work_out
from bedside.learn.economics.draws import Floats, Numbers

_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one strategy, a person: cost and effect with discounting, and cost by year without it.

    cost, effect: (draws,); by_year: (draws, years).
    """

    cost: Floats
    effect: Floats
    by_year: Floats


def outcomes(model: EconomicModel, numbers: Numbers, draws: int) -> dict[str, Outcome]:
    """Every strategy's, in the model's order. Raises InputError where a probability leaves 0 to 1."""
    found = {}
    for one in model.strategies:
        start_cost = _wide(work_out(one.cost, numbers), draws)
        start_effect = _wide(work_out(one.effect, numbers), draws)
        if one.phases and model.markov is not None:
            later = _cohort(model, model.markov, one, numbers, draws)
            by_year = later.by_year.copy()
            by_year[:, 0] += start_cost
            found[one.name] = Outcome(start_cost + later.cost, start_effect + later.effect, by_year)
            continue
        cost, effect = _fork(model, one.name, one.branches, numbers)
        cost, effect = _wide(start_cost + cost, draws), _wide(start_effect + effect, draws)
        found[one.name] = Outcome(cost, effect, cost[:, None])
    if not model.unknown and not known(found):
        raise InputError.one(
            model.provenance.name,
            "a cost or an effect is not a number although every input is known",
            remedy="look for a division by 0, or the log or root of a number below 0",
        )
    return found


def _wide(values: Floats, draws: int) -> Floats:
    return np.broadcast_to(values, (draws,))


def _fork(
    model: EconomicModel, where: str, branches: Sequence[Branch], numbers: Numbers
) -> tuple[Floats, Floats]:
    """What is to be expected of a fork: cost and effect."""
    nothing = np.zeros(1)
    if not branches:
        return nothing, nothing
    said = [None if one.probability is None else work_out(one.probability, numbers) for one in branches]
    rest = 1 - sum((one for one in said if one is not None), nothing)
    shares = [rest if one is None else one for one in said]
    _are_shares(model, where, shares)
    cost = effect = nothing
    for one, share in zip(branches, shares, strict=True):
        later_cost, later_effect = _fork(model, f"{where}: {one.name}", one.branches, numbers)
        cost = cost + share * (work_out(one.cost, numbers) + later_cost)
        effect = effect + share * (work_out(one.effect, numbers) + later_effect)
    return cost, effect


def _are_shares(model: EconomicModel, where: str, shares: Sequence[Floats]) -> None:
    """Raises InputError unless every probability lies from 0 to 1 and the fork adds up to 1."""
    total = sum(shares, np.zeros(1))
    bad = np.abs(total - 1) > _TOLERANCE
    for one in shares:
        bad = bad | (one < -_TOLERANCE) | (one > 1 + _TOLERANCE)
    if bad.any():
        raise InputError.one(
            f"{model.provenance.name}: {where}",
            f"its probabilities leave 0 to 1 or do not add up to 1 in {int(bad.sum())} of {bad.size} draws",
            remedy='a beta or dirichlet stays inside; one branch can be the "rest"',
        )


def _cohort(
    model: EconomicModel, markov: Markov, strategy: Strategy, numbers: Numbers, draws: int
) -> Outcome:
    years = max(1, ceil(markov.cycles * markov.cycle_years - 1e-9))
    at = np.broadcast_to(np.array(markov.start), (draws, len(markov.states)))
    cost, effect, by_year = np.zeros(draws), np.zeros(draws), np.zeros((draws, years))
    cycle = 0
    for phase in strategy.phases:
        moves = _moves(model, strategy.name, markov, phase, numbers, draws)
        costs, effects = _rows(phase.costs, numbers, draws), _rows(phase.effects, numbers, draws)
        while cycle < phase.until:
            cycle += 1
            after = (at[:, None, :] @ moves)[:, 0, :]
            half = (at + after) / 2
            spent = _counted(half if markov.half_cycle_costs else after, costs)
            gained = _counted(half if markov.half_cycle_effects else after, effects)
            cost += spent * _worth(model.discount_costs, markov, cycle, markov.half_cycle_costs)
            effect += gained * _worth(model.discount_effects, markov, cycle, markov.half_cycle_effects)
            by_year[:, min(years - 1, int((cycle - 1) * markov.cycle_years + 1e-9))] += spent
            at = after
    return Outcome(cost, effect, by_year)


def _worth(rate: float, markov: Markov, cycle: int, half: bool) -> float:
    """What one unit is worth today: counted at the end of its cycle, or in the middle of it."""
    when = (cycle - 0.5 if half else cycle) * markov.cycle_years
    return float((1 + rate) ** -when)


def _counted(people: Floats, each: Floats) -> Floats:
    found: Floats = np.einsum("ds,ds->d", people, each)
    return found


def _rows(said: Sequence[object], numbers: Numbers, draws: int) -> Floats:
    return np.stack([_wide(work_out(one, numbers), draws) for one in said], axis=1)  # type: ignore[arg-type]


def _moves(
    model: EconomicModel, where: str, markov: Markov, phase: Phase, numbers: Numbers, draws: int
) -> Floats:
    """The transition matrices (draws, from, to); each row adds up to 1."""
    rows = []
    for state, row in zip(markov.states, phase.transitions, strict=True):
        said = [None if cell is None else work_out(cell, numbers) for cell in row]
        rest = 1 - sum((one for one in said if one is not None), np.zeros(1))
        shares = [rest if one is None else one for one in said]
        _are_shares(model, f"{where}: from {state}", shares)
        rows.append(np.stack([_wide(one, draws) for one in shares], axis=1))
    return np.stack(rows, axis=1)


def occupancy(model: EconomicModel, strategy: str, numbers: Numbers, draws: int) -> Floats:
    """Where the cohort is after each cycle: (cycles + 1, draws, states), from the start on."""
    if model.markov is None:
        raise ValueError("the model has no cohort")
    markov = model.markov
    at = np.broadcast_to(np.array(markov.start), (draws, len(markov.states)))
    found = [at]
    for phase in model.strategy(strategy).phases:
        moves = _moves(model, strategy, markov, phase, numbers, draws)
        while len(found) <= phase.until:
            found.append((found[-1][:, None, :] @ moves)[:, 0, :])
    return np.stack(found)


def known(values: Mapping[str, Outcome]) -> bool:
    """Whether every cost and effect is a number."""
    return all(bool(np.isfinite(one.cost).all() and np.isfinite(one.effect).all()) for one in values.values())
