"""A PDSA cycle: what is to become better, what was changed, what was predicted, what came, what was decided.

    plan → do → study (again when more is known) → act: adopt, adapt or abandon
    a cycle may also be abandoned before it was studied

An adapted change is studied in a cycle of its own, which says which one it follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from itertools import pairwise
from typing import Any

from bedside.genome.event import Event, EventKind


class Step(Enum):
    """The four steps of Plan, Do, Study, Act."""

    PLAN = "plan"
    DO = "do"
    STUDY = "study"
    ACT = "act"


class Choice(Enum):
    """What is decided at the end of a cycle."""

    ADOPT = "adopt"
    ADAPT = "adapt"
    ABANDON = "abandon"


NEXT: Mapping[Step | None, frozenset[Step]] = {
    None: frozenset({Step.PLAN}),
    Step.PLAN: frozenset({Step.DO, Step.ACT}),
    Step.DO: frozenset({Step.STUDY, Step.ACT}),
    Step.STUDY: frozenset({Step.STUDY, Step.ACT}),
    Step.ACT: frozenset(),
}
"""The steps that may follow each. Before anything was studied the only decision is to abandon."""

SAID: Mapping[Step, tuple[str, ...]] = {
    Step.PLAN: ("aim", "measure", "change", "prediction"),
    Step.DO: ("before", "after"),
    Step.STUDY: ("result",),
    Step.ACT: ("decision", "reason"),
}
"""What has to be said at each step. before and after: the digests of the rules or pack that were changed."""


@dataclass(frozen=True, slots=True)
class Moved:
    """One step that was taken."""

    step: Step
    at: datetime
    by: str
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cycle:
    """One cycle. measure: the name of a measure pack. rule and proposal: of the alert it changes, "" where it
    changes another pack. before and after: versions. result: the last one studied."""

    cycle: str
    aim: str = ""
    measure: str = ""
    change: str = ""
    prediction: str = ""
    rule: str = ""
    proposal: str = ""
    follows: str = ""
    before: str = ""
    after: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)
    decision: Choice | None = None
    reason: str = ""
    moves: tuple[Moved, ...] = ()

    @property
    def step(self) -> Step | None:
        """The last step taken; None before the first."""
        return self.moves[-1].step if self.moves else None

    @property
    def done_at(self) -> datetime | None:
        """When the change was made; None before."""
        return next((one.at for one in self.moves if one.step is Step.DO), None)


_WORDS = (
    "aim", "measure", "change", "prediction", "rule", "proposal", "follows", "before", "after", "reason",
)  # fmt: skip


def wrong_move(cycle: Cycle, step: Step, said: Mapping[str, Any]) -> tuple[str, ...]:
    """Why a step cannot be taken now, every reason; empty when it can."""
    found = []
    if step not in NEXT[cycle.step]:
        after = "a new cycle" if cycle.step is None else f"{cycle.step.value}"
        allowed = ", ".join(sorted(one.value for one in NEXT[cycle.step])) or "nothing"
        found.append(f"after {after} comes {allowed}, not {step.value}")
    found += [f"{name} is missing" for name in SAID[step] if not said.get(name)]
    if step is Step.ACT and said.get("decision"):
        choices = [one.value for one in Choice]
        if said["decision"] not in choices:
            found.append(f"the decision is one of {', '.join(choices)}")
        elif cycle.step in (Step.PLAN, Step.DO) and said["decision"] != Choice.ABANDON.value:
            found.append("what was not studied can only be abandoned")
    return tuple(found)


def moved(cycle: Cycle, step: Step, at: datetime, by: str, said: Mapping[str, Any]) -> Cycle:
    """The cycle after a step. Raises ValueError with every reason when it cannot be taken."""
    problems = wrong_move(cycle, step, said)
    if problems:
        raise ValueError("; ".join(problems))
    told = {name: str(said[name]) for name in _WORDS if said.get(name)}
    return replace(
        cycle,
        **told,
        result=dict(said["result"]) if step is Step.STUDY else cycle.result,
        decision=Choice(said["decision"]) if step is Step.ACT else cycle.decision,
        moves=(*cycle.moves, Moved(step, at, by, dict(said))),
    )


def cycles(events: Iterable[Event]) -> dict[str, Cycle]:
    """Every cycle by its id, from events in the order of the ledger. Raises ValueError for an impossible
    step."""
    found: dict[str, Cycle] = {}
    for event in events:
        if event.kind is EventKind.CYCLE_MOVED:
            name = str(event.payload["cycle"])
            held = found.get(name, Cycle(name))
            found[name] = moved(held, Step(event.payload["step"]), event.valid_at, event.actor, event.payload)
    return found


@dataclass(frozen=True, slots=True)
class Uncycled:
    """A change of the rules that no cycle studies: since when, from and to which set of rules; or the
    decision about an alert."""

    at: datetime
    before: str
    after: str


def without_cycle(
    rules: Iterable[tuple[str, datetime]], decided: Iterable[tuple[str, datetime, str]], held: Iterable[Cycle]
) -> tuple[Uncycled, ...]:
    """Changes that no cycle is linked to. rules: sets of rules in the order in which they answered, with the
    first time; decided: decision, when, its cycle."""
    known = tuple(held)
    names = {one.cycle for one in known if one.step is not None}
    linked = {(one.before, one.after) for one in known}
    ends = {one.after for one in known if one.after}
    found = [
        Uncycled(at, f"decision {name}", f"decision {name}")
        for name, at, cycle in decided
        if cycle not in names
    ]
    told = list(rules)
    for (before, _), (after, at) in pairwise(told):
        if (before, after) not in linked and after not in ends:
            found.append(Uncycled(at, before, after))
    return tuple(sorted(found, key=lambda one: one.at))
