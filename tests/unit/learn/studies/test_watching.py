"""A signal is heard soon, and silence is rarely mistaken for one however often somebody looks."""

from __future__ import annotations

import numpy as np
import pytest

from bedside.learn.studies.watching import evidence, false_alarm, likelihood_ratio, sprt_limit, watch


def test_the_limits_are_the_published_ones() -> None:
    """Kulldorff and others 2011, table 1, α 0.05: 2.853937 for one expected event, 3.467952 for ten."""
    assert sprt_limit(1.0, 0.05) == pytest.approx(2.853937, abs=1e-5)
    assert sprt_limit(10.0, 0.05) == pytest.approx(3.467952, abs=1e-5)
    assert false_alarm(sprt_limit(10.0, 0.05), 10.0) == pytest.approx(0.05, abs=1e-6)


def test_false_alarms_are_as_rare_as_promised() -> None:
    random, expected = np.random.default_rng(1), np.linspace(0.25, 20, 80)
    alarms = [
        watch(random.poisson(np.full(80, 0.25)).cumsum().astype(float), expected, 0.05, 20.0)
        for _ in range(400)
    ]
    assert sum(one.alarm is not None for one in alarms) <= 25
    assert sum(one.sprt_alarm is not None for one in alarms) <= 33


def test_an_injected_signal_is_heard() -> None:
    """Quiet for ten expected events, then three times as many as expected."""
    random, expected = np.random.default_rng(5), np.linspace(0.5, 40, 80)
    rate = np.where(expected > 10, 3.0, 1.0)
    found = watch(random.poisson(0.5 * rate).cumsum().astype(float), expected, 0.05, 40.0)
    assert found.alarm is not None
    assert found.sprt_alarm is not None
    assert 10 < expected[found.alarm] < 20
    assert expected[found.sprt_alarm] < 20


def test_fewer_events_than_expected_never_alarm() -> None:
    assert likelihood_ratio(3, 5) == 0
    assert likelihood_ratio(3, 0) == 0
    assert evidence(0, 5) < 1
    found = watch(np.zeros(20), np.arange(1.0, 21.0), 0.05, 20.0)
    assert (found.alarm, found.sprt_alarm) == (None, None)


def test_totals_that_fall_are_an_error() -> None:
    with pytest.raises(ValueError, match="do not fall"):
        watch(np.array([2.0, 1.0]), np.array([1.0, 2.0]), 0.05, 10.0)
    with pytest.raises(ValueError, match="known"):
        watch(np.array([2.0]), np.array([1.0, 2.0]), 0.05, 10.0)
