"""The lake on plain Parquet: the contract's methods, each on the newest generation.

A question looks at the manifest first, so that an erasure or an admission by another process is seen at once,
then works on that generation to its end. When files it needs were merged away meanwhile, it asks again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bedside.errors import StoreError
from bedside.genome.evidence import Genome
from bedside.genome.presence import Presence
from bedside.genome.region import Region
from bedside.genome.variant import Variant
from bedside.store.lake import admission, cohort_answers, looked_at, person_answers
from bedside.store.lake.files import Missing, failing
from bedside.store.lake.lake import EVERYBODY, Among, Run, Snapshot
from bedside.store.lake.levels import Shelf
from bedside.store.lake.manifest import NAME, Manifest, load, lock, save
from bedside.store.lake.roster import public_run
from bedside.store.lake.view import View

Answer = TypeVar("Answer")
_ATTEMPTS = 5


def open_lake(folder: Path) -> ParquetLake:
    """The lake in a folder, which is made by the first genome stored."""
    return ParquetLake(folder)


class ParquetLake:
    """See `lake.Lake`. Threads may share one; processes each open their own."""

    def __init__(self, folder: Path, pinned: Manifest | None = None) -> None:
        self.folder = folder
        self._shelf = Shelf(folder)
        self._pinned = pinned
        self._view: View | None = None
        self._stamp: tuple[int, ...] = ()
        self._new_lists: list[str] = []
        self._guard = threading.RLock()
        self._local = threading.local()
        self._connection: Any = None

    def store(self, genome: Genome, person: str, result: str, *, confirmed: bool = True) -> Run:
        """Write a run's files, durable when this returns, invisible until admitted."""
        view = self.view()
        counts = np.bincount(view.roster.shared[0]) if view.roster.count else np.zeros(0, np.int64)
        often = [view.roster.shared[1][place] for place in np.argsort(-counts, kind="stable")]
        known = list(dict.fromkeys((*often[: admission.CANDIDATES - 2], *self._new_lists[-2:])))
        with self._writing():
            run, looked = admission.store(self._shelf, known, genome, person, result, confirmed)
        if looked not in self._new_lists and looked not in often:
            self._new_lists.append(looked)
        return run

    def admit(self, runs: Sequence[Run], ledger_sequence: int) -> Snapshot:
        """Make stored runs visible; those that are already in, or were erased, change nothing."""
        return self._change(lambda view: admission.admitted(view, runs, ledger_sequence))

    def erase(self, person: str, ledger_sequence: int) -> Snapshot:
        """From the next question on nobody counts the person."""
        return self._change(lambda view: admission.erased(view, person, ledger_sequence))

    def snapshot(self) -> Snapshot:
        """The newest generation."""
        return self._ask(lambda view: view.snapshot)

    def carriers(self, keys: NDArray[np.int64], among: Among = EVERYBODY) -> pa.Table:
        """Everybody who carries any of these variants: one row a person and variant, with the run that is
        believed."""
        return self._ask(lambda view: cohort_answers.carriers(view, keys, among))

    def variants(self, person: str, regions: Sequence[Region], among: Among = EVERYBODY) -> pa.Table:
        """The person's evidence rows that touch the regions."""
        return self._ask(lambda view: person_answers.variants(view, person, regions, among))

    def presence(
        self, person: str, variants: Sequence[Variant], among: Among = EVERYBODY
    ) -> tuple[Presence, ...]:
        """For each variant one of four answers."""
        return self._ask(lambda view: person_answers.presence(view, person, variants, among))

    def looked_at(self, person: str, region: Region, among: Among = EVERYBODY) -> pa.Table:
        """What of a region the person's runs looked at, all of them together."""
        return self._ask(lambda view: looked_at.looked_at(view, person, region, among))

    def presence_of(self, variant: Variant, among: Among = EVERYBODY) -> Mapping[str, Presence]:
        """Everybody's answer at one variant, without phase."""
        return self._ask(lambda view: cohort_answers.presence_of(view, variant, among))

    def tested(self, region: Region, among: Among = EVERYBODY) -> frozenset[str]:
        """Everybody of whom one run saw the whole region."""
        return self._ask(lambda view: cohort_answers.tested(view, region, among))

    def runs(self, person: str | None = None) -> tuple[Run, ...]:
        """Runs, oldest first, erased ones left out."""

        def answer(view: View) -> tuple[Run, ...]:
            alive = np.flatnonzero(view.roster.alive).tolist()
            numbers = alive if person is None else view.roster.numbers_of(person)
            return tuple(public_run(entry) for entry in view.roster.entries(numbers))

        return self._ask(answer)

    def export(self, person: str) -> Mapping[str, Any]:
        """Everything the lake holds of a person."""
        return self._ask(lambda view: person_answers.export(view, person))

    def pin(self) -> ParquetLake:
        """The lake as it is now, for a reader who asks several questions of one generation."""
        return ParquetLake(self.folder, self.view().manifest)

    def close(self) -> None:
        """Forget what is open."""
        with self._guard:
            if self._connection is not None:
                self._connection.close()
            self._connection, self._view, self._shelf = None, None, Shelf(self.folder)
            self._local = threading.local()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def view(self) -> View:
        """The newest generation, or the pinned one."""
        with self._guard:
            stamp = self._now()
            if self._view is None or (stamp != self._stamp and self._pinned is None):
                manifest = self._pinned or load(self.folder)
                self._view = View(self._shelf, manifest, self._cursor, self._view)
                self._stamp = stamp
            return self._view

    def _now(self) -> tuple[int, ...]:
        try:
            status = (self.folder / NAME).stat()
        except FileNotFoundError:
            return ()
        return status.st_mtime_ns, status.st_ino, status.st_size

    def _ask(self, question: Callable[[View], Answer]) -> Answer:
        for _ in range(_ATTEMPTS):
            view = self.view()
            try:
                return question(view)
            except Missing:
                if self._pinned is not None or self.view() is view:
                    raise
        raise StoreError("the lake changes faster than it can be read; ask again")

    def _change(self, change: Callable[[View], Manifest]) -> Snapshot:
        with self._writing():
            view = self.view()
            manifest = change(view)
            if manifest is not view.manifest:
                save(self.folder, manifest)
            return self.view().snapshot

    @contextmanager
    def _writing(self) -> Iterator[None]:
        if self._pinned is not None:
            raise StoreError("a pinned lake is read only")
        with lock(self.folder, "write"), failing("written"):
            yield

    def _cursor(self) -> Any:
        """A DuckDB cursor of this thread; DuckDB is imported when a question first needs it."""
        if not hasattr(self._local, "cursor"):
            import duckdb

            with self._guard:
                if self._connection is None:
                    self._connection = duckdb.connect()
            self._local.cursor = self._connection.cursor()
        return self._local.cursor
