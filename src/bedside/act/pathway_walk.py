"""The walk along a care pathway: one signal after another, in the order in which things happened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bedside.genome.signal import OF, Signal
from bedside.knowledge.care_pathway import CarePathway, Condition, End, Exit, Return

GIVES_WAY = frozenset({End.LOST, End.REFUSED, End.OTHER_CARE, End.MOVED, End.NOT_INDICATED})
"""Ends that a goal reached after all takes the place of."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How and when a pathway ended: with a goal (`by` is the step), or by an exit, and the coded reason."""

    end: End
    reason: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Mark:
    """What is written at one step. opened: when somebody was sent here; turn: how often that happened."""

    done: datetime | None = None
    not_needed: datetime | None = None
    opened: datetime | None = None
    turn: int = 0


UNMARKED = Mark()


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a walk stands. returned: how often each way back was taken. died: when the person died, even when
    the pathway had ended before. ever: the steps done at least once; reached: when a goal first was.
    """

    started: datetime | None = None
    marks: Mapping[str, Mark] = field(default_factory=dict)
    returned: Mapping[str, int] = field(default_factory=dict)
    ended: Ended | None = None
    died: datetime | None = None
    ever: frozenset[str] = frozenset()
    reached: datetime | None = None

    def mark(self, step: str) -> Mark:
        """What is written at a step."""
        return self.marks.get(step, UNMARKED)


def said(conditions: Iterable[Condition], signal: Signal) -> bool:
    """Whether a signal meets one of the conditions."""
    return any(one.holds(signal.name, signal.attributes) for one in conditions)


def of_its_tests(pathway: CarePathway, signal: Signal) -> bool:
    """Whether a signal is of a kind of test that the pathway speaks of. One that does not say its kind is."""
    kinds = signal.attributes.get(OF, "").split()
    return not pathway.of or not kinds or not set(kinds).isdisjoint(pathway.of)


def advance(pathway: CarePathway, walk: Walk, signal: Signal) -> Walk:
    """The walk after one more signal. Signals come in the order of what happened; nothing that happened
    after a death moves it, nor does a test of another kind."""
    if not of_its_tests(pathway, signal):
        return walk
    if walk.started is None and said(pathway.starts, signal):
        walk = replace(walk, started=signal.at)
    if walk.died is not None and signal.at > walk.died:
        return walk
    if walk.died is None and _tells_of_death(pathway, signal):
        walk = replace(walk, died=signal.at)
    walk = _taken_up(pathway, walk, signal)
    reopened: frozenset[str] = frozenset()
    for back in pathway.returns:
        if said(back.on, signal) and walk.died is None and (walk.ended is None or back.after_end):
            walk, steps = _sent_back(pathway, walk, back, signal.at)
            reopened |= steps
    walk = _marked(pathway, walk, signal, reopened)
    return _ended(pathway, walk, signal)


def _tells_of_death(pathway: CarePathway, signal: Signal) -> bool:
    return any(
        way.reason and pathway.reasons[way.reason].end is End.DIED and said(way.on, signal)
        for way in pathway.exits
    )


def _taken_up(pathway: CarePathway, walk: Walk, signal: Signal) -> Walk:
    if walk.ended is None:
        return walk
    by = walk.ended.by
    if any(one.name == by and said(one.revoked_by, signal) for one in pathway.exits):
        return replace(walk, ended=None)
    return walk


def _sent_back(pathway: CarePathway, walk: Walk, back: Return, at: datetime) -> tuple[Walk, frozenset[str]]:
    """The walk with steps open again, and those steps: what sends somebody back closes none of them."""
    count = walk.returned.get(back.name, 0) + 1
    opens = back.opens if count <= back.at_most else (back.beyond,)
    later = frozenset[str]().union(*(pathway.following[name] for name in opens)) - back.keeps - {*opens}
    marks = dict(walk.marks)
    for name in later:
        if name in marks:
            marks[name] = Mark(turn=marks[name].turn)
    for name in opens:
        marks[name] = Mark(opened=at, turn=walk.mark(name).turn + 1)
    sent = replace(walk, marks=marks, returned={**walk.returned, back.name: count}, ended=None)
    return sent, later | {*opens}


def _marked(pathway: CarePathway, walk: Walk, signal: Signal, reopened: frozenset[str]) -> Walk:
    marks = dict(walk.marks)
    for step in pathway.steps.values():
        mark = marks.get(step.name, UNMARKED)
        if step.name in reopened or (step.on_call and mark.opened is None):
            continue
        if mark.done is None and said(step.done_by, signal):
            marks[step.name] = replace(mark, done=signal.at)
        elif mark.done is None and mark.not_needed is None and said(step.not_needed_by, signal):
            marks[step.name] = replace(mark, not_needed=signal.at)
    if marks == walk.marks:
        return walk
    done = {name for name, mark in marks.items() if mark.done is not None}
    return replace(walk, marks=marks, ever=walk.ever | done)


def _ended(pathway: CarePathway, walk: Walk, signal: Signal) -> Walk:
    if walk.ended is not None and walk.ended.end not in GIVES_WAY:
        return walk
    for step, reason in pathway.goals.items():
        done = walk.mark(step).done
        now = done == signal.at and said(pathway.steps[step].done_by, signal)
        if done is not None and (now or (walk.ended is None and not _called(pathway, walk))):
            return replace(walk, ended=Ended(End.REACHED, reason, done, step), reached=walk.reached or done)
    for way in pathway.exits:
        if said(way.on, signal):
            code = pathway.reasons[_reason(way, signal)]
            if walk.ended is not None and code.end is not End.DIED:
                continue
            return replace(walk, ended=Ended(code.end, code.code, signal.at, way.name))
    return walk


def _called(pathway: CarePathway, walk: Walk) -> bool:
    """Whether somebody was called to decide and has not: a goal reached before does not end that."""
    marks = (walk.mark(step.name) for step in pathway.steps.values() if step.on_call)
    return any(mark.opened is not None and mark.done is None for mark in marks)


def _reason(way: Exit, signal: Signal) -> str:
    given = signal.attributes.get("reason", "")
    return way.reason or (given if given in way.reasons else OTHER)


OTHER = "unknown"
"""The reason of an exit whose signal gives none that the pathway knows; the vocabulary always has it."""
