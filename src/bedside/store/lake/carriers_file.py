"""The levels of the carrier index as Parquet: variant by variant, who carries it.

carriers  key, run, zygosity            sorted by key, then run (a number of the table of runs)
alleles   key, reference, alternate     of the keys that only hash their alleles, each pair once
own       place, end, state, run        what runs saw otherwise than the list they share, by place
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bedside.errors import StoreError
from bedside.store.lake.evidence_file import column
from bedside.store.lake.files import arriving, digest_of, failing, open_parquet, settle, writing
from bedside.store.lake.manifest import Part

ROW_GROUP = 122_880
CARRIERS = pa.schema([("key", pa.int64()), ("run", pa.int32()), ("zygosity", pa.int8())])
ALLELES = pa.schema([("key", pa.int64()), ("reference", pa.string()), ("alternate", pa.string())])
OWN = pa.schema([("place", pa.int64()), ("end", pa.int64()), ("state", pa.int8()), ("run", pa.int32())])
PACKED = pa.schema(
    [
        ("key", pa.int64()),
        ("reference", pa.string()),
        ("alternate", pa.string()),
        ("packed", pa.binary()),
    ]
)
RUNS = pa.schema(
    [
        ("number", pa.int32()),
        ("person_number", pa.int32()),
        ("run", pa.string()),
        ("person", pa.string()),
        ("result", pa.string()),
        ("assay", pa.string()),
        ("evidence", pa.string()),
        ("regions", pa.string()),
        ("records", pa.int64()),
        ("confirmed", pa.bool_()),
        ("looked", pa.string()),
        ("x_rows", pa.int32()),
        ("x_first", pa.int32()),
        ("x_last", pa.int32()),
    ]
)
LONGEST = 1 << 20
"""Own stretches are cut into pieces of at most this many bases, so that a search by place is bounded."""

ENCODINGS: Mapping[str, str] = {
    "number": "DELTA_BINARY_PACKED",
    "person_number": "DELTA_BINARY_PACKED",
    "packed": "PLAIN",
    "key": "DELTA_BINARY_PACKED",
    "run": "DELTA_BINARY_PACKED",
    "place": "DELTA_BINARY_PACKED",
    "end": "DELTA_BINARY_PACKED",
}
_TEXT = pa.string()

SCHEMAS = {"carriers": CARRIERS, "alleles": ALLELES, "own": OWN, "packed": PACKED, "runs": RUNS}
"""The columns of each kind of file."""

SORTED_BY = {
    "carriers": ("key", "run"),
    "alleles": ("key",),
    "own": ("place",),
    "packed": ("key",),
    "runs": ("number",),
}


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """Rows of carriers: which key, run, zygosity; sorted by key and run."""

    key: NDArray[np.int64]
    run: NDArray[np.int32]
    zygosity: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.key)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Hits:
        """Some of the rows."""
        return Hits(self.key[rows], self.run[rows], self.zygosity[rows])


NO_HITS = Hits(np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int8))


def together(parts: Iterable[Hits]) -> Hits:
    """Rows of several places, in order. Of parts with a key in common the one with the lower runs comes
    first."""
    kept = [part for part in parts if len(part)]
    if not kept:
        return NO_HITS
    whole = Hits(
        *(np.concatenate([getattr(part, name) for part in kept]) for name in ("key", "run", "zygosity"))
    )
    if len(kept) == 1 or bool((whole.key[1:] >= whole.key[:-1]).all()):
        return whole
    return whole.take(np.argsort(whole.key, kind="stable"))


class PartWriter:
    """Writes one file of a level piece by piece, reads it back, sees that it is sorted, and gives it its
    name. Used as a context; without `finish` nothing remains."""

    def __init__(
        self, folder: Path, kind: str, level: str, path: str, runs: tuple[int, int], chromosome: int = 0
    ) -> None:
        self._folder, self._about = folder, (kind, level, path)
        self._runs, self._chromosome, self._rows = runs, chromosome, 0
        self._schema = SCHEMAS[kind]

    def __enter__(self) -> Self:
        self._exits = ExitStack()
        self._exits.enter_context(failing("written"))
        target = self._folder / self._about[2]
        self._temporary = self._exits.enter_context(arriving(target.parent))
        encodings = {
            f.name: ENCODINGS[f.name] for f in self._schema if f.name in ENCODINGS and f.type != _TEXT
        }
        self._writer = pq.ParquetWriter(self._temporary, self._schema, **writing(self._schema, encodings))
        self._exits.callback(self._writer.close)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return self._exits.__exit__(kind, error, trace)

    def write(self, table: pa.Table, row_group: int = ROW_GROUP) -> None:
        """Add rows, which come in order."""
        if len(table):
            self._writer.write_table(table.cast(self._schema), row_group_size=row_group)
            self._rows += len(table)

    def finish(self) -> list[Part]:
        """The file as a part of its level; none when nothing was written."""
        if not self._rows:
            return []
        self._writer.close()
        kind, level, path = self._about
        digest, size = digest_of(self._temporary), self._temporary.stat().st_size
        part = Part(kind, level, path, digest, size, self._rows, *self._runs, self._chromosome)
        assert_sorted(self._temporary, part)
        settle(self._temporary, self._folder / path)
        return [part]


def assert_sorted(path: Path, part: Part) -> None:
    """Read the sorting columns of a written file back; `StoreError` when a row is out of order."""
    names = SORTED_BY.get(part.kind)
    if names is None:
        return
    file = open_parquet(path)
    before: tuple[int, ...] | None = None
    rows = 0
    with failing("read"):
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, columns=list(names))
            columns = [column(table, name).astype(np.int64) for name in names]
            if len(table):
                if not _in_order(columns) or (before is not None and before > tuple(c[0] for c in columns)):
                    raise StoreError(f"a file of {part.kind} was written out of order; nothing was changed")
                before = tuple(int(c[-1]) for c in columns)
            rows += len(table)
    if rows != part.rows:
        raise StoreError(f"a file of {part.kind} does not hold what was written; nothing was changed")


def between(folder: Path, part: Part, low: int, high: int, name: str = "key") -> pa.Table:
    """The rows of a part whose sorting column lies from `low` up to, without, `high`."""
    file = open_parquet(folder / part.path, part.sha256, part.size)
    with failing("read"):
        place = file.schema_arrow.names.index(name)
        spans = [file.metadata.row_group(g).column(place).statistics for g in range(file.num_row_groups)]
        groups = [g for g, span in enumerate(spans) if span.max >= low and span.min < high]
        table = file.read_row_groups(groups)
        values = column(table, name)
    first, last = np.searchsorted(values, [low, high])
    return table.slice(int(first), int(last - first))


def row_group_starts(folder: Path, part: Part) -> list[tuple[int, int]]:
    """The first key of each row group, and how many rows it has."""
    file = open_parquet(folder / part.path, part.sha256, part.size)
    with failing("read"):
        groups = (file.metadata.row_group(g) for g in range(file.num_row_groups))
        return [(int(group.column(0).statistics.min), group.num_rows) for group in groups]


def hits_of(table: pa.Table) -> Hits:
    """Rows of carriers as arrays."""
    return Hits(
        column(table, "key").astype(np.int64),
        column(table, "run").astype(np.int32),
        column(table, "zygosity").astype(np.int8),
    )


def hits_table(hits: Hits) -> pa.Table:
    """Rows of carriers as a table."""
    return pa.table([hits.key, hits.run, hits.zygosity], schema=CARRIERS)


def distinct_alleles(tables: Sequence[pa.Table]) -> pa.Table:
    """Each pair of alleles once, sorted by key."""
    whole = pa.concat_tables([ALLELES.empty_table(), *(table.cast(ALLELES) for table in tables)])
    single = whole.group_by(ALLELES.names).aggregate([])
    order = [(name, "ascending") for name in ALLELES.names]
    return single.select(ALLELES.names).take(pc.sort_indices(single, sort_keys=order))


def own_table(
    start: NDArray[np.int64], end: NDArray[np.int64], state: NDArray[np.int8], run: NDArray[np.int32]
) -> pa.Table:
    """Own stretches of many runs, cut into pieces and sorted by place."""
    pieces = (end - start) // LONGEST + 1
    row = np.repeat(np.arange(len(start)), pieces)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    first = start[row] + nth * LONGEST
    last = np.minimum(end[row], first + LONGEST - 1)
    order = np.lexsort((run[row], first))
    columns = [first[order], last[order], state[row][order], run[row][order]]
    return pa.table(columns, schema=OWN)


def _in_order(columns: Sequence[NDArray[np.int64]]) -> bool:
    first = columns[0]
    if len(columns) == 1:
        return bool((first[1:] >= first[:-1]).all())
    second = columns[1]
    return bool(((first[1:] > first[:-1]) | (first[1:] == first[:-1]) & (second[1:] > second[:-1])).all())
