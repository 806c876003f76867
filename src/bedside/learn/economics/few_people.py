"""The interval of a sum over people whose amounts are skewed and who may be few.

Two intervals are made, and the wider one is said on each side: of a mean in standard errors by Student, and
by how far means of people drawn again stray in their own standard errors (the bootstrap-t of Efron and
Tibshirani, 1993, chapter 12), which follows the skewness. Few people stray less than they should, so that
wider levels are read off, as Hesterberg (The American Statistician 2015) proposes for means drawn again. How
often it holds: docs/benchmarks.md.
"""

from __future__ import annotations

from enum import Enum

import numpy as np

from bedside.learn.economics.draws import HIGH, LOW, Floats
from bedside.learn.economics.probabilistic import Spread

LEAST_PEOPLE = 10
LEAST_DIFFERENT = 4


class NoInterval(Enum):
    """Why no interval is said: none that we know would hold."""

    FEW = f"fewer than {LEAST_PEOPLE} people are complete"
    ALIKE = f"fewer than {LEAST_DIFFERENT} people came to another sum than the rest"


def sum_of_people(ends: Floats, sign: Floats, draws: int, random: np.random.Generator) -> Spread | NoInterval:
    """The sum of everybody's lines with its interval, or why it has none. ends: (people, lines, low and
    high); sign: of each line. A line lies somewhere from its low to its high for all people at once: what
    somebody judged too high for one was judged too high for the others."""
    people = len(ends)
    if people < LEAST_PEOPLE:
        return NoInterval.FEW
    _, alike = np.unique((ends.mean(axis=2) * sign).sum(axis=1).round(6), return_counts=True)
    if people - int(alike.max()) < LEAST_DIFFERENT:
        return NoInterval.ALIKE
    width = (ends[:, :, 1] - ends[:, :, 0]) * sign
    parts = np.column_stack([(ends[:, :, 0] * sign).sum(axis=1), width[:, width.any(axis=0)]])
    place = np.column_stack([np.ones(draws), random.uniform(0, 1, (draws, parts.shape[1] - 1))])
    middle = place @ parts.mean(axis=0)
    apart = parts - parts.mean(axis=0)
    squares = apart[:, :, None] * apart[:, None, :]
    error = _error(np.einsum("di,ij,dj->d", place, squares.mean(axis=0), place), people)
    again = random.multinomial(people, np.full(people, 1 / people), draws)
    strayed = (again @ apart / people * place).sum(axis=1)
    moments = (again @ squares.reshape(people, -1) / people).reshape(draws, *squares.shape[1:])
    own = _error(np.einsum("di,dij,dj->d", place, moments, place) - strayed**2, people)
    whole = own > 1e-9 * error
    resampled = (middle - strayed / np.where(whole, own, 1.0) * error)[whole]
    student = middle - random.standard_t(people - 1, draws) * error
    tail = _tail(people)
    low = min(np.quantile(resampled, tail), np.quantile(student, LOW))
    high = max(np.quantile(resampled, 1 - tail), np.quantile(student, HIGH))
    drawing = float(middle.std(ddof=1) / np.sqrt(draws)) if draws > 1 else 0.0
    return Spread(people * float(middle.mean()), people * float(low), people * float(high), people * drawing)


def _tail(people: int) -> float:
    """The share to leave out on each side of means drawn again: 0.025 of many people, less of few."""
    from scipy.special import ndtr, stdtrit

    return float(ndtr(stdtrit(people - 1, LOW) * np.sqrt(people / (people - 1))))


def _error(variance: Floats, people: int) -> Floats:
    """The standard error of a mean of so many people, of the variance about their own mean."""
    return np.asarray(np.sqrt(np.maximum(variance, 0) / (people - 1)))
