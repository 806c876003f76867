"""When a rule is put before people: fewer of its cards make a difference than the policy asks for.

The test may be looked at after every firing. It is a betting test (Shafer 2021; Ramdas and others 2023): the
evidence is what a bet against "at least so many are heeded" would have won, spread evenly over all smaller
shares. A rule that is heeded often enough ever reaches 1/α with a chance of at most α (Ville's inequality),
however long one watches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Real = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Watched:
    """A rule's evidence. known: firings whose answer is known; heeded: of these. evidence: the bet's gain at
    its highest. named_after: so many known firings until it was enough; None when it never was."""

    known: int
    heeded: int
    evidence: float
    named_after: int | None


def gains(answers: Sequence[bool], least_heeded: float) -> Real:
    """The bet's gain after each firing. 1 is where it began."""
    from scipy.special import betainc, betaln

    yes = np.cumsum(np.asarray(answers, dtype=np.float64))
    no = np.arange(1, len(answers) + 1) - yes
    below = betainc(yes + 1, no + 1, least_heeded)
    with np.errstate(divide="ignore"):
        log = np.log(below) + betaln(yes + 1, no + 1) - np.log(least_heeded)
    found: Real = np.exp(log - yes * np.log(least_heeded) - no * np.log1p(-least_heeded))
    return found


def watch(answers: Sequence[bool], least_heeded: float, false_flags: float) -> Watched:
    """The evidence that a rule is heeded less often than that. answers: heeded or not, oldest first."""
    if not answers:
        return Watched(0, 0, 1.0, None)
    gained = gains(answers, least_heeded)
    enough = np.flatnonzero(gained >= 1 / false_flags)
    after = int(enough[0]) + 1 if len(enough) else None
    return Watched(len(answers), int(sum(answers)), float(max(1.0, gained.max())), after)
