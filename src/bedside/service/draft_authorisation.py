"""Begins a prior authorisation, and writes down what a payer said by telephone, on paper or in a portal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from bedside.act.authorisation import Authorisation, doubts_about
from bedside.act.orders import Outcome
from bedside.decide.coverage_plain import plain
from bedside.errors import Problem, RequestError
from bedside.genome.authorisation import (
    Channel,
    DenialClass,
    Heard,
    Move,
    Reason,
    Verdict,
    plain_heard,
)
from bedside.genome.event import NewEvent
from bedside.genome.observation import digest
from bedside.genome.order import Order
from bedside.service.authorisation_form import form_of
from bedside.service.authorisations import (
    KIND,
    Moved,
    authorisation_of,
    every_authorisation,
    move_on,
    policy_of,
)
from bedside.service.house import House
from bedside.service.order_test import order_named
from bedside.store.ledger import Overtaken, Unless

DENIALS = "urn:bedside:denial"


@dataclass(frozen=True, slots=True)
class Wish:
    """How an authorisation is wanted. payer: a plan by its name, "" for the one on record. member: the number
    on the card. why: why it is expedited, which a clinician has to say."""

    payer: str = ""
    member: str = ""
    expedited: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class SaidByPayer:
    """What a person heard or read of a payer. reference: the call, the letter, the portal's number."""

    verdict: Verdict
    channel: Channel
    reference: str
    number: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    units: int | None = None
    denial: DenialClass | None = None
    text: str = ""
    asked: Sequence[str] = ()


def draft(house: House, person: str, order: str, wish: Wish, *, actor: str) -> Authorisation:
    """The authorisation of an order, begun when there is none. Raises `NotFound`, or `RequestError` when the
    order is over or it is expedited without a reason."""
    ordered = order_named(house, person, order)
    found = authorisation_of(house, person, order)
    if found is not None:
        return found
    problems = []
    if ordered.outcome is not Outcome.OPEN:
        problems.append(Problem("ORDER", f"it is {ordered.outcome.value} already"))
    if wish.expedited and not wish.why.strip():
        problems.append(
            Problem("--expedited", "has no reason", remedy="say why waiting would harm the patient")
        )
    if problems:
        raise RequestError(problems)
    form = form_of(house, person, order, payer=wish.payer, actor=actor)
    plan = replace(form.stored.asked.plan, member=wish.member or form.stored.asked.plan.member)
    if not plan.payer:
        raise RequestError.one("--payer", "nobody knows who pays", remedy="name the plan, or record it")
    return _begin(house, person, ordered.order, wish, plain(plan), form.answer.assertion, actor)


def _begin(
    house: House, person: str, order: Order, wish: Wish, plan: dict[str, object], assertion: str, actor: str
) -> Authorisation:
    while True:
        after = house.ledger.checkpoint().sequence
        found = authorisation_of(house, person, order.order)
        if found is not None:
            return found
        before = sum(one.order == order.order for one in every_authorisation(house, person).values())
        payload = {
            "authorisation": f"PA{digest(f'{order.order}/{before}'.encode())[:14].upper()}",
            "order": order.order,
            "payer": plan["payer"],
            "status": "drafted",
            "move": Move.DRAFTED.value,
            "at": house.clock().isoformat(),
            "service": order.test,
            "plan": plan,
            "expedited": wish.expedited,
            "why_expedited": wish.why.strip(),
            "coverage": assertion,
        }
        try:
            house.ledger.append(
                [NewEvent(KIND, actor, house.clock(), person, payload)], unless=Unless(KIND, after)
            )
        except Overtaken:
            continue
        return every_authorisation(house, person)[str(payload["authorisation"])]


def record_word(house: House, held: Authorisation, said: SaidByPayer, *, actor: str) -> Authorisation:
    """Write down what a payer said to a person. Raises `RequestError` with everything for which it would not
    be believed: a person can look again, so that nothing doubtful is written."""
    last = held.last
    if last is None:
        raise RequestError.one("authorisation", "nothing was sent yet", remedy="send or print it first")
    denial = said.denial if said.verdict is Verdict.DENIED else None
    reason = None if denial is None else Reason(DENIALS, denial.value, said.text)
    heard = Heard(
        message=f"{said.channel.value}:{said.reference.strip()}:{said.verdict.value}:{last.claim}",
        claim=last.claim,
        person=held.person,
        service=held.service,
        verdict=said.verdict,
        channel=said.channel,
        created=house.clock(),
        number=said.number.strip(),
        valid_from=said.valid_from,
        valid_until=said.valid_until,
        units=said.units,
        reason=reason,
        denial=policy_of(house).answers.denial(reason) if said.verdict is Verdict.DENIED else None,
        asked=tuple(said.asked),
        by=actor,
        reference=said.reference.strip(),
    )
    if said.channel is Channel.FHIR:
        raise RequestError.one("--from", "a person does not speak FHIR", remedy="portal, paper or phone")
    if why := doubts_about(held, heard):
        raise RequestError(Problem("answer", one, remedy="look at the payer's answer again") for one in why)
    key = f"heard:{held.authorisation}:{heard.message}"
    return move_on(house, held, [Moved(Move.HEARD, {"heard": plain_heard(heard)}, key)], actor=actor)


def settle(house: House, held: Authorisation, message: str, reference: str, *, actor: str) -> Authorisation:
    """A person asked the payer which of two answers holds. Raises `RequestError`."""
    said = {one.message: one for one in held.heard if one.verdict.final}
    names = [one for one in said if one.startswith(message)] if message else []
    problems = []
    if held.conflict is None:
        problems.append(Problem("authorisation", "no two answers contradict each other"))
    if len(names) != 1:
        problems.append(
            Problem("--holds", "names no answer that came", remedy=", ".join(n[:12] for n in said))
        )
    if not reference.strip():
        problems.append(
            Problem("--reference", "is blank", remedy="say where the payer's word can be looked up")
        )
    if problems:
        raise RequestError(problems)
    more = {"message": names[0], "reference": reference.strip()}
    return move_on(house, held, [Moved(Move.SETTLED, more)], actor=actor)
