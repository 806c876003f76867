"""Guards become tasks: one for each firing, closed by itself when what it warns of is settled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bedside.act.pathway_guards import Fired, fired
from bedside.act.pathway_state import states
from bedside.genome.event import EventKind, NewEvent
from bedside.service.house import House
from bedside.service.pathway_check import load_pathways
from bedside.service.pathway_signals import everybody

ACTOR = "pathways"
KIND = "pathway-guard"
SETTLED = "settled: what the guard warned of is no longer so"


@dataclass(frozen=True, slots=True)
class Watched:
    """What a look came to: people looked at, tasks opened and closed."""

    people: int
    opened: int
    closed: int


def watch(house: House, now: datetime | None = None, stopped: Callable[[], bool] = lambda: False) -> Watched:
    """Open a task for every firing that has none, and close those that are settled. Run again it does
    nothing; stopped in between it goes on where it was."""
    held, at = load_pathways(house.settings.knowledge_folder), now or house.clock()
    known = {task.task: task for task in house.ledger.tasks(open_only=False) if task.kind == KIND}
    people = opened = closed = 0
    for person, signals in everybody(house):
        if stopped():
            break
        people += 1
        names = {signal.name for signal in signals}
        firing = {
            one.firing: (one, pathway.version)
            for pathway in held.by_name.values()
            if any(start.signal in names for start in pathway.starts)
            for state in states(pathway, person, signals, at)
            for one in fired(pathway, person, state.case, signals, held.calendar(pathway), at)
            if one.holds
        }
        new = [_opened(one, at, version) for name, (one, version) in firing.items() if name not in known]
        mine = [task.task for task in known.values() if task.person == person and task.open]
        done = [_closed(task, person, at) for task in mine if task not in firing]
        if new or done:
            house.ledger.append([*new, *done])
        opened, closed = opened + len(new), closed + len(done)
    return Watched(people, opened, closed)


def _opened(one: Fired, at: datetime, version: str) -> NewEvent:
    payload = {
        "task": one.firing,
        "kind": KIND,
        "summary": one.title,
        "owner": one.owner,
        "due": one.due.date().isoformat(),
        "about": {
            "pathway": one.pathway,
            "version": version,
            "guard": one.guard,
            "case": one.case,
            "action": one.action,
            "fired_at": one.at.isoformat(),
        },
    }
    return NewEvent(EventKind.TASK_OPENED, ACTOR, at, one.person, payload, key=one.firing)


def _closed(task: str, person: str, at: datetime) -> NewEvent:
    payload = {"task": task, "outcome": SETTLED}
    return NewEvent(EventKind.TASK_CLOSED, ACTOR, at, person, payload, key=f"{task}:settled")
