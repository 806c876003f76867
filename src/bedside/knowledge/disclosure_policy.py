"""How a finding travels until it has helped somebody: pathways of states as data, without dead ends.

A state names who must act, what they do and by when; each outcome leads to the next state. A state that
`shows` tells somebody of the finding, so that it is entered only when a clinical laboratory has seen it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bedside.errors import PackError, Problem
from bedside.genome.consent import Scope
from bedside.knowledge.provenance import Provenance, RuleFile, rule_files


@dataclass(frozen=True, slots=True)
class Deadline:
    """Working days (or, for what is due after months, calendar days) to act, then to the next role."""

    working_days: int = 0
    days: int = 0
    escalate_working_days: int = 0
    escalate_to: str = ""


@dataclass(frozen=True, slots=True)
class Attempts:
    """When trying is enough: this many of one outcome, on this many channels, first to last this many days
    apart; then the finding moves on."""

    outcome: str
    at_least: int
    channels: int
    days: int
    then: str


@dataclass(frozen=True, slots=True)
class Needs:
    """A layer of consent without which a state waits, and who looks after it while it does. allows: outcomes
    that are no contact and can be recorded without it."""

    scope: Scope
    reason: str
    owner: str
    action: str
    allows: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class State:
    """One place a finding can be.

    outcomes: what can be said to have happened, and where that leads. final: the coded reason when nothing
    more is owed ("" while somebody must act); a final state with outcomes can be taken up again. shows:
    somebody is told. releases: outcomes after which the finding may be shown. hides: entering it ends that.
    once_seen: where a finding goes instead that a clinical laboratory has seen. arrives: the outcome
    that a problem-list entry proves. quiet: nobody has answered for the finding yet, or it was judged not to
    be one; until a step leads on from here it is shown nowhere.
    """

    name: str
    owner: str = ""
    action: str = ""
    deadline: Deadline = field(default_factory=Deadline)
    outcomes: Mapping[str, str] = field(default_factory=dict)
    final: str = ""
    shows: bool = False
    releases: frozenset[str] = frozenset()
    hides: bool = False
    quiet: bool = False
    once_seen: str = ""
    attempts: Attempts | None = None
    needs: Needs | None = None
    arrives: str = ""


@dataclass(frozen=True, slots=True)
class Pathway:
    """A checked set of states. entries: how a finding comes in, and where. told: entries of what a person
    knows already. guard: where a finding waits that may not be shown. interrupts: what may happen at any
    time; those in `always` also after a final state. changes: kinds of task that come in by an entry. waits:
    who looks after a finding that waits for a coded reason, and how.
    """

    provenance: Provenance
    name: str
    states: Mapping[str, State]
    entries: Mapping[str, str]
    told: frozenset[str] = frozenset()
    guard: str = ""
    interrupts: Mapping[str, str] = field(default_factory=dict)
    always: frozenset[str] = frozenset()
    changes: Mapping[str, str] = field(default_factory=dict)
    waits: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def leads_to(self, name: str) -> frozenset[str]:
        """Every state that can follow a state at once."""
        state = self.states[name]
        ahead = set(state.outcomes.values())
        if state.attempts is not None:
            ahead.add(state.attempts.then)
        if state.once_seen:
            ahead.add(state.once_seen)
        ahead.update(to for name, to in self.interrupts.items() if not state.final or name in self.always)
        return frozenset(ahead)

    def reached_from(self, start: str) -> frozenset[str]:
        """Every state that a finding can come to from a state, that state included."""
        seen, todo = {start}, [start]
        while todo:
            fresh = self.leads_to(todo.pop()) - seen
            seen |= fresh
            todo += fresh
        return frozenset(seen)


def load_pathways(root: Path | None = None) -> Mapping[str, Pathway]:
    """The pathways in force by name (`disclosure`, `cascade`, `newborn`); a site's own file of the same name
    replaces the shipped one. Raises PackError with every problem."""
    files = {str(file.document.get("pathway", "")): file for file in rule_files("disclosure", root)}
    return {name: read_pathway(file) for name, file in files.items() if name}


def read_pathway(file: RuleFile) -> Pathway:
    """The pathway in a rule file; raises PackError with every dead end and every leak found."""
    document = file.document
    try:
        states = {entry["name"]: _state(entry) for entry in document["state"]}
        pathway = Pathway(
            file.provenance,
            str(document["pathway"]),
            states,
            dict(document["entries"]),
            frozenset(document.get("told", ())),
            str(document.get("guard", "")),
            dict(document.get("interrupts", {})),
            frozenset(document.get("always", ())),
            dict(document.get("changes", {})),
            {reason: (str(w["owner"]), str(w["action"])) for reason, w in document.get("waits", {}).items()},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise file.fail(f"not a pathway: {error}") from error
    problems = [Problem(file.label, reason) for reason in flaws(pathway, len(document["state"]))]
    if problems:
        raise PackError(problems)
    return pathway


def flaws(pathway: Pathway, written: int | None = None) -> tuple[str, ...]:
    """Everything that makes a pathway unfit: unknown targets, dead ends, unreachable states, leaks."""
    if written is not None and written != len(pathway.states):
        return ("two states have one name",)
    unknown = tuple(_unknown_targets(pathway))
    return unknown or (*_dead_ends(pathway), *_leaks(pathway))


def _unknown_targets(pathway: Pathway) -> Iterator[str]:
    for entry, target in {**pathway.entries, **pathway.interrupts}.items():
        if target not in pathway.states:
            yield f"{entry} leads to {target}, which is no state"
    for name in sorted(set(pathway.interrupts) & set(pathway.states)):
        yield f"{name} is both a state and something that interrupts"
    if pathway.guard and pathway.guard not in pathway.states:
        yield f"the guard {pathway.guard} is no state"
    for kind, entry in pathway.changes.items():
        if entry not in pathway.entries:
            yield f"tasks of kind {kind} come in by {entry}, which is no entry"
    for state in pathway.states.values():
        ahead = {*state.outcomes.values(), *((state.attempts.then,) if state.attempts else ())}
        for target in sorted({*ahead, state.once_seen} - {""} - set(pathway.states)):
            yield f"{state.name} leads to {target}, which is no state"
        allowed = state.needs.allows if state.needs else frozenset()
        named = {
            *state.releases,
            *allowed,
            *((state.attempts.outcome,) if state.attempts else ()),
            state.arrives,
        }
        for outcome in sorted(named - {""} - set(state.outcomes)):
            yield f"{state.name} speaks of the outcome {outcome}, which it does not have"


def _dead_ends(pathway: Pathway) -> Iterator[str]:
    used: frozenset[str] = frozenset().union(*map(pathway.reached_from, pathway.entries.values()))
    for state in pathway.states.values():
        if state.name not in used:
            yield f"{state.name} is never reached"
        if not state.final:
            deadline = state.deadline
            if not (state.owner and state.action and (deadline.working_days or deadline.days)):
                yield f"{state.name} needs an owner, an action and a time in which to act"
            if deadline.escalate_working_days and not deadline.escalate_to:
                yield f"{state.name} is escalated to nobody"
            if not any(pathway.states[name].final for name in pathway.reached_from(state.name)):
                yield f"{state.name} never comes to an end"
            if state.needs and not (state.needs.allows or pathway.interrupts):
                yield f"{state.name} has no way out without consent"
            if set(state.outcomes.values()) <= {state.name}:
                yield f"no outcome leads out of {state.name}"


def _leaks(pathway: Pathway) -> Iterator[str]:
    """States that tell somebody and can be come to without a release."""
    showing = sorted(state.name for state in pathway.states.values() if state.shows)
    if showing and (not pathway.guard or pathway.states[pathway.guard].shows):
        yield "states tell somebody of a finding and no guard that tells nobody is named"
        return
    for entry, start in pathway.entries.items():
        if entry in pathway.told:
            continue
        seen, todo = {start}, [start]
        while todo:
            state = pathway.states[todo.pop()]
            ahead = {to for outcome, to in state.outcomes.items() if outcome not in state.releases}
            fresh = (ahead | ({state.attempts.then} if state.attempts else set())) - seen
            seen |= fresh
            todo += [name for name in fresh if not pathway.states[name].shows]
        for name in showing:
            if name in seen:
                yield f"{name} tells of a finding that no clinical laboratory has seen (entry {entry})"


def _state(entry: Mapping[str, Any]) -> State:
    tried, needs, final = entry.get("attempts"), entry.get("needs"), str(entry.get("final", ""))
    return State(
        name=str(entry["name"]),
        owner=str(entry.get("owner", "")),
        action=str(entry.get("action", "")),
        deadline=Deadline(
            int(entry.get("due_in_working_days", 0)),
            int(entry.get("due_in_days", 0)),
            int(entry.get("escalate_after_working_days", 0)),
            str(entry.get("escalate_to", "")),
        ),
        outcomes=dict(entry.get("outcomes", {})),
        final=final,
        shows=bool(entry.get("shows", False)),
        releases=frozenset(entry.get("releases", ())),
        hides=bool(entry.get("hides", False)),
        quiet=bool(entry.get("quiet", False)),
        once_seen=str(entry.get("once_seen", "")),
        attempts=None if tried is None else Attempts(**tried),
        needs=None if needs is None else _needs(needs),
        arrives=str(entry.get("arrives", "")),
    )


def _needs(entry: Mapping[str, Any]) -> Needs:
    return Needs(
        Scope(entry["scope"]),
        str(entry["reason"]),
        str(entry["owner"]),
        str(entry["action"]),
        frozenset(entry.get("allows", ())),
    )
