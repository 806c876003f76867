"""What holds for every model: parts add up to the whole, and a ratio never hides a loss."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.learn.economics.analysis import budget_only
from bedside.learn.economics.compare import Direction, Standing, difference, rank
from bedside.learn.economics.portfolio import portfolio
from tests.made_up_economics import small

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


@given(NUMBERS, NUMBERS)
def test_a_ratio_is_never_negative_and_stands_only_beside_a_gain_that_costs(
    cost: float, effect: float
) -> None:
    found = difference(cost, effect)
    if found.ratio is not None:
        assert found.ratio > 0
        assert (cost > 0, effect > 0) == (True, True)
    if cost > 1e-3 and effect < -1e-3:
        assert (found.direction, found.ratio) == (Direction.MORE_FOR_LESS, None)


@given(st.dictionaries(st.sampled_from("abcdef"), st.tuples(NUMBERS, NUMBERS), min_size=1))
def test_the_frontier_rises_in_cost_effect_and_ratio_and_everybody_else_is_beaten_by_somebody(
    found: dict[str, tuple[float, float]],
) -> None:
    rows = rank(found)
    assert {one.name for one in rows} == set(found)
    line = [one for one in rows if one.standing in (Standing.CHEAPEST, Standing.FRONTIER)]
    ratios = [one.ratio for one in line[1:]]
    assert all(one is not None and one > 0 for one in ratios)
    assert ratios == sorted(ratios)  # type: ignore[type-var]
    for one in rows:
        if one not in line:
            assert one.by
            assert one.ratio is None
        if one.standing is Standing.DOMINATED:
            cost, effect = found[one.name]
            assert all(found[by][0] <= cost and found[by][1] >= effect for by in one.by)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(1, 5000), st.floats(1, 500), st.integers(2024, 2028), st.integers(1, 3)),
        min_size=1,
        max_size=6,
    ),
    st.floats(0, 1),
)
def test_parts_of_a_portfolio_add_up_to_the_whole_by_model_year_and_variance(
    said: list[tuple[float, float, int, int]], correlation: float
) -> None:
    models = {
        f"m{number}": small(
            f"m{number}", test=test, se=test / 10, people=people, first_year=year, population=f"p{group}"
        )
        for number, (test, people, year, group) in enumerate(said)
    }
    budgets = {name: budget_only(model, 200, 1) for name, model in models.items()}
    groups = {name: model.budget.population for name, model in models.items() if model.budget}
    found = portfolio(budgets, groups, correlation=correlation)
    assert found is not None
    whole = found.independent.mean
    scale = sum(abs(one.more.mean) for one in found.parts) + 1e-9
    assert abs(sum(one.more.mean for one in found.parts) - whole) <= 1e-9 * scale
    assert abs(sum(one.mean for one in found.by_year) - whole) <= 1e-9 * scale
    assert abs(found.together.mean - whole) <= 1e-9 * scale
    assert abs(sum(one.share for one in found.parts) - 1) <= 1e-9
    assert abs(sum(one.of_variance or 0.0 for one in found.parts) - 1) <= 1e-6
    for place, year in enumerate(found.years):
        largest: dict[str, float] = {}
        for name in models:
            if budgets[name].years[0] == year:
                people = float(budgets[name].people.mean())
                largest[groups[name]] = max(largest.get(groups[name], 0.0), people)
        assert np.isclose(found.people[place], sum(largest.values()))
