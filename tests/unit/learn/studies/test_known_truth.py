"""People of whom the truth is known: estimates come out right, naive ones do not, and what must be refused
is. A thousand repetitions of each are in benchmarks/evidence.py; here a few, with room for chance.
"""

from __future__ import annotations

import numpy as np
import pytest

from bedside.knowledge.study_policy import load_study_policy
from bedside.learn.estimate import Estimate, Refusal, Why
from bedside.learn.studies.known_truth import DESIGNS, Answer, compared, groups, wedge
from bedside.learn.studies.propensity import Whom

POLICY = load_study_policy()
REPS = {"late entry: Cox": 12, "interrupted time series": 25}
WRONG = {
    "AIPW, everybody": 0.05, "overlap weights": 0.05, "stepped wedge, 12 clinics": 0.02,
    "target trial with grace period": -0.1, "late entry: Cox": -0.1, "late entry: years lived of three": 0.1,
    "competing risks, late entry": 0.08, "external control": 0.05,
}  # fmt: skip
"""By how much the naive analysis is wrong at least, in this direction."""


def answers(name: str, reps: int) -> list[Answer]:
    design = next(one for one in DESIGNS if one.name == name)
    return [design.study(seed, POLICY) for seed in range(5000, 5000 + reps)]


@pytest.mark.parametrize("name", [one.name for one in DESIGNS if "without overlap" not in one.name])
def test_the_truth_is_found_and_covered(name: str) -> None:
    found = answers(name, REPS.get(name, 40))
    kept = [one for one in found if isinstance(one.estimate, Estimate)]
    assert len(kept) >= len(found) * 0.85
    errors = np.array([one.estimate.value - one.truth for one in kept])  # type: ignore[union-attr]
    assert abs(errors.mean()) < 4 * errors.std() / np.sqrt(len(errors))
    covered = sum(one.estimate.holds(one.truth) for one in kept)  # type: ignore[union-attr]
    assert covered >= len(kept) * 0.83  # of 40 at 95 % less than 33: two in a million
    if name in WRONG:
        naive = np.mean([one.naive.value - one.truth for one in kept if one.naive is not None])
        assert naive / WRONG[name] > 1


@pytest.mark.parametrize("name", [one.name for one in DESIGNS if "without overlap" in one.name])
def test_without_people_alike_nothing_is_estimated(name: str) -> None:
    for one in answers(name, 20):
        assert isinstance(one.estimate, Refusal)
        assert {reason.why for reason in one.estimate.reasons} & {Why.NO_COUNTERPART, Why.FEW_EFFECTIVE}


def test_five_clinics_are_too_few() -> None:
    found = wedge(1, POLICY, clinics=5).estimate
    assert isinstance(found, Refusal)
    assert [(one.why, one.found, one.limit) for one in found.reasons] == [(Why.TOO_FEW_CLUSTERS, 5, 6)]


def test_the_same_seed_draws_the_same_people() -> None:
    assert all(np.array_equal(one, two) for one, two in zip(groups(3), groups(3), strict=True))
    assert compared(3, POLICY, Whom.OVERLAP) == compared(3, POLICY, Whom.OVERLAP)
