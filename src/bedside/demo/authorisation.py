"""Authorisations in the demo: the first open orders whose payer is known, each answered in another manner by
the made-up payer."""

from __future__ import annotations

from dataclasses import replace

from bedside.act.orders import Outcome, orders
from bedside.demo.payer import Manner, Payer
from bedside.exchange.payer import NoReply, Reply
from bedside.genome.authorisation import Channel, Purpose
from bedside.genome.event import EventKind
from bedside.genome.programme import programmes_from
from bedside.service.authorisations import every_authorisation
from bedside.service.draft_authorisation import Wish, draft
from bedside.service.house import House
from bedside.service.necessity_letters import necessity_letter
from bedside.service.send_authorisation import Sending, send
from bedside.service.stored_answers import ORDER_EVENTS

DESK = "Authorisation desk"
ADDRESS = "https://payer.example/fhir"
MANNERS = (
    Manner.APPROVES,
    Manner.PENDS,
    Manner.DENIES,
    Manner.OTHER_PERSON,
    Manner.QUEUES,
    Manner.SILENT,
    Manner.PART,
)


def ask_payers(house: House) -> int:
    """Ask the made-up payer about as many orders as it has manners, in turn; a refusal is appealed on paper.
    How many were asked."""
    if every_authorisation(house):
        return 0
    inside = replace(house, settings=replace(house.settings, payers=ADDRESS))
    insured = programmes_from(house.ledger.events(kinds=(EventKind.PROGRAMME_RECORDED,)))
    placed = orders(house.ledger.events(kinds=ORDER_EVENTS))
    waiting = [
        held.order
        for held in placed.values()
        if held.outcome is Outcome.OPEN
        and held.order.subject.person in insured
        and insured[held.order.subject.person].payer
    ]
    payer = Payer(clock=house.clock)

    def post(url: str, operation: str, body: bytes, key: str) -> Reply | NoReply:
        answer = payer.take(body)
        if payer.manner is Manner.SILENT:
            return NoReply("it did not answer in time", left=True)
        return Reply(answer.status_code, bytes(answer.body))

    count = 0
    for payer.manner, order in zip(MANNERS, waiting, strict=False):
        person = order.subject.person
        urgent = payer.manner is Manner.QUEUES
        wish = Wish(member="M-100", expedited=urgent, why="treatment waits for the result" if urgent else "")
        held = draft(inside, person, order.order, wish, actor=DESK)
        held, _ = send(inside, held, Sending(Purpose.FIRST, ADDRESS), actor=DESK, post=post)
        count += 1
        if payer.manner is Manner.DENIES:
            letter = necessity_letter(inside, held, appeal=True).text
            appeal = Sending(Purpose.APPEAL, channel=Channel.PAPER, letter=letter)
            send(inside, held, appeal, actor=DESK)
    return count
