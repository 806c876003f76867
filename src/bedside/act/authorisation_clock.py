"""By when a payer must answer, by when to appeal, and what needs somebody now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum

from bedside.act.authorisation import Authorisation
from bedside.genome.authorisation import Purpose, Status
from bedside.genome.coverage import Line
from bedside.knowledge.authorisation_policy import AnswerClock, AppealClock, Clocks
from bedside.knowledge.calendars import Calendar


class NoClock(Enum):
    """Why there is no day: no rule at hand binds such a plan, or nobody knows what kind of plan it is."""

    NONE = "none"
    NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Running:
    """A clock that runs: by when, and by which rule."""

    due: datetime
    clock: AnswerClock


def answer_clock(
    clocks: Clocks, line: Line, sent: datetime, calendar: Calendar, *, expedited: bool, drug: bool = False
) -> Running | NoClock:
    """By when the payer must answer something sent at an instant. Hours run on as instants; calendar days end
    with the last of them where the site is, also in a week in which its clocks change."""
    if line is Line.NOT_KNOWN:
        return NoClock.NOT_KNOWN
    day = calendar.day(sent)
    for one in clocks.answers:
        if line in one.lines and one.since <= day and (one.drugs or not drug):
            if expedited:
                return Running(sent.astimezone(UTC) + timedelta(hours=one.expedited_hours), one)
            return Running(calendar.end_of(day + timedelta(days=one.standard_days)), one)
    return NoClock.NONE


def appeal_clock(clocks: Clocks, line: Line, level: int) -> AppealClock | None:
    """The rule of the next appeal after a refusal at a level; None when no rule at hand says."""
    return next((one for one in clocks.appeals if line in one.lines and one.level == level + 1), None)


def appeal_until(clock: AppealClock, refused: datetime, calendar: Calendar) -> date:
    """The last day on which the appeal is in time, counted from the day the refusal was known."""
    return calendar.day(refused) + timedelta(days=clock.days)


class Pace(Enum):
    """How a payer's time stands. CLOCK_BACK: the clock here is behind the moment of sending, so that nothing
    can be said."""

    NONE = "no clock"
    RUNNING = "running"
    SOON = "ends soon"
    OVER = "over"
    CLOCK_BACK = "the clock went back"


def pace(held: Authorisation, now: datetime, soon: timedelta) -> Pace:
    """How the time of what was sent last stands, while the payer has not decided."""
    last = held.last
    if last is None or last.due is None or held.decision is not None or held.cancelled:
        return Pace.NONE
    if now < last.at:
        return Pace.CLOCK_BACK
    if now >= last.due:
        return Pace.OVER
    return Pace.SOON if last.due - now <= soon else Pace.RUNNING


IN_FLIGHT = timedelta(seconds=60)
"""So long a request that is being sent may still be on its way; a payer is given a quarter of it."""


def on_its_way(held: Authorisation, now: datetime) -> bool:
    """Whether a request is perhaps being sent at this moment: it is not asked after yet."""
    last = held.last
    return held.status is Status.SENDING and last is not None and now - last.at < IN_FLIGHT


def needs(held: Authorisation, now: datetime, soon: timedelta) -> tuple[str, ...]:
    """What about it needs somebody, as the policy's tasks name it."""
    found = []
    status = held.status
    if status is Status.UNKNOWN or (held.doubts and not held.cancelled and _doubt_open(held)):
        found.append("doubt")
    if status is Status.TIMED_OUT or (status is Status.SENDING and not on_its_way(held, now)):
        found.append("unsent")
    if status is Status.PENDED:
        found.append("pended")
    if status.refused:
        found.append("denied")
    if pace(held, now, soon) is Pace.OVER:
        found.append("overdue")
    return tuple(found)


def _doubt_open(held: Authorisation) -> bool:
    """Whether something not believed came after the payer's last believed word."""
    word = max((one.place for one in held.heard), default=0)
    return held.doubts[-1].place > word


def may(held: Authorisation, purpose: Purpose) -> str:
    """ "" when this can be sent now, else why not."""
    status = held.status
    if purpose is Purpose.FIRST:
        return "" if status is Status.DRAFTED else f"it is {status.value} already"
    if purpose is Purpose.MORE:
        fits = status in (Status.PENDED, Status.DENIED)
        return "" if fits else f"nobody asks for more: it is {status.value}"
    if status in (Status.DENIED, Status.UPHELD, Status.PARTLY_APPROVED):
        return ""
    return f"there is no refusal to appeal: it is {status.value}"
