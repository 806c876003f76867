"""The words of a measure: what is counted, when it counts as met, what ends it, and how the number is told.

One definition drives the number, the people and events behind it, and the tests of its own examples.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from bedside.genome.event import EventKind
from bedside.knowledge.provenance import Provenance

PERSON = "@person"
"""The path of whom an event is about; every other path leads into its payload."""
KEY = "@key"
"""The path of the key that makes an event idempotent."""
WHOLE = "@event."
"""Begins a path that leads from an entry of a list into the payload of its event."""


class MeasureKind(Enum):
    """What a measure watches: how care is done, what came of it, or the harm that doing so may bring."""

    PROCESS = "process"
    OUTCOME = "outcome"
    BALANCING = "balancing"


class Lead(Enum):
    """Whether it moves before the outcome does, or after."""

    LEADING = "leading"
    LAGGING = "lagging"


class Direction(Enum):
    """Which way is better."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


class Shape(Enum):
    """How the number is told. NO_EVENT: nothing in the record could say it."""

    INTERVAL = "interval"
    SHARE = "share"
    RATE = "rate"
    DISTRIBUTION = "distribution"
    NO_EVENT = "no-event"


class State(Enum):
    """What became of one that was counted. FAILED of an interval: it ended in another way."""

    MET = 0
    FAILED = 1
    WAITING = 2
    EXCLUDED = 3
    UNKNOWN = 4


class Prevails(Enum):
    """Which of two answers to one question holds."""

    FIRST = "first"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Pattern:
    """Events of one kind, those whose payload says what `where` asks for (path → words, one of them).

    each: the path of a list in the payload, each of whose entries is one (a card of an answer); paths lead
    into the entry then, and one of `where` that begins with `@event.` into the whole payload. key: the path
    that links it to what is counted, "" for none. of: the path there that it is linked to, "" for its key.
    by_person: it must be about the same person; and it then counts only when it is not earlier. reason: why
    it takes somebody out of the count.
    """

    kind: EventKind
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    each: str = ""
    key: str = ""
    of: str = ""
    by_person: bool = False
    reason: str = ""

    @property
    def table(self) -> Table:
        """Where its rows stand."""
        return (self.kind, self.each)

    @property
    def whole(self) -> Table:
        """Where the events stand that its rows are entries of."""
        return (self.kind, "")

    @property
    def name(self) -> str:
        """The kind of event as people read it, with the signal's name where it is one."""
        signal = self.where.get("signal", ())
        return f"{self.kind.value} ({' or '.join(signal)})" if signal else self.kind.value


Table = tuple[EventKind, str]
"""A kind of event, and the path of the list in its payload whose entries are the rows ("" for the event)."""


@dataclass(frozen=True, slots=True)
class Story:
    """An example: a few events, the moment it is asked at, and the figures it must give."""

    title: str
    kind: str
    at: datetime
    events: tuple[Mapping[str, Any], ...]
    expect: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure.

    counted: what it counts, one for each key ("" for each event). met, failed: what settles it, within
    `within_hours` or by the day that the path `deadline` names. ended: what takes it out (of an interval: the
    ends that compete). otherwise: what it is when nothing settled it in time. known: paths without which
    it is not known. value: the path whose words a distribution shares out. against: what a rate is divided
    by, told `per` so many. latest: of several with one key the last counts, not the first.
    counts, excludes: the definition in words. missing: what the record would have to say.
    """

    provenance: Provenance
    version: str
    kind: MeasureKind
    lead: Lead
    shape: Shape
    unit: str
    direction: Direction
    counts: str
    numerator: str
    excludes: str
    counted: tuple[Pattern, ...] = ()
    met: tuple[Pattern, ...] = ()
    failed: tuple[Pattern, ...] = ()
    ended: tuple[Pattern, ...] = ()
    against: tuple[Pattern, ...] = ()
    known: tuple[str, ...] = ()
    within_hours: float | None = None
    deadline: str = ""
    otherwise: State = State.WAITING
    prevails: Prevails = Prevails.FIRST
    latest: bool = False
    value: str = ""
    per: int = 100
    missing: str = ""
    examples: tuple[Story, ...] = ()

    @property
    def name(self) -> str:
        """Its name."""
        return self.provenance.name

    @property
    def title(self) -> str:
        """What people read above it."""
        return self.provenance.title

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """Every pattern it is made of."""
        return (*self.counted, *self.met, *self.failed, *self.ended, *self.against)

    def reads(self) -> Iterator[tuple[Table, str]]:
        """Every table and path that it reads."""
        for one in self.patterns:
            for path in (*one.where, one.key):
                if path.startswith(WHOLE):
                    yield one.whole, path.removeprefix(WHOLE)
                elif path:
                    yield one.table, path
            if not one.key and not one.where:
                yield one.table, PERSON
        linked = [one.of for one in self.patterns if one.of]
        for one in self.counted:
            for path in (*linked, *self.known, self.deadline, self.value):
                if path:
                    yield one.table, path


def reads_of(measures: Mapping[str, Measure] | tuple[Measure, ...]) -> Mapping[Table, tuple[str, ...]]:
    """Every table that some measures read, with the paths they read of it."""
    every = measures.values() if isinstance(measures, Mapping) else measures
    found: dict[Table, set[str]] = {}
    for one in every:
        for table, path in one.reads():
            found.setdefault(table, set()).add(path)
    return {table: tuple(sorted(paths)) for table, paths in found.items()}


def words_of(measures: Mapping[str, Measure]) -> tuple[str, ...]:
    """Every word that some measures ask for."""
    asked = {
        word
        for one in measures.values()
        for pattern in one.patterns
        for words in pattern.where.values()
        for word in words
    }
    return ("", *sorted(asked))
