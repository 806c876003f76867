"""Whose move it is: every open step with its owner, its age, its deadline and where it went on the ladder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bedside.act.pathway_state import PathwayState
from bedside.knowledge.calendars import Calendar
from bedside.knowledge.care_pathway import CarePathway, Span


@dataclass(frozen=True, slots=True)
class Move:
    """What somebody must do next for one person. owner: whose move it is now; first_owner: whose it was
    before the ladder. rung: how often it went higher. due_known: False where the deadline lies after the last
    day of which the calendar knows the holidays."""

    person: str
    pathway: str
    case: str
    step: str
    title: str
    action: str
    draft: str
    owner: str
    first_owner: str
    since: datetime
    due: datetime
    overdue: bool
    rung: int
    turn: int
    due_known: bool = True


def moment_after(span: Span, since: datetime, calendar: Calendar) -> datetime:
    """The moment a span ends that began at `since`: to the minute for hours, else at the end of a day."""
    if span.hours:
        return since + timedelta(hours=span.hours)
    day = calendar.day(since)
    if span.working_days:
        return calendar.end_of(calendar.after(day, span.working_days))
    return calendar.end_of(day + timedelta(days=span.days))


def moves(pathway: CarePathway, state: PathwayState, calendar: Calendar, now: datetime) -> tuple[Move, ...]:
    """The open steps of a person at a moment, the one due first before the others."""
    found = []
    for one in state.open:
        step = pathway.steps[one.step]
        if one.since is None:
            raise ValueError(f"{one.step} is open since no time")
        due = moment_after(step.due, one.since, calendar)
        reached = [rung.to for rung in step.ladder if now >= moment_after(rung.after, one.since, calendar)]
        found.append(
            Move(
                state.person,
                state.pathway,
                state.case,
                one.step,
                step.title,
                step.action,
                step.draft,
                reached[-1] if reached else step.owner,
                step.owner,
                one.since,
                due,
                now >= due,
                len(reached),
                one.turn,
                not step.due.working_days or calendar.day(due) <= calendar.until,
            )
        )
    return tuple(sorted(found, key=lambda move: (move.due, move.step)))
