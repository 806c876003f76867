"""The words of an eConsult: one site asks another about a person, step by step.

Each step is written by one site and never changes. `clock` is one more than the highest clock its author had
seen, so that steps stand in the order of cause, whatever the clocks on the walls say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum


class Urgency(Enum):
    """How soon an answer is needed. How many working days each means is the site's policy."""

    ROUTINE = "routine"
    SOON = "soon"
    URGENT = "urgent"


class StepKind(Enum):
    """What can happen to an eConsult."""

    ASKED = "asked"
    RECEIVED = "received"
    ASSIGNED = "assigned"
    INFORMATION_WANTED = "information-wanted"
    INFORMATION_GIVEN = "information-given"
    ANSWERED = "answered"
    SIGNED = "signed-off"
    RETURNED = "returned"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


BY_ASKER = frozenset({StepKind.ASKED, StepKind.INFORMATION_GIVEN, StepKind.CLOSED, StepKind.WITHDRAWN})
"""The steps that only the asking site writes; all others are the answering site's."""


class Closing(Enum):
    """What the asking site did with an answer."""

    ACTED = "acted on"
    DECLINED = "not followed"


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a packet: what kind of facts, and the facts as a table of texts.

    `kind` is an open word (`genotypes`, `medicines`), so that a later program may send more kinds; what is
    not known is shown all the same.
    """

    kind: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Packet:
    """What leaves the house about a person. identified: whether it says who the person is."""

    identified: bool
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, why, how soon, by which day, and with which packet."""

    text: str
    reason: str
    urgency: Urgency
    due: date
    packet: Packet


@dataclass(frozen=True, slots=True)
class Words:
    """A step that is only said: who takes it, what is wanted, why it is returned or withdrawn."""

    text: str


@dataclass(frozen=True, slots=True)
class Information:
    """More about the person, as asked for."""

    text: str
    packet: Packet


@dataclass(frozen=True, slots=True)
class Opinion:
    """The answer: what is advised, what it rests on, and the knowledge release it was given under."""

    text: str
    evidence: tuple[str, ...]
    release: str


@dataclass(frozen=True, slots=True)
class Signature:
    """That somebody answers for an opinion, named by its step."""

    opinion: str


@dataclass(frozen=True, slots=True)
class Ending:
    """What came of the answer at the asking site, and why."""

    closing: Closing
    reason: str


Said = Question | Words | Information | Opinion | Signature | Ending

SAID: dict[StepKind, type[Said]] = {
    StepKind.ASKED: Question,
    StepKind.RECEIVED: Words,
    StepKind.ASSIGNED: Words,
    StepKind.INFORMATION_WANTED: Words,
    StepKind.INFORMATION_GIVEN: Information,
    StepKind.ANSWERED: Opinion,
    StepKind.SIGNED: Signature,
    StepKind.RETURNED: Words,
    StepKind.CLOSED: Ending,
    StepKind.WITHDRAWN: Words,
}
"""What each kind of step says."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. consult: the id of the eConsult, which is also that of its first step. after: the steps its
    author had seen last. by, role: who did it, and as what. at: the time on the author's clock, for people
    to read only."""

    consult: str
    asker: str
    answerer: str
    step: str
    kind: StepKind
    clock: int
    by: str
    role: str
    at: datetime
    said: Said
    after: tuple[str, ...] = field(default=())

    @property
    def site(self) -> str:
        """The site that wrote it."""
        return self.asker if self.kind in BY_ASKER else self.answerer

    @property
    def other(self) -> str:
        """The site it goes to."""
        return self.answerer if self.kind in BY_ASKER else self.asker
