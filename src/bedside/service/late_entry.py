"""What was done on paper while the server was down, entered afterwards: true when it was done, known now.

A table with a header, tab-separated: `person, at, what, code, text, by`. what: `medicine-started`,
`medicine-ended` (code: RxNorm, text: its name) or `task-done` (code: the task, text: what was done). Entered
once, however often the table is given; a row that is wrong stops all of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from bedside.errors import InputError, Problem
from bedside.genome.code import System
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.task import Task
from bedside.knowledge.table import Row, parse_table
from bedside.service.break_glass import REVIEW
from bedside.service.house import House

COLUMNS = ("person", "at", "what", "code", "text", "by")
_STATUS = {"medicine-started": "active", "medicine-ended": "ended"}


def enter_late(house: House, path: Path, *, actor: str) -> int:
    """Enter a table; how many rows were new. Raises `InputError` with every row that is wrong, naming lines
    and never a person."""
    problems: list[Problem] = []
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError.one(path.name, f"cannot be read: {error.strerror}") from error
    rows = tuple(parse_table(path.name, content, COLUMNS, problems))
    tasks = {task.task: task for task in house.ledger.tasks(open_only=False)}
    events = [event for row in rows if (event := _event(house, row, actor, tasks, problems)) is not None]
    if not rows and not problems:
        problems.append(Problem(path.name, "holds no row"))
    if problems:
        raise InputError(problems)
    before = house.ledger.checkpoint().sequence
    return sum(one.sequence > before for one in house.ledger.append(events))


def _event(
    house: House, row: Row, actor: str, tasks: Mapping[str, Task], problems: list[Problem]
) -> NewEvent | None:
    said = {name: row[name].strip() for name in COLUMNS}
    at = _moment(said["at"])
    wrong = []
    if house.ledger.person(said["person"]) is None:
        wrong.append("person is not in the record")
    if at is None:
        wrong.append("at is a time with its zone, such as 2026-11-26T03:40+01:00")
    elif at > house.clock():
        wrong.append("at lies in the future")
    if not said["by"]:
        wrong.append("by says who did it")
    if said["what"] in _STATUS and not said["code"].isdigit():
        wrong.append("code is the medicine's RxNorm number")
    if said["what"] == "task-done":
        task = tasks.get(said["code"])
        if task is None or task.person != said["person"]:
            wrong.append("code is the number of a task of this person")
        elif task.kind == REVIEW:
            wrong.append("an emergency access is reviewed by the privacy role, not ended here")
    elif said["what"] not in _STATUS:
        wrong.append(f"what is one of {', '.join((*_STATUS, 'task-done'))}")
    problems += [row.problem(reason) for reason in wrong]
    if wrong or at is None:
        return None
    late = {"by": said["by"], "entered-by": actor, "from": "paper"}
    key = "late:" + hashlib.sha256("\t".join(said[name] for name in COLUMNS).encode()).hexdigest()
    if said["what"] == "task-done":
        outcome = f"done: {said['text']}" if said["text"] else "done"
        done = {"task": said["code"], "outcome": outcome, "late": late}
        return NewEvent(EventKind.TASK_CLOSED, actor, at, said["person"], done, f"closed:{said['code']}")
    taken = {"system": System.RXNORM.value, "code": said["code"], "display": said["text"], "late": late}
    status = _STATUS[said["what"]]
    since = {"since": at.date().isoformat()} if status == "active" else {}
    payload = {**taken, "status": status, **since}
    return NewEvent(EventKind.MEDICATION_RECORDED, actor, at, said["person"], payload, key)


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if found.tzinfo is None else found.astimezone(UTC)
