"""The funnel: of those on a pathway, how many got past each step, where the others were lost, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bedside.knowledge.care_pathway import CarePathway
from bedside.learn.pathway_cohort import CohortStates
from bedside.learn.shares import Share
from bedside.learn.signal_columns import MICROSECONDS


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the funnel. entered: who got past every step before; reached: who got past this one too;
    waiting: who is still on the way to it; lost: how many ended here, by coded reason. median_days: from the
    start until this step was closed, of those for whom somebody wrote down when; None for nobody."""

    step: str
    title: str
    entered: int
    reached: int
    waiting: int
    lost: Mapping[str, int]
    people: int
    median_days: float | None

    @property
    def conditional(self) -> Share:
        """Of those who came so far."""
        return Share(self.reached, self.entered)

    @property
    def cumulative(self) -> Share:
        """Of everybody on the pathway."""
        return Share(self.reached, self.people)


def way(pathway: CarePathway) -> tuple[str, ...]:
    """The steps on the way to the goals, in order, without those that open only on call."""
    return tuple(step.name for step in pathway.steps.values() if not step.on_call)


def furthest(found: CohortStates) -> npt.NDArray[np.int16]:
    """For each person how many steps of the way are, or once were, behind them without a gap; -1 off the
    pathway."""
    places = [found.steps.index(step) for step in way(found.pathway)]
    gone: npt.NDArray[np.int16] = np.logical_and.accumulate(found.behind[:, places], axis=1).sum(
        axis=1, dtype=np.int16
    )
    gone[~found.on_it] = -1
    return gone


def funnel(found: CohortStates, among: npt.NDArray[np.bool_] | None = None) -> tuple[Stage, ...]:
    """The stages in order. among: only these people."""
    gone = furthest(found)
    if among is not None:
        gone = np.where(among, gone, np.int16(-1))
    steps = way(found.pathway)
    at_stage = np.bincount(gone[gone >= 0], minlength=len(steps) + 1)
    beyond = at_stage[::-1].cumsum()[::-1]
    people = int(beyond[0])
    stages = []
    for place, step in enumerate(steps):
        here = gone == place
        ends = found.end[here]
        reasons = np.bincount(ends[ends >= 0], minlength=len(found.reasons))
        lost = {found.reasons[code]: int(reasons[code]) for code in np.argsort(-reasons, kind="stable")}
        stages.append(
            Stage(
                step,
                found.pathway.steps[step].title,
                int(beyond[place]),
                int(beyond[place + 1]),
                int((ends < 0).sum()),
                {reason: count for reason, count in lost.items() if count},
                people,
                _median_days(found, step, np.flatnonzero(gone > place)),
            )
        )
    return tuple(stages)


def _median_days(found: CohortStates, step: str, people: npt.NDArray[np.int64]) -> float | None:
    at = found.closed(step, people)
    known = at >= found.started[people]
    if not known.any():
        return None
    days = (at[known] - found.started[people][known]) / (86_400 * MICROSECONDS)
    return float(np.median(days))
