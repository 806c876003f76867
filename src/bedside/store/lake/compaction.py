"""Merging levels: fresh runs into a batch, batches into the base, the common variants into the matrix.

New files are written beside the old ones; only the manifest's replacement makes them count. Admissions and
erasures go on meanwhile: they are kept when the result is taken over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bedside.genome.region import CHROMOSOMES
from bedside.genome.variant import LAST_KEY, spelled_alleles
from bedside.store.lake import packed
from bedside.store.lake.carriers_file import (
    OWN,
    Hits,
    PartWriter,
    between,
    distinct_alleles,
    hits_of,
    hits_table,
    own_table,
    row_group_starts,
    together,
)
from bedside.store.lake.evidence_file import column
from bedside.store.lake.manifest import Entry, Manifest, Part
from bedside.store.lake.roster import ROW_GROUP, runs_table
from bedside.store.lake.view import View

BATCH_RUNS = 1_000
BATCH_ROWS = 40_000_000
MOST_BATCHES = 8
_PIECE = 8_000_000


@dataclass(frozen=True, slots=True)
class Shape:
    """When a variant goes into the matrix: seen on this share of strands, and on so many; it leaves again
    below half of that."""

    common_share: float = 0.01
    common_least: int = 64

    def threshold(self, runs: int) -> float:
        """Copies from which on a variant is common among so many runs."""
        return max(self.common_least, 2 * self.common_share * runs)


def merged(view: View, shape: Shape, whole: bool) -> Manifest:
    """The generation after a merge; the same one when there is nothing to merge. `whole`: into the base,
    however few batches there are."""
    manifest = view.manifest
    batches = list(_batches(manifest.fresh))
    levels = [level for level in view.levels.names() if level != "base"]
    if not batches and not (whole and levels):
        return manifest
    added = [part for entries in batches for part in _batch(view, entries)]
    after = replace(manifest, parts=(*manifest.parts, *added), fresh=(), merged=manifest.next_number)
    if whole or len(levels) + len(batches) > MOST_BATCHES:
        after = replace(after, parts=tuple(_base(View(view.shelf, after, None, view), shape)))
    return after


def taken_over(now: Manifest, before: Manifest, after: Manifest) -> Manifest:
    """The merge's result with what was admitted and erased while it ran."""
    kept = {part.path for part in after.parts}
    old = tuple(part.path for part in before.parts if part.path not in kept)
    return replace(
        now,
        generation=now.generation + 1,
        parts=after.parts,
        merged=after.merged,
        fresh=tuple(entry for entry in now.fresh if entry.number >= after.merged),
        before=old,
    )


def _batches(fresh: Sequence[Entry]) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    for entry in fresh:
        rows = sum(each.records for each in batch) + entry.records
        if batch and (len(batch) == BATCH_RUNS or rows > BATCH_ROWS):
            yield batch
            batch = []
        batch.append(entry)
    if batch:
        yield batch


def _batch(view: View, entries: list[Entry]) -> list[Part]:
    """The files of a first-level batch."""
    runs = entries[0].number, entries[-1].number
    level = f"{view.manifest.generation + 1:09d}-{runs[0]:09d}"
    alive = [entry for entry in entries if entry.number not in view.manifest.erased]

    def writer(kind: str) -> PartWriter:
        return PartWriter(view.folder, kind, level, f"{kind}/l1/{level}.parquet", runs)

    with writer("carriers") as carriers:
        for number in range(1, len(CHROMOSOMES) + 1):
            low, high = number << 58, number + 1 << 58
            rows = (view.shelf.fresh(entry).between(entry.number, low, high) for entry in alive)
            carriers.write(hits_table(together(rows)))
        parts = carriers.finish()
    with writer("alleles") as alleles:
        alleles.write(distinct_alleles([view.shelf.fresh(entry).alleles for entry in alive]))
        parts += alleles.finish()
    with writer("own") as own:
        if alive:
            each = [view.shelf.own(entry.regions) for entry in alive]
            numbers = np.repeat([entry.number for entry in alive], [len(one) for one in each])
            start, end, state = (
                np.concatenate([getattr(one, name) for one in each]) for name in ("start", "end", "state")
            )
            own.write(own_table(start, end, state, numbers.astype(np.int32)))
        parts += own.finish()
    with writer("runs") as table:
        table.write(runs_table(entries), ROW_GROUP)
        parts += table.finish()
    return parts


