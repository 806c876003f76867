"""Which step would gain most if it lost fewer: a model, not a promise.

It multiplies the shares of the funnel again with one of them raised, and so supposes that those who are
kept at one step fare afterwards as those who were never lost there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bedside.learn.funnel import Stage

REPEATS = 2000


@dataclass(frozen=True, slots=True)
class Lever:
    """One step. kept: the share of its loss that would be kept. gain: how many more of the people would reach
    the end; low, high: 95 % interval by resampling. reached_then: of everybody who would reach the end."""

    step: str
    title: str
    kept: float
    gain: float
    low: float
    high: float
    reached_then: float


def levers(stages: Sequence[Stage], kept: float, seed: int = 0) -> tuple[Lever, ...]:
    """Every step that loses somebody, the one that gains most first. People still on their way are not
    counted as lost. Raises ValueError unless kept lies between 0 and 1."""
    if not 0 < kept <= 1:
        raise ValueError("the share kept lies between 0 and 1")
    settled = [(one.entered - one.waiting, one.reached) for one in stages]
    if not stages or any(of == 0 for of, _ in settled):
        return ()
    rates = np.array([reached / of for of, reached in settled])
    random = np.random.default_rng(seed)
    drawn = np.stack([random.binomial(of, reached / of, REPEATS) / of for of, reached in settled], axis=1)
    people, found = stages[0].entered, []
    for place, stage in enumerate(stages):
        if rates[place] == 1:
            continue
        gains = people * (_product(drawn, place, kept) - drawn.prod(axis=1))
        low, high = np.quantile(gains, (0.025, 0.975))
        then = float(_product(rates[None, :], place, kept)[0])
        gain = people * (then - float(rates.prod()))
        found.append(Lever(stage.step, stage.title, kept, gain, float(low), float(high), then))
    return tuple(sorted(found, key=lambda one: -one.gain))


def _product(rates: np.typing.NDArray[np.float64], place: int, kept: float) -> np.typing.NDArray[np.float64]:
    raised = rates.copy()
    raised[:, place] += kept * (1 - raised[:, place])
    product: np.typing.NDArray[np.float64] = raised.prod(axis=1)
    return product
