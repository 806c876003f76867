"""A report of gaps: an injected one stands, chance ones do not, and a hidden group shows no number."""

from __future__ import annotations

import numpy as np

from bedside.learn.equity import Standing, Thing, compared

GROUPS = ("en", "es", "few")


def thing(name: str, met: np.ndarray, group: np.ndarray, higher: bool | None = True) -> Thing:
    strata = np.arange(len(met), dtype=np.int64) % 4
    return Thing("measure", name, name, "language", GROUPS, met, group.astype(np.int64), strata, higher)


def test_of_twenty_things_only_the_one_with_a_gap_stands() -> None:
    random = np.random.default_rng(5)
    group = np.repeat([0, 1], [600, 200])
    things = [thing(f"m{number}", random.random(800) < 0.6, group) for number in range(20)]
    things.append(thing("late", random.random(800) < np.where(group == 1, 0.4, 0.6), group))
    found = compared(things, 0.05, 30, 5)
    stand = {(one.name, one.group): one for one in found if one.standing is Standing.GAP}
    assert set(stand) == {("late", "en"), ("late", "es")}
    spanish = stand["late", "es"]
    assert spanish.told is not None
    assert spanish.told.low < -0.2 < spanish.told.high
    assert spanish.chance is not None
    assert spanish.chance < 0.05
    assert (spanish.worse, stand["late", "en"].worse) == (True, False)
    alone = compared([things[-1]], 0.05, 30, 5)
    crude = {one.group: one.chance for one in alone}["es"]
    assert crude is not None
    assert crude < spanish.chance, "the same gap among many is held against more"


def test_a_group_of_few_shows_no_number_and_takes_another_with_it() -> None:
    group = np.repeat([0, 1, 2], [600, 200, 8])
    met = np.arange(808) % 2 == 0
    met[-8:] = [True, True] + [False] * 6
    shown = {one.group: one for one in compared([thing("m", met, group)], 0.05, 30, 5)}
    assert (shown["few"].mine, shown["few"].told, shown["few"].standing) == (None, None, Standing.HIDDEN)
    assert shown["es"].standing is Standing.HIDDEN, "else the few are everybody less the others"
    assert shown["en"].mine is not None


def test_where_neither_way_is_better_nobody_is_worse_off() -> None:
    group = np.repeat([0, 1], [300, 300])
    met = np.where(group == 1, np.arange(600) % 4 == 0, np.arange(600) % 4 != 0)
    found = compared([thing("m", met, group, None)], 0.05, 30, 5)
    assert [(one.standing, one.worse) for one in found] == [(Standing.GAP, None)] * 2
