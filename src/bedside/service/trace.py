"""The rule trace of one answer: every rule that was evaluated, which spoke, which stayed silent, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bedside.errors import NotFound, Problem, StoreError
from bedside.genome.event import EventKind
from bedside.service.chart import SilentRule
from bedside.service.house import House
from bedside.service.replay_card import replay_answer
from bedside.service.rules import rules_of


@dataclass(frozen=True, slots=True)
class SpokenRule:
    """A rule that became part of a card."""

    rule: str
    drug: str
    summary: str
    urgency: str


@dataclass(frozen=True, slots=True)
class Trace:
    """One stored answer. replay: whether the same inputs give the same bytes now, None when its rules are
    gone.
    """

    hook: str
    at: datetime
    rules: str
    spoke: tuple[SpokenRule, ...]
    silent: tuple[SilentRule, ...]
    replay: bool | None


def trace(house: House, person: str, trace_id: str) -> Trace:
    """The trace of an answer about a person; `NotFound` for any other."""
    event = house.ledger.find(EventKind.HOOK_ANSWERED, trace_id)
    if event is None or event.person != person:
        raise NotFound([Problem("trace", "no such answer about this person")])
    held = event.payload
    ruleset = rules_of(house).ruleset
    hook = ruleset.hooks.get(held["service"])
    try:
        same: bool | None = replay_answer(ruleset, event).same
    except StoreError:
        same = None
    return Trace(
        held["service"] if hook is None else hook.title,
        event.known_at,
        held["rules"],
        tuple(
            SpokenRule(rule, card["about"]["drug"], card["summary"], card["indicator"])
            for card in held["cards"]
            for rule in card["about"]["rules"]
        ),
        tuple(SilentRule(one["rule"], one["drug"], one["reason"], one["detail"]) for one in held["silences"]),
        same,
    )
