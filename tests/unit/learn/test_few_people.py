"""The interval of a programme of few people: of known data, and where none is said."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bedside.learn.economics.draws import Floats
from bedside.learn.economics.few_people import NoInterval, sum_of_people
from bedside.learn.economics.probabilistic import Spread

SIGN = np.array([1.0, -1.0])


def ends(avoided: list[float], width: float = 0.0) -> Floats:
    """Everybody spent 100; what each avoided is judged from this to so much more."""
    return np.array([[[100.0, 100.0], [one, one + width]] for one in avoided])


def interval(people: Floats) -> Spread | NoInterval:
    return sum_of_people(people, SIGN, 20_000, np.random.default_rng(1))


def test_it_is_never_narrower_than_students_and_longer_on_the_side_of_the_tail() -> None:
    avoided = [10.0, 12.0, 15.0, 18.0, 20.0, 25.0, 30.0, 45.0, 90.0, 400.0]
    found = interval(ends(avoided))
    assert isinstance(found, Spread)
    net = 100 - np.array(avoided)
    half = 10 * float(stats.t.ppf(0.975, 9) * stats.sem(net))
    assert found.mean == pytest.approx(net.sum())
    assert found.monte_carlo_error == pytest.approx(0, abs=1e-9)
    assert found.high == pytest.approx(net.sum() + half, rel=0.03)
    assert found.low < net.sum() - 1.5 * half


def test_of_even_data_it_is_hardly_wider_than_students() -> None:
    avoided = [100 + 10 * float(one) for one in stats.norm.ppf((np.arange(40) + 0.5) / 40)]
    found = interval(ends(avoided))
    assert isinstance(found, Spread)
    half = 40 * float(stats.t.ppf(0.975, 39) * stats.sem(avoided))
    assert 0.97 < (found.high - found.low) / (2 * half) < 1.1


def test_a_line_that_is_judged_from_low_to_high_widens_it_by_everybody_at_once() -> None:
    exact = [float(one) for one in range(20)]
    narrow, wide = interval(ends(exact)), interval(ends(exact, width=50.0))
    assert isinstance(narrow, Spread)
    assert isinstance(wide, Spread)
    assert wide.mean == pytest.approx(narrow.mean - 20 * 25, abs=4 * wide.monte_carlo_error)
    assert wide.high - wide.low > 20 * 50 * 0.9


@pytest.mark.parametrize(
    ("avoided", "why"),
    [
        ([float(one) for one in range(9)], NoInterval.FEW),
        ([0.0] * 30, NoInterval.ALIKE),
        ([0.0] * 27 + [500.0, 700.0, 900.0], NoInterval.ALIKE),
    ],
)
def test_where_none_would_hold_it_says_why(avoided: list[float], why: NoInterval) -> None:
    assert interval(ends(avoided)) is why
