"""What a new release changes for somebody unsolved."""

from __future__ import annotations

from bedside.act.rank_change import ChangeKind, Place, RankPolicy, changes

POLICY = RankPolicy(near=2, least=0.05, times=2.0)


def places(*said: tuple[str, float]) -> tuple[Place, ...]:
    return tuple(Place(name, name, rank, chance) for rank, (name, chance) in enumerate(said, 1))


BEFORE = places(("a", 0.3), ("b", 0.2), ("c", 0.04), ("d", 0.01))


def test_the_same_ranking_changes_nothing() -> None:
    assert changes(BEFORE, BEFORE, POLICY) == ()


def test_a_disease_that_was_far_or_unknown_and_came_near_is_worth_a_look() -> None:
    found = changes(BEFORE, places(("a", 0.3), ("new", 0.2), ("b", 0.1), ("c", 0.04)), POLICY)
    assert [(one.kind, one.after.id, one.before) for one in found] == [(ChangeKind.NEW_NEAR, "new", None)]
    found = changes(BEFORE, places(("c", 0.3), ("a", 0.2), ("b", 0.1)), POLICY)
    assert [(one.kind, one.after.id, one.before.rank if one.before else 0) for one in found] == [
        (ChangeKind.NEW_NEAR, "c", 3)
    ]


def test_a_probability_that_doubled_is_worth_a_look_only_when_it_is_not_tiny() -> None:
    found = changes(BEFORE, places(("a", 0.3), ("b", 0.2), ("c", 0.09), ("d", 0.03)), POLICY)
    assert [(one.kind, one.after.id) for one in found] == [(ChangeKind.ROSE, "c")]
