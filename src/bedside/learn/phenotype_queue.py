"""One queue over all diseases: who is most surprising, at most as many as a clinic can look at.

A threshold for each disease would flag everybody a few times by chance. Here each person has one place, by
the disease whose profile the chart resembles most surprisingly.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from bedside.learn.phenotype_risk import (
    Charts,
    Fit,
    Flags,
    Floats,
    Ints,
    features_of,
    residuals_over,
    shared,
)

FLOOR = 2.0
"""Nobody is listed whose best disease is seen so in more than one of a hundred people."""


@dataclass(frozen=True, slots=True)
class Best:
    """People (by their place among all), each with the most surprising disease, how surprising, how many
    features they share; most surprising first, then by place."""

    person: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    disease: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    surprise: Floats = field(default_factory=lambda: np.zeros(0))
    features: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def take(self, rows: Ints | Flags | slice) -> Best:
        """Some of them, in the order asked for."""
        return Best(self.person[rows], self.disease[rows], self.surprise[rows], self.features[rows])


def best_of(fitted: Fit, charts: Charts, start: int, least_features: int, least: float = FLOOR) -> Best:
    """The people of one block, each with the best disease, of those at least so surprising.

    start: the place of the block's first person among all.
    """
    held = features_of(charts.codes, fitted.shape)
    found = residuals_over(fitted, charts, fitted.residual_at(least), held)
    surprise = fitted.surprise(found.value, found.disease)
    kept = surprise >= least
    found, surprise = found.where(kept), surprise[kept]
    features = shared(held, fitted.shape, found.person, found.disease)
    kept = features >= least_features
    every = Best(found.person[kept] + start, found.disease[kept], surprise[kept], features[kept])
    order = np.lexsort((every.disease, -every.surprise, every.person))
    every = every.take(order)
    first = np.ones(len(order), dtype=bool)
    first[1:] = every.person[1:] != every.person[:-1]
    return in_order(every.take(first))


def in_order(some: Best) -> Best:
    """Most surprising first; equals by their place among the people."""
    return some.take(np.lexsort((some.person, -some.surprise)))


def together(parts: Iterable[Best]) -> Best:
    """Several as one, in order."""
    held = list(parts)
    if not held:
        return Best()
    return in_order(
        Best(
            np.concatenate([one.person for one in held]),
            np.concatenate([one.disease for one in held]),
            np.concatenate([one.surprise for one in held]),
            np.concatenate([one.features for one in held]),
        )
    )


@dataclass(frozen=True, slots=True)
class Queue:
    """listed: at most the capacity. left_out: who would stand among them but is left out for a reason. cut:
    how surprising the last one listed is; FLOOR while there is room."""

    listed: Best
    left_out: Best
    cut: float


def keep(before: Queue, block: Best, barred: Flags, capacity: int) -> Queue:
    """The queue after one more block. The outcome does not depend on the order of the blocks.

    barred: of everybody, whether the person is left out.
    """
    every = together((before.listed, before.left_out, block))
    out = barred[every.person]
    listed = every.take(~out).take(slice(capacity))
    cut = float(listed.surprise[-1]) if len(listed.person) == capacity else FLOOR
    return Queue(listed, every.take(out & (every.surprise >= cut)), cut)


EMPTY = Queue(Best(), Best(), FLOOR)
"""The queue before anybody was looked at."""
