"""Takes a document that brings one result of one person into the record: once, for the right person, with
the place of everything it says; or into quarantine with the reasons; or not at all. Every format comes
through here.

One transaction holds the document, the result, its meanings, the order and the specimen. When this returns,
it is on disk. Every event has a key, so that the same document taken twice at one moment is written once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bedside.errors import BedsideError, Problem, RequestError, StoreError
from bedside.exchange.said import CANCELLED, FINAL, Said
from bedside.genome.event import Event, EventKind, NewEvent
from bedside.genome.result import Confirmation
from bedside.genome.specimen import NotPossible
from bedside.service.accept_result import result_id
from bedside.service.calls_after import calls_after
from bedside.service.house import SOURCE as RELEASES
from bedside.service.house import House
from bedside.service.match_person import Match, match_person
from bedside.service.message_events import (
    DISMISSED,
    Decided,
    Reading,
    message_event,
    owed_event,
    resulted_event,
    settled_event,
    task_event,
    withdrawals,
)
from bedside.service.move_specimen import result_steps, specimens_of
from bedside.service.open_duties import duties
from bedside.service.outside_result import OutsideResult, adoption, prepare_outside
from bedside.service.release_letter import letters_to_correct
from bedside.service.reported_findings import with_reported
from bedside.store.ledger import Content, Overtaken, Unless

_TRIES = 5


class Fate(Enum):
    """What became of a document."""

    ACCEPTED = "accepted"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class Received:
    """A document that is kept: what became of it. new: False when it had come before. unread: how many
    observations wait for a person. number: by which it is named in quarantine, "" when it is not there."""

    fate: Fate
    document: str
    control_id: str
    new: bool
    person: str = ""
    result: str = ""
    reasons: tuple[str, ...] = ()
    unread: int = 0
    number: str = ""


@dataclass(frozen=True, slots=True)
class _Judged:
    """What is to be written of a document, and what is to be answered then. after: the last adoption it was
    judged under."""

    received: Received
    content: str
    events: tuple[NewEvent, ...]
    contents: tuple[Content, ...]
    after: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A document as read, and the digest under which its bytes are kept. actor: which way it came. read:
    what can be made of it under the knowledge of a house. attached: whether PDFs are inside it,
    which become drafts once it is acknowledged (`owed_drafts`)."""

    said: Said
    document: str
    actor: str
    read: Callable[[House], Reading]
    attached: bool = False


def receive_kept(house: House, kept: Kept, *, decided: Decided | None = None) -> Received:
    """Take one document whose bytes are kept: not for two at the same moment in one process, which could be
    two reports of one result. Raises `StoreError` when the store fails (send it again)."""
    for _ in range(_TRIES):
        judged = _judge(house, kept, decided)
        try:
            _write(house, [judged])
        except Overtaken:
            continue
        return judged.received
    raise StoreError("releases keep being adopted meanwhile; send it again")


def receive_confirmed(
    house: House,
    kept: Kept,
    also: Callable[[Received], Sequence[NewEvent]],
    unless: Unless,
    *,
    decided: Decided | None = None,
) -> Received:
    """Take a result that a person stands for, with the events that say so in the same transaction: all of it
    or nothing. What would wait in quarantine is refused. Raises `RequestError`, `StoreError`, or `Overtaken`
    where `unless` or a new release says so."""
    judged = _judge(house, kept, decided)
    if judged.received.fate is not Fate.ACCEPTED:
        raise RequestError(Problem("report", reason) for reason in judged.received.reasons)
    events = [*judged.events, *also(judged.received)]
    both = Unless(EventKind.RELEASE_ADOPTED, unless.after, unless.kinds)
    house.ledger.append(events, judged.contents, both)
    return judged.received


def receive_together(house: House, several: Sequence[Kept]) -> list[Received | BedsideError]:
    """`receive_kept` for documents that wait at the same moment, with one flush to disk for all that do not
    concern one another; for each what became of it, or why it failed."""
    answers: dict[int, Received | BedsideError] = {}
    group: dict[int, _Judged] = {}

    def flush() -> None:
        answers.update(_written(house, group, several))
        group.clear()

    for place, kept in enumerate(several):
        try:
            judged = _judge(house, kept, None)
            if group and any(_concern(judged, other) for other in group.values()):
                flush()
                judged = _judge(house, kept, None)
            group[place] = judged
        except BedsideError as error:
            answers[place] = error
    flush()
    return [answers[place] for place in range(len(several))]


def _concern(one: _Judged, other: _Judged) -> bool:
    """Whether what one document says must be judged knowing the other."""
    adopts = any(event.kind is EventKind.RELEASE_ADOPTED for event in other.events)
    same = bool(one.received.person) and one.received.person == other.received.person
    return adopts or same or one.content == other.content


def _written(
    house: House, group: Mapping[int, _Judged], several: Sequence[Kept]
) -> Iterator[tuple[int, Received | BedsideError]]:
    """Write a group at once; when that fails, each alone, so that whoever is at fault fails alone."""
    try:
        _write(house, list(group.values()))
    except (StoreError, ValueError):
        for place in group:
            try:
                yield place, receive_kept(house, several[place])
            except BedsideError as error:
                yield place, error
        return
    for place, judged in group.items():
        yield place, judged.received


