"""The eConsults of a house: their steps from the ledger, folded; a step of our own, checked and queued."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from bedside.act.consults import Consult, fold, why_not
from bedside.errors import NotFound, Problem, RequestError, StoreError
from bedside.exchange.consult_json import plain, read_step
from bedside.genome.consult import BY_ASKER, Said, Signature, Step, StepKind
from bedside.genome.event import Event, EventKind, NewEvent
from bedside.service.house import House
from bedside.service.site_messages import Kind, queued
from bedside.service.sites import Sites
from bedside.store.ledger import Overtaken, Unless

MESSAGES = (EventKind.SITE_QUEUED, EventKind.SITE_RECEIVED)
_TRIES = 5
Key = tuple[str, str, str]
"""Asking site, answering site, id: what tells one eConsult from every other."""


@dataclass(frozen=True, slots=True)
class Held:
    """An eConsult of this house. person: whom it is about, at the asking site; None at the answering one.
    undelivered: its steps that the other site has not acknowledged."""

    consult: Consult
    person: str | None
    here: str

    @property
    def ours(self) -> bool:
        """Whether this site asked."""
        return self.consult.asker == self.here

    @property
    def other(self) -> str:
        """The other site."""
        return self.consult.answerer if self.ours else self.consult.asker


def step_of(event: Event) -> Step:
    """The step that a message of the ledger holds."""
    return read_step(event.payload["body"])


def consults(house: House, sites: Sites, person: str | None = None) -> Mapping[Key, Held]:
    """Every eConsult of the house, or those about a person, in the order they came."""
    steps: dict[Key, list[Step]] = {}
    people: dict[Key, str | None] = {}
    for event in _events(house, person):
        step = step_of(event)
        key = (step.asker, step.answerer, step.consult)
        steps.setdefault(key, []).append(step)
        people[key] = people.get(key) or event.person
    return {key: Held(fold(several), people[key], sites.name) for key, several in steps.items()}


def _events(house: House, person: str | None) -> Iterator[Event]:
    for event in house.ledger.events(person=person, kinds=MESSAGES):
        if event.payload["kind"] == Kind.ECONSULT.value:
            yield event


def consult_named(house: House, sites: Sites, consult: str, person: str | None = None) -> Held:
    """The eConsult of this id, or that begins so; raises `NotFound`."""
    found = [
        one for one in consults(house, sites, person).values() if one.consult.consult.startswith(consult)
    ]
    exact = [one for one in found if one.consult.consult == consult]
    if not consult or len(exact or found) != 1:
        raise NotFound.one(
            "consult", "no one eConsult begins so", remedy="`bedside econsult list` names them"
        )
    return (exact or found)[0]


@dataclass(frozen=True, slots=True)
class Writer:
    """Who takes a step, and as what. account: the caller as whom they are signed in, "" for the name."""

    name: str
    role: str
    account: str = ""


def add_step(
    house: House,
    sites: Sites,
    consult: str,
    kind: StepKind,
    said: Said,
    writer: Writer,
    also: Sequence[NewEvent] = (),
) -> Held:
    """Write a step of this site's and queue it, in one transaction; answers where the eConsult stands then.

    also: what is written with it. Raises `RequestError` when the step cannot follow or is the other site's.
    """
    for _ in range(_TRIES):
        after = house.ledger.checkpoint().sequence
        held = consult_named(house, sites, consult)
        step, problems = _next(held, kind, said, writer, house.clock())
        if problems:
            raise RequestError(problems)
        try:
            house.ledger.append(
                [step_event(sites, step, held.person, writer.account), *also],
                unless=Unless(MESSAGES[0], after, MESSAGES[1:]),
            )
        except Overtaken:
            continue  # a step came meanwhile; whether this one still follows is asked anew
        return consult_named(house, sites, held.consult.consult)
    raise StoreError("steps keep being written meanwhile; do it again")


def step_event(sites: Sites, step: Step, person: str | None, account: str = "") -> NewEvent:
    """The event that writes a step of ours and queues it for the other site."""
    return queued(
        sites,
        step.other,
        Kind.ECONSULT,
        step.step,
        plain(step),
        actor=account or step.by,
        now=step.at,
        person=person,
    )


def _next(
    held: Held, kind: StepKind, said: Said, writer: Writer, now: datetime
) -> tuple[Step, list[Problem]]:
    consult = held.consult
    problems = []
    if (kind in BY_ASKER) is not held.ours:
        problems.append(Problem("step", "is the other site's to take"))
    about = said.opinion if isinstance(said, Signature) else ""
    why = why_not(consult, kind, about)
    if why:
        problems.append(Problem("step", why, remedy="open the eConsult again and see where it stands"))
    for name, text in (("by", writer.name), ("role", writer.role)):
        if not text.strip():
            problems.append(Problem(name, "is blank", remedy="say who does this, and as what"))
    step = Step(
        consult.consult,
        consult.asker,
        consult.answerer,
        str(uuid4()),
        kind,
        consult.clock + 1,
        writer.name,
        writer.role,
        now,
        said,
        consult.heads,
    )
    return step, problems
