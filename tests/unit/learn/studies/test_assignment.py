"""Clinicians drawn by lot: evenly, repeatably, and compared as drawn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedside.learn.estimate import Refusal
from bedside.learn.studies.assignment import (
    IntentionToTreat,
    balance_of,
    draw,
    intention_to_treat,
)

UNITS = st.dictionaries(st.text("abcdef", min_size=1, max_size=4), st.sampled_from("xyz"), min_size=1)


@given(UNITS, st.integers(2, 3), st.integers(0, 9999))
def test_in_every_stratum_the_arms_differ_by_one_at_most(units: dict[str, str], arms: int, seed: int) -> None:
    names = [f"arm {one}" for one in range(arms)]
    drawn = draw(list(units.items()), names, seed)
    assert {one.unit for one in drawn} == set(units)
    for stratum in set(units.values()):
        counts = [sum(one.arm == name and one.stratum == stratum for one in drawn) for name in names]
        assert max(counts) - min(counts) <= 1
    assert draw(list(reversed(units.items())), names, seed) == drawn


def test_the_lot_depends_on_its_seed_and_is_fair() -> None:
    units = [(f"clinician {one}", "site") for one in range(10)]
    first = [next(one.arm for one in draw(units, ("a", "b"), seed) if one.unit == "clinician 3")
             for seed in range(400)]  # fmt: skip
    assert 160 < first.count("a") < 240


def test_a_unit_named_twice_is_no_lot() -> None:
    with pytest.raises(ValueError, match="each unit once"):
        draw([("a", "x"), ("a", "y")], ("one", "two"), 1)
    with pytest.raises(ValueError, match="two arms"):
        draw([("a", "x")], ("one",), 1)


def trial(seed: int, effect: float, units: int = 30) -> IntentionToTreat | Refusal:
    drawn = draw([(f"u{one}", "s") for one in range(units)], ("short", "long"), seed)
    random = np.random.default_rng(seed)
    arm_of = {one.unit: one.arm for one in drawn}
    level = {one.unit: random.normal(0.5, 0.06) for one in drawn}
    unit = [f"u{one}" for one in range(units) for _ in range(40)]
    given_it = np.array([arm_of[one] == "short" for one in unit])
    did = np.where(random.random(len(unit)) < 0.1, ~given_it, given_it)
    chance = np.array([level[one] for one in unit]) + effect * did
    outcome = (random.random(len(unit)) < chance).astype(float)
    return intention_to_treat(unit, outcome, drawn, did.astype(float), "short", 6)


def test_intention_to_treat_counts_people_as_drawn_and_names_the_contamination() -> None:
    """A tenth of people got the other wording: the effect as drawn is four fifths of that of the wording."""
    found = [trial(seed, 0.2) for seed in range(60)]
    kept = [one for one in found if isinstance(one, IntentionToTreat)]
    assert np.mean([one.difference.value for one in kept]) == pytest.approx(0.16, abs=0.015)
    assert np.mean([one.contaminated for one in kept]) == pytest.approx(0.1, abs=0.01)
    assert sum(one.difference.holds(0.16) for one in kept) >= 52


def test_without_an_effect_it_rarely_finds_one() -> None:
    found = [trial(seed, 0.0) for seed in range(100, 180)]
    assert sum(isinstance(one, IntentionToTreat) and one.chance < 0.05 for one in found) <= 10


def test_four_units_are_too_few() -> None:
    assert isinstance(trial(1, 0.2, units=4), Refusal)


def test_balance_of_the_units_is_told() -> None:
    (age,) = balance_of(np.array([1.0, 1, 0, 0]), np.array([[50.0], [60], [40], [50]]), ("age",))
    assert (age.treated, age.untreated) == (55, 45)
    assert age.before == pytest.approx(2.0)
