"""A small cell that is hidden cannot be worked out, tried by brute force: every table that would have been
shown the same way is made, and each hidden small cell differs between two of them."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.learn.suppression import shown_groups

LEAST = 3
ROWS = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=2, max_size=5)


def splits(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Every way to share out a number."""
    if parts < 2:
        yield (total,) * parts
        return
    for first in range(total + 1):
        for rest in splits(total - first, parts - 1):
            yield (first, *rest)


def could_be(rows: list[tuple[int, int]], shown: tuple[bool, ...]) -> list[list[tuple[int, int]]]:
    """Every table with the same total that shows the same groups with the same cells."""
    hidden = [place for place, one in enumerate(shown) if not one]
    found = []
    for met in splits(sum(rows[p][0] for p in hidden), len(hidden)):
        for failed in splits(sum(rows[p][1] for p in hidden), len(hidden)):
            table = list(rows)
            for place, one, other in zip(hidden, met, failed, strict=True):
                table[place] = (one, other)
            if shown_groups(table, LEAST) == shown:
                found.append(table)
    return found


@settings(max_examples=150, deadline=None)
@given(ROWS)
def test_no_hidden_small_cell_can_be_worked_out(rows: list[tuple[int, int]]) -> None:
    shown = shown_groups(rows, LEAST)
    assert all(not any(0 < cell < LEAST for cell in row) for row, one in zip(rows, shown, strict=True) if one)
    if sum(1 for row in rows if sum(row)) < 2:
        return  # one group that is everybody is the total, which is shown
    tables = could_be(rows, shown)
    for place, row in enumerate(rows):
        for cell in (0, 1):
            if not shown[place] and 0 < row[cell] < LEAST and sum(r[cell] for r in rows) > row[cell]:
                assert len({table[place][cell] for table in tables}) > 1, (rows, shown, place, cell)


def test_nothing_is_hidden_where_nothing_is_small() -> None:
    assert shown_groups([(10, 20), (5, 0), (7, 9)], 5) == (True, True, True)


def test_one_small_group_takes_the_next_smallest_with_it() -> None:
    assert shown_groups([(50, 60), (3, 40), (30, 20)], 5) == (True, False, False)
