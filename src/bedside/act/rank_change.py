"""What a new release of annotations changes for somebody unsolved: which diseases came near that were far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class ChangeKind(Enum):
    """Why somebody should look again."""

    NEW_NEAR = "new-near"
    ROSE = "rose"


@dataclass(frozen=True, slots=True)
class Place:
    """A disease's place in a ranking as it was kept: rank from 1, and its probability."""

    id: str
    label: str
    rank: int
    posterior: float


@dataclass(frozen=True, slots=True)
class RankPolicy:
    """What is worth a look: a disease that comes into the first `near`, or whose probability is at least
    `least` and became `times` as much."""

    near: int
    least: float
    times: float


@dataclass(frozen=True, slots=True)
class RankChange:
    """One disease and what changed. before: where it stood, None where it was not among those kept."""

    kind: ChangeKind
    after: Place
    before: Place | None


def changes(before: Sequence[Place], after: Sequence[Place], policy: RankPolicy) -> tuple[RankChange, ...]:
    """The diseases worth a look under a new ranking, in its order. The same ranking gives none."""
    old = {one.id: one for one in before}
    found = []
    for one in after:
        was = old.get(one.id)
        if one.rank <= policy.near and (was is None or was.rank > policy.near):
            found.append(RankChange(ChangeKind.NEW_NEAR, one, was))
        elif was is not None and one.posterior >= max(policy.least, policy.times * was.posterior):
            found.append(RankChange(ChangeKind.ROSE, one, was))
    return tuple(found)
