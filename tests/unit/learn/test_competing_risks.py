"""Cumulative incidence is what the closed forms and an independent library say."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest

from bedside.learn.competing_risks import cumulative_incidence, kaplan_meier_complement


def exponential(rates: tuple[float, ...], people: int, seed: int):
    """Everybody's first event of independent exponential causes; the closed form is known."""
    random = np.random.default_rng(seed)
    drawn = np.stack([random.exponential(1 / rate, people) for rate in rates])
    return drawn.min(axis=0), drawn.argmin(axis=0).astype(np.int64) + 1


def test_naive_says_more_than_the_truth_and_by_how_much_is_the_closed_form() -> None:
    """Cause-specific hazards chosen so that 1 - KM is 36.5 % and the truth 31.1 % at one year."""
    first = -math.log(1 - 0.365)
    low, high = 0.0, 5.0
    for _ in range(80):
        other = (low + high) / 2
        truth = first / (first + other) * (1 - math.exp(-(first + other)))
        low, high = (other, high) if truth > 0.311 else (low, other)
    times, causes = exponential((first, other), 400_000, seed=1)
    found = cumulative_incidence(times, causes)[1]
    assert found.at(1.0) == pytest.approx(0.311, abs=0.0025)
    assert kaplan_meier_complement(times, causes, 1, 1.0) == pytest.approx(0.365, abs=0.0025)
    low_end, high_end = found.interval(1.0) or (0.0, 0.0)
    assert low_end < 0.311 < high_end


def test_without_censoring_the_incidence_is_the_share_of_people() -> None:
    times = np.array([1.0, 2.0, 2.0, 3.0, 4.0])
    causes = np.array([1, 2, 1, 1, 2])
    found = cumulative_incidence(times, causes)
    assert [found[1].at(day) for day in (0.5, 1, 2, 3, 9)] == pytest.approx([0, 0.2, 0.4, 0.6, 0.6])
    assert found[1].at(9) + found[2].at(9) == pytest.approx(1.0)
    variance = found[1].variance[1]
    assert variance == pytest.approx(0.4 * 0.6 / 5, rel=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_incidence_and_variance_are_those_of_lifelines(seed: int) -> None:
    lifelines = pytest.importorskip("lifelines")
    random = np.random.default_rng(seed)
    times, causes = exponential((0.5, 0.3, 0.2), 300, seed)
    until = random.exponential(2.0, 300)
    causes = np.where(until < times, 0, causes)
    times = np.minimum(times, until)
    found, compared = cumulative_incidence(times, causes), 0
    for cause, own in found.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = lifelines.AalenJohansenFitter(calculate_variance=True).fit(times, causes, cause)
        density = theirs.cumulative_density_.iloc[:, 0]
        spread = theirs.variance_.squeeze()
        for time, value, variance in zip(own.times, own.incidence, own.variance, strict=True):
            assert value == pytest.approx(float(density[density.index <= time].iloc[-1]), abs=1e-9)
            theirs_here = float(spread[spread.index <= time].iloc[-1])
            if not math.isnan(theirs_here):  # theirs divides by zero where nobody is left
                assert variance == pytest.approx(theirs_here, rel=1e-6, abs=1e-12)
                compared += 1
    assert compared > 300


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    covered, repeats = 0, 2000
    truth = 0.6 / 0.9 * (1 - math.exp(-0.9))
    for seed in range(repeats):
        times, causes = exponential((0.6, 0.3), 200, 10_000 + seed)
        interval = cumulative_incidence(times, causes)[1].interval(1.0)
        covered += interval is not None and interval[0] <= truth <= interval[1]
    assert 0.935 <= covered / repeats <= 0.965


def test_nobody_has_no_incidence_and_a_wrong_time_is_refused() -> None:
    assert cumulative_incidence(np.array([]), np.array([], np.int64)) == {}
    assert cumulative_incidence(np.array([1.0]), np.array([0])) == {}
    with pytest.raises(ValueError, match="negative"):
        cumulative_incidence(np.array([-1.0]), np.array([1]))
    with pytest.raises(ValueError, match="as many causes"):
        cumulative_incidence(np.array([1.0]), np.array([1, 2]))
