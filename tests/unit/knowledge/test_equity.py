"""How many people of somebody's group a result was read against, and that a small number is said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bedside.knowledge.equity import load_gap_policy, load_references

REFERENCES, LIMIT = load_references(), load_gap_policy().least_reference


@pytest.mark.parametrize("example", REFERENCES.examples, ids=lambda one: one["title"])
def test_the_examples_of_the_pack_hold(example: dict[str, object]) -> None:
    found = REFERENCES.size("variants", str(example["said"]), LIMIT)
    assert (found.people, found.small) == (example.get("people"), example["caveat"])


@given(said=some.sampled_from(["", "Polynesian", *REFERENCES.groups]), limit=some.integers(1, 70_000))
def test_the_caveat_appears_when_the_reference_is_below_the_limit_or_not_known_and_only_then(
    said: str, limit: int
) -> None:
    found = REFERENCES.size("variants", said, limit)
    number = REFERENCES.people["variants"].get(REFERENCES.groups.get(said, ""))
    assert (found.words != "") == (number is None or number < limit)


def test_an_ancestry_that_nobody_recorded_is_said_and_never_the_usual_one() -> None:
    words = REFERENCES.size("variants", "", LIMIT).words
    assert "ancestry is not recorded" in words
    (rate,) = REFERENCES.uncertain
    assert rate.words("") == ""
    assert "12.3 % of the people of this group, against 5.8 %" in rate.words("african")
    assert "against" not in rate.words("european")
