"""Ends a task: done, or with the reason why not. It stays in the record with who ended it and when."""

from __future__ import annotations

from enum import Enum

from bedside.errors import Problem, RequestError
from bedside.genome.event import EventKind, NewEvent
from bedside.service.break_glass import REVIEW
from bedside.service.house import House


class Ending(Enum):
    """How a task may end. Nothing disappears: what was not done has a reason."""

    DONE = "done"
    NOT_NEEDED = "not needed"
    DECLINED = "declined"


def close_task(house: House, person: str, task: str, ending: Ending, reason: str, *, actor: str) -> None:
    """End an open task of a person; on disk when this returns. Raises `RequestError`."""
    problems = []
    if any(one.task == task and one.kind == REVIEW for one in house.ledger.tasks(person)):
        remedy = "the privacy role closes it with a verdict, at /emergency/reviews"
        problems.append(Problem("task", "an emergency access is reviewed, not ended", remedy=remedy))
    if any(one.task == task and "occasion" in one.about for one in house.ledger.tasks(person)):
        remedy = "whoever reads it says what they saw, on the page of its rule at /alerts"
        problems.append(Problem("task", "an occasion of an audit is read, not ended", remedy=remedy))
    if all(one.task != task for one in house.ledger.tasks(person)):
        problems.append(Problem("task", "this person has no such open task", remedy="open the list again"))
    if ending is not Ending.DONE and not reason.strip():
        problems.append(
            Problem("reason", "what was not done needs a reason", remedy="say why in a few words")
        )
    if problems:
        raise RequestError(problems)
    outcome = ending.value if not reason.strip() else f"{ending.value}: {reason.strip()}"
    payload = {"task": task, "outcome": outcome}
    house.audit.append(
        [NewEvent(EventKind.TASK_CLOSED, actor, house.clock(), person, payload, f"closed:{task}")]
    )
