"""The lake on plain Parquet: the contract's methods, each on the newest generation.

A question looks at the manifest first, so that an erasure or an admission by another process is seen at once,
then works on that generation to its end. When files it needs were merged away meanwhile, it asks again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
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
from bedside.store.lake import (
    admission,
    cohort_answers,
    compaction,
    erasure,
    group_counts,
    looked_at,
    person_answers,
    verification,
)
from bedside.store.lake.files import Missing, failing, remove
from bedside.store.lake.lake import EVERYBODY, Among, Run, Snapshot
from bedside.store.lake.levels import Shelf
from bedside.store.lake.manifest import NAME, Manifest, load, lock, save, sweep
from bedside.store.lake.roster import public_run
from bedside.store.lake.view import View

Answer = TypeVar("Answer")
DEFAULT_SHAPE = compaction.Shape()
_ATTEMPTS = 5


def open_lake(folder: Path) -> ParquetLake:
    """The lake in a folder, which is made by the first genome stored."""
    return ParquetLake(folder)


class ParquetLake:
    """See `lake.Lake`. Threads may share one; processes each open their own."""

    def __init__(
        self, folder: Path, pinned: Manifest | None = None, shape: compaction.Shape = DEFAULT_SHAPE
    ) -> None:
        self.folder, self.shape = folder, shape
        self._shelf = Shelf(folder)
        self._pinned = pinned
        self._view: View | None = None
        self._stamp: tuple[int, ...] = ()
        self._new_lists: list[str] = []
        self._counted: tuple[object, list[str]] | None = None
        self._guard = threading.RLock()
        self._local = threading.local()
        self._connection: Any = None

    def store(self, genome: Genome, person: str, result: str, *, confirmed: bool = True) -> Run:
        """Write a run's files, durable when this returns, invisible until admitted."""
        view = self.view()
        often = self._often(view)
        known = list(dict.fromkeys((*often[: admission.CANDIDATES - 2], *self._new_lists[-2:])))
        with self._writing():
            run, looked = admission.store(self._shelf, known, genome, person, result, confirmed)
        if looked not in self._new_lists and looked not in often:
            self._new_lists.append(looked)
        return run

    def admit(self, runs: Sequence[Run], ledger_sequence: int) -> Snapshot:
        """Make stored runs visible; those that are already in, or were erased, change nothing."""
        snapshot = self._change(lambda view: admission.admitted(view, runs, ledger_sequence))
        remove(self.folder, [f"waiting/{run.run}" for run in runs])
        return snapshot

    def erase(self, person: str, ledger_sequence: int) -> Snapshot:
        """From the next question on nobody counts the person."""
        return self._change(lambda view: admission.erased(view, person, ledger_sequence))

    def compact(self, whole: bool = False) -> Snapshot:
        """Merge fresh runs into a batch, and batches into the base when there are many (or `whole`), then
        write the caches. Others may store, admit, erase and ask meanwhile."""
        with self._merging():
            view = self.view()
            after = compaction.merged(view, self.shape, whole)
            if after is not view.manifest:
                with self._writing():
                    save(self.folder, compaction.taken_over(load(self.folder), view.manifest, after))
            self._tidy()
        return self.snapshot()

    def purge(self) -> tuple[str, ...]:
        """Delete what is only of erased people and rewrite what they shared; the digests that are gone."""
        with self._merging():
            view = self.view()
            after, digests = erasure.purged(view)
            if after is not view.manifest:
                with self._writing():
                    kept = admission.waiting(self.folder)
                    save(self.folder, erasure.taken_over(load(self.folder), after, kept))
                self._delete_doomed()
                self._shelf.forget()
            self._tidy()
        return tuple(digests)

    def proof_of_erasure(self, person: str, runs: Sequence[Run] = ()) -> erasure.Erasure:
        """Ask again about somebody erased, and look for the files of the runs the ledger knew."""
        return self._ask(lambda view: erasure.proof(view, person, runs))

    def rebuild_cache(self) -> None:
        """Write every cache anew from the Parquet."""
        with self._merging():
            for level in self.view().levels.names():
                self.view().levels.build_cache(level)
            self.view().levels.tidy_caches()

    def verify(self) -> int:
        """Read every file again; how many there are. `Tampered` says everything that is wrong."""
        return self._ask(verification.verified)

    def snapshot(self) -> Snapshot:
        """The newest generation."""
        return self._ask(lambda view: view.snapshot)

    def carriers(self, keys: NDArray[np.int64], among: Among = EVERYBODY) -> pa.Table:
        """Everybody who carries any of these variants: one row a person and variant, with the run that is
        believed."""
        return self._ask(lambda view: cohort_answers.carriers(view, keys, among))

    def hashed_alleles(self, keys: NDArray[np.int64]) -> pa.Table:
        """The pairs of alleles that the lake has for those of the keys that hash theirs."""
        return self._ask(lambda view: cohort_answers.hashed_alleles(view, keys))

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

    def allele_counts(self, region: Region, groups: Mapping[str, str], among: Among = EVERYBODY) -> pa.Table:
        """For each variant that begins in the region and each group: copies seen and strands tested."""
        return self._ask(lambda view: group_counts.allele_counts(view, region, groups, among))

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

    def _often(self, view: View) -> list[str]:
        """The shared lists of stretches, the most used first; counted anew after a merge."""
        if self._counted is None or self._counted[0] is not view.merged:
            counts = np.bincount(view.roster.shared[0]) if view.roster.count else np.zeros(0, np.int64)
            order = np.argsort(-counts, kind="stable").tolist()
            self._counted = view.merged, [view.roster.shared[1][place] for place in order]
        return self._counted[1]

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

    @contextmanager
    def _merging(self) -> Iterator[None]:
        """Hold the lock of merges; first finish what one that was killed left undone."""
        if self._pinned is not None:
            raise StoreError("a pinned lake is read only")
        with lock(self.folder, "merge"):
            self._delete_doomed()
            yield

    def _delete_doomed(self) -> None:
        with self._writing():
            manifest = load(self.folder)
            if manifest.doomed:
                remove(self.folder, manifest.doomed)
                save(self.folder, replace(manifest, doomed=()))

    def _tidy(self) -> None:
        """Delete files no generation needs, and give every level a cache."""
        with self._writing():
            sweep(self.folder, load(self.folder))
        levels = self.view().levels
        for level in levels.names():
            if not levels.has_cache(level):
                levels.build_cache(level)
        levels.tidy_caches()

    def _cursor(self) -> Any:
        """A DuckDB cursor of this thread; DuckDB is imported when a question first needs it."""
        if not hasattr(self._local, "cursor"):
            import duckdb

            with self._guard:
                if self._connection is None:
                    self._connection = duckdb.connect()
            self._local.cursor = self._connection.cursor()
        return self._local.cursor
