"""People who came late count from the day they came, as lifelines has it."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from bedside.knowledge.study_policy import load_study_policy
from bedside.learn.competing_risks import cumulative_incidence
from bedside.learn.estimate import Refusal, Why
from bedside.learn.studies.known_truth import late
from bedside.learn.studies.survival import Survival, hazard_ratios, survival

LEAST = load_study_policy().other.least_at_risk


@pytest.mark.parametrize("came_late", [True, False])
def test_the_curve_and_its_mean_are_those_of_lifelines(came_late: bool) -> None:
    from lifelines import KaplanMeierFitter
    from lifelines.utils import restricted_mean_survival_time

    entry, end, died, _ = late(11)
    entries = entry if came_late else None
    found = survival(end, died, entries, LEAST)
    assert isinstance(found, Survival)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = KaplanMeierFitter().fit(end, died, entry=entries)
        mean = restricted_mean_survival_time(theirs, t=3.0)
    for time in (0.5, 1.0, 2.0, 3.0):
        assert found.at(time).value == pytest.approx(float(theirs.predict(time)), abs=1e-9)
    assert found.mean(3.0).value == pytest.approx(float(mean), abs=1e-6)
    assert found.at(0.0).value == 1.0


def test_the_test_of_proportional_hazards_is_that_of_lifelines() -> None:
    import pandas as pd
    from lifelines import CoxPHFitter
    from lifelines.statistics import proportional_hazard_test

    _, end, died, treated = late(3)
    x = np.column_stack([treated, np.random.default_rng(0).normal(size=len(end))])
    found = hazard_ratios(end, died, x, ("treated", "age"), None)
    frame = pd.DataFrame({"a": x[:, 0], "b": x[:, 1], "time": end, "died": died.astype(int)})
    fit = CoxPHFitter().fit(frame, "time", "died")
    theirs = proportional_hazard_test(fit, frame, time_transform="rank").p_value
    assert list(found.proportional.values()) == pytest.approx(list(theirs), abs=1e-9)


def test_a_hazard_that_turns_is_seen() -> None:
    random = np.random.default_rng(2)
    treated = np.repeat([0.0, 1.0], 400)
    early = random.exponential(np.where(treated == 1, 0.3, 2.0))
    time = np.where(early < 0.5, early, 0.5 + random.exponential(np.where(treated == 1, 4.0, 0.5)))
    found = hazard_ratios(time, np.ones(800, bool), treated[:, None], ("treated",), None)
    assert found.proportional["treated"] < 1e-6


def test_a_death_among_two_who_came_first_is_no_curve() -> None:
    entry = np.concatenate(([0.0, 0.0], np.full(98, 1.0)))
    end = np.concatenate(([0.2, 3.0], np.linspace(1.5, 4, 98)))
    found = survival(end, np.ones(100, bool), entry, LEAST)
    assert isinstance(found, Refusal)
    assert [(one.why, one.found) for one in found.reasons] == [(Why.TOO_FEW_AT_RISK, 2)]


def test_nobody_leaves_before_coming() -> None:
    with pytest.raises(ValueError, match="before leaving"):
        survival(np.array([1.0]), np.array([True]), np.array([2.0]), LEAST)
    with pytest.raises(ValueError, match="before leaving"):
        cumulative_incidence(np.array([1.0]), np.array([1]), np.array([1.0]))


def test_incidence_of_people_who_came_at_the_start_is_as_before() -> None:
    _, end, died, _ = late(4)
    causes = died.astype(np.int64)
    plain, zero = cumulative_incidence(end, causes), cumulative_incidence(end, causes, np.zeros(len(end)))
    assert np.array_equal(plain[1].incidence, zero[1].incidence)
    assert np.array_equal(plain[1].variance, zero[1].variance)


def test_incidence_of_late_people_by_hand() -> None:
    """Three people; the third comes at 1.5, after the first event: at risk 2 at time 1, 2 at time 2."""
    found = cumulative_incidence(np.array([1.0, 2.0, 3.0]), np.array([1, 2, 1]), np.array([0.0, 0.0, 1.5]))[1]
    assert found.at_risk.tolist() == [2, 2, 1]
    assert found.incidence.tolist() == [0.5, 0.5, 0.75]
