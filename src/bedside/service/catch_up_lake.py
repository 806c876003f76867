"""Brings the lake up to what the ledger says: a process may have been killed between the two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bedside.genome.event import Event, EventKind
from bedside.genome.evidence import AssayKind
from bedside.store.sql_ledger import SqlLedger

if TYPE_CHECKING:
    from bedside.store.lake.lake import Lake, Run

_KINDS = (EventKind.GENOME_STORED, EventKind.GENOME_ERASED)


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """What was to be done: runs admitted, people erased, digests of files that are no more. False when
    nothing was."""

    admitted: tuple[str, ...] = ()
    erased: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.admitted or self.erased)


def catch_up(ledger: SqlLedger, lake: Lake, *, thorough: bool = False) -> CaughtUp:
    """Admit the runs that the ledger knows and the lake lacks, and erase whom it erased.

    Only what was written after the lake's newest generation is looked at, unless the ledger knows of more or
    fewer runs than the lake holds (a process was overtaken by another and killed): then, and with `thorough`,
    every run is compared. Files of a run are durable before the ledger knows of it, so a run that
    another process stored may be admitted here.
    """
    snapshot = lake.snapshot()
    thorough = thorough or ledger.count_genome_runs() != snapshot.runs
    after = 0 if thorough else snapshot.ledger_sequence
    events = list(ledger.events(kinds=_KINDS, after=after))
    if not events:
        return CaughtUp()
    erased: dict[str, int] = {}
    for event in events:
        if event.kind is EventKind.GENOME_ERASED:
            erased[str(event.person)] = event.sequence
    live = [
        event
        for event in events
        if event.kind is EventKind.GENOME_STORED and event.sequence > erased.get(str(event.person), 0)
    ]
    gone = [person for person in sorted(erased, key=erased.__getitem__) if _erase(lake, person, erased, live)]
    lacking = _lacking(lake, live, thorough=thorough)
    if lacking:
        lake.admit([run_of(event) for event in lacking], events[-1].sequence)
    purged = lake.purge() if gone else ()
    return CaughtUp(tuple(event.payload["run"] for event in lacking), tuple(gone), purged)


def _erase(lake: Lake, person: str, erased: Mapping[str, int], live: Sequence[Event]) -> bool:
    """Erase a person of whom the lake still holds a run that was stored before; whether there was one."""
    kept = {event.payload["run"] for event in live if event.person == person}
    if all(run.run in kept for run in lake.runs(person)):
        return False
    lake.erase(person, erased[person])
    return True


def _lacking(lake: Lake, live: Sequence[Event], *, thorough: bool) -> list[Event]:
    people = {str(event.person) for event in live}
    several = (lake.runs(),) if thorough else (lake.runs(person) for person in people)
    held = {run.run for runs in several for run in runs}
    return [event for event in live if event.payload["run"] not in held]


def run_of(event: Event) -> Run:
    """The run a `genome-stored` event describes."""
    from bedside.store.lake.lake import Run

    payload = event.payload
    return Run(
        run=payload["run"],
        person=str(event.person),
        result=payload["result"],
        assay=AssayKind(payload["assay"]),
        evidence=payload["evidence"],
        regions=payload["regions"],
        records=payload["records"],
        confirmed=payload.get("confirmed", True),
    )
