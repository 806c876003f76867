"""A rule that nobody heeds in the story: its cards, what clinicians answered, and a steward's proposal.

Everything goes through the services of an EHR and of the pages. Doing it twice is doing it once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from bedside.act.alert_proposals import Change
from bedside.decide.recommend import recommend
from bedside.decide.recommendation import Recommendation, Urgency
from bedside.demo.hereditary import Act
from bedside.demo.people import TODAY, MadeUpPerson
from bedside.demo.requests import order_sign
from bedside.errors import InputError
from bedside.knowledge.alert_policy import Quieter
from bedside.service.alert_proposals import Asked, proposals_of, propose
from bedside.service.alert_readings import alert_review
from bedside.service.answer_hook import answer
from bedside.service.house import House
from bedside.service.rules import rules_of
from bedside.service.take_feedback import take_feedback

DRUG = "atorvastatin"
FEWEST, MOST, OTHERS = 8, 24, 12
"""No proposal is made on fewer answers than the first; as many people get the card as the second, at most;
so many others are ordered the drug without one."""
WHY = Asked(
    why="Lipid clinics start low and titrate anyway; residents say the card does not apply",
    aim="Fewer warnings that change nothing",
    measure="follow-through-24h",
    prediction="As many orders change as before",
)


def acts_of_alerts(house: House, population: Sequence[MadeUpPerson], busy: Collection[str]) -> list[Act]:
    """Orders of one drug over four weeks, each answered; on the last day a proposal."""
    tested = [one for one in population if one.laboratory and not one.role and one.person not in busy]
    warned = [one for one in tested if _warned(house, one)]
    others = [one for one in tested if one not in warned]
    asked = [*warned[:MOST], *others[:OTHERS]]
    first = TODAY - timedelta(days=28)
    acts = [
        Act(first + timedelta(days=number * 11 % 27), partial(_ordered, house, one, number))
        for number, one in enumerate(asked)
    ]
    return [*acts, Act(TODAY - timedelta(days=1), partial(_proposed, house))]


def _warned(house: House, person: MadeUpPerson) -> bool:
    """Whether the person's results lead to a warning about the drug."""
    rules = rules_of(house).ruleset
    calls = house.ledger.person_calls(person.person)
    told = recommend(rules.pgx, rules.phrases, calls, rules.pgx.drugs[DRUG])
    return any(isinstance(one, Recommendation) and one.urgency is Urgency.WARNING for one in told)


def _ordered(house: House, person: MadeUpPerson, number: int) -> None:
    """The order is about to be signed, the card is answered, the order is signed as it was."""
    service = next(name for name, one in rules_of(house).ruleset.hooks.items() if one.hook == "order-sign")
    role = "resident" if number % 3 else "attending"
    request = {**order_sign(person, house.pgx, [DRUG]), "extension": {"org.bedside.role": role}}
    cards = answer(house, service, request, actor=person.site)["cards"]
    items = list(_answers(house, cards, number))
    if items and not any(house.ledger.feedback(one["card"]) for one in items):
        take_feedback(house, service, {"feedback": items}, actor=person.site)


def _answers(house: House, cards: Sequence[Mapping[str, Any]], number: int) -> Iterator[dict[str, Any]]:
    for card in cards:
        if card["indicator"] == "warning" and number % 10:
            yield {
                "card": card["uuid"],
                "outcome": "overridden",
                "outcomeTimestamp": house.clock().isoformat().replace("+00:00", "Z"),
                "overrideReason": {"reason": {"code": "cds-not-applicable"}, "userComment": ""},
            }


def _proposed(house: House) -> None:
    """The steward proposes to make the rule passive; it waits for somebody else."""
    named = [
        one
        for one in alert_review(house).rules
        if one.drug == DRUG and not one.top and one.everybody.overridden >= FEWEST
    ]
    if named and not proposals_of(house):
        try:
            propose(house, named[0].rule, Change(Quieter.PASSIVE), WHY, actor="Alert steward")
        except InputError:  # a site's own pack holds the rule in the top tier
            return
