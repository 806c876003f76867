"""Every measure and every step of every funnel by group: where a group gets less than everybody else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from bedside.act.gap_alarms import GapAlarm, GapStep, alarms_from, gap_moves
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.programme import NOT_KNOWN
from bedside.knowledge.equity import GapPolicy, load_gap_policy
from bedside.knowledge.measure import Shape, State
from bedside.knowledge.small_numbers import load_small_numbers
from bedside.learn.equity import Compared, Standing, Thing, compared
from bedside.learn.event_columns import Codes
from bedside.learn.funnel import furthest, way
from bedside.learn.gaps import Bools
from bedside.learn.measures import HOURS_IN, IntervalFigure
from bedside.learn.pathway_cohort import cohort_states
from bedside.learn.people_groups import GROUPS, group_of_each
from bedside.learn.signal_columns import microseconds
from bedside.service.house import House
from bedside.service.measures import MeasureReport, Tile, measure_report
from bedside.service.pathway_rules import pathway_rules
from bedside.service.record_cohort import groups_of, record_cohort
from bedside.store.ledger import Unless

MEASURE, STEP = "measure", "step"
_HOUR = 3_600_000_000


@dataclass(frozen=True, slots=True)
class EquityReport:
    """Every group compared in everything that can be. not_compared: measures of which no share of people can
    be told, with why. open: the alarms that stand."""

    at: datetime
    policy: GapPolicy
    lines: tuple[Compared, ...]
    not_compared: Mapping[str, str]
    open: tuple[GapAlarm, ...]
    head: int

    @property
    def gaps(self) -> tuple[Compared, ...]:
        """The gaps that stand, those of the worse off first, the widest first."""
        stand = [one for one in self.lines if one.standing is Standing.GAP]
        return tuple(sorted(stand, key=lambda one: (one.worse is not True, -_width(one), one.key)))

    @property
    def alarms(self) -> tuple[Compared, ...]:
        """The gaps that are wide enough to be somebody's to act on: of a known group that is worse off."""
        return tuple(
            one
            for one in self.gaps
            if one.worse and one.group != NOT_KNOWN and _width(one) >= self.policy.least_gap
        )


def _width(one: Compared) -> float:
    return 0.0 if one.told is None else abs(one.told.value)


def equity_report(
    house: House,
    at: datetime | None = None,
    *,
    by: Sequence[str] = GROUPS,
    people: frozenset[str] | None = None,
    as_known_then: bool = True,
) -> EquityReport:
    """Everything compared at a moment. people: count these alone; then no alarm is told, because alarms speak
    of everybody. Raises PackError."""
    when, root = at or house.clock(), house.settings.knowledge_folder
    policy, small = load_gap_policy(root), load_small_numbers(root)
    report = measure_report(house, at, people=people, as_known_then=as_known_then)
    strata = _strata(house, policy, when)
    things = [*_measures(report, by, strata), *_steps(house, when, by, strata, people)]
    lines = compared(things, policy.level, policy.least_people, small.least)
    known = at if as_known_then else None
    held = alarms_from(house.ledger.events(kinds=(EventKind.GAP_MOVED,), known_at=known))
    open_alarms = tuple(one for one in held.values() if one.closed is None and people is None)
    return EquityReport(when, policy, tuple(lines), dict(_not_compared(report)), open_alarms, report.head)


def watch_gaps(house: House, actor: str) -> tuple[tuple[str, GapStep], ...]:
    """Raise an alarm for each gap that is one and has none, and close those whose gap is gone; what was
    written. Run again, it writes nothing."""
    after = house.ledger.checkpoint().sequence
    report = equity_report(house)
    held = alarms_from(house.ledger.events(kinds=(EventKind.GAP_MOVED,)))
    there = {one.key: one for one in report.alarms}
    told = [one.key for one in report.lines if one.told is not None]
    now, policy = house.clock(), report.policy
    moves = gap_moves(held, there, told, now, policy.cool_down_days)
    due = (now + timedelta(days=policy.due_in_days)).date().isoformat()
    events = []
    for gap, step in moves:
        said: dict[str, object] = {"gap": gap, "step": step.value, "policy": policy.provenance.sha256}
        if step is GapStep.RAISED:
            said |= {
                "told": sentence(there[gap]),
                "owner": policy.owner_role,
                "due": due,
                "head": report.head,
            }
        events.append(NewEvent(EventKind.GAP_MOVED, actor, now, payload=said))
    if events:
        house.ledger.append(events, unless=Unless(EventKind.GAP_MOVED, after))
    return moves


def watch_gaps_when_due(house: House, actor: str, last: datetime | None) -> datetime | None:
    """Look for gaps where the policy says that it is time; when it was looked last. Raises PackError."""
    every, now = load_gap_policy(house.settings.knowledge_folder).look_every_hours, house.clock()
    if not every or (last is not None and now - last < timedelta(hours=every)):
        return last
    watch_gaps(house, actor)
    return now


