"""Reading the levels of one generation: carriers by key or by stretch, from the cache or from the Parquet."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bedside.genome.region import CHROMOSOMES
from bedside.store.lake import cache, packed
from bedside.store.lake.carriers_file import (
    ALLELES,
    LONGEST,
    NO_HITS,
    OWN,
    Hits,
    between,
    hits_of,
    row_group_starts,
    together,
)
from bedside.store.lake.evidence_file import column, read_passed
from bedside.store.lake.files import by_digest, failing, failing_duckdb, open_parquet
from bedside.store.lake.looked import Looked, Own
from bedside.store.lake.looked_file import read_own, read_shared
from bedside.store.lake.manifest import Entry, Manifest, Part
from bedside.store.lake.stretches import Stretches

_END = (1 << 63) - 1
_PIECE = 8_000_000
"""Rows that are read at a time when a level is walked through."""


@dataclass(frozen=True, slots=True, eq=False)
class FreshRun:
    """What a question needs of a run that is not merged: its carriers' rows and hashed alleles."""

    keys: NDArray[np.int64]
    zygosity: NDArray[np.int8]
    alleles: pa.Table

    def hits(self, number: int, keys: NDArray[np.int64]) -> Hits:
        """The rows of some keys (sorted, each once)."""
        at = np.searchsorted(self.keys, keys)
        inside = at < len(self.keys)
        at = at[inside]
        return self._rows(number, at[self.keys[at] == keys[inside]])

    def between(self, number: int, low: int, high: int) -> Hits:
        """The rows from one key up to, without, another."""
        first, last = np.searchsorted(self.keys, [low, high])
        return self._rows(number, np.arange(first, last))

    def _rows(self, number: int, at: NDArray[np.intp]) -> Hits:
        return Hits(self.keys[at], np.full(len(at), number, np.int32), self.zygosity[at])


class Shelf:
    """What a process keeps open between questions, by digest; nothing in it can become wrong."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._shared: dict[str, Stretches] = {}
        self._own: dict[str, Own] = {}
        self._fresh: dict[str, FreshRun] = {}
        self._sites: dict[str, NDArray[np.int64]] = {}
        self.caches: dict[str, tuple[cache.Csr, cache.Matrix] | None] = {}

    def evidence(self, digest: str) -> Path:
        """Where a file of evidence is."""
        return by_digest(self.folder / "evidence", digest)

    def regions(self, digest: str) -> Path:
        """Where a list of stretches is."""
        return by_digest(self.folder / "regions", digest)

    def shared(self, digest: str) -> Stretches:
        """A shared list of stretches."""
        if digest not in self._shared:
            if len(self._shared) > 64:
                self._shared.clear()
            self._shared[digest] = read_shared(self.regions(digest), digest)
        return self._shared[digest]

    def own(self, digest: str) -> Own:
        """A run's own stretches."""
        if digest not in self._own:
            if len(self._own) > 4_096:
                self._own.clear()
            self._own[digest] = read_own(self.regions(digest), digest)[0]
        return self._own[digest]

    def sites(self, part: Part) -> NDArray[np.int64]:
        """The keys of a matrix's rows."""
        if part.sha256 not in self._sites:
            self._sites.clear()
            file = open_parquet(self.folder / part.path, part.sha256, part.size)
            with failing("read"):
                self._sites[part.sha256] = column(file.read(columns=["key"]), "key")
        return self._sites[part.sha256]

    def looked(self, entry: Entry) -> Looked:
        """Where a run looked."""
        return Looked(self.shared(entry.looked), self.own(entry.regions))

    def forget(self) -> None:
        """Let go of everything that was read."""
        self._shared.clear()
        self._own.clear()
        self._fresh.clear()

    def fresh(self, entry: Entry) -> FreshRun:
        """The carriers' rows of a run that is not merged."""
        if entry.evidence not in self._fresh:
            if sum(len(run.keys) for run in self._fresh.values()) > 50_000_000:
                self._fresh.clear()
            keys, zygosity, alleles = read_passed(self.evidence(entry.evidence), entry.evidence)
            new = np.concatenate(([True], keys[1:] != keys[:-1])) if len(keys) else np.zeros(0, np.bool_)
            self._fresh[entry.evidence] = FreshRun(keys[new], zygosity[new], alleles)
        return self._fresh[entry.evidence]


