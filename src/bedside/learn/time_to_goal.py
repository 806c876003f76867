"""Time from the start of a pathway to its goal, with death, refusal and other care as competitors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bedside.knowledge.care_pathway import End, ReasonCode
from bedside.learn.competing_risks import CENSORED, Incidence, Real, cumulative_incidence
from bedside.learn.pathway_cohort import NEVER, CohortStates
from bedside.learn.signal_columns import MICROSECONDS, microseconds

CAUSES: tuple[End, ...] = (End.REACHED, End.DIED, End.REFUSED, End.OTHER_CARE, End.NOT_INDICATED, End.LOST)
"""The events that compete; the number of a cause is its place, from 1."""


@dataclass(frozen=True, slots=True)
class TimeToGoal:
    """The incidence of each end. days, causes: what it was worked out from, for each person; left_out: people
    put on the pathway by mistake."""

    by_end: Mapping[End, Incidence]
    days: Real
    causes: npt.NDArray[np.int64]
    left_out: int


def cause_of(reason: ReasonCode) -> int | None:
    """The cause that a coded reason counts as: CENSORED where nobody knows what came after, None where the
    person never belonged on the pathway."""
    if reason.end is End.IN_ERROR:
        return None
    return CENSORED if reason.censors or reason.end is End.MOVED else CAUSES.index(reason.end) + 1


def time_to_goal(found: CohortStates, among: npt.NDArray[np.bool_] | None = None) -> TimeToGoal:
    """Who has not ended is counted until now."""
    codes = [cause_of(found.pathway.reasons[name]) for name in found.reasons]
    out = np.array([code is None for code in codes] + [False])
    table = np.array([code or CENSORED for code in codes] + [CENSORED], np.int64)
    who = found.on_it if among is None else found.on_it & among
    wrong = who & out[found.end]
    who = who & ~wrong
    first = found.reached[who] != NEVER
    until = np.where(found.end[who] >= 0, found.ended[who], microseconds(found.now))
    until = np.where(first, found.reached[who], until)
    days = np.maximum(until - found.started[who], 0) / (86_400 * MICROSECONDS)
    causes = np.where(first, CAUSES.index(End.REACHED) + 1, table[found.end[who]])
    held = cumulative_incidence(days, causes)
    return TimeToGoal({CAUSES[code - 1]: one for code, one in held.items()}, days, causes, int(wrong.sum()))
