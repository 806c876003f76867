"""Gives a past answer again from its stored inputs, and says whether it is the same to the byte."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bedside.decide.card import card_of
from bedside.errors import NotFound, Problem, StoreError
from bedside.genome.event import Event, EventKind
from bedside.genome.observation import digest
from bedside.knowledge.ruleset import Ruleset
from bedside.service.answer_hook import decide_again
from bedside.service.hook_inputs import decode_inputs, encode_inputs, name_of
from bedside.service.house import House, newest_pack
from bedside.service.rules import rules_of
from bedside.store.encode import canonical


@dataclass(frozen=True, slots=True)
class Replay:
    """A past answer beside what the same inputs give now. rules: the set of rules it was given by."""

    rules: str
    response: Mapping[str, Any]
    same: bool


def replay_card(house: House, uuid: str) -> Replay:
    """The answer that the card was part of. Raises NotFound for an unknown card, StoreError when the rules
    it was
    given by are not the ones at hand.
    """
    card = house.ledger.card(uuid)
    if card is None:
        raise NotFound([Problem("card", "no such card")])
    event = next(iter(house.ledger.events(kinds=(EventKind.HOOK_ANSWERED,), after=card.sequence - 1)))
    return replay_answer(rules_named(house, event.payload["rules"]), event)


def rules_named(house: House, name: str) -> Ruleset:
    """The house's rules on the knowledge release that an answer names, loaded again where that is an older
    one.
    """
    rules = rules_of(house).ruleset
    if rules.name == name or str(rules.pgx.release) == name.split(" ")[0]:
        return rules
    older = newest_pack(house.settings, name.split("@")[1].split("#")[0])
    return rules_of(replace(house, pgx=older)).ruleset


def replay_answer(rules: Ruleset, event: Event) -> Replay:
    """The answer an event holds, given again by the same rules."""
    held = event.payload
    if held["rules"] != rules.name:
        raise StoreError(
            f"the answer was given by {held['rules']}, which is not at hand (it is {rules.name})"
        )
    inputs = decode_inputs(held["inputs"], rules)
    plain = encode_inputs(inputs)
    decision = decide_again(rules, inputs)
    name = name_of(plain, rules)
    response = {"cards": [card_of(plan, rules, name, place) for place, plan in enumerate(decision.plans)]}
    same = (name, digest(canonical(response))) == (event.key, held["response"])
    return Replay(held["rules"], response, same)
