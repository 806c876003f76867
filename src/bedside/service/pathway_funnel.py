"""The funnel of a pathway for a cohort and for its groups, with small numbers of groups hidden."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from bedside.knowledge.care_pathway import CarePathway, End
from bedside.knowledge.small_numbers import SmallNumbers
from bedside.learn.competing_risks import Incidence, kaplan_meier_complement
from bedside.learn.funnel import Stage, funnel
from bedside.learn.levers import levers
from bedside.learn.pathway_cohort import CohortStates, cohort_states
from bedside.learn.shares import Share
from bedside.learn.signal_columns import SignalColumns
from bedside.learn.time_to_goal import CAUSES, time_to_goal

EVERYBODY = "everybody"
DAYS = (14, 30, 60, 90, 180, 365)
KEPT = 0.5
"""A lever keeps half of those lost at a step."""

NOTE = "a model: those kept at one step are supposed to fare afterwards as those never lost there"

COLUMNS = (
    "group", "stage", "title", "people", "entered", "reached", "waiting", "lost", "conditional",
    "conditional_low", "conditional_high", "cumulative", "cumulative_low", "cumulative_high", "median_days",
    "reasons",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GroupFunnel:
    """The stages of one group. shown: how its counts may be shown."""

    group: str
    stages: tuple[Stage, ...]
    shown: Shown


@dataclass(frozen=True, slots=True)
class Shown:
    """How counts are shown. Of everybody they are shown as they are. Of a group, counts below the site's
    least number are hidden and the others rounded to it: no difference of two gives a small one away."""

    least: int = 1

    def count(self, number: int) -> int | str:
        """A count, or that it is fewer than the least number."""
        if self.least == 1 or number == 0:
            return number
        return f"<{self.least}" if number < self.least else self.rounded(number)

    def rounded(self, number: int) -> int:
        """A count to the nearest multiple of the least number."""
        return self.least * round(number / self.least)

    def share(self, share: Share) -> Share | None:
        """A share of counts as shown; None where one of them is hidden."""
        if self.least > 1 and (share.of < self.least or 0 < share.count < self.least):
            return None
        return Share(min(self.rounded(share.count), self.rounded(share.of)), self.rounded(share.of))


@dataclass(frozen=True, slots=True)
class FunnelReport:
    """A pathway's funnel at a moment: of everybody, then of each group; the people left out of it."""

    pathway: CarePathway
    now: datetime
    states: CohortStates
    by_group: tuple[GroupFunnel, ...]
    off_pathway: int


def funnel_report(
    pathway: CarePathway,
    held: SignalColumns,
    now: datetime,
    groups: npt.NDArray[np.object_] | None = None,
    small: SmallNumbers | None = None,
) -> FunnelReport:
    """The funnel at a moment. groups: the group of each person, to compare; then small numbers are hidden."""
    found = cohort_states(pathway, held, now)
    made = [GroupFunnel(EVERYBODY, funnel(found), Shown())]
    if groups is not None:
        shown = Shown(small.least if small is not None else 5)
        for name in sorted(set(groups.tolist()), key=str):
            made.append(GroupFunnel(str(name), funnel(found, groups == name), shown))
    return FunnelReport(pathway, now, found, tuple(made), int((~found.on_it).sum()))


def lines(report: FunnelReport) -> Iterator[tuple[str, ...]]:
    """The lines of a table, in the order of COLUMNS."""
    for one in report.by_group:
        for stage in one.stages:
            shown = _row(stage, one.shown)
            reasons = ";".join(f"{code}={count}" for code, count in shown.pop("reasons").items())
            cells = ["" if value is None else _text(value) for value in shown.values()]
            yield (one.group, *cells, reasons)


def document(report: FunnelReport) -> dict[str, Any]:
    """The whole report: funnel, time to the goal with competing ends, and levers."""
    ends = time_to_goal(report.states)
    goal = CAUSES.index(End.REACHED) + 1
    return {
        "pathway": report.pathway.version,
        "at": report.now.isoformat(),
        "people": len(ends.days),
        "not_on_pathway": report.off_pathway,
        "in_error": ends.left_out,
        "funnel": [
            {"group": one.group, "stages": [_row(stage, one.shown) for stage in one.stages]}
            for one in report.by_group
        ],
        "incidence": [
            {
                "days": day,
                **{end.value: _incidence(ends.by_end.get(end), day) for end in CAUSES},
                "one_minus_kaplan_meier": round(
                    kaplan_meier_complement(ends.days, ends.causes, goal, day), 4
                ),
            }
            for day in DAYS
        ],
        "levers": {
            "kept": KEPT,
            "note": NOTE,
            "steps": [
                {
                    "stage": one.step,
                    "title": one.title,
                    "gain": round(one.gain, 1),
                    "low": round(one.low, 1),
                    "high": round(one.high, 1),
                    "reached_then": round(one.reached_then, 4),
                }
                for one in levers(report.by_group[0].stages, KEPT)
            ],
        },
    }


def _incidence(held: Incidence | None, day: float) -> dict[str, float | None]:
    if held is None:
        return {"value": 0.0, "low": None, "high": None}
    interval = held.interval(day)
    low, high = interval if interval is not None else (None, None)
    return {
        "value": round(held.at(day), 4),
        "low": None if low is None else round(low, 4),
        "high": None if high is None else round(high, 4),
    }


def _row(stage: Stage, shown: Shown) -> dict[str, Any]:
    conditional, cumulative = shown.share(stage.conditional), shown.share(stage.cumulative)
    lost = sum(stage.lost.values())
    hidden = shown.least > 1 and (conditional is None or cumulative is None)
    return {
        "stage": stage.step,
        "title": stage.title,
        "people": shown.count(stage.people),
        "entered": shown.count(stage.entered),
        "reached": shown.count(stage.reached),
        "waiting": shown.count(stage.waiting),
        "lost": shown.count(lost),
        **_share("conditional", conditional),
        **_share("cumulative", cumulative),
        "median_days": None if hidden or stage.median_days is None else round(stage.median_days, 1),
        "reasons": {code: shown.count(count) for code, count in stage.lost.items()},
    }


def _share(name: str, share: Share | None) -> dict[str, float | None]:
    value = None if share is None else share.value
    low, high = (None, None) if share is None or share.interval is None else share.interval
    made: Mapping[str, float | None] = {name: value, f"{name}_low": low, f"{name}_high": high}
    return {key: None if one is None else round(one, 4) for key, one in made.items()}


def _text(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)
