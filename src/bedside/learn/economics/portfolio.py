"""Many tests and drugs together: the sum with its uncertainty, which of them matter, what the small ones add
up to, and people counted once.

Independent: each model's draws as they come. Together: the same draws ordered so that all are high or low at
once, by a share of one common factor; at 1 nothing evens out. Every draw's parts add up to its whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bedside.learn.economics.budget import BudgetDraws
from bedside.learn.economics.draws import Floats, stream
from bedside.learn.economics.probabilistic import Spread, spread

SMALL = 0.05
"""A part below this share of all that is moved, up or down, is a small one."""


@dataclass(frozen=True, slots=True)
class Part:
    """One model in the whole. more: what it adds over all years (below 0: saves). share: of all that is
    moved up or down. of_variance: its part of the whole's variance; the parts add up to 1. None where the
    whole has none."""

    name: str
    more: Spread
    share: float
    of_variance: float | None


@dataclass(frozen=True, slots=True)
class Portfolio:
    """All parts, the largest first; the whole when they are independent and when they move together, by
    year, the small ones together, and the people."""

    years: tuple[int, ...]
    parts: tuple[Part, ...]
    independent: Spread
    together: Spread
    correlation: float
    by_year: tuple[Spread, ...]
    small: tuple[str, ...]
    small_together: Spread | None
    people: tuple[float, ...]
    treated: tuple[float, ...]
    counted_once: Mapping[str, tuple[str, ...]]
    not_known: tuple[str, ...]


def portfolio(
    found: Mapping[str, BudgetDraws],
    populations: Mapping[str, str],
    *,
    correlation: float = 1.0,
    seed: int = 1,
) -> Portfolio | None:
    """The whole of these budgets. populations: of whom each model speaks; the same name is the same people,
    who are counted once. Models whose budget is not known are named, and None is all that can be said when
    none is."""
    known = {name: one for name, one in found.items() if np.isfinite(one.more).all()}
    if not known:
        return None
    years = _years(known.values())
    each = {name: _on(one, years, one.more) for name, one in known.items()}
    totals = {name: one.sum(axis=1) for name, one in each.items()}
    names = sorted(totals, key=lambda name: (-abs(float(totals[name].mean())), name))
    stacked = np.stack([totals[name] for name in names])
    whole = stacked.sum(axis=0)
    moved = float(np.abs(stacked.mean(axis=1)).sum())
    parts = tuple(
        Part(
            name,
            _sure(totals[name]),
            abs(float(totals[name].mean())) / moved if moved else 0.0,
            _of_variance(totals[name], whole),
        )
        for name in names
    )
    small = tuple(one.name for one in parts if one.share < SMALL)
    small_sum = sum((totals[name] for name in small), np.zeros(stacked.shape[1]))
    people, groups = _people(known, populations, years)
    return Portfolio(
        years=years,
        parts=parts,
        independent=_sure(whole),
        together=_sure(moving_together(stacked, correlation, seed).sum(axis=0)),
        correlation=correlation,
        by_year=tuple(_sure(sum(one[:, place] for one in each.values())) for place in range(len(years))),  # type: ignore[arg-type]
        small=small,
        small_together=_sure(small_sum) if small else None,
        people=people,
        treated=tuple(
            float(sum(_on(one, years, one.treated)[:, at].mean() for one in known.values()))
            for at in range(len(years))
        ),
        counted_once={name: held for name, held in groups.items() if len(held) > 1},
        not_known=tuple(name for name in found if name not in known),
    )


def moving_together(stacked: Floats, correlation: float, seed: int) -> Floats:
    """The same draws of each part (parts, draws), ordered by a common factor of which each part's normal
    score holds this correlation with every other's."""
    draws = stacked.shape[1]
    common = stream(seed, "portfolio").standard_normal(draws)
    made = np.empty_like(stacked)
    for place, values in enumerate(stacked):
        own = stream(seed, "portfolio", str(place)).standard_normal(draws)
        score = np.sqrt(correlation) * common + np.sqrt(1 - correlation) * own
        made[place, np.argsort(score, kind="stable")] = np.sort(values)
    return made


def _sure(values: Floats) -> Spread:
    found = spread(np.asarray(values))
    if found is None:
        raise ValueError("a known budget holds what is not a number")
    return found


def _of_variance(part: Floats, whole: Floats) -> float | None:
    variance = float(whole.var())
    if not variance:
        return None
    return float(((part - part.mean()) * (whole - whole.mean())).mean() / variance)


def _years(found: object) -> tuple[int, ...]:
    every = {year for one in found for year in one.years}  # type: ignore[attr-defined]
    return tuple(range(min(every), max(every) + 1))


def _on(one: BudgetDraws, years: Sequence[int], values: Floats) -> Floats:
    """Values on the portfolio's years; nothing before a model begins or after it ends."""
    made = np.zeros((values.shape[0], len(years)))
    start = one.years[0] - years[0]
    made[:, start : start + values.shape[1]] = values
    return made


def _people(
    known: Mapping[str, BudgetDraws], populations: Mapping[str, str], years: Sequence[int]
) -> tuple[tuple[float, ...], dict[str, tuple[str, ...]]]:
    """The people of each year: of one population those of the largest model, since they are the same."""
    groups: dict[str, list[str]] = {}
    for name in known:
        groups.setdefault(populations[name], []).append(name)
    total = np.zeros(len(years))
    for names in groups.values():
        held = np.stack([_on(known[name], years, known[name].people).mean(axis=0) for name in names])
        total += held.max(axis=0)
    return tuple(float(one) for one in total), {name: tuple(held) for name, held in groups.items()}
