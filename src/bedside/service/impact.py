"""What a release would mean, worked out before it is adopted, beside the page that shows how far it is.

Long work runs on a thread of its own, tells its steps, and stops when somebody says so: nothing has been
written then. The adoption goes the same way and ends whole or not at all.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path

import polars as pl

from bedside.errors import BedsideError, RequestError
from bedside.genome.event import EventKind, NewEvent
from bedside.knowledge.catalogue import release_folders
from bedside.knowledge.clinvar.keep import RECORDS, releases_root
from bedside.service.house import House
from bedside.service.reanalyse import SOURCE, Accepted, Asked, Reanalysed
from bedside.service.reanalyse_release import reanalyse_to

_KEPT = 8


class Stage(Enum):
    """Where a piece of work is."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


class _StopAsked(Exception):
    """Somebody said stop."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A stored release of ClinVar that is not in force, by name, and whether it is newer than the one that
    is."""

    name: str
    date: str
    records: int
    newer: bool


@dataclass(slots=True)
class Work:
    """One look at a release (or its adoption): its steps so far, and what came of it. stopped_by: the limits
    it breaks, which a person must let pass; the rows are worked out all the same."""

    id: str
    release: str
    adopts: bool
    started: datetime
    steps: list[str] = field(default_factory=list)
    stage: Stage = Stage.RUNNING
    done: Reanalysed | None = None
    limits: Reanalysed | None = None
    problem: str = ""
    asked_by: str = ""
    ended: threading.Event = field(default_factory=threading.Event)
    stop: threading.Event = field(default_factory=threading.Event)

    def tell(self, text: str) -> None:
        """Take a step; raises when somebody said stop."""
        if self.stop.is_set() and not self.adopts:
            raise _StopAsked
        if text:
            self.steps.append(text)


class Workshop:
    """The work of one served house, the last few kept."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._work: OrderedDict[str, Work] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, work: str) -> Work | None:
        """A piece of work by its id."""
        return self._work.get(work)

    def preview(self, release: str, asked_by: str) -> Work:
        """Begin to work out what a release would mean. Nothing is written."""
        return self._begin(release, asked_by, None)

    def adopt(self, release: str, actor: str, accepted: Accepted) -> Work:
        """Begin to adopt a release. Who says so and why is in the record first."""
        payload = {"page": "reanalysis", "adopts": release, "by": accepted.by, "reason": accepted.reason}
        now = self._house.clock()
        self._house.ledger.append([NewEvent(EventKind.ACCESSED, actor, now, payload=payload)])
        return self._begin(release, actor, accepted)

    def _begin(self, release: str, asked_by: str, accepted: Accepted | None) -> Work:
        if all(one.name != release for one in waiting_releases(self._house)):
            raise RequestError.one("release", "is not stored here, or is in force already")
        with self._lock:
            if any(one.stage is Stage.RUNNING for one in self._work.values()):
                raise RequestError.one(
                    "release", "another look at a release is running", remedy="wait for it, or stop it"
                )
            adopts = accepted is not None
            work = Work(secrets.token_urlsafe(9), release, adopts, self._house.clock(), asked_by=asked_by)
            self._work[work.id] = work
            while len(self._work) > _KEPT:
                self._work.popitem(last=False)
        threading.Thread(target=self._run, args=(work, accepted), name="bedside-impact", daemon=True).start()
        return work

    def _run(self, work: Work, accepted: Accepted | None) -> None:
        try:
            if accepted is None:
                self._look(work)
            else:
                asked = Asked(actor=work.asked_by, accepted=accepted, tell=work.tell)
                work.done = reanalyse_to(self._house, work.release, asked)
            work.stage = Stage.DONE
        except _StopAsked:
            work.stage = Stage.STOPPED
        except BedsideError as error:
            work.stage, work.problem = Stage.FAILED, str(error)
        except Exception as error:  # noqa: BLE001  the page must end, and the log holds no patient data
            work.stage, work.problem = Stage.FAILED, type(error).__name__
        finally:
            work.ended.set()

    def _look(self, work: Work) -> None:
        """The limits as they stand, and the rows as they would be if a person let the release pass."""
        asked = Asked(actor=work.asked_by, dry_run=True, tell=work.tell)
        first = reanalyse_to(self._house, work.release, asked)
        if first.stopped:
            work.limits = first
            work.tell("the release breaks a limit; working out what it would mean all the same")
            passed = Accepted(work.asked_by, "a look only, nothing is written")
            asked = Asked(actor=work.asked_by, dry_run=True, accepted=passed, tell=work.tell)
            first = reanalyse_to(self._house, work.release, asked)
        work.tell("")
        work.done = first


def waiting_releases(house: House) -> tuple[Waiting, ...]:
    """The releases of ClinVar that are stored and not in force, newest first."""
    in_force = (house.ledger.release(SOURCE) or "").partition("#")[0]
    found = []
    for folder in release_folders(releases_root(house.settings)):
        name = f"{SOURCE}@{folder.name}"
        if folder.parent.name == SOURCE and name != in_force:
            found.append(Waiting(name, folder.name, _records(folder), name > in_force))
    return tuple(sorted(found, key=lambda one: one.date, reverse=True))


def _records(folder: Path) -> int:
    """How many records a stored release holds, without reading them; it is verified when it is looked at."""
    return int(pl.scan_parquet(folder / RECORDS).select(pl.len()).collect().item())


def by_kind(done: Reanalysed) -> Mapping[str, tuple[int, int]]:
    """For each kind of change: how many people and variants, and how many distinct people."""
    people: dict[str, set[str]] = {}
    for group in done.groups:
        people.setdefault(group.kind, set()).update(group.people)
    return {kind: (count, len(people[kind])) for kind, count in done.counts.items()}
