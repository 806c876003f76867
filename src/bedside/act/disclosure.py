"""Where a finding stands on its way to the person, as a pure walk over what happened to it.

The walk gives the same answer whatever order things were recorded in: in each state the earliest fact about
it leads on. What was recorded before its turn is kept (`ahead`), and nothing that shows a finding is entered
before a clinical laboratory has seen it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from bedside.knowledge.disclosure_policy import Attempts, Pathway, State


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found in a person that may have to be told.

    entry: how it came in (an entry of its pathway). clinical: a result of a clinical laboratory
    shows it. results: the results it rests on. not_before: the day before which it is withheld because the
    person is a child. about: the particulars that came with it.
    """

    finding: str
    person: str
    gene: str
    variants: tuple[str, ...]
    panel: str
    found_at: datetime
    entry: str = "found"
    clinical: bool = False
    release: str = ""
    disease: str = ""
    results: tuple[str, ...] = ()
    site: str = ""
    not_before: date | None = None
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened to a finding: which step, what came of it, when it was true, who said so."""

    step: str
    outcome: str
    at: datetime
    by: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def order(self) -> tuple[datetime, str, str, str, str]:
        """Facts stand as they were true, ties by their words; two of one order are one fact."""
        words = repr(sorted((key, repr(value)) for key, value in self.details.items()))
        return (self.at, self.step, self.outcome, self.by, words)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a finding stands: its state, since when, what led there, and whether it may be shown.

    quiet: nobody answers for it (yet), whatever a laboratory saw. attempts: those made in the present state.
    ahead: facts recorded before their turn, or that fit nowhere; somebody should look at them.
    """

    finding: Finding
    state: State
    since: datetime
    taken: tuple[Fact, ...] = ()
    attempts: tuple[Fact, ...] = ()
    ahead: tuple[Fact, ...] = ()
    visible: bool = False
    quiet: bool = False

    def happened(self, step: str, *outcomes: str) -> datetime | None:
        """When a step first had one of these outcomes (any, when none is named); None when it never had."""
        times = [f.at for f in self.taken if f.step == step and (not outcomes or f.outcome in outcomes)]
        return min(times, default=None)


def finding_id(person: str, gene: str, variants: Iterable[str], panel: str) -> str:
    """The id of a finding: the same for the same person, gene, variants and panel; it names none of them."""
    text = "\x1f".join((person, gene, panel, *sorted(variants)))
    return "f-" + hashlib.sha256(text.encode()).hexdigest()[:20]


def standing(pathway: Pathway, finding: Finding, facts: Iterable[Fact]) -> Standing:
    """Walk the pathway: in each state the earliest fact about it that was not used yet leads on, unless
    something that interrupts happened before.
    """
    start = pathway.entries[finding.entry]
    now = Standing(finding, pathway.states[start], finding.found_at, visible=finding.clinical)
    now = _enter(pathway, replace(now, quiet=pathway.states[start].quiet), start)
    left = [fact for _, fact in sorted({fact.order: fact for fact in facts}.items())]
    while (chosen := _next(pathway, now.state, left)) is not None:
        left.remove(chosen)
        now = _take(pathway, now, chosen)
    return replace(now, ahead=tuple(fact for fact in left if fact.step not in pathway.interrupts))


def _next(pathway: Pathway, state: State, left: Sequence[Fact]) -> Fact | None:
    """The earliest of facts in order that moves a finding on; of two at one time what releases nothing."""
    moving = [
        fact
        for fact in left
        if (fact.step == state.name and fact.outcome in state.outcomes)
        or (fact.step in pathway.interrupts and (not state.final or fact.step in pathway.always))
    ]
    return min(moving, key=lambda fact: (fact.at, fact.outcome in state.releases), default=None)


def _take(pathway: Pathway, now: Standing, fact: Fact) -> Standing:
    state = now.state
    after = replace(now, taken=(*now.taken, fact), since=max(now.since, fact.at))
    if fact.step != state.name:
        return _enter(pathway, after, pathway.interrupts[fact.step])
    target = state.outcomes[fact.outcome]
    after = replace(after, quiet=pathway.states[target].quiet)
    if fact.outcome in state.releases:
        after = replace(after, visible=True)
    if target == state.name:
        tried = (*now.attempts, fact)
        if state.attempts is None or not enough(state.attempts, tried):
            return replace(after, attempts=tried)
        target = state.attempts.then
    return _enter(pathway, after, target)


def _enter(pathway: Pathway, now: Standing, target: str) -> Standing:
    """The standing in a state: past those not needed any more, never into one that shows what may not be."""
    state = pathway.states[target]
    if state.hides:
        now = replace(now, visible=False)
    if state.shows and not now.visible:
        state = pathway.states[pathway.guard]
    while state.once_seen and now.visible:
        state = pathway.states[state.once_seen]
    return replace(now, state=state, attempts=())


def enough(rule: Attempts, attempts: Iterable[Fact]) -> bool:
    """Whether the attempts made are as many, on as many channels and as far apart as the rule asks. Two on
    one channel and one day are one attempt.
    """
    made: set[tuple[date, str]] = {
        (fact.at.date(), str(fact.details.get("channel", "")))
        for fact in attempts
        if fact.outcome == rule.outcome
    }
    days = [day for day, _ in made]
    channels = {channel for _, channel in made} - {""}
    apart = (max(days) - min(days)).days if days else 0
    return len(made) >= rule.at_least and len(channels) >= rule.channels and apart >= rule.days
