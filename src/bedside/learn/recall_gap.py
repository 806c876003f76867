"""Whether a worklist finds people of every group alike: recall by group, and the gap to everybody else.

Only people whose answer is known count. Groups with too few of them are not shown, and where that would leave
one group to be worked out from the total, the next smallest is not shown either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from bedside.learn.shares import Share

UNKNOWN = "not recorded"


@dataclass(frozen=True, slots=True)
class GroupRecall:
    """One group. recall: found of the labelled; None when too few are labelled. gap: its recall minus that of
    everybody else who is labelled, with its 95 % interval; None when either side has too few."""

    kind: str
    group: str
    recall: Share | None
    gap: tuple[float, float, float] | None


def recall_by_group(
    groups: Mapping[str, Sequence[str]], found: Sequence[bool], least: int
) -> tuple[GroupRecall, ...]:
    """The table; each sequence has a place for each labelled person."""
    lines: list[GroupRecall] = []
    whole = Share(sum(found), len(found))
    for kind, said in groups.items():
        counted: dict[str, Share] = {}
        for name, hit in zip(said, found, strict=True):
            held = counted.get(name or UNKNOWN, Share(0, 0))
            counted[name or UNKNOWN] = Share(held.count + int(hit), held.of + 1)
        hidden = hidden_groups(counted, least)
        for name in sorted(counted):
            mine = counted[name]
            rest = Share(whole.count - mine.count, whole.of - mine.of)
            shown = None if name in hidden else mine
            gap = None if shown is None or rest.of < least else difference(mine, rest)
            lines.append(GroupRecall(kind, name, shown, gap))
    return tuple(lines)


def hidden_groups(counted: Mapping[str, Share], least: int) -> frozenset[str]:
    """The groups that are too small, and one more when a single one could be worked out."""
    small = {name for name, share in counted.items() if share.of < least}
    others = [name for name in counted if name not in small]
    if len(small) == 1 and others:
        small.add(min(others, key=lambda name: (counted[name].of, name)))
    return frozenset(small)


def difference(mine: Share, rest: Share) -> tuple[float, float, float]:
    """The difference of two shares with Newcombe's 95 % interval. Raises ValueError of nobody."""
    if mine.value is None or rest.value is None or mine.interval is None or rest.interval is None:
        raise ValueError("of nobody there is no share")
    gap = mine.value - rest.value
    low = sqrt((mine.value - mine.interval[0]) ** 2 + (rest.interval[1] - rest.value) ** 2)
    high = sqrt((mine.interval[1] - mine.value) ** 2 + (rest.value - rest.interval[0]) ** 2)
    return gap, max(-1.0, gap - low), min(1.0, gap + high)
