"""The ledger's contract: append-only events in one order, durable when `append` returns.

`SqlLedger` keeps it on SQLite and on PostgreSQL; the same contract tests run on both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

from bedside.errors import InputError, StoreError
from bedside.genome.code import Code
from bedside.genome.consent import Said, Scope, Stage
from bedside.genome.event import Event, EventKind, NewEvent
from bedside.genome.person import Identifier, Medication, Person, Problem
from bedside.genome.record import HeldResult
from bedside.genome.task import Task
from bedside.interpret.gene_call import GeneCall


@dataclass(frozen=True, slots=True)
class Content:
    """Something events point to by digest: canonical JSON of an observation, a gene's call or an assay.

    `digest` is the sha256 of `body`. Equal content is stored once.
    """

    digest: str
    kind: str
    gene: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The ledger's head at one moment, to be kept elsewhere: a chain alone does not show that its tail was
    cut."""

    sequence: int
    hash: str

    def __str__(self) -> str:
        return f"{self.sequence}:{self.hash}"


def read_checkpoint(path: Path) -> Checkpoint:
    """The checkpoint kept in a file, as `bedside audit verify` prints it: `sequence:hash`."""
    try:
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError.one(path.name, "cannot be read as a checkpoint", remedy="check the path") from error
    sequence, _, digest = text.partition(":")
    if not sequence.isdecimal() or len(digest) != 64 or set(digest) - set("0123456789abcdef"):
        raise InputError.one(
            path.name, "is no checkpoint", line=1, remedy="a checkpoint is written sequence:hash"
        )
    return Checkpoint(int(sequence), digest)


class Overtaken(StoreError):
    """Something was written meanwhile that the append did not know of; nothing of it was written."""


@dataclass(frozen=True, slots=True)
class Unless:
    """A condition of an append: that no event of this kind, nor of one of the others in `also`, was written
    after this place in the ledger."""

    kind: EventKind
    after: int
    also: tuple[EventKind, ...] = ()

    @property
    def kinds(self) -> tuple[EventKind, ...]:
        """Every kind that must not have come."""
        return (self.kind, *self.also)


@dataclass(frozen=True, slots=True)
class Card:
    """A card once shown: which, about whom, when, the event that holds its inputs and trace, and the service
    that showed it.
    """

    uuid: str
    person: str | None
    known_at: datetime
    sequence: int
    content: Mapping[str, Any]
    service: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """That a result is in the ledger: whose it is, and whether it was withdrawn."""

    person: str
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class GenomeRun:
    """A run the ledger knows, by the places of the events that stored and (if it was) erased it. evidence:
    sha256 of its file."""

    run: str
    person: str
    result: str
    evidence: str
    records: int
    stored: int
    erased: int | None = None


@dataclass(frozen=True, slots=True)
class Alike:
    """People whose last decision about a layer was the same and stands the same by age.

    stage: of a guardian's decision on the day asked about, of one's own on the day it was said. later: said
    for a day after the one asked about. said has no time: people said it on different days.
    """

    scope: Scope
    said: Said
    stage: Stage
    later: bool
    people: tuple[str, ...]


