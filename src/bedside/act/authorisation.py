"""A prior authorisation as a fold over what was written down: sent, heard, not believed, appealed, settled.

An answer counts only when it is the payer's, well formed, and about this very request: its claim, its person
and its service. Two answers that cannot both hold leave it UNKNOWN until a person has asked the payer; the
order in which they came does not matter. Silence and failure are neither a denial nor an approval.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from bedside.genome.authorisation import (
    Channel,
    Doubt,
    Heard,
    Move,
    Purpose,
    Round,
    Status,
    Verdict,
    heard_of,
)
from bedside.genome.event import Event, EventKind


@dataclass(frozen=True, slots=True)
class Authorisation:
    """One, as the events have it. service: the ordered test; plan: the payer's plan as drafted. heard:
    everything believed, in the order it came. decisions: the payer's decision on each thing sent, by its
    place in `rounds`."""

    authorisation: str
    order: str
    person: str
    service: str
    payer: str
    at: datetime
    expedited: bool = False
    why_expedited: str = ""
    plan: Mapping[str, Any] | None = None
    rounds: tuple[Round, ...] = ()
    heard: tuple[Heard, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    conflict: Doubt | None = None
    cancelled: str = ""
    decisions: Mapping[int, Heard] = field(default_factory=dict)
    stale: frozenset[str] = frozenset()

    @property
    def last(self) -> Round | None:
        """What was sent last, or was going to be."""
        return self.rounds[-1] if self.rounds else None

    @property
    def level(self) -> int:
        """0 for the request, n for the n-th appeal."""
        return self.rounds[-1].level if self.rounds else 0

    @property
    def decision(self) -> Heard | None:
        """The payer's decision on what was sent last."""
        return self.decisions.get(len(self.rounds) - 1)

    @property
    def refusal(self) -> Heard | None:
        """The payer's newest refusal, also while it is appealed; None after it agreed."""
        said = [self.decisions[place] for place in sorted(self.decisions)]
        return said[-1] if said and said[-1].verdict is Verdict.DENIED else None

    @property
    def status(self) -> Status:
        """Where it stands."""
        last = self.last
        if self.cancelled:
            return Status.CANCELLED
        if self.conflict is not None:
            return Status.UNKNOWN
        if last is None:
            return Status.DRAFTED
        decision = self.decision
        return _waiting(self, last) if decision is None else _decided(decision.verdict, last.level)

    @property
    def agreement(self) -> Heard | None:
        """The payer's agreement, while it stands."""
        return self.decision if self.status.agreed else None

    def holds_on(self, day: date) -> bool:
        """Whether the payer's agreement covers a day of service; an agreement without an end has none."""
        said = self.agreement
        if said is None:
            return False
        return (said.valid_from is None or said.valid_from <= day) and (
            said.valid_until is None or day <= said.valid_until
        )

    @property
    def asked(self) -> tuple[str, ...]:
        """What the payer wants to know besides, while it waits for that."""
        newest = [one for one in self.heard if one.verdict is Verdict.PENDED]
        return newest[-1].asked if newest and self.status is Status.PENDED else ()

    def round_of(self, claim: str) -> Round | None:
        """What was sent under a number."""
        return next((one for one in self.rounds if one.claim == claim), None)


_OF = {Verdict.APPROVED: Status.APPROVED, Verdict.PARTLY_APPROVED: Status.PARTLY_APPROVED}


def _decided(verdict: Verdict, level: int) -> Status:
    if verdict is Verdict.DENIED:
        return Status.UPHELD if level else Status.DENIED
    if verdict is Verdict.APPROVED and level:
        return Status.OVERTURNED
    return _OF[verdict]


