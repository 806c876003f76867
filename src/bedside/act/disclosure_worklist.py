"""Whose move it is with every finding, since when, and what holds it up: nothing on the way disappears."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bedside.act.disclosure import Standing
from bedside.act.disclosure_shown import Hold, May, held_by, lowered
from bedside.act.tasks import TaskState
from bedside.act.working_days import working_day_after
from bedside.knowledge.disclosure_policy import Deadline, Pathway


@dataclass(frozen=True, slots=True)
class WorklistLine:
    """One finding on the way: who acts next, what they do, since when it waits, and how urgent that is.

    waits_for: the coded reason it is held, "" when somebody can act. final: the coded reason nothing more is
    owed, "" while something is. early: steps recorded before their turn.
    """

    person: str
    finding: str
    pathway: str
    gene: str
    state: str
    owner: str
    action: str
    since: date
    days: int
    due: date | None
    urgency: TaskState
    waits_for: str = ""
    final: str = ""
    attempts: int = 0
    early: tuple[str, ...] = ()
    site: str = ""
    relative: str = ""


def lines_of(
    pathway: Pathway, places: Sequence[Standing], day: date, may: May, holidays: Collection[date] = ()
) -> tuple[WorklistLine, ...]:
    """The lines of one person's findings."""
    low = lowered(pathway, places)
    return tuple(_line(pathway, one, day, held_by(pathway, one, day, may, low), holidays) for one in places)


def _line(
    pathway: Pathway,
    one: Standing,
    day: date,
    held: Hold | None,
    holidays: Collection[date],
) -> WorklistLine:
    state, since = one.state, one.since.date()
    hold = held or Hold("", state.owner, state.action)
    owner, due, urgency = hold.owner, hold.until, TaskState.OPEN if hold.until else TaskState.CLOSED
    if not state.final and hold.until is None:
        due, higher = days_of(state.deadline, since, holidays)
        urgency = TaskState.OVERDUE if day > due else TaskState.OPEN
        if higher is not None and day >= higher:
            urgency, owner = TaskState.ESCALATED, state.deadline.escalate_to or owner
    return WorklistLine(
        person=one.finding.person,
        finding=one.finding.finding,
        pathway=pathway.name,
        gene=one.finding.gene,
        state=state.name,
        owner=owner,
        action=hold.action,
        since=since,
        days=max(0, (day - since).days),
        due=due,
        urgency=urgency,
        waits_for=hold.reason,
        final=state.final,
        attempts=len(one.attempts),
        early=tuple(sorted({fact.step for fact in one.ahead})),
        site=one.finding.site,
        relative=str(one.finding.about.get("relative", "")),
    )


def days_of(deadline: Deadline, since: date, holidays: Collection[date] = ()) -> tuple[date, date | None]:
    """When something is due, and when it goes to the next role (None: never)."""
    due = working_day_after(since + timedelta(days=deadline.days), deadline.working_days, holidays)
    if not deadline.escalate_working_days:
        return due, None
    return due, working_day_after(since, deadline.escalate_working_days, holidays)


def in_order(lines: Iterable[WorklistLine]) -> tuple[WorklistLine, ...]:
    """Most urgent first: escalated, overdue, open by due day; what is over last."""
    rank = {TaskState.ESCALATED: 0, TaskState.OVERDUE: 1, TaskState.OPEN: 2, TaskState.CLOSED: 3}

    def place(line: WorklistLine) -> tuple[int, date, str, str, str]:
        return (rank[line.urgency], line.due or date.max, line.person, line.finding, line.relative)

    return tuple(sorted(lines, key=place))