class Ledger(Protocol):
    """Append-only, hash-chained, bitemporal. Every method may raise `StoreError`.

    Reads that name no time answer from projections, which are written in the transaction of the events.
    """

    def append(
        self, events: Sequence[NewEvent], contents: Iterable[Content] = (), unless: Unless | None = None
    ) -> tuple[Event, ...]:
        """Write all events or none, with content and projections, in one transaction; on disk when this
        returns.

        Raises `Overtaken` when `unless` came true. Answers one event per event given; where kind and key were
        there before, the event that was there.
        """
        ...

    def events(
        self,
        *,
        person: str | None = None,
        kinds: Sequence[EventKind] = (),
        known_at: datetime | None = None,
        after: int = 0,
    ) -> Iterator[Event]:
        """Events in the order written, optionally of one person, of some kinds, as known at a time.

        Those of a person include the adoptions of releases, which concern everybody's meanings.
        """
        ...

    def find(self, kind: EventKind, key: str) -> Event | None:
        """The event of this kind that was written under this key."""
        ...

    def content(self, digests: Collection[str]) -> Mapping[str, bytes]:
        """The bodies of content by digest, each checked against its digest. `StoreError` when one is
        missing."""
        ...

    def checkpoint(self) -> Checkpoint:
        """The head of the chain, to be kept elsewhere."""
        ...

    def verify(self, checkpoint: Checkpoint | None = None) -> int:
        """Walk the hash chain; the number of events, or `Tampered` naming the first that does not fit.

        With a checkpoint, also `Tampered` when the ledger no longer reaches or no longer passes through it.
        """
        ...

    def person(self, person: str) -> Person | None:
        """Demographics, or None when nobody of that id was registered."""
        ...

    def find_person(self, identifier: Identifier) -> str | None:
        """Whose identifier this is."""
        ...

    def numbered(self, number: str) -> frozenset[str]:
        """Everybody who has this number from anybody; spaces in a number do not count."""
        ...

    def people(self, text: str = "", limit: int = 50, offset: int = 0) -> tuple[Person, ...]:
        """Everybody registered or with a result whose name or id contains the text, ordered by family
        name."""
        ...

    def count_people(self, text: str = "") -> int:
        """How many `people` would answer without a limit."""
        ...

    def medications(self, person: str) -> tuple[Medication, ...]:
        """Current and ended medications, in order of code."""
        ...

    def problems(self, person: str) -> tuple[Problem, ...]:
        """Present and past problems, in order of code."""
        ...

    def results(self, person: str) -> tuple[HeldResult, ...]:
        """All results of a person, oldest first, withdrawn ones marked."""
        ...

    def held(self, results: Collection[str]) -> dict[str, Held]:
        """Which of these results are there: whose, and whether withdrawn."""
        ...

    def all_results(self, after: int = 0) -> Iterator[HeldResult]:
        """Every result of everybody accepted after a place in the ledger, in the order accepted."""
        ...

    def person_calls(self, person: str) -> Mapping[str, GeneCall]:
        """The meanings in force, gene by gene, merged over the person's clinical results (see
        `current_view`)."""
        ...

    def calls(self, digests: Collection[str]) -> Mapping[str, GeneCall]:
        """Gene calls by digest; distinct calls are kept in memory."""
        ...

    def people_on(self, drugs: Collection[Code]) -> frozenset[str]:
        """People who currently take one of these drugs (matched on system and code)."""
        ...

    def people_on_any(self, among: Collection[str] | None = None) -> frozenset[str]:
        """People (of `among`, or all) who currently take any drug."""
        ...

    def gene_answers(self, gene: str, among: Collection[str] | None = None) -> Mapping[str, frozenset[str]]:
        """For each person (or those of `among`) the distinct calls that clinical results in force give a
        gene."""
        ...

    def answers_of(
        self, genes: Collection[str], among: Collection[str] | None = None
    ) -> Mapping[str, Mapping[str, frozenset[str]]]:
        """`gene_answers` of several genes, in one reading."""
        ...

    def tasks(self, person: str | None = None, *, open_only: bool = True) -> tuple[Task, ...]:
        """Tasks of a person or of everybody, those due first at the front."""
        ...

    def card(self, uuid: str) -> Card | None:
        """A card once shown, by its uuid."""
        ...

    def cards(self, person: str, since: datetime | None = None) -> tuple[Card, ...]:
        """The cards shown about a person, newest first."""
        ...

    def feedback(self, card: str) -> tuple[Event, ...]:
        """What was answered to a card, in the order received."""
        ...

    def release(self, source: str) -> str | None:
        """The knowledge release last adopted from a source (`cpic`), as `cpic@2025-11-05#3f2a…`."""
        ...

    def last_adoption(self) -> int:
        """The place in the ledger of the last adoption of any release; 0 when there was none."""
        ...

    def consents(self, person: str) -> Mapping[Scope, Said]:
        """What was last said of each layer that was ever spoken of, before age is looked at."""
        ...

    def decisions(self, scopes: Collection[Scope], on: date, majority: int) -> tuple[Alike, ...]:
        """The last decisions of everybody about some layers, together where they stand alike on a day."""
        ...

    def genome_runs(self, person: str | None = None, after: int = 0) -> tuple[GenomeRun, ...]:
        """Runs of a person or of everybody, stored after a place in the ledger, in that order; erased ones
        are there and marked."""
        ...

    def count_genome_runs(self) -> int:
        """How many runs are stored and not erased."""
        ...

    def people_with_genome(self) -> tuple[str, ...]:
        """Everybody who has a stored run that is not erased."""
        ...

    def people_erased(self) -> frozenset[str]:
        """Everybody who had stored runs and has none left."""
        ...

    def genome_changed(self, since: Sequence[int], most: int) -> frozenset[str] | None:
        """Whom the events after a look at `genome_moved` concern; None when there are more than `most`."""
        ...

    def genome_moved(self) -> tuple[int, ...]:
        """Places in the ledger that change when consent, a genome or somebody's demographics do; cheap."""
        ...

    def close(self) -> None:
        """Release the connections."""
        ...
