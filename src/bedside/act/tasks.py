"""Top-tier findings become duties that somebody owns, with a day they are due and a day they go higher."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from bedside.act.working_days import working_day_after
from bedside.decide.card import Plan
from bedside.decide.recommendation import Recommendation
from bedside.genome.task import Task
from bedside.knowledge.tiers import TaskPolicy, Tiers


class TaskState(Enum):
    """Where a task stands on a day."""

    OPEN = "open"
    OVERDUE = "overdue"
    ESCALATED = "escalated"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Due:
    """When a task is due and when it goes to the next role: two days, worked out before it is opened."""

    due: date
    escalate: date


def due_from(policy: TaskPolicy, day: date, holidays: Collection[date] = ()) -> Due:
    """The days the policy sets for a task opened on `day`."""
    return Due(
        working_day_after(day, policy.due_in_working_days, holidays),
        working_day_after(day, policy.escalate_after_working_days, holidays),
    )


def open_tasks(
    person: str, recommendations: Iterable[Recommendation], tiers: Tiers, due: Due
) -> tuple[Task, ...]:
    """One task for each drug with a top-tier recommendation. The id follows from person, drug and rules,
    so that the
    same finding is never opened twice; a changed rule is a new finding.
    """
    by_drug: dict[str, list[Recommendation]] = {}
    for one in recommendations:
        if tiers.of(one.action, one.strength, one.level).track:
            by_drug.setdefault(one.drug.name, []).append(one)
    return tuple(_task(person, several, tiers.task, due) for _, several in sorted(by_drug.items()))


def _task(person: str, several: Sequence[Recommendation], policy: TaskPolicy, due: Due) -> Task:
    lead = several[0]
    rules = sorted({one.guidance_id for one in several})
    genes = sorted(
        {basis.gene for one in several for basis in one.basis if basis.gene not in one.unknown_genes}
    )
    return Task(
        task=f"{policy.kind}:{person}:{lead.drug.rxnorm}:{'+'.join(rules)}",
        person=person,
        kind=policy.kind,
        summary=lead.summary,
        owner=policy.owner,
        due=due.due,
        about={
            "drug": lead.drug.name,
            "rxnorm": lead.drug.rxnorm,
            "genes": genes,
            "rules": rules,
            "release": str(lead.release),
            "escalate_on": due.escalate.isoformat(),
            "escalate_to": policy.escalate_to,
        },
    )


def delayed_tasks(
    person: str, plans: Iterable[Plan], policy: TaskPolicy, due: Due, day: date
) -> tuple[Task, ...]:
    """One task for each card that waits, once a day for the same drug and rules."""
    return tuple(
        Task(
            task=f"{policy.kind}:{person}:{plan.drug.rxnorm}:{'+'.join(plan.rules)}:{day.isoformat()}",
            person=person,
            kind=policy.kind,
            summary=plan.summary,
            owner=policy.owner,
            due=due.due,
            about={
                "drug": plan.drug.name,
                "rxnorm": plan.drug.rxnorm,
                "order": plan.draft.order if plan.draft else "",
                "rules": list(plan.rules),
                "escalate_on": due.escalate.isoformat(),
                "escalate_to": policy.escalate_to,
            },
        )
        for plan in plans
    )


def state_of(task: Task, day: date) -> TaskState:
    """Where the task stands on `day`: overdue from the day after it was due, escalated from its escalation
    day on.
    """
    if not task.open:
        return TaskState.CLOSED
    escalate = task.about.get("escalate_on")
    if escalate is not None and day >= date.fromisoformat(escalate):
        return TaskState.ESCALATED
    return TaskState.OVERDUE if day > task.due else TaskState.OPEN


def escalated(task: Task, day: date) -> Task:
    """The task as its owner on `day` sees it: from its escalation day on it belongs to the next role."""
    if state_of(task, day) is TaskState.ESCALATED:
        return replace(task, owner=str(task.about["escalate_to"]))
    return task


def acknowledge(task: Task, by: str) -> Task:
    """The task, closed by somebody who acted on it."""
    return replace(task, outcome=f"acknowledged by {by}")
