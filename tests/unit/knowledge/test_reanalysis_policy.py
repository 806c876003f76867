"""The policy of reanalysis: every kind of task has an owner and a day, downgrades go another way."""

from __future__ import annotations

import pytest

from bedside.errors import PackError
from bedside.knowledge.provenance import DATA, parse_rule_file
from bedside.knowledge.reanalysis_policy import (
    FindingTask,
    ReanalysisPolicy,
    load_reanalysis_policy,
    read_reanalysis_policy,
)

SHIPPED = (DATA / "reanalysis" / "reanalysis.toml").read_text()


def read(text: str) -> ReanalysisPolicy:
    return read_reanalysis_policy(parse_rule_file("reanalysis.toml", text.encode(), "reanalysis"))


def test_every_kind_of_task_is_owned_dated_and_escalated():
    policy = load_reanalysis_policy()
    for kind in FindingTask:
        channel = policy.of(kind)
        assert channel.task.kind == kind.value
        assert channel.task.owner != channel.task.escalate_to
        assert 0 < channel.task.due_in_working_days < channel.task.escalate_after_working_days
    assert "awaiting sign-off" in policy.provenance.review_state


def test_downgrades_have_their_own_channel_and_owner():
    policy = load_reanalysis_policy()
    up, down = policy.of(FindingTask.UPGRADED), policy.of(FindingTask.DOWNGRADED)
    assert (up.name, down.name) == ("finding", "correction")
    assert up.task.owner != down.task.owner


@pytest.mark.parametrize(
    ("was", "becomes", "reason"),
    [
        ('kind = "variant-conflict"', 'kind = "variant-something"', "not a policy of reanalysis"),
        ('owner = "variant scientist"', 'owner = ""', "needs an owner"),
        ("share_lost = 0.10", "share_lost = 2", "a share lies above 0"),
        ("share_new = 1.0", "", "not a policy of reanalysis"),
        ("settle_days = 90", "settle_days = -1", "start at 0"),
        ("[steps]", "[other]", "not a policy of reanalysis"),
    ],
)
def test_a_policy_that_leaves_something_open_is_refused(was, becomes, reason):
    assert was in SHIPPED
    with pytest.raises(PackError, match=reason):
        read(SHIPPED.replace(was, becomes))


def test_a_kind_without_an_entry_is_named():
    start = SHIPPED.index('[[task]]\nkind = "variant-recontact"')
    end = SHIPPED.index("[[task]]", start + 1)
    with pytest.raises(PackError, match="nobody owns variant-recontact"):
        read(SHIPPED[:start] + SHIPPED[end:])