def _base(view: View, shape: Shape) -> list[Part]:
    """A new base of everything that is merged."""
    manifest, folder = view.manifest, view.folder
    name = f"{manifest.generation + 1:09d}"
    runs = 0, manifest.merged - 1
    hashed: list[NDArray[np.int64]] = []
    parts: list[Part] = []
    with ExitStack() as stack:
        matrix = PartWriter(folder, "packed", "base", f"common/{name}.parquet", runs)
        stack.enter_context(matrix)
        for number in range(1, len(CHROMOSOMES) + 1):
            path = f"carriers/base/{name}/chrom={number:02d}/part.parquet"
            with PartWriter(folder, "carriers", "base", path, runs, number) as carriers:
                for low, high in _pieces(view, number):
                    rare, common = _split(view, shape, low, high)
                    carriers.write(hits_table(rare))
                    matrix.write(common, max(1, packed.GROUP_BYTES // packed.width(manifest.merged)))
                    keys = np.unique(np.concatenate((rare.key, column(common, "key"))))
                    hashed.append(keys[keys >> 29 & 1 == 1])
                parts += carriers.finish()
        parts += matrix.finish()
    parts += _base_tables(view, name, runs, np.concatenate(hashed))
    return parts


def _base_tables(view: View, name: str, runs: tuple[int, int], hashed: NDArray[np.int64]) -> list[Part]:
    """The base's alleles, own stretches and runs."""
    folder, manifest = view.folder, view.manifest
    parts: list[Part] = []
    with PartWriter(folder, "alleles", "base", f"alleles/base/{name}.parquet", runs) as alleles:
        tables = [between(folder, part, 0, LAST_KEY) for part in manifest.of("alleles")]
        whole = distinct_alleles(tables)
        alleles.write(whole.filter(pa.array(np.isin(column(whole, "key"), hashed))))
        parts += alleles.finish()
    with PartWriter(folder, "own", "base", f"own/base/{name}.parquet", runs) as own:
        for number in range(1, len(CHROMOSOMES) + 1):
            span = number << 28, number + 1 << 28
            pieces = [between(folder, part, *span, "place") for part in manifest.of("own")]
            table = pa.concat_tables([OWN.empty_table(), *pieces])
            table = table.filter(pa.array(view.roster.alive[column(table, "run")]))
            order = np.lexsort((column(table, "run"), column(table, "place")))
            own.write(table.take(pa.array(order)))
        parts += own.finish()
    with PartWriter(folder, "runs", "base", f"runs/base/{name}.parquet", runs) as table:
        for part in manifest.of("runs"):
            table.write(between(folder, part, 0, 1 << 31, "number"), ROW_GROUP)
        parts += table.finish()
    return parts


def _pieces(view: View, number: int) -> Iterator[tuple[int, int]]:
    """Stretches of keys of a chromosome that hold a bounded number of rows in all levels together."""
    low, high = number << 58, number + 1 << 58
    groups = []
    for part in view.manifest.of("carriers"):
        if part.chromosome in (0, number):
            groups += [g for g in row_group_starts(view.folder, part) if low <= g[0] < high]
    bounds, rows = [low], 0
    for start, count in sorted(groups):
        if rows + count > _PIECE and start > bounds[-1]:
            bounds.append(start)
            rows = 0
        rows += count
    yield from zip(bounds, [*bounds[1:], high], strict=True)


def _split(view: View, shape: Shape, low: int, high: int) -> tuple[Hits, pa.Table]:
    """The rows of a stretch of keys: rare ones as they are, common ones as rows of the matrix."""
    alive, runs = view.roster.alive, view.manifest.merged
    tables = [
        between(view.folder, part, low, high)
        for part in view.manifest.of("carriers")
        if part.chromosome in (0, low >> 58)
    ]
    hits = together(hits_of(table) for table in tables)
    hits = hits.take(alive[hits.run])
    sites, rows = np.zeros(0, np.int64), np.zeros((0, packed.width(runs)), np.uint8)
    for part in view.manifest.of("packed"):
        table = between(view.folder, part, low, high)
        if len(table):
            sites = column(table, "key").astype(np.int64)
            rows = packed.widened(packed.matrix_of(table), runs)
            rows = packed.without_runs(rows, np.flatnonzero(~alive[:runs]))
    keys = np.unique(np.concatenate((hits.key, sites)))
    copies = np.zeros(len(keys), np.int64)
    np.add.at(copies, np.searchsorted(keys, hits.key), packed.COPIES[hits.zygosity])
    at = np.searchsorted(keys, sites)
    copies[at] += packed.copies(rows)
    threshold = np.full(len(keys), shape.threshold(int(alive[:runs].sum())), np.float64)
    threshold[at] /= 2
    common = (copies >= threshold) & (copies > 0)
    stays = common[at]
    hits = together((packed.unpack(sites[~stays], rows[~stays]), hits))
    row = np.searchsorted(keys[common], hits.key)
    inside = common[np.searchsorted(keys, hits.key)]
    matrix = packed.pack(int(common.sum()), runs, row[inside], hits.take(inside))
    matrix[np.searchsorted(keys[common], sites[stays])] |= rows[stays]
    return hits.take(~inside), packed.packed_table(keys[common], _alleles(view, keys[common]), matrix)


def _alleles(view: View, keys: NDArray[np.int64]) -> list[tuple[str, str]]:
    """Reference and alternate of each key; of two with one hash, the first."""
    spelled = [spelled_alleles(int(key)) for key in keys]
    if all(spelled) or not len(keys):
        return [pair for pair in spelled if pair]
    known = view.levels.alleles(int(keys[0]), int(keys[-1]) + 1)
    names = ("key", "reference", "alternate")
    pairs = {k: (r, a) for k, r, a in zip(*(known.column(n).to_pylist() for n in names), strict=True)}
    return [pair or pairs[int(key)] for key, pair in zip(keys, spelled, strict=True)]
