"""What care costs and brings, against figures worked out by hand and against scipy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from bedside.errors import InputError
from bedside.knowledge.economic_model import Correlation, Distribution, Input, Kind
from bedside.knowledge.economic_model_file import load_models
from bedside.learn.economics.analysis import analyse, budget_only
from bedside.learn.economics.compare import Direction, Standing, difference, rank
from bedside.learn.economics.draws import as_written, drawn, span
from bedside.learn.economics.outcomes import occupancy, outcomes
from bedside.learn.economics.portfolio import moving_together, portfolio
from bedside.learn.economics.probabilistic import probabilistic
from bedside.learn.economics.worth import worth_of_knowing
from tests.made_up_economics import small

DOUBTS = {
    "gamma": (Distribution(Kind.GAMMA, {"mean": 100.0, "se": 20.0}), stats.gamma(25, scale=4)),
    "beta": (Distribution(Kind.BETA, {"events": 30.0, "of": 100.0}), stats.beta(30, 70)),
    "beta of mean": (Distribution(Kind.BETA, {"mean": 0.3, "se": 0.1}), stats.beta(6, 14)),
    "lognormal": (
        Distribution(Kind.LOGNORMAL, {"median": 0.5, "low": 0.25, "high": 1.0}),
        stats.lognorm(np.log(4) / (2 * 1.959963984540054), scale=0.5),
    ),
    "normal": (Distribution(Kind.NORMAL, {"mean": 5.0, "se": 2.0}), stats.norm(5, 2)),
    "uniform": (Distribution(Kind.UNIFORM, {"low": 2.0, "high": 6.0}), stats.uniform(2, 4)),
    "triangular": (
        Distribution(Kind.TRIANGULAR, {"low": 0.0, "mode": 1.0, "high": 4.0}),
        stats.triang(0.25, loc=0, scale=4),
    ),
}


def with_doubt(said: Distribution):
    base = small()
    return replace(base, inputs=(Input("test", "test", "", 1.0, "made up", said), base.inputs[1]))


@pytest.mark.parametrize("name", DOUBTS)
def test_draws_and_spans_are_those_of_the_distribution(name: str) -> None:
    said, truth = DOUBTS[name]
    values = drawn(with_doubt(said), 20_000, 3)["test"]
    assert stats.kstest(values, truth.cdf).pvalue > 0.001
    held = span(Input("test", "test", "", 1.0, "made up", said))
    assert held == pytest.approx(truth.ppf([0.025, 0.975]))


def test_correlated_inputs_move_together_and_keep_their_own_shapes() -> None:
    base = with_doubt(DOUBTS["gamma"][0])
    both = replace(
        base,
        inputs=(base.inputs[0], Input("care", "care", "", 0.3, "made up", DOUBTS["beta"][0])),
        correlations=(Correlation("test", "care", 0.8),),
    )
    held = drawn(both, 20_000, 3)
    found = stats.spearmanr(held["test"], held["care"]).statistic
    assert found == pytest.approx(6 / np.pi * np.arcsin(0.8 / 2), abs=0.02)
    assert stats.kstest(held["test"], DOUBTS["gamma"][1].cdf).pvalue > 0.001
    assert stats.kstest(held["care"], DOUBTS["beta"][1].cdf).pvalue > 0.001


def test_the_mean_of_measured_people_is_drawn_as_a_mean_is_unsure() -> None:
    values = tuple(float(one) for one in np.random.default_rng(1).gamma(2, 500, 80))
    means = drawn(with_doubt(Distribution(Kind.EMPIRICAL, None, "", values)), 10_000, 1)["test"]
    assert means.mean() == pytest.approx(np.mean(values), rel=0.01)
    assert means.std() == pytest.approx(np.std(values) / np.sqrt(80), rel=0.05)


def test_a_ratio_is_given_only_where_more_is_paid_for_more() -> None:
    assert difference(100, 2).ratio == 50
    assert [(one.direction, one.ratio) for one in (difference(-100, 2), difference(100, -2))] == [
        (Direction.LESS_FOR_MORE, None),
        (Direction.MORE_FOR_LESS, None),
    ]
    less = difference(-100, -2)
    assert (less.direction, less.ratio, less.saved_per_unit_lost) == (Direction.LESS_FOR_LESS, None, 50)
    assert [difference(*one).direction for one in ((100, 0), (0, 1), (0, -1), (None, 1), (1, None))] == [
        Direction.SAME_EFFECT,
        Direction.SAME_COST_MORE,
        Direction.SAME_COST_LESS,
        Direction.NOT_KNOWN,
        Direction.NOT_KNOWN,
    ]
    assert difference(None, 1.0).benefit(1000) is None


def test_dominated_and_extendedly_dominated_strategies_leave_the_frontier() -> None:
    """A textbook case: C is worse and dearer than B; B costs more a unit than the way from A past it to D."""
    found = rank({"A": (0, 0), "B": (1000, 1), "C": (1100, 0.5), "D": (1500, 3), "E": (None, 2)})
    assert [(one.name, one.standing, one.ratio, one.by) for one in found] == [
        ("A", Standing.CHEAPEST, None, ()),
        ("B", Standing.EXTENDEDLY_DOMINATED, None, ("A", "D")),
        ("C", Standing.DOMINATED, None, ("B",)),
        ("D", Standing.FRONTIER, 500, ()),
        ("E", Standing.NOT_KNOWN, None, ()),
    ]


def test_of_twins_one_stays() -> None:
    found = {one.name: one.standing for one in rank({"a": (1, 1), "b": (1, 1)})}
    assert found == {"a": Standing.CHEAPEST, "b": Standing.DOMINATED}


def test_a_cohort_loses_nobody_and_half_a_cycle_is_counted_as_published() -> None:
    model = load_models()["hiv_chancellor"]
    numbers = as_written(model)
    assert occupancy(model, "both", numbers, 1).sum(axis=2) == pytest.approx(1)
    assert model.markov is not None
    half = replace(model, markov=replace(model.markov, half_cycle_effects=True))
    found = {name: float(one.effect[0]) for name, one in outcomes(half, numbers, 1).items()}
    assert found == pytest.approx({"mono": 8.475, "both": 9.42}, abs=0.03)


def test_money_later_is_worth_less_now_and_the_budget_does_not_discount() -> None:
    model = load_models()["hiv_chancellor"]
    found = outcomes(model, as_written(model), 1)["mono"]
    years = np.arange(1, 21)
    assert found.by_year.shape == (1, 20)
    assert float((found.by_year[0] / 1.06**years).sum()) == pytest.approx(float(found.cost[0]))


def test_the_uncertainty_of_a_published_cohort_is_that_of_its_replication() -> None:
    """Mean difference in life years and cost over draws against the deterministic result."""
    found = probabilistic(load_models()["hiv_chancellor"], 5000, 1).against["both"]
    assert found.effect is not None
    assert found.effect.mean == pytest.approx(0.93, abs=0.03)
    assert found.cost.mean == pytest.approx(5938, rel=0.05)
    assert found.cost.low < 5938 < found.cost.high


def test_the_same_seed_gives_the_same_numbers_and_another_input_changes_no_draw() -> None:
    base = small()
    more = replace(base, inputs=(*base.inputs, Input("own", "", "", 1.0, "x", DOUBTS["gamma"][0])))
    first, second = drawn(base, 50, 7)["test"], drawn(more, 50, 7)["test"]
    assert (first == second).all()
    assert not (first == drawn(base, 50, 8)["test"]).any()
    assert not (first == drawn(small("other"), 50, 7)["test"]).any()


def test_what_it_would_be_worth_to_know_everything_is_that_of_the_formula() -> None:
    """A normal difference of mean 200 − 0.01 λ and sd 50: EVPI has a closed form, the unit normal loss."""
    found = {one.threshold: one for one in probabilistic(small(), 200_000, 1).thresholds}
    for threshold, mean in ((0.0, -200.0), (50_000.0, 300.0)):
        z = abs(mean) / 50
        truth = 50 * (stats.norm.pdf(z) - z * stats.norm.sf(z))
        held = found[threshold]
        assert abs(held.evpi - truth) <= 4 * held.evpi_error + 1e-6
        assert held.best["guided"] == pytest.approx(stats.norm.cdf(mean / 50), abs=0.01)
    assert [one.frontier for one in found.values()] == ["usual", "guided", "guided"]


def test_what_it_would_be_worth_to_know_one_input_is_that_of_the_formula() -> None:
    """Two normal prices in doubt, sd 50 and 80: knowing one leaves the loss of its own sd alone."""
    base = small(test=320, care=300)
    care = replace(base.inputs[1], distribution=Distribution(Kind.NORMAL, {"mean": 300.0, "se": 80.0}))
    model = replace(base, inputs=(base.inputs[0], care))
    numbers, found = drawn(model, 100_000, 1), probabilistic(model, 100_000, 1)
    held = {one.input: one for one in worth_of_knowing(model, numbers, found.outcomes, 0)}
    assert list(held) == ["care", "test"]
    for name, sd in (("care", 80.0), ("test", 50.0)):
        truth = sd * (stats.norm.pdf(20 / sd) - 20 / sd * stats.norm.sf(20 / sd))
        assert held[name].value == pytest.approx(truth, abs=4 * held[name].error + 0.1)
    everything = next(one for one in found.thresholds if one.threshold == 0)
    assert held["care"].value < everything.evpi


def test_an_input_that_decides_nothing_is_worth_nothing_and_the_unknown_has_no_worth() -> None:
    model = small(test=500, care=100)
    outcomes_ = probabilistic(model, 2000, 1).outcomes
    (only,) = worth_of_knowing(model, drawn(model, 2000, 1), outcomes_, 0)
    assert (only.input, only.value) == ("test", pytest.approx(0, abs=1e-9))
    assert worth_of_knowing(small(), drawn(small(), 100, 1), probabilistic(small(), 100, 1).outcomes, 0) == ()
    trial = load_models()["prepare_pgx_panel"]
    assert analyse(trial, 500, 1).worth == ()


def test_a_probability_that_leaves_its_bounds_stops_the_model() -> None:
    model = load_models()["prepare_pgx_panel"]
    wide = replace(model.inputs[0], distribution=Distribution(Kind.NORMAL, {"mean": 0.05, "se": 0.1}))
    with pytest.raises(InputError, match=r"leave 0 to 1 .* in \d+ of 500 draws"):
        probabilistic(replace(model, inputs=(wide, *model.inputs[1:])), 500, 1)


def test_a_division_by_nothing_is_an_error_and_not_an_unknown() -> None:
    model = load_models()["baby_bear"].given({"children": 0})
    with pytest.raises(InputError, match="not a number although every input is known"):
        analyse(model, 10, 1)


def test_a_portfolio_adds_up_and_says_a_loss_and_what_the_small_ones_come_to() -> None:
    models = {"gain": small("gain", test=100, people=1000), "loss": small("loss", test=900, people=1000)}
    models |= {f"niche{one}": small(f"niche{one}", test=320, people=100, se=5) for one in range(9)}
    held = {name: budget_only(model, 4000, 1) for name, model in models.items()}
    found = portfolio(held, dict.fromkeys(models, "everybody"))
    assert found is not None
    assert found.parts[0].name == "loss"
    assert found.parts[0].more.mean == pytest.approx(600_000, rel=0.01)
    assert sum(one.more.mean for one in found.parts) == pytest.approx(found.independent.mean)
    assert sum(one.of_variance or 0 for one in found.parts) == pytest.approx(1)
    assert found.small == tuple(one.name for one in found.parts if one.name.startswith("niche"))
    assert found.small_together is not None
    assert found.small_together.mean == pytest.approx(18_000, rel=0.05)
    assert found.people == (1000,)
    assert set(found.counted_once["everybody"]) == set(models)
    wide = found.together.high - found.together.low
    assert wide > found.independent.high - found.independent.low


def test_doubts_that_move_together_have_the_correlation_that_was_asked() -> None:
    stacked = np.random.default_rng(1).gamma(2, 1, (2, 50_000))
    ends = [moving_together(stacked, one, 1) for one in (0.0, 0.5, 1.0)]
    for one in ends:
        assert np.sort(one, axis=1) == pytest.approx(np.sort(stacked, axis=1))
    found = [stats.spearmanr(*one).statistic for one in ends]
    assert found == pytest.approx([0.0, 6 / np.pi * np.arcsin(0.25), 1.0], abs=0.02)


def test_a_model_that_nobody_can_count_is_named_and_is_not_nothing() -> None:
    known, unknown = small("known"), small("unknown").given({"test": None})
    held = {"known": budget_only(known, 100, 1), "unknown": budget_only(unknown, 100, 1)}
    found = portfolio(held, dict.fromkeys(held, "everybody"))
    assert found is not None
    assert (found.not_known, [one.name for one in found.parts]) == (("unknown",), ["known"])
    assert portfolio({"unknown": held["unknown"]}, {"unknown": "everybody"}) is None
