"""Who is in the lake: runs by number, the people they belong to, and who may be counted in an answer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bedside.errors import Tampered
from bedside.genome.evidence import AssayKind
from bedside.store.lake.carriers_file import RUNS
from bedside.store.lake.files import failing, open_parquet
from bedside.store.lake.lake import Run
from bedside.store.lake.manifest import Entry, Part

ROW_GROUP = 8_192


def runs_table(entries: Sequence[Entry]) -> pa.Table:
    """The table of some runs."""
    columns = [[getattr(entry, name) for entry in entries] for name in RUNS.names]
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, RUNS, strict=True)], schema=RUNS)


@dataclass(slots=True, eq=False)
class Merged:
    """The runs of the merged levels, read column by column when a question needs one."""

    folder: Path
    parts: tuple[Part, ...]
    columns: dict[str, pa.ChunkedArray]

    def column(self, name: str) -> pa.ChunkedArray:
        """One column of all merged runs, in order of their numbers."""
        if name not in self.columns:
            kind = RUNS.field(name).type
            chunks: list[pa.Array] = []
            for part in self.parts:
                file = open_parquet(self.folder / part.path, part.sha256, part.size)
                with failing("read"):
                    chunks += file.read(columns=[name]).column(0).cast(kind).chunks
            self.columns[name] = pa.chunked_array(chunks, kind)
        return self.columns[name]

    def entries(self, numbers: Sequence[int]) -> list[Entry]:
        """What is known of some runs; only the row groups that hold them are read."""
        found: dict[int, Entry] = {}
        for part in self.parts:
            wanted = [n for n in numbers if part.first_run <= n <= part.last_run]
            if wanted:
                found |= self._of(part, wanted)
        return [found[number] for number in numbers]

    def _of(self, part: Part, wanted: list[int]) -> dict[int, Entry]:
        file = open_parquet(self.folder / part.path, part.sha256, part.size)
        found: dict[int, Entry] = {}
        with failing("read"):
            for group in range(file.num_row_groups):
                span = file.metadata.row_group(group).column(0).statistics
                here = [n for n in wanted if span.min <= n <= span.max]
                if here:
                    table = file.read_row_group(group)
                    rows = table.filter(pc.is_in(table.column("number"), pa.array(here, pa.int32())))
                    found |= {row["number"]: Entry(**row) for row in rows.to_pylist()}
        return found


class Roster:
    """The runs of one generation: merged ones and fresh ones as one list, by number."""

    def __init__(self, merged: Merged, fresh: tuple[Entry, ...], count: int, erased: frozenset[int]) -> None:
        self._merged, self._fresh, self.count = merged, fresh, count
        self._first_fresh = count - len(fresh)
        self._erased = erased
        self._masks: dict[tuple[int, bool], tuple[object, NDArray[np.bool_]]] = {}

    @cached_property
    def alive(self) -> NDArray[np.bool_]:
        """Which runs are not erased."""
        alive = np.ones(self.count, np.bool_)
        alive[list(self._erased)] = False
        return alive

    @cached_property
    def person(self) -> NDArray[np.int32]:
        """The person's number of each run."""
        return self._numbers("person_number", np.int32)

    @cached_property
    def confirmed(self) -> NDArray[np.bool_]:
        """Which runs may be used in the clinic."""
        return self._numbers("confirmed", np.bool_)

    @cached_property
    def several(self) -> bool:
        """Whether anybody has more than one run."""
        alive = self.person[self.alive]
        return len(np.unique(alive)) < len(alive)

    @cached_property
    def x_copies(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
        """How many rows of X each run has, and where its single copies begin and end."""
        rows, first, last = (self._numbers(name, np.int32) for name in ("x_rows", "x_first", "x_last"))
        return rows, first, last

    @cached_property
    def shared(self) -> tuple[NDArray[np.int32], tuple[str, ...]]:
        """For each run which list of stretches it shares, and the digests of the lists."""
        column = self.texts("looked").dictionary_encode()
        codes = column.indices.to_numpy(zero_copy_only=False).astype(np.int32)
        return codes, tuple(column.dictionary.to_pylist())

    @cached_property
    def people(self) -> pa.StringArray:
        """The person of each run."""
        return self.texts("person")

    @cached_property
    def run_names(self) -> pa.StringArray:
        """The name of each run."""
        return self.texts("run")

    def numbers_of(self, person: str) -> list[int]:
        """The runs of a person, oldest first, erased ones left out."""
        found: list[int] = []
        if self._first_fresh:
            same = pc.equal(self._merged.column("person"), pa.scalar(person))
            found = np.flatnonzero(same.to_numpy()).tolist()
        found += [entry.number for entry in self._fresh if entry.person == person]
        return [number for number in found if number not in self._erased]

    def run_names_among(self, names: Collection[str]) -> list[str]:
        """Which of some runs are here, erased ones too."""
        wanted = set(names)
        found = [entry.run for entry in self._fresh if entry.run in wanted]
        if self._first_fresh and wanted:
            runs = self._merged.column("run")
            here = pc.is_in(runs, value_set=pa.array(sorted(wanted), pa.string()))
            found += runs.filter(here).to_pylist()
        return found

    def among_runs(self, names: Collection[str]) -> NDArray[np.bool_]:
        """Which runs have one of these names."""
        if not self.count:
            return np.zeros(0, np.bool_)
        here = pc.is_in(self.run_names, value_set=pa.array(sorted(names), pa.string()))
        return here.to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]

    def entries(self, numbers: Sequence[int]) -> list[Entry]:
        """What is known of some runs, in the order asked."""
        old = self._merged.entries([n for n in numbers if n < self._first_fresh])
        found = {entry.number: entry for entry in old} | {
            n: self._fresh[n - self._first_fresh] for n in numbers if n >= self._first_fresh
        }
        return [found[number] for number in numbers]

    def may_count(self, people: Collection[str] | None, clinical_only: bool) -> NDArray[np.bool_]:
        """Which runs an answer may use: not erased, of these people (None: everybody), confirmed if asked.

        Kept for the same frozenset or tuple, so that a large group is looked up once.
        """
        lasting = people is None or isinstance(people, frozenset | tuple)
        kept = self._masks.get((id(people), clinical_only)) if lasting else None
        if kept is not None and kept[0] is people:
            return kept[1]
        mask = self.alive
        if people is not None:
            mask = mask & self._among(people)
        if clinical_only:
            mask = mask & self.confirmed
        if lasting:
            if len(self._masks) > 32:
                self._masks.clear()
            self._masks[id(people), clinical_only] = (people, mask)
        return mask

    def _among(self, people: Collection[str]) -> NDArray[np.bool_]:
        if not self.count:
            return np.zeros(0, np.bool_)
        wanted = pa.array(list(people), pa.string())
        return pc.is_in(self.people, value_set=wanted).to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]

    def texts(self, name: str) -> pa.StringArray:
        """One column of text of the table of runs, by number."""
        fresh = pa.array([getattr(entry, name) for entry in self._fresh], pa.string())
        chunks = [chunk for chunk in (*self._merged.column(name).chunks, fresh) if len(chunk)]
        return self._whole(pa.concat_arrays(chunks or [fresh]))

    def _numbers(self, name: str, kind: type) -> NDArray[Any]:
        fresh: NDArray[Any] = np.array([getattr(entry, name) for entry in self._fresh], kind)
        whole: NDArray[Any] = np.concatenate((self._merged.column(name).to_numpy(), fresh)).astype(kind)
        self._whole(whole)
        return whole

    def _whole(self, column: Any) -> Any:
        if len(column) != self.count:
            raise Tampered("the table of runs does not hold the runs that the manifest counts")
        return column


def public_run(entry: Entry) -> Run:
    """A run as the contract says it."""
    return Run(
        run=entry.run,
        person=entry.person,
        result=entry.result,
        assay=AssayKind(entry.assay),
        evidence=entry.evidence,
        regions=entry.regions,
        records=entry.records,
        confirmed=entry.confirmed,
    )