def sentence(one: Compared) -> str:
    """A gap in words."""
    if one.told is None or one.mine is None or one.rest is None:
        return f"{one.title}, {one.by} {one.group}: {one.standing.value}"
    points = 100 * one.told.value
    span = f"{100 * one.told.low:+.1f} to {100 * one.told.high:+.1f}"
    how = "same age and sex" if one.standardised else "not standardised"
    return f"{one.title}, {one.by} {one.group}: {points:+.1f} points beside the others ({span}; {how})"


def _strata(house: House, policy: GapPolicy, when: datetime) -> Mapping[str, int]:
    """The stratum of age and sex of everybody of whom both are known."""
    found, bands = {}, policy.age_bands
    for one in house.ledger.people(limit=max(house.ledger.count_people(), 1)):
        if one.birth_date is None or one.sex.value not in ("female", "male"):
            continue
        years = (when.date() - one.birth_date).days / 365.25
        band = sum(1 for begins in bands if years >= begins) - 1
        found[one.person] = 2 * max(band, 0) + (one.sex.value == "male")
    return found


def _measures(report: MeasureReport, groups: Sequence[str], strata: Mapping[str, int]) -> Iterator[Thing]:
    words = report.events.vocabulary
    settled = {name: held for name, tile in report.tiles.items() if (held := _settled(report, tile))}

    def level(code: int) -> int:
        return -1 if code < 0 else strata.get(words[code], -1)

    levels = {
        name: np.array([level(int(code)) for code in person], np.int64)
        for name, (_, _, person, _) in settled.items()
    }
    for by in groups:
        mapped, names = report.groups(by)
        for name, (title, higher, person, met) in settled.items():
            group = group_of_each(mapped, names, person).astype(np.int64)
            yield Thing(MEASURE, name, title, by, names, met, group, levels[name], higher)


_Settled = tuple[str, bool | None, Codes, Bools]


def _settled(report: MeasureReport, tile: Tile) -> _Settled | None:
    """Who was settled and whether it was met. Of an interval: who got there within the time in which half of
    everybody did, among those who began so long ago."""
    units, measure = tile.units, tile.measure
    if units is None or not len(units):
        return None
    better = {"higher": True, "lower": False}.get(measure.direction.value)
    if measure.shape is Shape.SHARE:
        keep = (units.state == State.MET.value) | (units.state == State.FAILED.value)
        return (
            measure.title,
            better,
            units.person[keep].astype(np.int64),
            units.state[keep] == State.MET.value,
        )
    if measure.shape is not Shape.INTERVAL or not isinstance(tile.figure, IntervalFigure):
        return None
    half = tile.figure.percentiles[50].value
    if half is None:
        return None
    hours = half * HOURS_IN.get(measure.unit, 1.0)
    counted = ~np.isin(units.state, (State.EXCLUDED.value, State.UNKNOWN.value))
    keep = counted & (units.at <= microseconds(report.at) - int(hours * _HOUR))
    met = (units.state[keep] == State.MET.value) & (units.hours[keep] <= hours)
    shown = f"{half:.0f}" if half >= 10 else f"{half:.1f}"
    title = f"{measure.title}: within {shown} {measure.unit}"
    return title, True if better is False else None, units.person[keep], met


def _steps(
    house: House,
    when: datetime,
    groups: Sequence[str],
    strata: Mapping[str, int],
    people: frozenset[str] | None,
) -> Iterator[Thing]:
    """Of those who came to a step and are not on the way, who got past it."""
    for pathway in pathway_rules(house.settings.knowledge_folder).held.by_name.values():
        cohort = record_cohort(house, pathway, when, people)
        if not cohort.rows:
            continue
        found = cohort_states(pathway, cohort.signals, when)
        gone = furthest(found)
        ended = (found.end >= 0) | (found.reached > 0)
        level = np.array([strata.get(person, -1) for person, _ in cohort.rows], np.int64)
        for by in groups:
            said = groups_of(house, cohort, by)
            names, place = np.unique(said.astype(str), return_inverse=True)
            for step, name in enumerate(way(pathway)):
                keep = (gone > step) | ((gone == step) & ended)
                if keep.any():
                    title = f"{pathway.title}: {pathway.steps[name].title}"
                    yield Thing(
                        STEP, f"{pathway.name}:{name}", title, by, tuple(names.tolist()),
                        gone[keep] > step, place[keep].astype(np.int64), level[keep], True,
                    )  # fmt: skip


def _not_compared(report: MeasureReport) -> Iterator[tuple[str, str]]:
    for name, tile in report.tiles.items():
        if tile.units is None:
            yield name, "cannot be computed: no such event: " + "; ".join(tile.found.missing)
        elif tile.measure.shape in (Shape.RATE, Shape.DISTRIBUTION):
            yield name, "is no share of people; see its page by group"
        elif _settled(report, tile) is None:
            yield name, "not half of everybody has got there, or nobody was counted"
