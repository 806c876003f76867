"""Takes an HL7 v2 result into the record: once, for the right person, with every observation's bytes; or into
quarantine with the reasons; or not at all.

One transaction holds the message, the result, its meanings, the order and the specimen. When this returns, it
is on disk. Every event has a key, so that the same message taken twice at one moment is written once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from bedside.act.orders import Outcome
from bedside.act.tasks import due_from
from bedside.errors import StoreError
from bedside.exchange.hl7v2_lri import Coded, coded, miscoded
from bedside.exchange.hl7v2_result import CANCELLED, FINAL, SaidResult, read_result
from bedside.exchange.hl7v2_text import Message, read_message
from bedside.genome.event import Event, EventKind, NewEvent
from bedside.genome.result import Confirmation
from bedside.genome.specimen import NotPossible
from bedside.knowledge.lri_answers import LriAnswers, load_lri_answers
from bedside.knowledge.ordering_policy import load_ordering_policy
from bedside.knowledge.terminology import load_terminology
from bedside.service.accept_result import result_id
from bedside.service.calls_after import calls_after
from bedside.service.house import SOURCE as RELEASES
from bedside.service.house import House
from bedside.service.match_person import Match, match_person
from bedside.service.move_specimen import result_steps, specimens_of
from bedside.service.open_duties import duties
from bedside.service.outside_result import OutsideResult, adoption, prepare_outside
from bedside.store.ledger import Content, Overtaken, Unless

ACTOR = "hl7v2"
_TRIES = 5


class Fate(Enum):
    """What became of a message."""

    ACCEPTED = "accepted"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class Received:
    """A message that is kept: what became of it. new: False when it had come before. unread: how many
    observations wait for a person."""

    fate: Fate
    document: str
    control_id: str
    new: bool
    person: str = ""
    result: str = ""
    reasons: tuple[str, ...] = ()
    unread: int = 0


@dataclass(frozen=True, slots=True)
class Decided:
    """A person's word on whose a quarantined message is, which then counts in place of matching."""

    person: str
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A message as read, and the digest under which its bytes are kept."""

    said: SaidResult
    document: str


def receive_message(house: House, content: bytes, *, decided: Decided | None = None) -> Received:
    """Take one message. Raises `IntakeError` when it cannot be read as one result of one patient (nothing is
    stored), `StoreError` when the store fails (send it again)."""
    return receive_kept(house, keep_message(house, read_message(content), content), decided=decided)


def keep_message(house: House, message: Message, content: bytes) -> Kept:
    """Read a message and keep its bytes, on disk when this returns; nothing refers to them yet. Raises as
    `receive_message` does."""
    return Kept(read_result(message), house.documents.put(content))


def receive_kept(house: House, kept: Kept, *, decided: Decided | None = None) -> Received:
    """The rest of `receive_message`: not for two messages at the same moment in one process, which could be
    two reports of one result."""
    before = house.ledger.find(EventKind.MESSAGE_RECEIVED, kept.said.content)
    if before is not None:
        return _again(before, kept.said)
    for _ in range(_TRIES):
        try:
            return _take(house, kept, decided)
        except Overtaken:
            continue
    raise StoreError("releases keep being adopted meanwhile; send it again")


def _check_release(house: House) -> None:
    adopted = house.ledger.release(RELEASES)
    if adopted is not None and adopted != str(house.pgx.release):
        raise StoreError(f"the record speaks release {adopted} by now; open it again under that release")


def _again(before: Event, said: SaidResult) -> Received:
    payload = before.payload
    return Received(
        Fate.ACCEPTED,
        payload["document"],
        said.control_id,
        False,
        str(before.person),
        payload["result"],
        unread=len(payload["unread"]),
    )


def _take(house: House, arrived: Kept, decided: Decided | None) -> Received:
    said = arrived.said
    after = house.ledger.last_adoption()
    _check_release(house)
    answers = load_lri_answers(house.settings.knowledge_folder)
    match = match_person(house, said.patient, said.placer)
    if decided is not None:
        match = Match(decided.person, order=match.order)
    reasons = [*match.reasons, *_miscoded(said, answers)]
    earlier = [] if match.person is None else _of_the_same(house, match.person, said)
    reasons += _out_of_turn(said, earlier)
    steps: tuple[NewEvent, ...] = ()
    if match.order and match.person and said.may_be_acted_on and not reasons:
        try:
            steps = _steps(house, match, said)
        except NotPossible:
            reasons.append(
                "the specimen is not on record as received, and the message does not say when it was"
            )
    if reasons or match.person is None:
        return _quarantine(house, arrived, tuple(dict.fromkeys(reasons)))
    return _accept(house, arrived, match, answers, earlier, steps, decided, after)


def _miscoded(said: SaidResult, answers: LriAnswers) -> Iterator[str]:
    for one in miscoded(said.observed, answers):
        yield f"segment {one.segment}: {one.why}"


def _of_the_same(house: House, person: str, said: SaidResult) -> list[Event]:
    """Earlier messages of the person with the laboratory's number of this result, whose result is in
    force."""
    if not said.filler:
        return []
    kept = [
        event
        for event in house.ledger.events(person=person, kinds=(EventKind.MESSAGE_RECEIVED,))
        if event.payload["filler"] == said.filler and event.payload["sender"] == said.sender
    ]
    held = house.ledger.held([event.payload["result"] for event in kept if event.payload["result"]])
    return [event for event in kept if (one := held.get(event.payload["result"])) and not one.withdrawn]


def _out_of_turn(said: SaidResult, earlier: Sequence[Event]) -> Iterator[str]:
    for event in earlier:
        reported = event.payload["reported_at"]
        if said.reported_at and reported and said.reported_at < datetime.fromisoformat(reported):
            yield "a newer report of the same result is in the record already"
        if event.payload["status"] in FINAL and said.status not in (*FINAL, CANCELLED):
            yield "a final report of the same result is in the record already"


def _steps(house: House, match: Match, said: SaidResult) -> tuple[NewEvent, ...]:
    person = str(match.person)
    mine = specimens_of(house, person)
    return result_steps(mine, person, match.order, ACTOR, house.clock(), said.collected_at, said.received_at)


def _quarantine(house: House, arrived: Kept, reasons: tuple[str, ...]) -> Received:
    said = arrived.said
    payload = {
        "document": arrived.document,
        "content": said.content,
        "control_id": said.control_id,
        "sender": said.sender,
        "reasons": list(reasons),
    }
    (held,) = house.ledger.append(
        [NewEvent(EventKind.MESSAGE_QUARANTINED, ACTOR, house.clock(), None, payload, said.content)]
    )
    new = held.payload["document"] == arrived.document and held.payload["reasons"] == list(reasons)
    return Received(Fate.QUARANTINED, arrived.document, said.control_id, new, reasons=reasons)


def _accept(
    house: House,
    arrived: Kept,
    match: Match,
    answers: LriAnswers,
    earlier: Sequence[Event],
    steps: Sequence[NewEvent],
    decided: Decided | None,
    after: int,
) -> Received:
    said, person, now = arrived.said, str(match.person), house.clock()
    known = {gene.hgnc: symbol for symbol, gene in house.pgx.genes.items() if gene.hgnc}
    read = coded(said.observed, answers, dict(load_terminology().phenotypes), known)
    cancelled = said.status == CANCELLED
    result = "" if cancelled else result_id([said.content], said.filler)
    events: list[NewEvent] = [*_withdrawals(earlier, person, said, now)]
    contents: tuple[Content, ...] = ()
    if result:
        prepared = prepare_outside(
            house,
            OutsideResult(
                person=person,
                sample=said.filler,
                result=result,
                laboratory=said.sender,
                documents=(arrived.document,),
                calls=tuple(one.call for one in read.calls),
                confirmation=Confirmation.CLINICAL if said.may_be_acted_on else Confirmation.UNCONFIRMED,
                valid_at=said.reported_at or now,
                actor=ACTOR,
            ),
        )
        contents = prepared.contents
        events += [*adoption(house, ACTOR, now), *prepared.accepted, *prepared.derived]
        if said.may_be_acted_on and read.calls:
            events += duties(house, calls_after(house, prepared), ACTOR, now)
        if match.order and said.may_be_acted_on:
            events += [*steps, _resulted(match, result, now)]
    events += _message(arrived, read, match, result, now)
    if read.unread and result:
        events.append(_task(house, person, result, read, now))
    events += _settled(house, arrived, decided, result, now)
    house.ledger.append(events, contents, Unless(EventKind.RELEASE_ADOPTED, after))
    return Received(
        Fate.ACCEPTED, arrived.document, said.control_id, True, person, result, unread=len(read.unread)
    )


def _withdrawals(
    earlier: Sequence[Event], person: str, said: SaidResult, now: datetime
) -> Iterator[NewEvent]:
    why = "cancelled" if said.status == CANCELLED else "replaced by a later report"
    for event in earlier:
        payload = {"result": event.payload["result"], "reason": f"{why} of the laboratory"}
        key = f"{payload['result']}:{said.content}"
        yield NewEvent(EventKind.RESULT_WITHDRAWN, ACTOR, now, person, payload, key)


def _resulted(match: Match, result: str, now: datetime) -> NewEvent:
    payload = {"order": match.order, "outcome": Outcome.RESULTED.value, "result": result}
    key = f"resulted:{match.order}:{result}"
    return NewEvent(EventKind.ORDER_ENDED, ACTOR, now, match.person, payload, key)


def _message(arrived: Kept, read: Coded, match: Match, result: str, now: datetime) -> Iterator[NewEvent]:
    said = arrived.said
    lines = {one.segment: one for one in said.observed}
    payload: dict[str, Any] = {
        "document": arrived.document,
        "content": said.content,
        "control_id": said.control_id,
        "sender": said.sender,
        "placer": said.placer,
        "filler": said.filler,
        "status": said.status,
        "processing": said.processing,
        "reported_at": None if said.reported_at is None else said.reported_at.isoformat(),
        "result": result,
        "calls": [
            {
                "gene": one.call.gene,
                "diplotype": one.call.diplotype,
                "phenotype": one.call.phenotype,
                "from": [[number, lines[number].start, lines[number].end] for number in one.segments],
            }
            for one in read.calls
        ],
        "unread": [
            {
                "segment": [one.segment, one.start, one.end],
                "group": one.group,
                "code": one.code,
                "system": one.system,
                "why": why,
            }
            for one, why in read.unread
        ],
    }
    yield NewEvent(EventKind.MESSAGE_RECEIVED, ACTOR, now, match.person, payload, said.content)


def _task(house: House, person: str, result: str, read: Coded, now: datetime) -> NewEvent:
    policy = load_ordering_policy(house.settings.knowledge_folder).uncoded
    due = due_from(policy, now.date())
    task = f"{policy.kind}:{result}"
    reasons: Mapping[str, int] = _counted(why for _, why in read.unread)
    payload = {
        "task": task,
        "kind": policy.kind,
        "summary": f"Read {len(read.unread)} observations of a result that nothing here could code",
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


def _counted(reasons: Iterator[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for why in reasons:
        counts[why] = counts.get(why, 0) + 1
    return counts


def _settled(
    house: House, arrived: Kept, decided: Decided | None, result: str, now: datetime
) -> Iterator[NewEvent]:
    """What was in quarantine and is accepted now, by a person's word or because it matches since."""
    content = arrived.said.content
    if house.ledger.find(EventKind.MESSAGE_QUARANTINED, content) is None:
        return
    by, why = ("bedside", "matched when it was sent again") if decided is None else (decided.by, decided.why)
    payload = {"document": arrived.document, "outcome": "accepted", "result": result, "why": why}
    yield NewEvent(EventKind.MESSAGE_SETTLED, by, now, None, payload, content)
