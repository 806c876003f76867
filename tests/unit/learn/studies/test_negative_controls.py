"""Where nothing can be found, finding something is said first."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bedside.learn.estimate import Estimate, Refusal
from bedside.learn.shares import Z
from bedside.learn.studies.known_truth import groups
from bedside.learn.studies.negative_controls import (
    Calibration,
    ControlGroup,
    calibrate,
    control_group,
    placebo,
)


def risk_difference(events: tuple[int, int], others: tuple[int, int]) -> Estimate:
    one, two = events[0] / events[1], others[0] / others[1]
    error = math.sqrt(one * (1 - one) / events[1] + two * (1 - two) / others[1])
    return Estimate(one - two, one - two - Z * error, one - two + Z * error, error)


def test_a_trial_whose_control_group_gains_as_much_says_so() -> None:
    """PREPARE's counts as we hold them (docs/evidence.md): with an actionable variant 152 of 725 and 231 of
    833; everybody 628 of 2,923 and 934 of 3,270, so without one 476 of 2,198 and 703 of 2,437."""
    actionable = risk_difference((152, 725), (231, 833))
    control = risk_difference((628 - 152, 2923 - 725), (934 - 231, 3270 - 833))
    assert control.value == pytest.approx(-0.072, abs=0.001)
    found = control_group(actionable, control)
    assert found.verdict is ControlGroup.SAME_EFFECT
    assert found.difference.holds(0.0)


def test_an_effect_of_acting_on_the_genotype_is_absent_among_the_others() -> None:
    found = control_group(
        risk_difference((150, 1000), (260, 1000)), risk_difference((205, 1000), (200, 1000))
    )
    assert found.verdict is ControlGroup.NO_EFFECT


def test_a_small_control_group_leaves_it_open() -> None:
    found = control_group(risk_difference((150, 1000), (260, 1000)), risk_difference((8, 40), (10, 40)))
    assert found.verdict is ControlGroup.UNCLEAR


def test_systematic_error_is_found_and_taken_off() -> None:
    """Forty outcomes that the exposure cannot cause look 25 % more frequent with it: so does the real one."""
    random = np.random.default_rng(1)
    drawn = [random.normal(math.log(1.25), math.hypot(0.1, 0.15)) for _ in range(40)]
    controls = [Estimate(math.exp(one), 0.0, 9.0, 0.1) for one in drawn]
    found = calibrate(controls, 5)
    assert isinstance(found, Calibration)
    assert found.mean == pytest.approx(math.log(1.25), abs=0.09)
    assert found.spread == pytest.approx(0.15, abs=0.06)
    real = Estimate(1.3, 1.3 * math.exp(-Z * 0.1), 1.3 * math.exp(Z * 0.1), 0.1)
    assert not real.holds(1.0)
    assert found.calibrated(real).holds(1.0)


def test_three_negative_controls_calibrate_nothing() -> None:
    assert isinstance(calibrate([Estimate(1.1, 0.9, 1.3, 0.1)] * 3, 5), Refusal)


def test_a_lot_drawn_exposure_finds_nothing_also_where_the_real_one_does() -> None:
    """The check itself must not lie: its mean is 0 where the effect is strong, where it is none, and however
    the groups differ."""
    for seed in range(3):
        treated, outcome, x = groups(seed, 1.2, 2000)
        found = placebo(treated, outcome, x, seed)
        assert abs(found.mean) < 0.01
        assert found.spread == pytest.approx(0.021, abs=0.006)
    assert placebo(*groups(1, 1.0, 3000), 1).chance < 0.02
    assert placebo(*groups(1, 1.0, 3000), 1) == placebo(*groups(1, 1.0, 3000), 1)


def test_an_exposure_without_effect_is_not_rare_among_lots() -> None:
    chances = []
    for seed in range(20):
        treated, _, x = groups(seed, 1.0, 800)
        random = np.random.default_rng(seed)
        outcome = (random.random(800) < 1 / (1 + np.exp(1 - x[:, 0]))).astype(float)
        chances.append(placebo(treated, outcome, x, seed, draws=60).chance)
    assert sum(one < 0.05 for one in chances) <= 4
    assert 0.25 < np.mean(chances) < 0.75
