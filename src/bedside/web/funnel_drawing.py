"""The funnel as bars, and the time to the goal as a curve with its band; tables beside them say the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from bedside.knowledge.care_pathway import End
from bedside.learn.competing_risks import CENSORED, Incidence, cumulative_incidence
from bedside.learn.funnel import Stage
from bedside.learn.pathway_cohort import CohortStates
from bedside.learn.time_to_goal import CAUSES, time_to_goal

LABELS, WIDTH, ROW = 300, 1000, 40
_SPAN = WIDTH - LABELS - 90
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 965, 20, 300
_POINTS = 160


@dataclass(frozen=True, slots=True)
class StageBar:
    """One step drawn: how wide who got past it is, then who waits there, then who was lost there."""

    y: int
    stage: Stage
    reached: float
    waiting: float
    lost: float


def stages_drawn(stages: Sequence[Stage]) -> tuple[StageBar, ...]:
    """The bars of a funnel."""
    people = max((one.people for one in stages), default=0)

    def wide(count: int) -> float:
        return round(_SPAN * count / people, 1) if people else 0.0

    return tuple(
        StageBar(ROW * number, one, wide(one.reached), wide(one.waiting), wide(sum(one.lost.values())))
        for number, one in enumerate(stages)
    )


@dataclass(frozen=True, slots=True)
class Curve:
    """The incidence of the goal over days. line, band, wrong: points as SVG writes them; wrong is one minus
    Kaplan and Meier, which is not to be reported. ticks, marks: of the days and of the shares."""

    line: str
    band: str
    wrong: str
    ticks: tuple[tuple[float, int], ...]
    marks: tuple[tuple[float, int], ...]
    censored: int


def curve(states: CohortStates) -> Curve | None:
    """The curve of a cohort; None where nobody reached the goal."""
    ends = time_to_goal(states)
    goal = ends.by_end.get(End.REACHED)
    if goal is None:
        return None
    number = CAUSES.index(End.REACHED) + 1
    alone = cumulative_incidence(ends.days, np.where(ends.causes == number, 1, CENSORED))
    last = max(float(goal.times[-1]) * 1.1, 1.0)
    top = _top(max(goal.at(last), alone[1].at(last), *(_high(goal, last))))

    def x(day: float) -> float:
        return round(_LEFT + (_RIGHT - _LEFT) * day / last, 1)

    def y(share: float) -> float:
        return round(_BOTTOM - (_BOTTOM - _TOP) * share / top, 1)

    days = np.linspace(0, last, _POINTS)
    band = [(day, goal.interval(float(day))) for day in days]
    known = [(day, one) for day, one in band if one is not None]
    upper = [f"{x(day)},{y(one[1])}" for day, one in known]
    lower = [f"{x(day)},{y(one[0])}" for day, one in reversed(known)]
    return Curve(
        " ".join(f"{x(day)},{y(goal.at(float(day)))}" for day in days),
        " ".join((*upper, *lower)),
        " ".join(f"{x(day)},{y(alone[1].at(float(day)))}" for day in days),
        tuple((x(day), round(day)) for day in np.linspace(0, last, 6)),
        tuple((y(share), round(100 * share)) for share in np.linspace(0, top, 5)),
        int((ends.causes == CENSORED).sum()),
    )


def _high(goal: Incidence, last: float) -> tuple[float, ...]:
    found = goal.interval(last)
    return () if found is None else (found[1],)


def _top(share: float) -> float:
    return min(max(ceil(share * 10) / 10, 0.1), 1.0)
