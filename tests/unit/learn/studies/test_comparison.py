"""Two groups made comparable: as two other programs have it, and refused with every figure."""

from __future__ import annotations

import numpy as np
import pytest

from bedside.knowledge.study_policy import load_study_policy
from bedside.learn.estimate import Estimate, Reason, Refusal, Why
from bedside.learn.studies.balance import Overlap, too_little
from bedside.learn.studies.comparison import Compared, compare
from bedside.learn.studies.known_truth import groups
from bedside.learn.studies.propensity import Whom
from bedside.learn.studies.unmeasured import e_value, e_values, tipping_point

POLICY = load_study_policy()
NAMES = ("severity", "age", "site")


def made(seed: int = 7, augmented: bool = True, whom: Whom = Whom.EVERYBODY) -> Compared:
    treated, outcome, x = groups(seed, 1.0, 2000)
    found = compare(treated, outcome, x, NAMES, POLICY.overlap, whom, augmented)
    assert isinstance(found, Compared)
    return found


def test_the_augmented_estimate_is_that_of_zepid() -> None:
    """zepid 0.9.1's AIPTW on these 2,000 people, with an outcome model of its own for either group."""
    found = made()
    assert found.difference.value == pytest.approx(-0.04899505706711719, abs=1e-9)
    assert found.difference.error == pytest.approx(0.019662616431877278, abs=1e-9)
    assert found.ratio is not None
    assert found.ratio.value == pytest.approx(0.8395518645542845, abs=1e-9)


def test_the_weighted_estimate_is_that_of_causallib() -> None:
    """causallib 0.10.0's IPW, with scikit-learn's logistic regression without a penalty."""
    assert made(augmented=False).difference.value == pytest.approx(-0.04500252838819374, abs=1e-7)


def test_with_one_stratum_it_is_plain_standardisation() -> None:
    """One yes-or-no covariate: the estimate is the stratified difference weighted by stratum size."""
    treated = np.array([True] * 60 + [False] * 60 + [True] * 60 + [False] * 120)
    stratum = np.array([0.0] * 120 + [1.0] * 180)
    outcome = np.concatenate(
        [np.repeat([1.0, 0.0], [30, 30]), np.repeat([1.0, 0.0], [45, 15]),
         np.repeat([1.0, 0.0], [12, 48]), np.repeat([1.0, 0.0], [30, 90])]
    )  # fmt: skip
    by_hand = 120 / 300 * (30 / 60 - 45 / 60) + 180 / 300 * (12 / 60 - 30 / 120)
    for augmented in (True, False):
        found = compare(
            treated, outcome, stratum[:, None], ("stratum",), POLICY.overlap, Whom.EVERYBODY, augmented
        )
        assert isinstance(found, Compared)
        assert found.difference.value == pytest.approx(by_hand, abs=1e-9)
    among = compare(treated, outcome, stratum[:, None], ("stratum",), POLICY.overlap, Whom.TREATED)
    assert isinstance(among, Compared)
    assert among.difference.value == pytest.approx(0.5 * -0.25 + 0.5 * -0.05, abs=1e-9)


def test_balance_is_reported_before_and_after() -> None:
    found = made().overlap
    severity = found.differences[0]
    assert severity.name == "severity"
    assert severity.before > 0.4
    assert abs(severity.after) < 0.05
    assert found.worst < 0.1
    assert found.outside < 0.05


def test_every_limit_that_is_not_kept_is_named_with_its_figure() -> None:
    treated, outcome, x = groups(1, 6.0)
    found = compare(treated, outcome, x, NAMES, POLICY.overlap)
    assert isinstance(found, Refusal)
    assert {one.why for one in found.reasons} >= {Why.NO_COUNTERPART, Why.ONE_RULES}
    outside = next(one for one in found.reasons if one.why is Why.NO_COUNTERPART)
    assert outside.found > outside.limit == POLICY.overlap.most_outside


def test_a_handful_of_people_is_refused_before_anything_is_fitted() -> None:
    treated, outcome, x = groups(1)
    treated[np.flatnonzero(treated)[20:]] = False
    found = compare(treated, outcome, x, NAMES, POLICY.overlap)
    assert found == Refusal((Reason(Why.TOO_FEW_TREATED, 20, 50),))
    assert compare(np.zeros(len(treated), bool), outcome, x, NAMES, POLICY.overlap) == Refusal(
        (Reason(Why.TOO_FEW_TREATED, 0, 50),)
    )


def test_an_outcome_that_is_not_known_is_an_error_and_never_none() -> None:
    treated, outcome, x = groups(1)
    outcome[3] = np.nan
    with pytest.raises(ValueError, match="not known"):
        compare(treated, outcome, x, NAMES, POLICY.overlap)


@pytest.mark.parametrize("example", POLICY.examples, ids=lambda one: one["says"])
def test_the_policy_does_what_its_examples_say(example: dict[str, float]) -> None:
    from bedside.learn.studies.balance import Difference

    left = Difference("x", 0.0, 0.0, 0.0, example["worst"])
    seen = Overlap(
        int(example["treated"]), int(example["untreated"]), example["outside"], example["effective"],
        example["largest"], (left,),
    )  # fmt: skip
    assert (too_little(seen, POLICY.overlap) is not None) == example["refused"]


def test_e_values_are_the_published_ones() -> None:
    """VanderWeele and Ding 2017: a risk ratio of 3.9 (1.8 to 8.7) has E-values of 7.26 and 3.00."""
    assert e_value(3.9) == pytest.approx(7.26, abs=0.005)
    assert e_value(1 / 3.9) == pytest.approx(7.26, abs=0.005)
    assert e_values(Estimate(3.9, 1.8, 8.7, 0.4)) == pytest.approx((7.26, 3.0), abs=0.005)
    assert e_values(Estimate(1.2, 0.9, 1.6, 0.1))[1] == 1.0
    with pytest.raises(ValueError, match="above 0"):
        e_value(0)


def test_the_tipping_point_is_where_the_interval_reaches_nothing() -> None:
    assert tipping_point(Estimate(-0.10, -0.16, -0.04, 0.03)) == -0.04
    assert tipping_point(Estimate(0.10, 0.04, 0.16, 0.03)) == 0.04
    assert tipping_point(Estimate(0.10, -0.04, 0.24, 0.07)) == 0
