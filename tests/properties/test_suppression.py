"""A small cell that is hidden cannot be worked out, by somebody who knows the rule too.

Every small table is made; those that look the same when shown are one lot; within each lot, each hidden small
cell must have more than one value.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedside.learn.suppression import shown_groups

Table = tuple[tuple[int, ...], ...]


def lots(
    groups: int, kinds: int, most: int, least: int, empty: bool
) -> Iterator[tuple[list[int], list[Table]]]:
    """The places hidden and every table that looks the same. What is open is 0 or just enough, for only that
    it is not small counts."""
    rows = [row for row in product(range(most + 1), repeat=kinds) if empty or any(row)]
    plain = [row for row in rows if set(row) <= {0, least}]
    for size in range(2, groups):
        for hidden in combinations(range(groups), size):
            for rest in product(plain, repeat=groups - size):
                alike: dict[tuple[int, ...], list[Table]] = defaultdict(list)
                for filled in product(rows, repeat=size):
                    sums = tuple(map(sum, zip(*filled, strict=True)))
                    if max(sums) > most:
                        continue  # not every table that looks like this one is made
                    put = iter(rest)
                    table = tuple(
                        filled[hidden.index(p)] if p in hidden else next(put) for p in range(groups)
                    )
                    if [p for p, one in enumerate(shown_groups(table, least)) if not one] == list(hidden):
                        alike[sums].append(table)
                for tables in alike.values():
                    yield list(hidden), tables


@pytest.mark.parametrize(
    ("groups", "kinds", "most", "least", "empty"),
    [
        (3, 2, 7, 3, True),
        (3, 2, 7, 3, False),
        (3, 1, 20, 5, True),
        (4, 1, 12, 3, True),
        (5, 1, 8, 3, True),
        (5, 1, 8, 3, False),
        (4, 2, 6, 3, False),
    ],
)
def test_no_hidden_small_cell_can_be_worked_out(groups, kinds, most, least, empty) -> None:
    seen = 0
    for hidden, tables in lots(groups, kinds, most, least, empty):
        seen += 1
        for place, kind in product(hidden, range(kinds)):
            values = {table[place][kind] for table in tables}
            assert len(values) > 1 or not 0 < min(values) < least, (tables[0], hidden, place, kind)
    assert seen


ROWS = st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90)), min_size=1, max_size=7)


@given(ROWS, st.integers(2, 11))
def test_no_small_cell_is_shown_and_nothing_is_hidden_for_nothing(rows, least) -> None:
    shown = shown_groups(rows, least)
    small = [any(0 < cell < least for cell in row) for row in rows]
    assert not any(one and held for one, held in zip(shown, small, strict=True))
    assert all(shown) == (not any(small))


def test_nothing_is_hidden_where_nothing_is_small() -> None:
    assert shown_groups([(10, 20), (5, 0), (7, 9)], 5) == (True, True, True)


def test_one_small_group_takes_the_last_with_it() -> None:
    assert shown_groups([(50, 60), (3, 40), (30, 20)], 5) == (True, False, False)
    assert shown_groups([(50, 60), (30, 20), (3, 40)], 5) == (True, False, False)


def test_where_everybody_is_in_small_groups_none_is_shown() -> None:
    assert shown_groups([(1, 0), (1, 0), (1, 0)], 3) == (False, False, False)
    assert shown_groups([(1, 0)], 3) == (False,)
