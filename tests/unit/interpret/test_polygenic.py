"""A score is told among people of the same ancestry, or refused without a number."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from bedside.commands.polygenic import as_plain, as_text
from bedside.genome.person import Sex
from bedside.interpret.polygenic import PolygenicResult, Reason, Refusal, Standing, assess
from bedside.interpret.polygenic_ancestry import fit
from bedside.interpret.polygenic_match import Looked, Outcome, match
from bedside.knowledge.polygenic import load_polygenic_policy
from tests.unit.interpret.polygenic_people import panel, score_of, seen

POLICY = load_polygenic_policy()
ROWS = [f"1\t{100 + number}\tA\tG\t1.0" for number in range(4)]
HOME, AWAY = np.zeros(6), np.array([20.0, 0, 0, 0, 0, 0])


@pytest.fixture(scope="module")
def adjustment():
    return fit(panel(4), POLICY.components, POLICY.outside_quantile)


@pytest.fixture
def score(tmp_path):
    return score_of(tmp_path, *ROWS)


def person(copies: int) -> object:
    """Somebody with so many copies of the effect allele in all, over four variants."""
    return seen(*(("G", "A", 2) if number < copies // 2 else ("G", "", 0) for number in range(4)))


def told(score, adjustment, copies=0, **changed):
    values = {"sex": Sex.FEMALE, "age": 50, "components": HOME, "adjustment": adjustment, **changed}
    return assess(score, match(score, person(copies)), POLICY, **values)


def test_the_same_sum_is_high_in_one_ancestry_and_not_in_another(score, adjustment):
    here, there = told(score, adjustment, 4), told(score, adjustment, 4, components=AWAY)
    assert isinstance(here, PolygenicResult)
    assert isinstance(there, PolygenicResult)
    assert (here.standing, there.standing) == (Standing.HIGH, Standing.NOT_HIGH)
    assert here.z == pytest.approx(4.0, abs=0.4)
    assert there.z == pytest.approx(0.5, abs=0.3)


def test_a_result_names_its_interval_validity_action_panel_and_policy(score, adjustment):
    found = told(score, adjustment)
    assert isinstance(found, PolygenicResult)
    assert found.interval[0] < found.z < found.interval[1]
    assert found.account == {Outcome.REFERENCE_SEEN: 4}
    assert (found.trait, found.action, found.panel, found.panel_people) == (
        "standing height",
        "no action known",
        "made-up#0",
        400,
    )
    assert found.policy == POLICY.release
    assert "Action: no action known" in as_text(found)
    assert "says nothing about changes in single genes" in as_text(found)
    assert as_plain(found)["told"] is True


def test_near_the_threshold_nothing_is_claimed(score, adjustment):
    middle = replace(POLICY, high_z=told(score, adjustment).z)
    found = assess(score, match(score, person(0)), middle, age=50, components=HOME, adjustment=adjustment)
    assert isinstance(found, PolygenicResult)
    assert found.standing is Standing.UNDECIDED


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"age": None}, Reason.AGE_UNKNOWN),
        ({"age": 12}, Reason.AGE),
        ({"age": 70}, Reason.AGE),
        ({"adjustment": None}, Reason.NO_REFERENCE),
        ({"components": None}, Reason.NO_COMPONENTS),
        ({"components": np.zeros(3)}, Reason.NO_COMPONENTS),
        ({"components": np.full(6, np.nan)}, Reason.NO_COMPONENTS),
        ({"components": np.array([10.0, 0, 0, 0, 0, 0])}, Reason.OUTSIDE_REFERENCE),
        ({"components": np.full(6, 50.0)}, Reason.OUTSIDE_REFERENCE),
    ],
)
def test_a_score_that_cannot_be_compared_is_refused_with_the_reason(score, adjustment, changed, reason):
    found = told(score, **{"adjustment": adjustment, **changed})
    assert isinstance(found, Refusal)
    assert found.reason is reason
    assert found.remedy


def test_somebody_outside_the_reference_is_told_no_number_at_all(score, adjustment):
    found = told(score, adjustment, components=np.full(6, 50.0))
    assert isinstance(found, Refusal)
    assert not any(letter.isdigit() for letter in as_text(replace(found, score="")))
    assert {one.name for one in fields(Refusal)} == {"score", "reason", "remedy", "account"}
    assert not any(isinstance(value, float) for value in as_plain(found).values())


def test_too_few_answers_refuse_the_score_and_three_of_four_do_not(score, adjustment):
    gap = (Looked.NOT_TESTED,)
    here = ("G", "", 0)
    other = replace(adjustment, sites=3)
    two, three = (match(score, seen(*sites)) for sites in ((here, here, gap, gap), (here, here, here, gap)))
    low = assess(score, two, POLICY, age=50, components=HOME, adjustment=replace(adjustment, sites=2))
    assert low == Refusal(
        score.score, Reason.LOW_MATCH, low.remedy, {Outcome.REFERENCE_SEEN: 2, Outcome.NOT_TESTED: 2}
    )
    assert isinstance(
        assess(score, three, POLICY, age=50, components=HOME, adjustment=other), PolygenicResult
    )


def test_a_panel_scored_on_other_variants_or_another_score_compares_nobody(score, adjustment):
    for changed, reason in (({"sites": 5}, Reason.OTHER_VARIANTS), ({"score": "PGS1"}, Reason.OTHER_SCORE)):
        found = told(score, replace(adjustment, **changed))
        assert isinstance(found, Refusal)
        assert found.reason is reason


def test_a_score_for_one_sex_is_refused_for_the_other_and_for_nobody_knows_whom(score, adjustment):
    women = replace(POLICY.scores["PGS001229"], sexes=frozenset({Sex.FEMALE}))
    policy = replace(POLICY, scores={"PGS001229": women})
    answers = [
        assess(
            score, match(score, person(0)), policy, sex=sex, age=50, components=HOME, adjustment=adjustment
        )
        for sex in (Sex.FEMALE, Sex.MALE, Sex.UNKNOWN, Sex.OTHER)
    ]
    assert isinstance(answers[0], PolygenicResult)
    assert [one.reason for one in answers[1:] if isinstance(one, Refusal)] == [
        Reason.SEX,
        Reason.SEX_UNKNOWN,
        Reason.SEX_UNKNOWN,
    ]


def test_a_score_that_nobody_validated_is_not_told(score, adjustment):
    found = told(replace(score, score="PGS999999"), adjustment)
    assert isinstance(found, Refusal)
    assert found.reason is Reason.NOT_VALIDATED


@pytest.mark.parametrize(
    ("people", "components", "message"),
    [(30, 5, "too few to fit"), (400, 9, "has 6 components where 9 are needed")],
)
def test_a_panel_that_is_too_small_is_not_fitted(people, components, message):
    with pytest.raises(ValueError, match=message):
        fit(panel(4, people), components, 0.999)


def test_the_fit_knows_the_mean_and_the_spread_of_both_ancestries():
    made = panel(4, 4_000)
    found = fit(made, 5, 0.999)
    z, _ = found.standardised(made.sums, made.components[:, :5])
    for group in ("one", "two"):
        members = z[[one == group for one in made.groups]]
        assert abs(members.mean()) < 0.05
        assert abs(members.std() - 1) < 0.05
