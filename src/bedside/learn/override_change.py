"""Since when a rule is overridden more, or less, than before: one change in a sequence of answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bedside.learn.shares import Share


@dataclass(frozen=True, slots=True)
class OverrideChange:
    """A change. place: index of the first answer after it; odds: how many times more the data speak for one
    change, wherever it is, than for none."""

    place: int
    before: Share
    after: Share
    odds: float


def override_change(overridden: Sequence[bool], least_odds: float) -> OverrideChange | None:
    """The most likely place of one change, or None where the data do not speak for one.

    Answers oldest first. Before and after have shares of their own, each as likely as any (Barry and Hartigan
    1993, for one change); the place is as likely as any other.
    """
    from scipy.special import betaln, logsumexp

    count = len(overridden)
    if count < 2:
        return None
    yes = np.cumsum(np.asarray(overridden, dtype=np.float64))
    total, at = yes[-1], np.arange(1, count)
    first, second = yes[:-1], total - yes[:-1]
    with_change = betaln(first + 1, at - first + 1) + betaln(second + 1, count - at - second + 1)
    without = betaln(total + 1, count - total + 1)
    odds = float(np.exp(min(700.0, logsumexp(with_change) - np.log(count - 1) - without)))
    if odds < least_odds:
        return None
    place = int(at[int(np.argmax(with_change))])
    before = Share(int(yes[place - 1]), place)
    return OverrideChange(place, before, Share(int(total) - before.count, count - place), odds)