def _waiting(held: Authorisation, last: Round) -> Status:
    said = [one for one in held.heard if one.place > last.place and one.message not in held.stale]
    said = [one for one in said if not one.verdict.final]
    doubted = max((one.place for one in held.doubts if one.place > last.place), default=0)
    if said and said[-1].place > doubted:
        return Status.PENDED if said[-1].verdict is Verdict.PENDED else Status.ACKNOWLEDGED
    if doubted:
        return Status.UNKNOWN
    if last.sent is None:
        return Status.TIMED_OUT if last.failed else Status.SENDING
    return {
        Purpose.FIRST: Status.SUBMITTED,
        Purpose.MORE: Status.MORE_SENT,
        Purpose.APPEAL: Status.APPEALED,
    }[last.purpose]


def authorisations(events: Iterable[Event]) -> Mapping[str, Authorisation]:
    """Every authorisation by its number, from events in the order of the ledger."""
    found: dict[str, Authorisation] = {}
    for event in events:
        if event.kind is not EventKind.AUTHORISATION_MOVED:
            continue
        name = event.payload["authorisation"]
        try:
            move = Move(event.payload.get("move"))
        except ValueError:
            continue
        held = found.get(name)
        if held is None:
            if move is Move.DRAFTED and event.person is not None:
                found[name] = _drafted(event)
        elif event.person == held.person:
            found[name] = _moved(held, move, event)
    return found


def _drafted(event: Event) -> Authorisation:
    said = event.payload
    return Authorisation(
        said["authorisation"],
        said["order"],
        str(event.person),
        str(said.get("service", "")),
        str(said.get("payer", "")),
        event.valid_at,
        bool(said.get("expedited")),
        str(said.get("why_expedited", "")),
        said.get("plan"),
    )


def _moved(held: Authorisation, move: Move, event: Event) -> Authorisation:
    said = event.payload
    match move:
        case Move.SENDING:
            return _sending(held, event)
        case Move.SENT | Move.NO_ANSWER:
            return replace(held, rounds=tuple(_delivered(one, move, event) for one in held.rounds))
        case Move.HEARD:
            return _heard(held, event)
        case Move.NOT_BELIEVED:
            why = tuple(map(str, said.get("why", ()))) or ("the answer could not be understood",)
            return _doubted(held, event, why)
        case Move.SETTLED:
            return _settled(held, event)
        case Move.CANCELLED:
            return replace(held, cancelled=str(said.get("reason", "")) or "no reason given")
        case _:
            return held


def _sending(held: Authorisation, event: Event) -> Authorisation:
    said = event.payload
    if held.round_of(said["claim"]) is not None:
        return held
    due = said.get("due")
    made = Round(
        claim=said["claim"],
        purpose=Purpose(said["purpose"]),
        level=int(said["level"]),
        place=event.sequence,
        at=event.valid_at,
        document=str(said.get("document", "")),
        channel=Channel(said["channel"]),
        due=None if due is None else datetime.fromisoformat(due),
    )
    return replace(held, rounds=(*held.rounds, made))


def _delivered(one: Round, move: Move, event: Event) -> Round:
    if one.claim != event.payload["claim"]:
        return one
    if move is Move.SENT:
        due = event.payload.get("due")
        return replace(
            one,
            sent=one.sent or event.valid_at,
            failed="",
            due=one.due if due is None else datetime.fromisoformat(due),
            clock=one.clock if due is None else str(event.payload.get("clock", "")),
        )
    return (
        one
        if one.sent is not None
        else replace(one, failed=str(event.payload.get("reason", "")) or "no answer")
    )


def doubts_about(held: Authorisation, heard: Heard) -> tuple[str, ...]:
    """Why an answer is not believed to be the payer's word on this very request; none when it is."""
    found = []
    answered = held.round_of(heard.claim)
    if answered is None:
        found.append("it names a request that was not sent for this authorisation")
    if heard.person != held.person:
        found.append("it is about another person")
    if heard.service != held.service:
        found.append("it is about another service")
    if not heard.message:
        found.append("it cannot be told apart from another answer")
    if heard.verdict.agrees and not heard.number.strip():
        found.append("it agrees without an authorisation number")
    if heard.verdict is Verdict.PARTLY_APPROVED and (heard.units is None or heard.units < 1):
        found.append("it agrees to a part and does not say to how much")
    if heard.units is not None and heard.units < 1:
        found.append("it agrees to nothing")
    if heard.valid_from and heard.valid_until and heard.valid_until < heard.valid_from:
        found.append("it ends before it begins")
    if heard.channel is not Channel.FHIR and not (heard.by.strip() and heard.reference.strip()):
        found.append("nobody says who heard it and where it can be looked up")
    return tuple(found)


