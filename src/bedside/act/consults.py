"""Where an eConsult stands, as a pure fold over the set of its steps.

Both sites fold the same steps in the same order (clock, site, id), so they agree as soon as both hold them,
in whatever order and however often they arrived. A step that does not fit where it falls is kept with the
reason: nothing disappears.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum

from bedside.genome.consult import Closing, Ending, Question, Signature, Step, StepKind, Words


class Stage(Enum):
    """Where an eConsult stands. `INCOMPLETE`: a step came whose question has not arrived."""

    INCOMPLETE = "incomplete"
    ASKED = "asked"
    RECEIVED = "received"
    ASSIGNED = "assigned"
    INFORMATION_WANTED = "information wanted"
    ANSWERED = "answered, awaits sign-off"
    SIGNED = "signed off"
    RETURNED = "returned without an answer"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Move(Enum):
    """Whose move it is."""

    ASKER = "asker"
    ANSWERER = "answerer"
    NOBODY = "nobody"


MOVES: Mapping[Stage, Move] = {
    Stage.INCOMPLETE: Move.NOBODY,
    Stage.ASKED: Move.ANSWERER,
    Stage.RECEIVED: Move.ANSWERER,
    Stage.ASSIGNED: Move.ANSWERER,
    Stage.INFORMATION_WANTED: Move.ASKER,
    Stage.ANSWERED: Move.ANSWERER,
    Stage.SIGNED: Move.ASKER,
    Stage.RETURNED: Move.ASKER,
    Stage.CLOSED: Move.NOBODY,
    Stage.WITHDRAWN: Move.NOBODY,
}

_WORK = {
    StepKind.ASSIGNED: Stage.ASSIGNED,
    StepKind.INFORMATION_WANTED: Stage.INFORMATION_WANTED,
    StepKind.ANSWERED: Stage.ANSWERED,
    StepKind.RETURNED: Stage.RETURNED,
    StepKind.WITHDRAWN: Stage.WITHDRAWN,
}
_AGAIN = {StepKind.ANSWERED: Stage.ANSWERED}
"""An opinion may be corrected at any time; it then awaits sign-off again."""

ALLOWED: Mapping[Stage, Mapping[StepKind, Stage]] = {
    Stage.INCOMPLETE: {StepKind.ASKED: Stage.ASKED},
    Stage.ASKED: {**_WORK, StepKind.RECEIVED: Stage.RECEIVED, StepKind.INFORMATION_GIVEN: Stage.ASKED},
    Stage.RECEIVED: {**_WORK, StepKind.INFORMATION_GIVEN: Stage.RECEIVED},
    Stage.ASSIGNED: {**_WORK, StepKind.INFORMATION_GIVEN: Stage.ASSIGNED},
    Stage.INFORMATION_WANTED: {**_WORK, StepKind.INFORMATION_GIVEN: Stage.ASSIGNED},
    Stage.ANSWERED: {
        **_WORK,
        StepKind.SIGNED: Stage.SIGNED,
        StepKind.INFORMATION_GIVEN: Stage.ANSWERED,
    },
    Stage.SIGNED: {
        **_AGAIN,
        StepKind.CLOSED: Stage.CLOSED,
        StepKind.INFORMATION_WANTED: Stage.INFORMATION_WANTED,
        StepKind.WITHDRAWN: Stage.WITHDRAWN,
    },
    Stage.RETURNED: {**_AGAIN, StepKind.CLOSED: Stage.CLOSED, StepKind.WITHDRAWN: Stage.WITHDRAWN},
    Stage.CLOSED: _AGAIN,
    Stage.WITHDRAWN: {},
}
"""From a stage, the steps that can follow."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A step in its place; `aside` is why it changed nothing, "" when it did."""

    step: Step
    aside: str = ""


