"""Where a person stands on a care pathway: a pure function of what happened, the definition and the time.

A step is closed when something shows that it is done, when a later step is done (it must have happened,
though nobody wrote it down), or when it is not needed. What is neither closed nor waits for another step is
open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from bedside.act.pathway_walk import Ended, Walk, advance, of_its_tests, said
from bedside.genome.signal import Signal, standing_signals
from bedside.knowledge.care_pathway import CarePathway, Step


class Status(Enum):
    """How one step stands."""

    WAITING = "waiting"
    OPEN = "open"
    DONE = "done"
    PASSED = "passed"
    NOT_NEEDED = "not-needed"
    STOPPED = "stopped"


CLOSED = frozenset({Status.DONE, Status.PASSED, Status.NOT_NEEDED})


@dataclass(frozen=True, slots=True)
class StepState:
    """One step of one person. since: from when it was open; at: when it was closed; turn: how often somebody
    was sent back to it; ever: whether it is, or was before somebody was sent back, behind the person."""

    step: str
    status: Status
    since: datetime | None = None
    at: datetime | None = None
    turn: int = 0
    ever: bool = False


@dataclass(frozen=True, slots=True)
class PathwayState:
    """One case of one person on one pathway. version: the definition it was worked out with; reached: when a
    goal was first reached, even when somebody was sent back afterwards."""

    person: str
    pathway: str
    version: str
    case: str
    started: datetime
    steps: Mapping[str, StepState]
    ended: Ended | None = None
    returned: Mapping[str, int] | None = None
    reached: datetime | None = None

    @property
    def open(self) -> tuple[StepState, ...]:
        """The steps on which somebody must move now; none once the pathway ended."""
        return tuple(one for one in self.steps.values() if one.status is Status.OPEN)


def states(
    pathway: CarePathway,
    person: str,
    signals: Iterable[Signal],
    now: datetime,
    known_at: datetime | None = None,
) -> tuple[PathwayState, ...]:
    """Every case of a person on a pathway at a moment, as known then (or now), in the order they began."""
    held = [one for one in standing_signals(signals, known_at) if one.at <= now]
    cases = dict.fromkeys(
        one.case for one in held if any(way.holds(one.name, one.attributes) for way in pathway.starts)
    )
    return tuple(state_of_case(pathway, person, case, of_case(pathway, case, held)) for case in cases)


def state_of_case(pathway: CarePathway, person: str, case: str, held: Iterable[Signal]) -> PathwayState:
    """One case from the signals that are about it, in the order of what happened."""
    walk = Walk()
    for one in held:
        walk = advance(pathway, walk, one)
    return seen(pathway, person, case, walk)


def of_case(pathway: CarePathway, case: str, held: Iterable[Signal]) -> tuple[Signal, ...]:
    """The signals about a case: one without a case is about all, a case without a name has all; and none that
    says another value of what the start fixed or is of another kind of test."""
    mine = [one for one in held if not case or one.case in ("", case)]
    start = next((one for one in mine if said(pathway.starts, one)), None)
    fixed = {} if start is None else {key: start.attributes.get(key) for key in pathway.binds}
    return tuple(
        one
        for one in mine
        if of_its_tests(pathway, one)
        and all(value is None or one.attributes.get(key, value) == value for key, value in fixed.items())
    )


def seen(pathway: CarePathway, person: str, case: str, walk: Walk) -> PathwayState:
    """A walk that has started, as it shows; raises ValueError when it has not."""
    if walk.started is None:
        raise ValueError("nothing put this person on the pathway")
    found: dict[str, StepState] = {}
    for step in pathway.steps.values():
        one = _stands(pathway, step, walk, found)
        behind = one.status in CLOSED or bool(walk.ever & {step.name, *pathway.following[step.name]})
        found[step.name] = replace(one, ever=behind)
    if walk.ended is not None:
        found = {name: _stopped(one) for name, one in found.items()}
    return PathwayState(
        person,
        pathway.name,
        pathway.version,
        case,
        walk.started,
        found,
        walk.ended,
        walk.returned,
        walk.reached,
    )


def _stopped(one: StepState) -> StepState:
    return one if one.status in CLOSED else replace(one, status=Status.STOPPED, at=None)


def _stands(pathway: CarePathway, step: Step, walk: Walk, found: Mapping[str, StepState]) -> StepState:
    mark = walk.mark(step.name)
    since = _ready(step, walk, found)
    if mark.done is not None:
        return StepState(step.name, Status.DONE, since, mark.done, mark.turn)
    if mark.not_needed is not None:
        return StepState(step.name, Status.NOT_NEEDED, None, mark.not_needed, mark.turn)
    if step.on_call and mark.opened is None:
        return StepState(step.name, Status.NOT_NEEDED, None, None, mark.turn)
    later = _later(pathway, step, walk)
    if later is not None:
        other = _another_way(pathway, step, walk)
        return StepState(step.name, Status.NOT_NEEDED if other else Status.PASSED, since, later, mark.turn)
    return StepState(step.name, Status.WAITING if since is None else Status.OPEN, since, None, mark.turn)


def _later(pathway: CarePathway, step: Step, walk: Walk) -> datetime | None:
    """When a step after this one was first done since somebody was sent here."""
    opened = walk.mark(step.name).opened
    times = [walk.mark(name).done for name in pathway.following[step.name]]
    return min((at for at in times if at is not None and (opened is None or at >= opened)), default=None)


def _another_way(pathway: CarePathway, step: Step, walk: Walk) -> bool:
    return any(
        step.name in other.after_any
        and any(walk.mark(name).done is not None for name in other.after_any if name != step.name)
        for other in pathway.steps.values()
    )


def _ready(step: Step, walk: Walk, found: Mapping[str, StepState]) -> datetime | None:
    """From when a step can be done: all before it closed and, of those of which one is enough, one done."""
    opened = walk.mark(step.name).opened
    if step.on_call:
        return opened
    times = [walk.started, opened]
    for name in step.after:
        if found[name].status not in CLOSED:
            return None
        times.append(found[name].at)
    if step.after_any:
        any_of = [found[name] for name in step.after_any]
        done = [one.at for one in any_of if one.status in (Status.DONE, Status.PASSED)]
        if not done and not all(one.status in CLOSED for one in any_of):
            return None
        times.append(min((at for at in done if at is not None), default=None))
    return max(at for at in times if at is not None)
