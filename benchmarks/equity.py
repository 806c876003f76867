"""Are gaps between groups found, and chance ones kept to their rate? `python benchmarks/equity.py`.

Each repetition draws 3,000 people in five groups, compared in twelve things: once with no gap anywhere, once
with one group fifteen points worse off in one thing. The rate of everything else is the same in all groups.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from bedside.learn.equity import Compared, Standing, Thing, compared

GROUPS = ("a", "b", "c", "d", "e")
SHARES = (0.4, 0.25, 0.2, 0.1, 0.05)
PEOPLE, THINGS, RATE, GAP = 3_000, 12, 0.6, 0.15
LEVEL, LEAST_PEOPLE, LEAST_CELL = 0.05, 30, 5


def drawn(random: np.random.Generator, worse: str) -> list[Thing]:
    """Twelve things about people drawn at random; in the first, one group is worse off."""
    group = random.choice(len(GROUPS), PEOPLE, p=SHARES).astype(np.int64)
    strata = random.integers(0, 10, PEOPLE)
    things = []
    for number in range(THINGS):
        rate = np.full(PEOPLE, RATE) + 0.02 * (strata - 4.5)
        if worse and number == 0:
            rate = rate - GAP * (group == GROUPS.index(worse))
        met = random.random(PEOPLE) < rate
        things.append(Thing("made up", f"thing {number}", "", "group", GROUPS, met, group, strata, True))
    return things


def stands(things: list[Thing]) -> list[Compared]:
    """The gaps that stand."""
    return [
        one
        for one in compared(things, LEVEL, LEAST_PEOPLE, LEAST_CELL)
        if one.standing is Standing.GAP and one.worse
    ]


def main() -> None:
    """Print how often an injected gap is found, and how many of those found are chance."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reps", type=int, default=1_000)
    reps = parser.parse_args().reps
    random, began = np.random.default_rng(20261126), time.process_time()
    any_false = sum(bool(stands(drawn(random, ""))) for _ in range(reps))
    print(f"no gap anywhere: a gap stands in {100 * any_false / reps:.1f} % of {reps:,} reports")
    for worse in ("a", "d", "e"):
        found, false, total, covered = 0, 0.0, 0, 0
        for _ in range(reps):
            every = compared(drawn(random, worse), LEVEL, LEAST_PEOPLE, LEAST_CELL)
            held = [one for one in every if one.standing is Standing.GAP and one.worse]
            true = [one for one in held if (one.name, one.group) == ("thing 0", worse)]
            found += bool(true)
            # In the thing with a gap the others are truly better off, so none of them is worse off by chance.
            false += (len(held) - len(true)) / max(len(held), 1)
            mine = next(one for one in every if (one.name, one.group) == ("thing 0", worse))
            if mine.told is not None:
                total += 1
                covered += mine.told.low <= -GAP <= mine.told.high
        share = SHARES[GROUPS.index(worse)]
        print(
            f"group of {100 * share:.0f} %, {100 * GAP:.0f} points worse off: "
            f"found in {100 * found / reps:.1f} %, chance among those found "
            f"{100 * false / reps:.1f} %, interval holds the truth in {100 * covered / max(total, 1):.1f} %"
        )
    print(f"{time.process_time() - began:.0f} CPU s")


if __name__ == "__main__":
    main()
