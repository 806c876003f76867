"""The task to confirm a report: opened once it is known whose it is, closed by a signature or a rejection."""

from __future__ import annotations

from collections.abc import Iterator

from bedside.act.tasks import due_from
from bedside.genome.draft import Draft
from bedside.genome.event import EventKind, NewEvent
from bedside.knowledge.report_layouts import load_report_policy
from bedside.service.house import House


def task_opened(house: House, draft: str, person: str) -> Iterator[NewEvent]:
    """Somebody confirms the report, once it is known whose it is."""
    if not person:
        return
    policy = load_report_policy(house.settings.knowledge_folder).task
    now = house.clock()
    due = due_from(policy, now.date())
    payload = {
        "task": task_of(draft),
        "kind": policy.kind,
        "summary": "Confirm a report that came as PDF, field by field",
        "owner": policy.owner,
        "due": due.due.isoformat(),
        "about": {
            "draft": draft,
            "escalate_on": due.escalate.isoformat(),
            "escalate_to": policy.escalate_to,
        },
    }
    yield NewEvent(EventKind.TASK_OPENED, "bedside", now, person, payload, task_of(draft))


def task_of(draft: str) -> str:
    """The id of the task to confirm a draft."""
    return f"confirm-report:{draft}"


def closed_task(house: House, held: Draft, by: str, outcome: str) -> list[NewEvent]:
    """The end of the task to confirm a draft, where one is open."""
    task = task_of(held.draft)
    if not held.person or all(one.task != task for one in house.ledger.tasks(held.person)):
        return []
    payload = {"task": task, "outcome": outcome}
    key = f"closed:{task}:{held.person}"
    return [NewEvent(EventKind.TASK_CLOSED, by, house.clock(), held.person, payload, key)]
