"""Counts of a trial told by risk, with the odds ratio beside it and a negative control."""

from __future__ import annotations

import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from bedside.learn.shares import Share
from bedside.learn.two_arms import TwoArms

ACTIONABLE = TwoArms(Share(152, 725), Share(231, 833))
ALL = TwoArms(Share(628, 2923), Share(934, 3270))


def test_the_trials_odds_ratio_of_0_70_is_a_cut_of_24_percent_and_6_8_points() -> None:
    ratio = ACTIONABLE.odds_ratio
    assert ratio is not None
    assert [round(one, 2) for one in ratio] == [0.69, 0.55, 0.87]
    assert round(100 * ACTIONABLE.avoided, 1) == 6.8
    assert ACTIONABLE.relative_cut is not None
    assert round(100 * ACTIONABLE.relative_cut) == 24
    assert ACTIONABLE.number_to_treat is not None
    assert round(ACTIONABLE.number_to_treat) == 15


def test_patients_whose_genes_could_not_matter_have_the_same_difference() -> None:
    rest = ALL.without(ACTIONABLE)
    assert rest == TwoArms(Share(476, 2198), Share(703, 2437))
    assert [round(100 * one, 1) for one in (rest.treated.value, rest.control.value, rest.avoided)] == [  # type: ignore[operator]
        21.7,
        28.8,
        7.2,
    ]


def test_the_interval_of_the_difference_is_newcombes() -> None:
    low, high = confint_proportions_2indep(231, 833, 152, 725, method="newcomb")
    assert ACTIONABLE.avoided_interval == pytest.approx((low, high), abs=1e-9)


def test_no_number_to_treat_where_nothing_is_shown_and_no_odds_ratio_of_an_empty_cell() -> None:
    assert TwoArms(Share(10, 100), Share(12, 100)).number_to_treat is None
    assert TwoArms(Share(30, 100), Share(12, 100)).number_to_treat is None
    assert TwoArms(Share(0, 100), Share(12, 100)).odds_ratio is None
    with pytest.raises(ValueError, match="not empty"):
        TwoArms(Share(0, 0), Share(1, 2))
