"""A care pathway: what must happen to a person, in which order, by when and by whom, as checked data.

A pathway is a partial order of steps. A step is closed by a signal (something that happened); a signal can
also send a person back (another biopsy, an amended result) or end the pathway with a coded reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from bedside.knowledge.provenance import Provenance


class End(Enum):
    """How a pathway ends."""

    REACHED = "reached"
    DIED = "died"
    REFUSED = "refused"
    OTHER_CARE = "other-care"
    NOT_INDICATED = "not-indicated"
    LOST = "lost"
    MOVED = "moved"
    IN_ERROR = "in-error"


@dataclass(frozen=True, slots=True)
class Condition:
    """A signal of this name whose attributes have one of the values given for each."""

    signal: str
    where: tuple[tuple[str, frozenset[str]], ...] = ()

    def holds(self, signal: str, attributes: Mapping[str, str]) -> bool:
        """Whether a signal is meant. An attribute that is not there is not the value asked for."""
        return signal == self.signal and all(attributes.get(key) in values for key, values in self.where)


@dataclass(frozen=True, slots=True)
class Span:
    """How long: hours around the clock, calendar days, or working days; exactly one is given."""

    hours: float = 0.0
    days: int = 0
    working_days: int = 0


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung of the escalation ladder: so long after a step opened, it belongs to this role."""

    after: Span
    to: str


@dataclass(frozen=True, slots=True)
class Step:
    """One thing somebody must see done.

    after: steps that must be closed before; after_any: of these one is enough. done_by: what shows that it is
    done. not_needed_by: what makes it superfluous. on_call: it opens only when a return sends a person here.
    draft: the message or order that is prepared for its owner.
    """

    name: str
    title: str
    owner: str
    action: str
    due: Span
    ladder: tuple[Rung, ...] = ()
    after: tuple[str, ...] = ()
    after_any: tuple[str, ...] = ()
    done_by: tuple[Condition, ...] = ()
    not_needed_by: tuple[Condition, ...] = ()
    on_call: bool = False
    draft: str = ""


@dataclass(frozen=True, slots=True)
class Return:
    """A way back: on a signal these steps (and what follows them) open again, at most so many times; then the
    step `beyond`, where somebody decides."""

    name: str
    on: tuple[Condition, ...]
    opens: tuple[str, ...]
    at_most: int
    beyond: str
    keeps: frozenset[str] = frozenset()
    after_end: bool = False


@dataclass(frozen=True, slots=True)
class Exit:
    """An end other than the goal. reason: the coded reason, or "" where the signal's `reason` says it, which
    must be one of `reasons`. revoked_by: what takes the person up again where they stood."""

    name: str
    on: tuple[Condition, ...]
    reason: str = ""
    reasons: frozenset[str] = frozenset()
    revoked_by: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Guard:
    """Something that must not pass unnoticed. It fires on a signal, or when a step stayed open so long; only
    while the steps of `before` are still to come, those of `after` done, and nothing of `unless` happened."""

    name: str
    title: str
    owner: str
    action: str
    due: Span
    escalate: Rung | None = None
    on: tuple[Condition, ...] = ()
    step: str = ""
    open_for: Span | None = None
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    unless: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class ReasonCode:
    """A coded reason why a pathway ended. censors: nobody knows what became of the person, so that a rate
    over time counts them until then only."""

    code: str
    title: str
    end: End
    censors: bool = False


@dataclass(frozen=True)
class CarePathway:
    """A checked pathway. goals: the steps that end it well; starts: what puts somebody on it; calendar: whose
    working days count; binds: attributes that the start fixes, so that a signal which says another value
    (another drug) is about something else; of: the kinds of test it speaks of, so that a result of another
    kind moves nothing, empty for any. Steps stand in an order in which none comes before what it waits
    for."""

    provenance: Provenance
    name: str
    title: str
    calendar: str
    starts: tuple[Condition, ...]
    steps: Mapping[str, Step]
    goals: Mapping[str, str]
    returns: tuple[Return, ...] = ()
    exits: tuple[Exit, ...] = ()
    guards: tuple[Guard, ...] = ()
    binds: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    reasons: Mapping[str, ReasonCode] = field(default_factory=dict)

    @cached_property
    def before(self) -> Mapping[str, frozenset[str]]:
        """Of each step every step that comes before it, near and far."""
        found: dict[str, frozenset[str]] = {}
        for step in self.steps.values():
            near = (*step.after, *step.after_any)
            found[step.name] = frozenset(near).union(*(found[name] for name in near))
        return found

    @cached_property
    def following(self) -> Mapping[str, frozenset[str]]:
        """Of each step every step that comes after it, near and far."""
        return {
            name: frozenset(later for later, earlier in self.before.items() if name in earlier)
            for name in self.steps
        }

    @property
    def version(self) -> str:
        """What every answer names: the pathway and the beginning of its file's digest."""
        return f"{self.name}@{self.provenance.sha256[:12]}"
