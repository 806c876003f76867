"""The gap between a group and everybody else: the difference of two shares with its interval, also
standardised, and which of many gaps are more than chance.

Standardised: both are given the age and sex of everybody (direct standardisation), over the strata in which
both have people. What cannot be standardised says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from bedside.learn.shares import Share, Z

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference of two shares and its 95 % interval; chance: how probable one so large is where there is
    none (two-sided)."""

    value: float
    low: float
    high: float
    chance: float


@dataclass(frozen=True, slots=True)
class Gap:
    """A group beside the rest. standardised: by age and sex, None where no stratum holds people of both.
    over: the share of the people whom the strata used hold."""

    group: str
    mine: Share
    rest: Share
    crude: Difference
    standardised: Difference | None
    over: float

    @property
    def told(self) -> Difference:
        """The difference to go by: standardised where that speaks of most people, else as it is."""
        if self.standardised is not None and self.over >= MOST:
            return self.standardised
        return self.crude


MOST = 0.8
"""The share of people whom a standardised difference must speak of to be gone by."""


def gaps(
    met: Bools, group: Ints, names: Sequence[str], strata: Ints | None, least_people: int
) -> tuple[Gap, ...]:
    """The gap of each group of at least `least_people` from the rest, of whom there must be as many. met:
    whether it was, for each who was settled; group: the place of their group in `names`; strata: the number
    of their stratum, below 0 where age or sex is not known."""
    size = np.bincount(group, minlength=len(names))
    hits = np.bincount(group, weights=met, minlength=len(names)).astype(np.int64)
    everybody, every_hit = int(size.sum()), int(hits.sum())
    found = []
    for place, name in enumerate(names):
        mine = Share(int(hits[place]), int(size[place]))
        rest = Share(every_hit - mine.count, everybody - mine.of)
        if min(mine.of, rest.of) < least_people:
            continue
        standard, over = (None, 0.0) if strata is None else _standardised(met, group == place, strata)
        found.append(Gap(name, mine, rest, difference(mine, rest), standard, over))
    return tuple(found)


def difference(mine: Share, rest: Share) -> Difference:
    """The difference of two shares, with Newcombe's interval from Wilson's, and the chance of the pooled
    test."""
    one, other = mine.count / mine.of, rest.count / rest.of
    low_one, high_one = mine.interval or (0.0, 1.0)
    low_other, high_other = rest.interval or (0.0, 1.0)
    value = one - other
    pooled = (mine.count + rest.count) / (mine.of + rest.of)
    spread = sqrt(pooled * (1 - pooled) * (1 / mine.of + 1 / rest.of))
    return Difference(
        value,
        value - sqrt((one - low_one) ** 2 + (high_other - other) ** 2),
        value + sqrt((high_one - one) ** 2 + (other - low_other) ** 2),
        _chance(value, spread),
    )


def _standardised(met: Bools, mine: Bools, strata: Ints) -> tuple[Difference | None, float]:
    known = strata >= 0
    number = int(strata.max(initial=-1)) + 1
    if not known.any():
        return None, 0.0

    def counted(among: Bools) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        held = among & known
        people = np.bincount(strata[held], minlength=number).astype(np.float64)
        hits = np.bincount(strata[held], weights=met[held], minlength=number)
        return people, hits.astype(np.float64)

    (own, own_hits), (other, other_hits) = counted(mine), counted(~mine)
    both = (own > 0) & (other > 0)
    weight = np.where(both, own + other, 0.0)
    total = weight.sum()
    if not total:
        return None, 0.0
    share = weight / total
    rates = np.divide(own_hits, own, where=both, out=np.zeros(number))
    rates -= np.divide(other_hits, other, where=both, out=np.zeros(number))
    # One more of each answer (Agresti and Caffo), so that a stratum of one person is not taken for certain.
    mid_own, mid_other = (own_hits + 1) / (own + 2), (other_hits + 1) / (other + 2)
    each = mid_own * (1 - mid_own) / np.maximum(own, 1) + mid_other * (1 - mid_other) / np.maximum(other, 1)
    value, spread = float((share * rates).sum()), sqrt(float((share**2 * each)[both].sum()))
    found = Difference(value, value - Z * spread, value + Z * spread, _chance(value, spread))
    return found, float(total / len(met))


def _chance(value: float, spread: float) -> float:
    from math import erfc

    if spread == 0:
        return 1.0 if value == 0 else 0.0
    return erfc(abs(value) / spread / sqrt(2))


def adjusted(chances: Sequence[float]) -> tuple[float, ...]:
    """Each chance as the smallest false discovery rate at which it would be found (Benjamini and
    Hochberg)."""
    if not chances:
        return ()
    held = np.asarray(chances, np.float64)
    order = np.argsort(-held, kind="stable")
    ranks = np.arange(len(held), 0, -1)
    found = np.minimum(np.minimum.accumulate(held[order] * len(held) / ranks), 1.0)
    answer = np.empty(len(held))
    answer[order] = found
    return tuple(float(one) for one in answer)
