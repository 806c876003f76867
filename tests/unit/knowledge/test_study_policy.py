"""The limits of studies are read from a pack, and a pack that could not refuse is refused."""

from __future__ import annotations

import pytest

from bedside.errors import PackError
from bedside.knowledge.provenance import DATA, parse_rule_file
from bedside.knowledge.study_policy import KIND, SeriesLimits, load_study_policy, read_study_policy

SHIPPED = (DATA / KIND / "study-policy.toml").read_text()


def test_the_shipped_policy() -> None:
    policy = load_study_policy()
    assert policy.interrupted_series == SeriesLimits(least_before=8, least_after=8, least_events=40)
    assert "awaiting sign-off" in policy.provenance.review_state


def test_a_policy_without_a_limit_or_with_an_impossible_one_is_refused() -> None:
    for old, new in (("least_before = 8", "least_before = 1"), ("least_events = 40", "")):
        with pytest.raises(PackError, match="not a study policy"):
            read_study_policy(parse_rule_file("x.toml", SHIPPED.replace(old, new).encode(), KIND))