def _heard(held: Authorisation, event: Event) -> Authorisation:
    try:
        heard = heard_of(event.payload["heard"], event.sequence, event.valid_at)
    except (KeyError, TypeError, ValueError):
        return _doubted(held, event, ("what was written down is nothing that a payer can say",))
    if why := doubts_about(held, heard):
        return _doubted(held, event, why)
    before = next((one for one in held.heard if one.message == heard.message), None)
    if before is not None:
        if _same(before, heard) and before.claim == heard.claim:
            return held
        return _doubted(held, event, ("another answer came under the number of an earlier one",))
    told = replace(held, heard=(*held.heard, heard), rounds=_received(held.rounds, heard))
    return _decides(told, heard, event) if heard.verdict.final else _kept_if_stale(told, heard)


def _received(rounds: tuple[Round, ...], heard: Heard) -> tuple[Round, ...]:
    """Whoever answers has received."""
    return tuple(
        replace(one, sent=one.at, failed="") if one.claim == heard.claim and one.sent is None else one
        for one in rounds
    )


def _kept_if_stale(held: Authorisation, heard: Heard) -> Authorisation:
    """An older word that comes late changes nothing."""
    newest = max((one.created for one in held.heard[:-1] if one.created is not None), default=None)
    late = heard.created is not None and newest is not None and heard.created < newest
    old = (
        heard.created is not None
        and heard.created < held.rounds[-1].at
        and heard.claim != held.rounds[-1].claim
    )
    return replace(held, stale=held.stale | {heard.message}) if late or old else held


def _answers(held: Authorisation, heard: Heard) -> int:
    """The place of what an answer answers: what it names, or what was sent later and before the payer says
    that it decided, for many payers go on naming the first request."""
    place = next(number for number, one in enumerate(held.rounds) if one.claim == heard.claim)
    if heard.created is None:
        return place
    after = [number for number, one in enumerate(held.rounds) if one.at <= heard.created]
    return max(place, *after) if after else place


def _decides(held: Authorisation, heard: Heard, event: Event) -> Authorisation:
    place = _answers(held, heard)
    before = held.decisions.get(place)
    if before is None:
        return replace(held, decisions={**held.decisions, place: heard})
    if _same(before, heard):
        return held
    why = f"the payer said {before.verdict.value} and also {heard.verdict.value} of one request"
    if before.verdict is heard.verdict:
        why = f"the payer said {heard.verdict.value} twice, with other numbers, extent or days"
    return replace(held, conflict=Doubt(event.sequence, event.valid_at, (why,)))


def _same(one: Heard, other: Heard) -> bool:
    """Whether two answers say the same: the verdict, and of an agreement its number, extent and days."""
    if one.verdict is not other.verdict:
        return False
    agreed = (one.number, one.units, one.valid_from, one.valid_until)
    return not one.verdict.agrees or agreed == (
        other.number, other.units, other.valid_from, other.valid_until
    )  # fmt: skip


def _doubted(held: Authorisation, event: Event, why: tuple[str, ...]) -> Authorisation:
    document = str(event.payload.get("document", ""))
    return replace(held, doubts=(*held.doubts, Doubt(event.sequence, event.valid_at, why, document)))


def _settled(held: Authorisation, event: Event) -> Authorisation:
    """A person asked the payer: one of the answers that came holds. Without a reference nothing settles."""
    said = event.payload
    holds = next((one for one in held.heard if one.message == said.get("message")), None)
    if held.conflict is None or holds is None or not holds.verdict.final:
        return held
    if not str(said.get("reference", "")).strip():
        return held
    return replace(held, conflict=None, decisions={**held.decisions, _answers(held, holds): holds})
