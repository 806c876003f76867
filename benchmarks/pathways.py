"""How long the states, what is overdue and the funnel of many people take: `python benchmarks/pathways.py`.

1,000,000 made-up people on the lung cancer pathway (eleven steps on the way, sixteen in all): some steps were
never written down, some specimens failed and were taken again, some tests were ordered first; people were
lost or left waiting at every step. Then 100,000 with losses put in: the funnel must give them back exactly,
and everybody who has not ended must have an open step that somebody owns. Prints one line a measure.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from bedside.act.pathway_moves import moves
from bedside.act.pathway_state import Status, states
from bedside.genome.signal import Signal
from bedside.learn.funnel import funnel, way
from bedside.learn.levers import levers
from bedside.learn.pathway_cohort import STATUSES, CohortStates, cohort_states, overdue
from bedside.learn.signal_columns import EPOCH, MICROSECONDS, Kind, SignalColumns, attributes_of, columns
from bedside.learn.time_to_goal import time_to_goal
from bedside.service.pathway_check import load_pathways
from bedside.service.pathway_funnel import FunnelReport, GroupFunnel, Shown, document

HELD = load_pathways()
NSCLC = HELD.by_name["nsclc"]
FIRST, NOW = datetime(2026, 1, 5, 15, tzinfo=UTC), datetime(2026, 10, 1, 12, tzinfo=UTC)
WAY: tuple[tuple[str, Kind], ...] = (
    ("tissue", ("specimen-collected", (("kind", "tissue"),))),
    ("adequate", ("specimen-adequate", ())),
    ("ordered-test", ("test-ordered", ())),
    ("at-laboratory", ("specimen-received", ())),
    ("result", ("result-reported", (("finding", "actionable"),))),
    ("opened", ("result-opened", ())),
    ("decided", ("decision-made", (("treatment", "targeted"),))),
    ("ordered", ("therapy-ordered", (("class", "targeted"), ("route", "oral")))),
    ("authorised", ("authorisation-approved", ())),
    ("dispensed", ("dispensed", (("class", "targeted"),))),
    ("first-dose", ("first-dose-confirmed", (("class", "targeted"),))),
)
REASONS = ("patient-refusal", "transport", "cost-to-patient", "other")
START: Kind = ("diagnosed", (("disease", "nsclc-advanced"),))
FAILED: Kind = ("specimen-insufficient", ())
KINDS: tuple[Kind, ...] = (
    START,
    *(kind for _, kind in WAY),
    FAILED,
    *(("declined", (("reason", reason),)) for reason in REASONS),
)
SAMPLE = 500
"""So many people are also worked out one by one, by the code that serves one."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """People, and what was put in: the step at which each stopped (the number of steps for the goal), and the
    reason, -1 for somebody who only waits."""

    signals: SignalColumns
    stopped: np.ndarray
    reason: np.ndarray


def made(people: int, seed: int, *, waiting: float) -> Cohort:
    """A made-up cohort. waiting: the share of those who stopped that did not end and only wait."""
    random = np.random.default_rng(seed)
    steps = len(WAY)
    stopped = random.choice(steps + 1, people, p=[0.06] * steps + [1 - 0.06 * steps])
    reason = random.integers(0, len(REASONS), people)
    reason[(stopped == steps) | (random.random(people) < waiting)] = -1
    at = np.full((people, steps + 4), np.nan)
    kind = np.zeros(at.shape, np.int32)
    at[:, 0] = random.integers(0, 200 * 1440, people)
    gaps = random.integers(300, 6 * 1440, (people, steps)).cumsum(axis=1) + at[:, :1]
    there = np.arange(steps) < stopped[:, None]
    at[:, 1 : steps + 1] = np.where(there, gaps, np.nan)
    kind[:, 1 : steps + 1] = np.arange(1, steps + 1)
    early = (stopped > 2) & (random.random(people) < 0.2)
    at[early, 3] = at[early, 0] + 30
    unwritten = (stopped > 3) & (random.random(people) < 0.15)
    at[unwritten, 2] = np.nan
    again = (stopped > 1) & ~unwritten & (random.random(people) < 0.08)
    at[again, steps + 1], kind[:, steps + 1] = at[again, 1] + 100, steps + 1
    at[again, steps + 2], kind[:, steps + 2] = at[again, 1] + 200, 1
    ends = reason >= 0
    last = np.nanmax(at[ends], axis=1)
    at[ends, steps + 3] = last + 60
    kind[ends, steps + 3] = steps + 2 + reason[ends]
    rows, places = np.nonzero(~np.isnan(at))
    begin = int((FIRST - EPOCH).total_seconds()) * MICROSECONDS
    times = begin + (at[rows, places] * 60 * MICROSECONDS).astype(np.int64)
    return Cohort(columns(KINDS, rows.astype(np.int64), kind[rows, places], times, people), stopped, reason)


def measured(name: str, act: Callable[[], Any]) -> Any:
    """What an act gives; its processor and wall-clock time are printed."""
    cpu, wall = time.process_time(), time.perf_counter()
    found = act()
    print(
        f"{name:<46}{time.process_time() - cpu:>8.2f} CPU s{time.perf_counter() - wall:>8.2f} s", flush=True
    )
    return found


def whole(found: CohortStates) -> dict[str, Any]:
    """The funnel with its intervals, Aalen and Johansen, and the levers, as the page and JSON have them."""
    stages = funnel(found)
    return document(FunnelReport(NSCLC, NOW, found, (GroupFunnel("everybody", stages, Shown()),), 0))


def check_losses(cohort: Cohort) -> None:
    """What was put in comes out, and nobody waits without an owner; raises AssertionError."""
    found = cohort_states(NSCLC, cohort.signals, NOW + timedelta(days=800))
    steps = [step for step, _ in WAY]
    assert steps == list(way(NSCLC))
    for number, stage in enumerate(funnel(found)):
        here = cohort.stopped == number
        put = {reason: int((here & (cohort.reason == code)).sum()) for code, reason in enumerate(REASONS)}
        assert dict(stage.lost) == {reason: count for reason, count in put.items() if count}, stage.step
        assert stage.waiting == int((here & (cohort.reason < 0)).sum()), stage.step
    open_steps = (found.status == STATUSES.index(Status.OPEN)).any(axis=1)
    assert (open_steps == (found.end < 0)).all(), "somebody who has not ended has no open step"
    calendar = HELD.calendar(NSCLC)
    for row in np.flatnonzero(found.end < 0)[:SAMPLE]:
        (case,) = states(NSCLC, str(row), alone(cohort.signals, int(row)), found.now)
        assert case.open
        assert all(one.owner for one in moves(NSCLC, case, calendar, found.now))
    lost = int((cohort.reason >= 0).sum())
    still = int((found.end < 0).sum())
    print(f"{len(found.end):,} people: {lost:,} losses recovered exactly at {len(steps)} steps")
    print(f"{still:,} have not ended, each with an open step that has an owner")


def alone(held: SignalColumns, row: int) -> list[Signal]:
    """One person's signals."""
    found = []
    for line in range(int(held.starts[row]), int(held.starts[row + 1])):
        name = held.kinds[held.kind[line]]
        at = EPOCH + timedelta(microseconds=int(held.at[line]))
        found.append(Signal(name[0], at, at, str(line), "made up", "", attributes_of(name)))
    return found


def main() -> None:
    """Both, and what the machine was doing."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--lost", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"{os.cpu_count()} cores; load before: {load}")
    cohort = made(given.people, given.seed, waiting=0.5)
    print(f"{given.people:,} people, {len(cohort.signals.at):,} signals, {len(NSCLC.steps)} steps")
    found = measured("states", lambda: cohort_states(NSCLC, cohort.signals, NOW))
    late = measured("overdue", lambda: overdue(found, HELD.calendar(NSCLC)))
    measured("funnel", lambda: funnel(found))
    measured("Aalen and Johansen", lambda: time_to_goal(found))
    measured("levers", lambda: levers(funnel(found), 0.5))
    measured("funnel, intervals, incidence, levers (document)", lambda: whole(found))
    print(f"{int(late.any(axis=1).sum()):,} people past a deadline")
    check_losses(made(given.lost, given.seed + 1, waiting=0.3))


if __name__ == "__main__":
    main()