def _write(house: House, group: Sequence[_Judged]) -> None:
    events = [event for judged in group for event in judged.events]
    contents = {content.digest: content for judged in group for content in judged.contents}
    if events:
        after = min(judged.after for judged in group)
        house.ledger.append(events, contents.values(), Unless(EventKind.RELEASE_ADOPTED, after))


def _check_release(house: House) -> None:
    adopted = house.ledger.release(RELEASES)
    if adopted is not None and adopted != str(house.pgx.release):
        raise StoreError(f"the record speaks release {adopted} by now; open it again under that release")


def _again(before: Event, said: Said) -> Received:
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


def _judge(house: House, arrived: Kept, decided: Decided | None) -> _Judged:
    said = arrived.said
    after = house.ledger.last_adoption()
    before = house.ledger.find(EventKind.MESSAGE_RECEIVED, said.content)
    if before is not None:
        return _Judged(_again(before, said), said.content, (), (), after)
    _check_release(house)
    settled = house.ledger.find(EventKind.MESSAGE_SETTLED, said.content)
    if settled is not None and settled.payload["outcome"] == DISMISSED:
        reasons = ("somebody dismissed this message before",)
        received = _waits(arrived, False, reasons)
        return _Judged(received, said.content, (), (), after)
    reading = arrived.read(house)
    match = match_person(house, said.patient, said.placer)
    if decided is not None:
        match = Match(decided.person, order=match.order)
    against = [*match.reasons, *(reading.whose if decided is None else ()), *reading.against]
    earlier = [] if match.person is None else _of_the_same(house, match.person, said)
    against += _out_of_turn(said, earlier)
    steps: tuple[NewEvent, ...] = ()
    if match.order and match.person and said.may_be_acted_on and not against:
        try:
            steps = _steps(house, match, arrived)
        except NotPossible:
            against.append(
                "the specimen is not on record as received, and the message does not say when it was"
            )
    if against or match.person is None:
        return _quarantine(house, arrived, tuple(dict.fromkeys(against)), after)
    return _accept(house, arrived, match, reading, earlier, steps, decided, after)


def _of_the_same(house: House, person: str, said: Said) -> list[Event]:
    """Earlier documents of the person with the laboratory's number of this result, whose result is in
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


def _out_of_turn(said: Said, earlier: Sequence[Event]) -> Iterator[str]:
    for event in earlier:
        reported = event.payload["reported_at"]
        if said.reported_at and reported and said.reported_at < datetime.fromisoformat(reported):
            yield "a newer report of the same result is in the record already"
        if event.payload["status"] in FINAL and said.status not in (*FINAL, CANCELLED):
            yield "a final report of the same result is in the record already"


def _steps(house: House, match: Match, arrived: Kept) -> tuple[NewEvent, ...]:
    said, person = arrived.said, str(match.person)
    mine = specimens_of(house, person)
    return result_steps(
        mine, person, match.order, arrived.actor, house.clock(), said.collected_at, said.received_at
    )


def _quarantine(house: House, arrived: Kept, reasons: tuple[str, ...], after: int) -> _Judged:
    said = arrived.said
    payload = {
        "document": arrived.document,
        "content": said.content,
        "control_id": said.control_id,
        "sender": said.sender,
        "reasons": list(reasons),
    }
    event = NewEvent(EventKind.MESSAGE_QUARANTINED, arrived.actor, house.clock(), None, payload, said.content)
    new = house.ledger.find(EventKind.MESSAGE_QUARANTINED, said.content) is None
    received = _waits(arrived, new, reasons)
    return _Judged(received, said.content, (event,), (), after)


def _waits(arrived: Kept, new: bool, reasons: tuple[str, ...]) -> Received:
    said = arrived.said
    return Received(
        Fate.QUARANTINED, arrived.document, said.control_id, new, reasons=reasons, number=said.content
    )


def _accept(
    house: House,
    arrived: Kept,
    match: Match,
    read: Reading,
    earlier: Sequence[Event],
    steps: Sequence[NewEvent],
    decided: Decided | None,
    after: int,
) -> _Judged:
    said, actor, person, now = arrived.said, arrived.actor, str(match.person), house.clock()
    cancelled = said.status == CANCELLED
    result = "" if cancelled else result_id([said.content], said.filler)
    events: list[NewEvent] = [*withdrawals(earlier, person, said, actor, now)]
    events += letters_to_correct(house, person, tuple(one.payload["result"] for one in earlier))
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
                calls=read.calls,
                confirmation=Confirmation.CLINICAL if said.may_be_acted_on else Confirmation.UNCONFIRMED,
                valid_at=said.reported_at or now,
                actor=actor,
            ),
        )
        prepared = with_reported(prepared, read.findings)
        contents = prepared.contents
        events += [*adoption(house, actor, now), *prepared.accepted, *prepared.derived]
        if said.may_be_acted_on and read.calls:
            events += duties(house, calls_after(house, prepared), actor, now)
        if match.order and said.may_be_acted_on:
            events += [*steps, resulted_event(match, result, actor, now)]
    events.append(message_event(said, arrived.document, read, match, result, actor, now))
    if arrived.attached:
        events.append(owed_event(said, arrived.document, person, actor, now))
    if read.unread and result:
        events.append(task_event(house, person, result, read, now))
    events += settled_event(house, said, arrived.document, decided, result, now)
    received = Received(
        Fate.ACCEPTED, arrived.document, said.control_id, True, person, result, unread=len(read.unread)
    )
    return _Judged(received, said.content, tuple(events), contents, after)
