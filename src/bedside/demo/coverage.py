"""Coverage in the demo: whoever has an order is insured somehow, the payers' policies are asked about each
order, and of some orders a coordinator has said what was missing."""

from __future__ import annotations

from collections.abc import Mapping

from bedside.act.orders import orders
from bedside.decide.coverage_stated import stated_facts
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.programme import programmes_from
from bedside.knowledge.coverage_policy import FactType
from bedside.service.ask_coverage import StoredCoverage, ask_coverage, pack_of
from bedside.service.house import House
from bedside.service.stored_answers import ORDER_EVENTS

PAYERS = ("Example Medicare", "Example Health Plan", "Medicare other contractor", "")
"""As records write them; "" is a person of whose plan nobody knows."""
COORDINATOR = "Coverage desk"
NOT_SO = frozenset({"combinatorial-algorithm"})
"""Facts that are answered with no, so that what a policy asks is met."""


def ask_about_orders(house: House) -> int:
    """Insure the people with orders, and ask about each order; how many were asked about."""
    placed = orders(house.ledger.events(kinds=ORDER_EVENTS))
    _insure(house, sorted({one.order.subject.person for one in placed.values()}))
    for number, (name, held) in enumerate(sorted(placed.items())):
        person = held.order.subject.person
        asked = ask_coverage(house, person, name, actor=COORDINATOR)
        if number % 2 == 0 and (said := _what_is_missing(house, asked)):
            form = stated_facts(pack_of(house).facts, said, by=COORDINATOR, on=house.clock().date())
            ask_coverage(house, person, name, form=form, actor=COORDINATOR)
    return len(placed)


def _insure(house: House, people: list[str]) -> None:
    held = programmes_from(house.ledger.events(kinds=(EventKind.PROGRAMME_RECORDED,)))
    without = [one for one in people if one not in held or not held[one].payer]
    events = [
        NewEvent(
            EventKind.PROGRAMME_RECORDED,
            "registration",
            house.clock(),
            person,
            {"payer": PAYERS[place % len(PAYERS)]},
        )
        for place, person in enumerate(without)
        if PAYERS[place % len(PAYERS)]
    ]
    if events:
        house.ledger.append(events)


def _what_is_missing(house: House, asked: StoredCoverage) -> Mapping[str, object]:
    """Yes or no to each question that has such an answer."""
    vocabulary = pack_of(house).facts
    return {
        one.fact: "no" if one.fact in NOT_SO else "yes"
        for one in asked.answer.missing
        if vocabulary[one.fact].type is FactType.YES_NO
    }
