"""Asking another site: a draft that shows exactly what would leave the house, then the question itself.

What is sent is the draft, byte for byte, or nothing: when the record changed meanwhile the asker looks again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from bedside.act.working_days import working_day_after
from bedside.errors import NotFound, Problem, RequestError
from bedside.exchange.consult_json import plain, read_question
from bedside.genome.consent import Purpose, Refusal, consent_from, refusal_of
from bedside.genome.consult import Information, Packet, Question, Step, StepKind, Urgency
from bedside.genome.event import Event, EventKind, NewEvent
from bedside.genome.person import Person
from bedside.knowledge.consent_policy import load_consent_policy
from bedside.knowledge.econsult_policy import load_econsult_policy
from bedside.service.consult_arrival import open_task
from bedside.service.consult_steps import Held, Writer, add_step, consult_named, step_event
from bedside.service.econsult_packet import names_somebody, packet_of
from bedside.service.house import House
from bedside.service.sites import Sites, peer_of
from bedside.store.encode import canonical

FOLLOW = "follow"
_SUMMARY = "An eConsult was asked: follow it until it is answered, read and closed"
MOST_DAYS = 250


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks. days: working days until the answer is due, None for the policy's. chosen: rows of
    the record (`genotypes:GENE`). identified: why the other site must know who it is, "" when not."""

    to: str
    text: str
    reason: str
    urgency: Urgency = Urgency.ROUTINE
    days: int | None = None
    chosen: frozenset[str] = frozenset()
    identified: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A question that was not sent. digest: of exactly what would leave the house."""

    consult: str
    person: str
    to: str
    question: Question
    digest: str
    chosen: frozenset[str]
    identified: str
    event: Event


def draft(house: House, sites: Sites, person: str, wish: Wish, *, actor: str) -> Draft:
    """Write a question down without sending it; raises `RequestError` with everything that stands against
    it."""
    problems = list(_problems(house, sites, person, wish))
    if problems:
        raise RequestError(problems)
    packet = packet_of(house, person, wish.chosen, identified=bool(wish.identified))
    question = Question(wish.text.strip(), wish.reason.strip(), wish.urgency, _due(house, wish), packet)
    consult = str(uuid4())
    payload = {
        "consult": consult,
        "to": wish.to,
        "question": plain(question),
        "chosen": sorted(wish.chosen),
        "identified": wish.identified,
        "draft": "written",
    }
    event = NewEvent(EventKind.CONSULT_DRAFTED, actor, house.clock(), person, payload, consult)
    return _draft(house.ledger.append([event])[0])


def _draft(event: Event) -> Draft:
    held = event.payload
    question = read_question(held["question"])
    digest = hashlib.sha256(canonical(plain(question))).hexdigest()
    chosen = frozenset(held["chosen"])
    return Draft(
        held["consult"], str(event.person), held["to"], question, digest, chosen, held["identified"], event
    )


def drafts(house: House, person: str) -> tuple[Draft, ...]:
    """The questions about a person that were written and neither sent nor thrown away."""
    found: dict[str, Event] = {}
    for event in house.ledger.events(person=person, kinds=(EventKind.CONSULT_DRAFTED, EventKind.SITE_QUEUED)):
        if event.kind is EventKind.SITE_QUEUED:
            found.pop(event.payload["message"], None)
        elif event.payload["draft"] == "written":
            found[event.payload["consult"]] = event
        else:
            found.pop(event.payload["consult"], None)
    return tuple(_draft(event) for event in found.values())


def draft_named(house: House, person: str, consult: str) -> Draft:
    """A draft of this id; raises `NotFound`."""
    for one in drafts(house, person):
        if one.consult == consult:
            return one
    raise NotFound.one("consult", "no such draft waits", remedy="it was sent or thrown away")


def throw_away(house: House, person: str, consult: str, *, actor: str) -> None:
    """Give up a draft; that it was written stays in the record."""
    draft_named(house, person, consult)
    payload = {"consult": consult, "draft": "thrown away"}
    house.ledger.append([NewEvent(EventKind.CONSULT_DRAFTED, actor, house.clock(), person, payload)])


def ask(house: House, sites: Sites, person: str, consult: str, digest: str, writer: Writer) -> Held:
    """Send a draft, exactly as it was shown (`digest`). On disk when this returns, also while the network is
    cut. Raises `RequestError` when consent, the record or the draft is not what it was."""
    written = draft_named(house, person, consult)
    problems = list(not_consented(house, person))
    if written.digest != digest:
        problems.append(Problem("draft", "is not the one that was shown", remedy="look at it again"))
    if not writer.name.strip() or not writer.role.strip():
        problems.append(Problem("by", "who asks, and as what, is not said"))
    peer_of(sites, written.to)
    now_there = packet_of(house, person, written.chosen, identified=bool(written.identified))
    if now_there != written.question.packet:
        problems.append(
            Problem("packet", "the record changed since this was written", remedy="write the question anew")
        )
    if problems:
        raise RequestError(problems)
    now = house.clock()
    step = Step(
        consult, sites.name, written.to, consult, StepKind.ASKED, 1, writer.name, writer.role, now,
        written.question,
    )  # fmt: skip
    policy = load_econsult_policy(house.settings.knowledge_folder).follow
    task = open_task(house, person, consult, FOLLOW, policy, _SUMMARY, written.question.due)
    house.ledger.append([step_event(sites, step, person, writer.account), task])
    return consult_named(house, sites, consult, person)


def give_information(
    house: House,
    sites: Sites,
    held: Held,
    text: str,
    chosen: frozenset[str],
    writer: Writer,
) -> Held:
    """Send more about the person, under the same rule of identity as the question."""
    person, question = held.person, held.consult.question
    if person is None or question is None:
        raise RequestError.one("step", "is the other site's to take")
    identified = question.packet.identified
    problems = [*not_consented(house, person), *_names(house, person, identified, (text,))]
    if not text.strip():
        problems.append(Problem("text", "is blank", remedy="say in words what is added"))
    if problems:
        raise RequestError(problems)
    packet = packet_of(house, person, chosen, identified=identified) if chosen else Packet(identified)
    said = Information(text.strip(), packet)
    return add_step(house, sites, held.consult.consult, StepKind.INFORMATION_GIVEN, said, writer)


def _due(house: House, wish: Wish) -> date:
    policy = load_econsult_policy(house.settings.knowledge_folder)
    days = policy.due_in_working_days[wish.urgency] if wish.days is None else wish.days
    return working_day_after(house.clock().date(), days)


def _problems(house: House, sites: Sites, person: str, wish: Wish) -> Iterator[Problem]:
    if not peer_of(sites, wish.to).answers:
        yield Problem("to", "this site is not one to ask", remedy="set `answers = true` in the sites file")
    for name, text in (("text", wish.text), ("reason", wish.reason)):
        if not text.strip():
            yield Problem(name, "is blank", remedy="ask in words, and say why")
    if wish.days is not None and not 1 <= wish.days <= MOST_DAYS:
        yield Problem("days", f"are working days from 1 to {MOST_DAYS}")
    yield from _names(house, person, bool(wish.identified), (wish.text, wish.reason))
    yield from not_consented(house, person)


def _names(house: House, person: str, identified: bool, texts: Iterable[str]) -> Iterator[Problem]:
    known = house.ledger.person(person) or Person(person)
    for what in () if identified else names_somebody(known, tuple(texts)):
        yield Problem(
            "text",
            f"the words hold the person's {what}, and the packet is without identity",
            remedy="take it out, or say why the other site must know who it is",
        )


def not_consented(house: House, person: str) -> Iterator[Problem]:
    """Why a person's data may not be sent for their care; nothing when they may."""
    policy = load_consent_policy(house.settings.knowledge_folder)
    known = house.ledger.person(person) or Person(person)
    now = house.clock()
    consent = consent_from(person, house.ledger.consents(person), known.birth_date, now.date(), policy)
    refusal = refusal_of(consent, Purpose.CARE, policy)
    if refusal is not None:
        yield Problem(
            "consent", _REFUSED.get(refusal.refusal, refusal.refusal.value), remedy="ask the person"
        )


_REFUSED = {
    Refusal.WITHDRAWN: "the person took back the consent to use their data for care",
    Refusal.NOT_ASKED: "the person was not asked whether their data may be used for care",
}
