"""Clinicians or clinics drawn by lot: the lot with its seed, whether it fell evenly, and the comparison as
drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bedside.learn.estimate import Estimate, Reason, Refusal, Why
from bedside.learn.studies.balance import Difference, Real, differences


@dataclass(frozen=True, slots=True)
class Drawn:
    """One unit's place in the lot: its stratum (a site, a specialty), its number in the order of drawing and
    what it was given."""

    unit: str
    stratum: str
    place: int
    arm: str


@dataclass(frozen=True, slots=True)
class IntentionToTreat:
    """Units compared as drawn, whatever they did. contaminated: share of people whose unit did what another
    arm was to do; chance: of as large a difference under the lot."""

    difference: Estimate
    chance: float
    contaminated: float
    units: int
    people: int


def draw(units: Sequence[tuple[str, str]], arms: Sequence[str], seed: int) -> tuple[Drawn, ...]:
    """Permuted blocks within strata: in each stratum the arms differ by at most one unit. units: (unit,
    stratum). The same seed and units give the same lot, in whatever order they come. Raises ValueError for a
    unit named twice or fewer than two arms."""
    if len(arms) < 2 or len({unit for unit, _ in units}) != len(units):
        raise ValueError("a lot needs two arms or more, and each unit once")
    random = np.random.default_rng(seed)
    found = []
    for stratum in sorted({stratum for _, stratum in units}):
        here = sorted(unit for unit, own in units if own == stratum)
        order = [here[place] for place in random.permutation(len(here))]
        for start in range(0, len(order), len(arms)):
            block = random.permutation(len(arms))
            for offset, unit in enumerate(order[start : start + len(arms)]):
                found.append(Drawn(unit, stratum, start + offset, arms[int(block[offset])]))
    return tuple(found)


def balance_of(first: Real, covariates: Real, names: Sequence[str]) -> tuple[Difference, ...]:
    """Standardised differences of the units of the first arm and the others. first: 1 or 0."""
    return differences(first.astype(bool), covariates, names, np.ones(len(first)))


def intention_to_treat(
    unit: Sequence[str], outcome: Real, drawn: Sequence[Drawn], did: Real, arm: str, least_units: int
) -> IntentionToTreat | Refusal:
    """The mean outcome of units drawn to `arm` less that of the others. unit: each person's; did: 1 where a
    person was in truth treated as `arm` has it. Units weigh alike; t distribution with units less two
    degrees of freedom. Raises KeyError for a unit that was not drawn."""
    from scipy.stats import t

    arm_of = {one.unit: one.arm for one in drawn}
    as_drawn = np.array([arm_of[one] == arm for one in unit])
    names, place = np.unique(np.array(unit), return_inverse=True)
    means = np.bincount(place, outcome) / np.bincount(place)
    given = np.array([arm_of[str(one)] == arm for one in names])
    fewest = int(min(given.sum(), (~given).sum()))
    if 2 * fewest < least_units:
        return Refusal((Reason(Why.TOO_FEW_CLUSTERS, 2 * fewest, least_units),))
    one, two = means[given], means[~given]
    value = float(one.mean() - two.mean())
    error = float(np.sqrt(one.var(ddof=1) / len(one) + two.var(ddof=1) / len(two)))
    degrees = len(means) - 2
    reach = float(t.ppf(0.975, degrees)) * error
    return IntentionToTreat(
        difference=Estimate(value, value - reach, value + reach, error),
        chance=float(2 * t.sf(abs(value) / error, degrees)) if error else 1.0,
        contaminated=float((did.astype(bool) != as_drawn).mean()),
        units=len(means),
        people=len(outcome),
    )
