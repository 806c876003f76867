"""Which groups of a table may be shown beside its total, so that no small cell can be worked out.

A cell is small when it is at least 1 and below the least number. A group with a small cell is hidden. When
the hidden cells could be worked out from the total and the groups shown, further groups are hidden with them,
the smallest first.
"""

from __future__ import annotations

from collections.abc import Sequence

Cells = Sequence[int]


def shown_groups(groups: Sequence[Cells], least: int) -> tuple[bool, ...]:
    """For each group, its cells in the same order for all, whether it may be shown beside the exact total."""
    small = [any(0 < cell < least for cell in cells) for cells in groups]
    hidden = {place for place, one in enumerate(small) if one}
    order = sorted(
        (place for place in range(len(groups)) if place not in hidden), key=lambda p: sum(groups[p])
    )
    order = [place for place in order if sum(groups[place])] + [p for p in order if not sum(groups[p])]
    while hidden and order and not _covered(groups, hidden, least):
        hidden.add(order.pop(0))
    return tuple(place not in hidden for place in range(len(groups)))


def _covered(groups: Sequence[Cells], hidden: set[int], least: int) -> bool:
    """Whether what is hidden is hidden: at least two groups that have somebody, and in every kind of cell
    that is small in one of them the hidden ones together hold the least number or more."""
    if sum(1 for place in hidden if sum(groups[place])) < 2:
        return False
    for cell in range(len(groups[0])):
        held = [groups[place][cell] for place in hidden]
        if any(0 < one < least for one in held) and (sum(held) < least or sum(1 for h in held if h) < 2):
            return False
    return True
