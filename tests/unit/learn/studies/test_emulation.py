"""Nobody gains time by having had to live until treatment."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from bedside.knowledge.study_policy import load_study_policy
from bedside.learn.estimate import Refusal, Why
from bedside.learn.studies.emulation import Emulated, Followed, emulate
from bedside.learn.studies.known_truth import GRACE, followed

LIMITS = load_study_policy().overlap


def no_effect(seed: int, people: int = 3000) -> Followed:
    """Treatment that does nothing, started in any of ten weeks; a quarter have the outcome."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(people, 1))
    start = np.minimum(random.geometric(0.12, people) - 1, 10)
    event = random.geometric(np.clip(0.03 * np.exp(0.5 * x[:, 0]), 0, 1)) - 1
    end, outcome = np.minimum(event, 9), event < 10
    return Followed(np.where(start > end, 10, start), end, outcome, x, 10)


def test_a_treatment_without_effect_has_none_though_the_naive_figure_is_strong() -> None:
    found = [emulate(no_effect(seed), GRACE, LIMITS) for seed in range(12)]
    kept = [one for one in found if isinstance(one, Emulated)]
    assert len(kept) >= 11
    assert np.mean([one.immortal_time.value for one in kept]) < -0.1
    assert all(one.immortal_time.high < 0 for one in kept)
    assert np.mean([one.difference.value for one in kept]) == pytest.approx(0, abs=0.02)
    assert sum(one.difference.holds(0) for one in kept) >= 9


def test_risks_rise_and_end_at_the_answer() -> None:
    found = emulate(followed(1), GRACE, LIMITS)
    assert isinstance(found, Emulated)
    assert (np.diff(found.curves, axis=1) >= 0).all()
    assert found.curves[:, -1].tolist() == [found.with_it, found.without]
    assert found.people == 2000


def test_hardly_anybody_treated_is_refused() -> None:
    rare = dataclasses.replace(followed(1), start=np.full(2000, 10))
    found = emulate(rare, GRACE, LIMITS)
    assert isinstance(found, Refusal)
    assert [one.why for one in found.reasons] == [Why.TOO_FEW_TREATED]


def test_the_grace_period_ends_within_the_follow_up() -> None:
    with pytest.raises(ValueError, match="grace"):
        emulate(followed(1), 10, LIMITS)
