"""Every shipped coverage policy answers what its examples say."""

from __future__ import annotations

import pytest

from bedside.decide.coverage_example import differences
from bedside.knowledge.coverage_policies import load_coverage
from bedside.knowledge.coverage_policy import PolicyExample

PACK = load_coverage()
EXAMPLES = [(name, one) for name, policy in PACK.policies.items() for one in policy.examples]


@pytest.mark.parametrize(
    ("policy", "example"), EXAMPLES, ids=[f"{name}-{one.says[:40]}" for name, one in EXAMPLES]
)
def test_each_example_of_a_policy_is_what_it_says(policy: str, example: PolicyExample) -> None:
    assert list(differences(PACK, policy, example)) == []


@pytest.mark.parametrize("name", PACK.policies)
def test_each_policy_with_criteria_has_a_positive_a_negative_and_an_unknown_example(name: str) -> None:
    policy = PACK.policies[name]
    answers = [one.answer for one in policy.examples]
    against = {"not-covered", "unknown"} & set(answers)
    assert against
    if policy.asks_of:
        assert "covered" in answers
        assert any(one.missing for one in policy.examples)
