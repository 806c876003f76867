"""What a document that brings a result writes into the ledger: itself with every observation's place, the
end of its order, what it takes the place of, the task to read what could not be coded, and that it left
quarantine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bedside.act.orders import Outcome
from bedside.act.tasks import due_from
from bedside.exchange.said import CANCELLED, Said
from bedside.genome.event import Event, EventKind, NewEvent
from bedside.genome.observation import OutsideCall
from bedside.genome.reported import ReportedFinding
from bedside.knowledge.ordering_policy import load_ordering_policy
from bedside.service.house import House
from bedside.service.match_person import Match

DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader could make of a document.

    calls: other laboratories' calls, and in `placed` each with its place as the message event lists it.
    findings: what the laboratory reported about variants. unread: whatever else it says, each with its
    place and a `why`. against: reasons why it may enter nobody's chart as it is.
    whose: reasons why it is not sure whose it is, beside what the record says; a person's word settles them.
    """

    calls: tuple[OutsideCall, ...] = ()
    placed: tuple[Mapping[str, Any], ...] = ()
    findings: tuple[ReportedFinding, ...] = ()
    unread: tuple[Mapping[str, Any], ...] = ()
    against: tuple[str, ...] = ()
    whose: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """A person's word on whose a quarantined message is, which then counts in place of matching."""

    person: str
    by: str
    why: str


def withdrawals(
    earlier: Sequence[Event], person: str, said: Said, actor: str, now: datetime
) -> Iterator[NewEvent]:
    """Earlier reports of the same result are no longer in force."""
    why = "cancelled by" if said.status == CANCELLED else "replaced by a later report of"
    for event in earlier:
        payload = {"result": event.payload["result"], "reason": f"{why} the laboratory"}
        key = f"{payload['result']}:{said.content}"
        yield NewEvent(EventKind.RESULT_WITHDRAWN, actor, now, person, payload, key)


def resulted_event(match: Match, result: str, actor: str, now: datetime) -> NewEvent:
    """The order has its result."""
    payload = {"order": match.order, "outcome": Outcome.RESULTED.value, "result": result}
    key = f"resulted:{match.order}:{result}"
    return NewEvent(EventKind.ORDER_ENDED, actor, now, match.person, payload, key)


def message_event(
    said: Said, document: str, read: Reading, match: Match, result: str, actor: str, now: datetime
) -> NewEvent:
    """The document itself: which calls stand where, and what was not read and why."""
    payload: dict[str, Any] = {
        "document": document,
        "content": said.content,
        "control_id": said.control_id,
        "sender": said.sender,
        "placer": said.placer,
        "filler": said.filler,
        "status": said.status,
        "processing": said.processing,
        "reported_at": None if said.reported_at is None else said.reported_at.isoformat(),
        "result": result,
        "calls": list(read.placed),
        "unread": list(read.unread),
    }
    return NewEvent(EventKind.MESSAGE_RECEIVED, actor, now, match.person, payload, said.content)


def owed_event(said: Said, document: str, person: str, actor: str, now: datetime) -> NewEvent:
    """The PDFs inside the document are still to become drafts."""
    payload = {"document": document, "person": person}
    return NewEvent(EventKind.DRAFT_OWED, actor, now, None, payload, said.content)


def task_event(house: House, person: str, result: str, read: Reading, now: datetime) -> NewEvent:
    """Somebody reads what nothing here could code."""
    policy = load_ordering_policy(house.settings.knowledge_folder).uncoded
    due = due_from(policy, now.date())
    task = f"{policy.kind}:{result}"
    reasons: Mapping[str, int] = _counted(one["why"] for one in read.unread)
    payload = {
        "task": task,
        "kind": policy.kind,
        "summary": f"Read {_several(len(read.unread))} of a result that nothing here could code",
        "owner": policy.owner,
        "due": due.due.isoformat(),
        "about": {
            "result": result,
            "reasons": dict(reasons),
            "escalate_on": due.escalate.isoformat(),
            "escalate_to": policy.escalate_to,
        },
    }
    return NewEvent(EventKind.TASK_OPENED, "bedside", now, person, payload, task)


def _several(number: int) -> str:
    return "1 observation" if number == 1 else f"{number} observations"


def _counted(reasons: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for why in reasons:
        counts[why] = counts.get(why, 0) + 1
    return counts


def settled_event(
    house: House, said: Said, document: str, decided: Decided | None, result: str, now: datetime
) -> Iterator[NewEvent]:
    """What was in quarantine and is accepted now, by a person's word or because it matches since."""
    content = said.content
    if house.ledger.find(EventKind.MESSAGE_QUARANTINED, content) is None:
        return
    by, why = ("bedside", "matched when it was sent again") if decided is None else (decided.by, decided.why)
    payload = {"document": document, "outcome": "accepted", "result": result, "why": why}
    yield NewEvent(EventKind.MESSAGE_SETTLED, by, now, None, payload, content)
