"""Authorisations for people to read: one with its clock and its next step, and everybody's as a worklist."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bedside.act.authorisation import Authorisation
from bedside.act.authorisation_clock import Pace, appeal_clock, appeal_until, pace
from bedside.genome.authorisation import DenialClass, Status
from bedside.knowledge.authorisation_policy import DenialWords
from bedside.service.authorisations import every_authorisation, plan_of_authorisation, policy_of, tasks_of
from bedside.service.house import House
from bedside.service.page_keys import page_key
from bedside.service.people import name_of
from bedside.service.record_ids import RecordIds

NEXT = {
    Status.DRAFTED: "answer what is open, then send it",
    Status.SENDING: "nobody wrote down that it arrived: ask the payer before anything is sent again",
    Status.TIMED_OUT: "the payer did not answer: ask after it",
    Status.PENDED: "the payer asks for more: answer and send it",
    Status.UNKNOWN: "an answer is not believed: ask the payer and write down what it says",
    Status.APPROVED: "nothing to do; the number goes with the claim",
    Status.OVERTURNED: "nothing to do; the number goes with the claim",
    Status.PARTLY_APPROVED: "see what was left out; it can be appealed",
    Status.CANCELLED: "nothing to do",
}
OURS, PAYERS, NOBODY = "ours", "the payer's", "nobody's"


@dataclass(frozen=True, slots=True)
class AppealBy:
    """By when a refusal is appealed, and by which rule. confirmed: whether a source at hand says so."""

    until: date
    title: str
    confirmed: bool
    late: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One authorisation of the worklist. whose: whose move it is; order_key, record_id: for addresses.
    sure: whether a source at hand says by when the payer must answer."""

    held: Authorisation
    name: str
    record_id: str
    order_key: str
    pace: Pace
    whose: str
    next: str
    denial: DenialWords | None = None
    appeal: AppealBy | None = None
    sure: bool = False

    @property
    def due(self) -> datetime | None:
        """By when the payer must answer."""
        last = self.held.last
        return None if last is None or self.held.decision is not None else last.due

    @property
    def urgency(self) -> tuple[int, datetime | str]:
        """What is over first, then what ends soon, then what is ours, then what waits."""
        rank = {Pace.OVER: 0, Pace.SOON: 1}.get(self.pace, 2 if self.whose == OURS else 3)
        over = self.whose == NOBODY
        return (4 if over else rank, self.held.at.isoformat())


def line_of(house: House, held: Authorisation, ids: RecordIds | None = None) -> Line:
    """One authorisation as it stands now."""
    policy, now = policy_of(house), house.clock()
    known = house.ledger.person(held.person)
    status = held.status
    denial = held.refusal.denial if held.refusal is not None else None
    words = None if held.refusal is None else policy.answers.denials[denial or DenialClass.NOT_GIVEN]
    whose = PAYERS if status.waits_for_payer else NOBODY if status.agreed else OURS
    if status in (Status.CANCELLED, Status.PARTLY_APPROVED):
        whose = NOBODY if status is Status.CANCELLED else OURS
    following = NEXT.get(status, "wait for the payer")
    if status.refused and words is not None:
        following = words.next
    speed = pace(held, now, timedelta(hours=policy.work.soon_hours))
    if speed is Pace.OVER and status.waits_for_payer:
        whose, following = OURS, "the payer's time is over: ask it"
    return Line(
        held,
        held.person if known is None else name_of(known) or held.person,
        "" if ids is None else ids.of(held.person),
        page_key(held.order),
        speed,
        whose,
        following,
        words,
        _appeal(house, held),
        held.last is not None
        and any(one.clock == held.last.clock and one.confirmed for one in policy.clocks.answers),
    )


def _appeal(house: House, held: Authorisation) -> AppealBy | None:
    if not held.status.refused or held.decision is None:
        return None
    policy = policy_of(house)
    clock = appeal_clock(policy.clocks, plan_of_authorisation(held).line, held.level)
    known = held.decision.created or held.decision.at
    if clock is None or known is None:
        return None
    until = appeal_until(clock, known, policy.work.calendar)
    today = policy.work.calendar.day(house.clock())
    late = (until - today).days <= policy.work.appeal_margin_days
    return AppealBy(until, clock.title, clock.confirmed, late)


