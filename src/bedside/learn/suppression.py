"""Which groups of a table may be shown beside its total, so that no small cell can be worked out.

A cell is small when it is at least 1 and below the least number. A group with a small cell is hidden. When
the hidden cells could be worked out from the total, the groups shown and this very rule, further groups are
hidden with them: the last first, whatever they hold, because which group is hidden must say nothing about
what is in it. Callers put the groups in an order of their own, "not known" last.
"""

from __future__ import annotations

from collections.abc import Sequence

Cells = Sequence[int]
EVERY_GROUP = "every group"
"""Stands for all groups where none may be shown."""


def shown_groups(groups: Sequence[Cells], least: int) -> tuple[bool, ...]:
    """For each group, its cells in the same order for all, whether it may be shown beside the exact total.

    When none may be shown, none may be named either: the total and the number of groups would tell too much.
    """
    hidden = {place for place, cells in enumerate(groups) if any(0 < cell < least for cell in cells)}
    order = [place for place in range(len(groups)) if place not in hidden]
    while hidden and order and not _covered([groups[place] for place in hidden], least):
        hidden.add(order.pop())
    if hidden and not _covered([groups[place] for place in hidden], least):
        return (False,) * len(groups)
    return tuple(place not in hidden for place in range(len(groups)))


def _covered(hidden: Sequence[Cells], least: int) -> bool:
    """Whether what is hidden stays hidden: in every kind of cell that is small in one of them, two or more
    hold somebody and all together hold the least number for each of them."""
    return all(
        sum(cells) >= least * len(cells) and sum(1 for cell in cells if cell) > 1
        for cells in zip(*hidden, strict=True)
        if any(0 < cell < least for cell in cells)
    )