class Levels:
    """The carriers of one generation."""

    def __init__(self, shelf: Shelf, manifest: Manifest, connect: Any) -> None:
        self._shelf, self._manifest, self._connect = shelf, manifest, connect
        self._fresh = [entry for entry in manifest.fresh if entry.number not in manifest.erased]

    def hits(self, keys: NDArray[np.int64]) -> Hits:
        """Every row of some keys (sorted, each once), erased runs among them."""
        parts: list[Hits] = []
        for level in self.names():
            opened = self._opened(level)
            try:
                if opened is None:
                    raise cache.Spoiled
                parts += [opened[0].hits(keys), packed.unpack(*opened[1].rows(keys))]
            except cache.Spoiled:
                self._throw_away(level)
                parts += self._from_parquet(self.of(level), keys)
        parts += [self._shelf.fresh(entry).hits(entry.number, keys) for entry in self._fresh]
        return together(parts)

    def between(self, low: int, high: int) -> tuple[Hits, NDArray[np.int64], NDArray[np.uint8]]:
        """Every row from one key up to, without, another: as hits, and as rows of the matrix."""
        parts: list[Hits] = []
        sites, matrix = np.zeros(0, np.int64), np.zeros((0, 0), np.uint8)
        for level in self.names():
            opened = self._opened(level)
            try:
                if opened is None:
                    raise cache.Spoiled
                rows, found = opened[0].between(low, high), opened[1].between(low, high)
            except cache.Spoiled:
                self._throw_away(level)
                rows, found = self._parquet_between(level, low, high)
            parts.append(rows)
            sites, matrix = found if level == "base" else (sites, matrix)
        parts += [self._shelf.fresh(entry).between(entry.number, low, high) for entry in self._fresh]
        return together(parts), sites, matrix

    def alleles(self, low: int, high: int) -> pa.Table:
        """The alleles of hashed keys from one up to, without, another, each pair once per level."""
        found = [between(self._shelf.folder, part, low, high) for part in self._manifest.of("alleles")]
        for entry in self._fresh:
            table = self._shelf.fresh(entry).alleles
            key = column(table, "key")
            found.append(table.filter(pa.array((key >= low) & (key < high))).cast(ALLELES))
        return pa.concat_tables([ALLELES.empty_table(), *found])

    def own(self, low: int, high: int) -> pa.Table:
        """Own stretches that may touch the places from `low` to `high`: place, end, state, run."""
        parts = self._manifest.of("own")
        found = [between(self._shelf.folder, p, low - LONGEST, high + 1, "place") for p in parts]
        starts, ends, states, runs = [], [], [], []
        for entry in self._fresh:
            own = self._shelf.own(entry.regions)
            near = (own.start <= high) & (own.end >= low)
            starts.append(own.start[near])
            ends.append(own.end[near])
            states.append(own.state[near])
            runs.append(np.full(int(near.sum()), entry.number, np.int32))
        if starts:
            columns = [np.concatenate(each) for each in (starts, ends, states, runs)]
            found.append(pa.table(columns, schema=OWN))
        return pa.concat_tables([OWN.empty_table(), *found])

    def names(self) -> list[str]:
        """The merged levels, base first."""
        return list(dict.fromkeys(part.level for part in self._manifest.parts))

    def of(self, level: str) -> list[Part]:
        """The files of carriers of a level, by chromosome, and its matrix."""
        kinds = ("carriers", "packed")
        return [part for part in self._manifest.parts if part.level == level and part.kind in kinds]

    def walk(self, part: Part) -> Iterator[Hits]:
        """A file of carriers in pieces between which no key is split."""
        starts = row_group_starts(self._shelf.folder, part)
        bounds, rows = [0], 0
        for low, count in starts:
            if rows + count > _PIECE and low > bounds[-1]:
                bounds.append(low)
                rows = 0
            rows += count
        for low, high in zip(bounds, [*bounds[1:], _END], strict=True):
            yield hits_of(between(self._shelf.folder, part, low, high))

    def walk_matrix(self, part: Part) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint8], pa.Table]]:
        """A matrix in pieces: keys, rows, and the table itself."""
        file = open_parquet(self._shelf.folder / part.path, part.sha256, part.size)
        for group in range(file.num_row_groups):
            with failing("read"):
                table = file.read_row_group(group)
            yield column(table, "key").astype(np.int64), packed.matrix_of(table), table

    def build_cache(self, level: str) -> None:
        """Write the cache of a level anew and forget others of its name."""
        parts = self.of(level)
        target = self._cache_folder(level)
        carriers = (hits for part in parts if part.kind == "carriers" for hits in self.walk(part))
        matrices = [part for part in parts if part.kind == "packed"]
        rows = ((keys, matrix) for part in matrices for keys, matrix, _ in self.walk_matrix(part))
        width = packed.width(matrices[0].last_run + 1) if matrices else 0
        with failing("written"):
            cache.build(target, [part.sha256 for part in parts], carriers, rows, width)
        self._shelf.caches.pop(target.name, None)

    def check_cache(self, level: str) -> None:
        """Read a level's cache whole; throw it away when it is not what was written."""
        opened = self._opened(level)
        if opened is None:
            return
        try:
            for number in range(1, len(CHROMOSOMES) + 1):
                opened[0].between(number << 58, number + 1 << 58)
                opened[1].between(number << 58, number + 1 << 58)
        except cache.Spoiled:
            self._throw_away(level)

    def has_cache(self, level: str) -> bool:
        """Whether a level can be asked from its cache."""
        return self._opened(level) is not None

    def tidy_caches(self) -> None:
        """Delete the caches of levels that are no more."""
        kept = {self._cache_folder(level).name for level in self.names()}
        root = self._shelf.folder / "cache"
        for folder in root.iterdir() if root.is_dir() else ():
            if folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)

    def _cache_folder(self, level: str) -> Path:
        sources = "".join(part.sha256 for part in self.of(level))
        return self._shelf.folder / "cache" / f"{level}-{hashlib.sha256(sources.encode()).hexdigest()[:16]}"

    def _opened(self, level: str) -> tuple[cache.Csr, cache.Matrix] | None:
        folder = self._cache_folder(level)
        if folder.name not in self._shelf.caches:
            sources = [part.sha256 for part in self.of(level)]
            self._shelf.caches[folder.name] = cache.open_cache(folder, sources)
        return self._shelf.caches[folder.name]

    def _throw_away(self, level: str) -> None:
        folder = self._cache_folder(level)
        if self._shelf.caches.get(folder.name) is not None:
            shutil.rmtree(folder, ignore_errors=True)
        self._shelf.caches[folder.name] = None

    def _from_parquet(self, parts: Sequence[Part], keys: NDArray[np.int64]) -> list[Hits]:
        carriers = [part for part in parts if part.kind == "carriers"]
        found = [parquet_hits(self._connect(), self._shelf.folder, carriers, keys)] if carriers else []
        for part in parts:
            if part.kind == "packed":
                found.append(self._packed_rows(part, keys))
        return found

    def _packed_rows(self, part: Part, keys: NDArray[np.int64]) -> Hits:
        own = self._shelf.sites(part)
        found = []
        file = open_parquet(self._shelf.folder / part.path, part.sha256, part.size)
        with failing("read"):
            bounds = np.cumsum(
                [0, *(file.metadata.row_group(g).num_rows for g in range(file.num_row_groups))]
            )
            rows = np.flatnonzero(np.isin(own, keys))
            for group in np.unique(np.searchsorted(bounds, rows, side="right") - 1).tolist():
                table = file.read_row_group(group, columns=["key", "packed"])
                table = table.filter(pa.array(np.isin(column(table, "key"), keys)))
                found.append(packed.unpack(column(table, "key"), packed.matrix_of(table)))
        return together(found)

    def _parquet_between(
        self, level: str, low: int, high: int
    ) -> tuple[Hits, tuple[NDArray[np.int64], NDArray[np.uint8]]]:
        rows, found = [], (np.zeros(0, np.int64), np.zeros((0, 0), np.uint8))
        number = low >> 58
        for part in self.of(level):
            if part.chromosome in (0, number):
                table = between(self._shelf.folder, part, low, high)
                if part.kind == "packed":
                    found = column(table, "key").astype(np.int64), packed.matrix_of(table)
                else:
                    rows.append(hits_of(table))
        return together(rows), found


def parquet_hits(connection: Any, folder: Path, parts: Sequence[Part], keys: NDArray[np.int64]) -> Hits:
    """The rows of some keys, read by DuckDB from plain Parquet. Order is made by numpy afterwards, since
    DuckDB 2.0 can return a sorted Arrow result out of order under some settings."""
    numbers = set((keys >> 58).tolist())
    wanted = [part for part in parts if not part.chromosome or part.chromosome in numbers]
    if not wanted or not len(keys):
        return NO_HITS
    for part in wanted:
        open_parquet(folder / part.path, part.sha256, part.size)
    paths = [str(folder / part.path) for part in wanted]
    connection.register("wanted", pa.table({"key": keys}))
    try:
        with failing_duckdb():
            found = connection.execute(
                "SELECT c.key, c.run, c.zygosity FROM read_parquet(?, hive_partitioning = false) c "
                "JOIN wanted w ON c.key = w.key",
                [paths],
            ).fetchnumpy()
    finally:
        connection.unregister("wanted")
    hits = Hits(*(np.asarray(found[name]) for name in ("key", "run", "zygosity")))
    return hits.take(np.lexsort((hits.run, hits.key)))