def worklist_of(
    house: House, ids: RecordIds | None, only: frozenset[str] | None = None, *, over: bool = False
) -> tuple[Line, ...]:
    """Everybody's, what is over first. only: the records the asker may open; over: also what is settled."""
    found = [
        line_of(house, one, ids)
        for one in every_authorisation(house).values()
        if only is None or one.person in only
    ]
    return tuple(sorted((one for one in found if over or one.whose != NOBODY), key=lambda one: one.urgency))


def lines(house: House, held: Authorisation) -> Iterator[str]:
    """One authorisation as text: the standing first, then what to do."""
    one = line_of(house, held)
    said = held.agreement
    more = f" (number {said.number}{_until(said.valid_until)})" if said is not None else ""
    yield f"Authorisation {held.authorisation} of order {held.order}: {held.status.value}{more}"
    yield f"Plan: {plan_of_authorisation(held).name or held.payer}"
    if one.due is not None:
        unsure = "" if one.sure else "; this limit is not confirmed"
        yield f"The payer answers by {one.due.isoformat(timespec='minutes')} ({one.pace.value}){unsure}"
    if held.status.refused and one.denial is not None:
        reason = held.decision.reason if held.decision is not None else None
        coded = f" ({reason.system}|{reason.code})" if reason is not None else ""
        yield f"Refused: {one.denial.words}{coded}"
    if one.appeal is not None:
        sure = "" if one.appeal.confirmed else "; not confirmed, the payer's notice holds"
        yield f"{one.appeal.title} by {one.appeal.until.isoformat()}{sure}"
    for wanted in held.asked:
        yield f"The payer asks: {wanted}"
    for doubt in (*held.doubts, *filter(None, (held.conflict,))):
        yield f"Not believed: {'; '.join(doubt.why)}"
    if held.conflict is not None:
        for heard in held.heard:
            if heard.verdict.final:
                yield f"Came: {heard.verdict.value} as {heard.message[:16]}"
    for task in tasks_of(house, held):
        yield f"Task for {task.owner}, due {task.due.isoformat()}: {task.summary}"
    yield f"Next: {one.next}"


def _until(day: date | None) -> str:
    return "" if day is None else f", until {day.isoformat()}"


def document(house: House, held: Authorisation) -> dict[str, Any]:
    """One authorisation for programs."""
    one, said = line_of(house, held), held.agreement
    refusal = held.refusal
    return {
        "authorisation": held.authorisation,
        "order": held.order,
        "status": held.status.value,
        "payer": held.payer,
        "expedited": held.expedited,
        "claims": [
            {
                "claim": each.claim,
                "purpose": each.purpose.value,
                "level": each.level,
                "channel": each.channel.value,
                "sent": None if each.sent is None else each.sent.isoformat(),
                "due": None if each.due is None else each.due.isoformat(),
            }
            for each in held.rounds
        ],
        "due": None if one.due is None else one.due.isoformat(),
        "due_confirmed": None if one.due is None else one.sure,
        "pace": one.pace.value,
        "number": None if said is None else said.number,
        "valid_until": None if said is None or said.valid_until is None else said.valid_until.isoformat(),
        "units": None if said is None else said.units,
        "denial": None
        if refusal is None
        else {
            "class": (refusal.denial or DenialClass.NOT_GIVEN).value,
            "code": None if refusal.reason is None else [refusal.reason.system, refusal.reason.code],
        },
        "appeal_by": None if one.appeal is None else one.appeal.until.isoformat(),
        "asked": list(held.asked),
        "not_believed": [list(doubt.why) for doubt in held.doubts],
        "contradiction": None if held.conflict is None else list(held.conflict.why),
        "tasks": [task.kind for task in tasks_of(house, held)],
        "next": one.next,
    }