@dataclass(frozen=True, slots=True)
class Consult:
    """An eConsult as far as it has arrived. since: when the stage was reached, by its author's clock.
    opinion, signed, ending: the steps in force. missing: steps that others name and that are not here."""

    consult: str
    asker: str
    answerer: str
    stage: Stage = Stage.INCOMPLETE
    since: datetime | None = None
    question: Question | None = None
    assigned: str = ""
    wanted: Step | None = None
    opinion: Step | None = None
    signed: Step | None = None
    ending: Step | None = None
    history: tuple[Taken, ...] = ()
    missing: frozenset[str] = frozenset()

    @property
    def clock(self) -> int:
        """The highest clock among its steps."""
        return max((one.step.clock for one in self.history), default=0)

    @property
    def heads(self) -> tuple[str, ...]:
        """The steps that no other names as seen."""
        seen = {name for one in self.history for name in one.step.after}
        return tuple(one.step.step for one in self.history if one.step.step not in seen)

    @property
    def move(self) -> Move:
        """Whose move it is."""
        return MOVES[self.stage]

    @property
    def by_one(self) -> bool:
        """Whether the same person gave the opinion and signed it."""
        return self.signed is not None and self.opinion is not None and self.signed.by == self.opinion.by


def fold(steps: Iterable[Step]) -> Consult:
    """The state that a set of steps of one eConsult makes. ValueError when there is none."""
    distinct = {one.step: one for one in steps}
    ordered = sorted(distinct.values(), key=lambda one: (one.clock, one.site, one.step))
    if not ordered:
        raise ValueError("an eConsult has at least one step")
    now = Consult(ordered[0].consult, ordered[0].asker, ordered[0].answerer)
    for step in ordered:
        now = _take(now, step)
    named = {name for one in ordered for name in one.after}
    return replace(now, missing=frozenset(named - set(distinct)))


def why_not(consult: Consult, kind: StepKind, opinion: str = "") -> str:
    """Why this step cannot follow now; "" when it can. opinion: the step that a signature is about."""
    if kind not in ALLOWED[consult.stage]:
        if consult.stage is Stage.INCOMPLETE:
            return "the question has not arrived yet"
        return f"“{kind.value.replace('-', ' ')}” does not follow “{consult.stage.value}”"
    if kind is StepKind.SIGNED and (consult.opinion is None or consult.opinion.step != opinion):
        return "the opinion was changed meanwhile; read it and sign that one"
    return ""


def _take(now: Consult, step: Step) -> Consult:
    about = step.said.opinion if isinstance(step.said, Signature) else ""
    why = why_not(now, step.kind, about)
    if why:
        return replace(now, history=(*now.history, Taken(step, why)))
    stage = ALLOWED[now.stage][step.kind]
    if step.kind is StepKind.INFORMATION_GIVEN and stage is Stage.ASSIGNED and not now.assigned:
        stage = Stage.RECEIVED
    since = now.since if stage is now.stage else step.at
    now = replace(now, stage=stage, since=since, history=(*now.history, Taken(step)))
    return _with(now, step)


def _with(now: Consult, step: Step) -> Consult:
    """The particulars that a step in force brings."""
    match step.kind, step.said:
        case StepKind.ASKED, Question() as question:
            return replace(now, question=question)
        case StepKind.ASSIGNED, Words(who):
            return replace(now, assigned=who)
        case StepKind.INFORMATION_WANTED, _:
            return replace(now, wanted=step)
        case StepKind.INFORMATION_GIVEN, _:
            return replace(now, wanted=None)
        case StepKind.ANSWERED, _:
            return replace(now, opinion=step, signed=None, ending=None)
        case StepKind.SIGNED, _:
            return replace(now, signed=step)
        case StepKind.CLOSED, Ending():
            return replace(now, ending=step)
    return now


def late(consult: Consult, day: date) -> bool:
    """Whether the answering site still owes an answer after the day it was due."""
    return consult.move is Move.ANSWERER and consult.question is not None and day > consult.question.due


def acted(consult: Consult) -> bool:
    """Whether the answer led to something at the asking site."""
    end = consult.ending
    return end is not None and isinstance(end.said, Ending) and end.said.closing is Closing.ACTED
