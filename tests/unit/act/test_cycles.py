"""A cycle goes plan, do, study, act; what was not studied can only be abandoned."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.act.cycles import NEXT, Choice, Cycle, Step, moved, without_cycle, wrong_move

DAY = datetime(2026, 3, 2, tzinfo=UTC)
PLAN = {"aim": "fewer warnings", "measure": "follow-through-24h", "change": "passive", "prediction": "half"}
SAID: dict[Step, dict[str, Any]] = {
    Step.PLAN: PLAN,
    Step.DO: {"before": "rules#1", "after": "rules#2"},
    Step.STUDY: {"result": {"ratio": 0.5}},
    Step.ACT: {"decision": "adopt", "reason": "as predicted"},
}


def walk(*steps: Step) -> Cycle:
    cycle = Cycle("c1")
    for step in steps:
        cycle = moved(cycle, step, DAY, "Eva", SAID[step])
    return cycle


def test_a_whole_cycle_holds_everything_that_was_said() -> None:
    cycle = walk(Step.PLAN, Step.DO, Step.STUDY, Step.STUDY, Step.ACT)
    assert (cycle.aim, cycle.before, cycle.after) == ("fewer warnings", "rules#1", "rules#2")
    assert (cycle.result, cycle.decision, cycle.reason) == ({"ratio": 0.5}, Choice.ADOPT, "as predicted")
    assert (cycle.done_at, len(cycle.moves)) == (DAY, 5)


@pytest.mark.parametrize(
    ("taken", "next_step", "why"),
    [
        ((), Step.DO, "after a new cycle comes plan, not do"),
        ((Step.PLAN,), Step.STUDY, "after plan comes act, do, not study"),
        ((Step.PLAN, Step.DO), Step.ACT, "what was not studied can only be abandoned"),
        ((Step.PLAN, Step.DO, Step.STUDY, Step.ACT), Step.STUDY, "after act comes nothing, not study"),
    ],
)
def test_a_step_out_of_turn_is_refused_with_what_may_come(
    taken: tuple[Step, ...], next_step: Step, why: str
) -> None:
    assert wrong_move(walk(*taken), next_step, SAID[next_step]) == (why,)


def test_every_missing_word_is_named_at_once() -> None:
    assert wrong_move(Cycle("c"), Step.PLAN, {"aim": "x"}) == (
        "measure is missing", "change is missing", "prediction is missing",
    )  # fmt: skip
    assert wrong_move(
        walk(Step.PLAN, Step.DO, Step.STUDY), Step.ACT, {"decision": "keep", "reason": "r"}
    ) == ("the decision is one of adopt, adapt, abandon",)


def test_a_cycle_may_be_abandoned_before_it_was_studied() -> None:
    cycle = moved(walk(Step.PLAN), Step.ACT, DAY, "Eva", {"decision": "abandon", "reason": "no time"})
    assert cycle.decision is Choice.ABANDON


@given(st.lists(st.sampled_from(Step), max_size=8))
@settings(max_examples=60, deadline=None)
def test_whatever_is_tried_a_cycle_only_ever_takes_steps_that_may_follow(tried: list[Step]) -> None:
    cycle = Cycle("c")
    for step in tried:
        before = cycle
        try:
            cycle = moved(cycle, step, DAY, "Eva", SAID[step])
        except ValueError:
            assert cycle is before
    steps = [None, *(one.step for one in cycle.moves)]
    assert all(b in NEXT[a] for a, b in pairwise(steps) if b is not None)


def test_a_change_of_rules_or_a_decision_without_a_cycle_is_listed() -> None:
    rules = [("rules#1", DAY), ("rules#2", DAY), ("rules#3", DAY)]
    decided = [("p1", DAY, "c1"), ("p2", DAY, "")]
    found = without_cycle(rules, decided, [walk(Step.PLAN, Step.DO)])
    assert [(one.before, one.after) for one in found] == [
        ("decision p2", "decision p2"), ("rules#2", "rules#3"),
    ]  # fmt: skip
