"""People treated elsewhere stand in for a control arm only when eligible, dated by one rule, and alike."""

from __future__ import annotations

import numpy as np
import pytest

from bedside.knowledge.study_policy import load_study_policy
from bedside.learn.estimate import Estimate, Refusal
from bedside.learn.studies.external_control import (
    Criterion,
    ExternalEffect,
    IndexRule,
    align,
    external_control,
    index_dates,
)
from bedside.learn.studies.known_truth import groups

LIMITS = load_study_policy().overlap


def test_who_is_not_known_to_be_eligible_is_not_and_is_counted() -> None:
    found = align(
        4,
        (
            Criterion("no earlier line", np.array([1.0, 1, 0, 1])),
            Criterion("ECOG 0-1", np.array([1, np.nan, 1, 0])),
        ),
    )
    assert found.eligible.tolist() == [True, False, False, False]
    assert (found.left, found.not_known) == ((3, 1), (0, 1))


def test_each_person_is_dated_once_by_one_rule() -> None:
    person, moment = np.array([1.0, 1, 1, 2, 3, 3]), np.array([5.0, 2, 9, 4, 8, 7])
    assert index_dates(person, moment, IndexRule.FIRST, 1).tolist() == [False, True, False, True, False, True]
    assert index_dates(person, moment, IndexRule.LAST, 1).tolist() == [False, False, True, True, True, False]
    lots = [index_dates(person, moment, IndexRule.BY_LOT, seed) for seed in range(300)]
    assert all(lot.sum() == 3 for lot in lots)
    assert np.mean([lot[0] for lot in lots]) == pytest.approx(1 / 3, abs=0.09)


def test_the_latest_moment_makes_survival_short_and_the_first_long() -> None:
    """Immortal time by the index rule alone: everybody lives ten years, moments fall anywhere in them."""
    random = np.random.default_rng(2)
    person, moment = np.repeat(np.arange(500.0), 3), random.uniform(0, 10, 1500)
    left = {rule: 10 - moment[index_dates(person, moment, rule, 1)].mean() for rule in IndexRule}
    assert left[IndexRule.LAST] < 3 < 4.5 < left[IndexRule.BY_LOT] < 5.5 < 7 < left[IndexRule.FIRST]


def test_the_effect_comes_with_what_would_tip_it() -> None:
    treated, outcome, x = groups(2, 1.0, 3000)
    found = external_control(treated, outcome, x, ("severity", "age", "site"), LIMITS)
    assert isinstance(found, ExternalEffect)
    assert found.tipping == found.compared.difference.high < 0
    assert found.e_values is not None
    assert found.e_values[0] > found.e_values[1] > 1
    assert isinstance(found.trimmed, Estimate)
    assert found.trimmed.value == pytest.approx(found.compared.difference.value, abs=0.02)


def test_people_who_are_not_alike_are_refused() -> None:
    treated, outcome, x = groups(2, 6.0, 3000)
    assert isinstance(external_control(treated, outcome, x, ("severity", "age", "site"), LIMITS), Refusal)
