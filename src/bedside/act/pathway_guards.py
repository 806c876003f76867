"""Guards: what must not pass unnoticed on a care pathway. Each fires once, at the moment it became true."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bedside.act.pathway_moves import moment_after
from bedside.act.pathway_state import PathwayState, Status, of_case, seen
from bedside.act.pathway_walk import Walk, advance, said
from bedside.genome.signal import Signal, standing_signals
from bedside.knowledge.calendars import Calendar
from bedside.knowledge.care_pathway import CarePathway, Guard

DONE = frozenset({Status.DONE, Status.PASSED})
TO_COME = frozenset({Status.OPEN, Status.WAITING})


@dataclass(frozen=True, slots=True)
class Fired:
    """One firing. firing: its id, the same however often it is worked out. holds: whether what it warns of
    is still so."""

    firing: str
    guard: str
    person: str
    pathway: str
    case: str
    at: datetime
    due: datetime
    owner: str
    title: str
    action: str
    holds: bool


@dataclass(frozen=True, slots=True)
class _Moment:
    """The signals up to a moment, and how things stood after the last of them."""

    signal: Signal
    before: PathwayState | None
    after: PathwayState | None


def fired(
    pathway: CarePathway,
    person: str,
    case: str,
    signals: Iterable[Signal],
    calendar: Calendar,
    now: datetime,
    known_at: datetime | None = None,
) -> tuple[Fired, ...]:
    """Every firing up to a moment, in order of time."""
    held = of_case(pathway, case, [one for one in standing_signals(signals, known_at) if one.at <= now])
    told = _told(pathway, person, case, held)
    found: dict[str, Fired] = {}
    for guard in pathway.guards:
        moments = _by_signal(guard, told) if guard.on else _by_time(guard, told, calendar)
        for name, at, state in moments:
            if at > now or not _meant(guard, state) or _spared(guard, held, at):
                continue
            firing = f"{pathway.name}:{guard.name}:{person}:{case}:{name}"
            owner, due = _owner(guard, at, calendar, now)
            holds = told[-1].after is not None and _holds(guard, told[-1].after)
            made = Fired(
                firing,
                guard.name,
                person,
                pathway.name,
                case,
                at,
                due,
                owner,
                guard.title,
                guard.action,
                holds,
            )
            found.setdefault(firing, made)
    return tuple(sorted(found.values(), key=lambda one: (one.at, one.firing)))


def _told(pathway: CarePathway, person: str, case: str, held: Sequence[Signal]) -> list[_Moment]:
    walk, before, told = Walk(), None, []
    for one in held:
        walk = advance(pathway, walk, one)
        after = None if walk.started is None else seen(pathway, person, case, walk)
        told.append(_Moment(one, before, after))
        before = after
    return told


def _by_signal(guard: Guard, told: Sequence[_Moment]) -> Iterator[tuple[str, datetime, PathwayState]]:
    """Judged by how things stood just before the signal: afterwards it may have moved them itself."""
    for one in told:
        if one.before is not None and said(guard.on, one.signal):
            yield one.signal.signal_id, one.signal.at, one.before


def _by_time(
    guard: Guard, told: Sequence[_Moment], calendar: Calendar
) -> Iterator[tuple[str, datetime, PathwayState]]:
    if guard.open_for is None:
        return
    for place, one in enumerate(told):
        if one.after is None:
            continue
        step = one.after.steps[guard.step]
        if step.status is not Status.OPEN or step.since is None:
            continue
        at = moment_after(guard.open_for, step.since, calendar)
        then = one.after
        for later in told[place + 1 :]:
            if later.signal.at > at or later.after is None:
                break
            then = later.after
        reached = then.steps[guard.step]
        if reached.status is Status.OPEN and reached.turn == step.turn:
            yield str(step.turn), at, then


def _meant(guard: Guard, state: PathwayState) -> bool:
    return all(state.steps[name].status in TO_COME for name in guard.before) and all(
        state.steps[name].status in DONE for name in guard.after
    )


def _holds(guard: Guard, state: PathwayState) -> bool:
    """Whether what a firing warns of is still so: its steps are as they were then, and nothing ended."""
    if state.ended is not None:
        return False
    waits = (*guard.before, *((guard.step,) if guard.step else ()))
    return all(state.steps[name].status in TO_COME for name in waits)


def _spared(guard: Guard, held: Iterable[Signal], at: datetime) -> bool:
    return any(one.at <= at and said(guard.unless, one) for one in held)


def _owner(guard: Guard, at: datetime, calendar: Calendar, now: datetime) -> tuple[str, datetime]:
    due = moment_after(guard.due, at, calendar)
    rung = guard.escalate
    higher = rung is not None and now >= moment_after(rung.after, at, calendar)
    return (rung.to if rung is not None and higher else guard.owner), due
