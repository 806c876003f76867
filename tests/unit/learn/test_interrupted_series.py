"""A change of a rule is seen in a series when there was one, with an interval that is honest about months
that resemble their neighbours; and is refused when there are too few months."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from bedside.knowledge.study_policy import load_study_policy
from bedside.learn.estimate import Estimate, Reason, Refusal, Why
from bedside.learn.interrupted_series import Family, Series, SeriesEffect, interrupted_series

LIMITS = load_study_policy().interrupted_series


def months(
    seed: int,
    *,
    level: float = 1.0,
    slope: float = 1.0,
    before: int = 30,
    after: int = 24,
    alike: float = 0.0,
    scatter: float = 0.0,
    shock: np.ndarray | None = None,
    phase_in: int = 0,
    season: float = 0.0,
) -> Series:
    """Overrides of an alert by month, about 8 % of 900 orders, as they would come if the truth were known."""
    random = np.random.default_rng(seed)
    total = before + after
    error = np.zeros(total)
    error[0] = random.normal(0, scatter)
    for month in range(1, total):
        error[month] = alike * error[month - 1] + random.normal(0, scatter * np.sqrt(1 - alike**2))
    time = np.arange(total)
    gone = np.where(time >= before, np.log(level) + np.log(slope) * (time - before), 0.0)
    rate = np.log(0.08) + 0.004 * time + gone + error + season * np.sin(2 * np.pi * time / 12)
    rate += 0 if shock is None else shock
    orders = np.full(total, 900.0)
    year = 12 if season else None
    return Series(random.poisson(orders * np.exp(rate)).astype(float), orders, before, phase_in, year)


def effect(series: Series, **more: object) -> SeriesEffect:
    found = interrupted_series(series, LIMITS, **more)  # type: ignore[arg-type]
    assert isinstance(found, SeriesEffect), found
    return found


def test_with_enough_orders_the_estimates_are_the_truth() -> None:
    true = months(1, level=0.7, slope=1.01)
    rates = np.where(np.arange(54) >= 30, np.log(0.7) + np.log(1.01) * (np.arange(54) - 30), 0.0)
    exact = np.round(9e6 * np.exp(np.log(0.08) + 0.004 * np.arange(54) + rates))
    found = effect(dataclasses.replace(true, counts=exact, exposure=true.exposure * 1e4))
    assert found.level.value == pytest.approx(0.7, rel=1e-5)
    assert found.slope.value == pytest.approx(1.01, rel=1e-5)
    assert found.average.value == pytest.approx(0.7 * 1.01**11.5, rel=1e-5)
    assert found.expected[-1] == pytest.approx(9e6 * 0.08 * np.exp(0.004 * 53), rel=1e-5)
    assert found.checks.slope_before.value == pytest.approx(np.exp(0.004), rel=1e-5)


@pytest.mark.parametrize(
    ("family", "alike", "season"),
    [(Family.POISSON, 0.3, 0.0), (Family.NEGATIVE_BINOMIAL, 0.0, 0.0), (Family.POISSON, 0.3, 0.15)],
)
def test_intervals_cover_the_truth_and_newey_west_alone_does_not(
    family: Family, alike: float, season: float
) -> None:
    """40 repetitions here; 1,000 in benchmarks/evidence.py."""
    truth = 0.7 * 1.01**11.5
    runs = [
        effect(months(seed, level=0.7, slope=1.01, alike=alike, scatter=0.15, season=season), family=family)
        for seed in range(40)
    ]
    covered = sum(run.average.holds(truth) for run in runs)
    old_way = sum(run.newey_west.holds(truth) for run in runs)
    assert covered >= 35
    assert old_way < covered
    assert np.mean([np.log(run.average.value / truth) for run in runs]) == pytest.approx(0, abs=0.08)


def test_no_change_is_found_where_there_was_none() -> None:
    found = [effect(months(seed, alike=0.3, scatter=0.1)) for seed in range(40)]
    assert sum(not one.level.holds(1.0) for one in found) <= 5


def test_a_control_series_takes_away_what_happened_to_both() -> None:
    """A shortage of staff halved everything from the same month on; the rule itself took 30 %."""
    shock = np.where(np.arange(54) >= 30, np.log(0.5), 0.0)
    own, other = months(3, level=0.7, shock=shock), months(4, shock=shock)
    naive, controlled = effect(own), effect(own, control=other)
    assert naive.level.high < 0.5
    assert controlled.level.holds(0.7)
    assert (naive.controlled, controlled.controlled) == (False, True)


def test_months_of_the_phase_in_do_not_count() -> None:
    series = months(5, level=0.6, phase_in=3)
    spoiled = series.counts.copy()
    spoiled[30:33] = 500
    left_out = effect(dataclasses.replace(series, counts=spoiled))
    assert left_out.level == effect(series).level
    assert 31 not in left_out.periods
    assert effect(dataclasses.replace(series, counts=spoiled, phase_in=0)).level.low > 1


def test_a_trend_that_was_bending_before_is_reported() -> None:
    straight = months(6, before=40)
    bent = np.where(np.arange(64) < 40, 0.0012 * (np.arange(64) - 20.0) ** 2, 0.48)
    assert effect(straight).checks.bend_before > 0.05
    assert effect(months(6, before=40, shock=bent)).checks.bend_before < 0.001


def test_a_false_change_in_the_time_before_is_reported() -> None:
    jump = np.where(np.arange(54) >= 15, np.log(1.6), 0.0)
    calm, jumpy = effect(months(7)).checks.false_change, effect(months(7, shock=jump)).checks.false_change
    assert calm is not None
    assert jumpy is not None
    assert calm.holds(1.0)
    assert not jumpy.holds(1.0)


def test_months_that_resemble_their_neighbours_are_reported() -> None:
    alone, alike = effect(months(8, scatter=0.2)), effect(months(8, scatter=0.2, alike=0.7))
    assert alike.checks.autocorrelation > alone.checks.autocorrelation
    assert alike.checks.ljung_box < 0.05 < alone.checks.ljung_box
    assert alone.checks.dispersion > 2


def test_too_few_months_are_refused_with_the_figures() -> None:
    series = dataclasses.replace(months(9, before=9, after=7), phase_in=2)
    assert interrupted_series(series, LIMITS) == Refusal((Reason(Why.TOO_FEW_AFTER, 5, 8),))
    rare = dataclasses.replace(months(9), counts=np.zeros(54))
    assert interrupted_series(rare, LIMITS) == Refusal(
        (Reason(Why.TOO_FEW_EVENTS, 0, 40), Reason(Why.TOO_FEW_BUSY, 0, 4))
    )
    assert str(Reason(Why.TOO_FEW_AFTER, 5, 8)) == (
        "too few periods after the change: 5 where 8 is the limit"
    )


@pytest.mark.parametrize("busy", [0, 1, 2, 3])
@pytest.mark.parametrize("side", ["before", "after"])
def test_a_side_with_next_to_no_events_is_refused_and_never_overflows(side: str, busy: int) -> None:
    series = months(3)
    counts = series.counts.copy()
    place = slice(0, series.change) if side == "before" else slice(series.change, None)
    counts[place] = 0
    counts[place][:busy] = 1
    told = interrupted_series(dataclasses.replace(series, counts=counts), LIMITS)
    assert told == Refusal((Reason(Why.TOO_FEW_BUSY, busy, 4),))


def test_a_ratio_too_large_for_a_number_is_infinite_and_not_an_error() -> None:
    assert Estimate(5.0, -900.0, 900.0, 400.0).exponential() == Estimate(math.exp(5.0), 0.0, math.inf, 400.0)


def test_a_month_without_orders_is_refused() -> None:
    series = months(10)
    empty = series.exposure.copy()
    empty[4] = 0
    found = interrupted_series(dataclasses.replace(series, exposure=empty), LIMITS)
    assert found == Refusal((Reason(Why.NO_DENOMINATOR, 0, 0),))


def test_a_control_of_other_months_is_an_error() -> None:
    with pytest.raises(ValueError, match="same periods"):
        interrupted_series(months(1), LIMITS, control=months(1, before=29, after=25))
