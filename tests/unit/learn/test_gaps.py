"""Gaps between groups: published intervals, standardisation, and false discoveries kept to their rate."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from bedside.learn.gaps import adjusted, difference, gaps
from bedside.learn.shares import Share


def test_the_interval_of_a_difference_is_newcombes() -> None:
    """Newcombe 1998 (Stat Med 17:873), method 10: 56/70 and 48/80 give 0.0524 to 0.3339."""
    found = difference(Share(56, 70), Share(48, 80))
    assert (round(found.value, 4), round(found.low, 4), round(found.high, 4)) == (0.2, 0.0524, 0.3339)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_chances_are_adjusted_as_scipy_does(chances: list[float]) -> None:
    assert adjusted(chances) == pytest.approx(false_discovery_control(chances).tolist())


def test_a_gap_that_age_explains_is_gone_when_both_have_everybodys_age() -> None:
    """The old get there 2 in 10, the young 8 in 10; one group is mostly old. Within an age is no gap."""
    young, old = np.zeros(1000, np.int64), np.ones(1000, np.int64)
    strata = np.concatenate((young, old))
    group = np.concatenate((np.arange(1000) % 10 == 0, np.arange(1000) % 10 != 0)).astype(np.int64)
    met = np.concatenate((np.arange(1000) // 10 % 10 < 8, np.arange(1000) // 10 % 10 < 2))
    first, second = gaps(met, group, ("young ones", "old ones"), strata, 30)
    assert round(second.crude.value, 2) == -0.48
    assert second.standardised is not None
    assert (round(second.standardised.value, 2), second.over) == (0.0, 1.0)
    assert second.told is second.standardised
    assert first.crude.value == pytest.approx(-second.crude.value)


def test_without_age_and_sex_nothing_is_standardised_and_the_crude_gap_is_told() -> None:
    met, group = np.arange(200) % 2 == 0, (np.arange(200) >= 100).astype(np.int64)
    for strata in (None, np.full(200, -1, np.int64)):
        found = gaps(met, group, ("a", "b"), strata, 30)[0]
        assert (found.standardised, found.over, found.told) == (None, 0.0, found.crude)


def test_a_group_of_few_is_not_tested() -> None:
    met, group = np.zeros(100, np.bool_), (np.arange(100) < 29).astype(np.int64)
    assert gaps(met, group, ("many", "few"), None, 30) == ()
