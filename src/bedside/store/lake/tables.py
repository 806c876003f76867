"""What the tables of the cohort questions consist of: files of one pinned generation, and rows that are sent.

Files are named by the manifest and never searched for. Of people only numbers are sent: which runs may be
counted, and in which group; tombstones, consent and groups are applied here, before an engine sees a row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bedside.errors import Tampered
from bedside.genome.variant import place_of
from bedside.store.lake import packed
from bedside.store.lake.carriers_file import CARRIERS, Hits, hits_table
from bedside.store.lake.evidence_file import column, keys_of, zygosities
from bedside.store.lake.files import by_digest, check
from bedside.store.lake.manifest import Entry, Part
from bedside.store.lake.stretches import chromosome_and_position
from bedside.store.lake.view import View

RUNS = pa.schema(
    [(name, pa.int64()) for name in ("run", "pid", "list", "group", "x_rows", "x_first", "x_last")]
)
WANTED = pa.schema([("key", pa.int64())])
SPANS = pa.schema([(name, pa.int64()) for name in ("key", "number", "first", "last")])
LOOKED = pa.schema([("chromosome", pa.int8()), ("start", pa.int32()), ("end", pa.int32())])
OWN = LOOKED.append(pa.field("state", pa.int8()))
FRESH = pa.schema([("tail", pa.string()), ("key", pa.int64()), ("zygosity", pa.int8())])
TAIL = 73
"""Letters at the end of a path that say a file's digest: `ab/cdef….parquet`."""


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Those an answer may count, in one generation: `runs` as the questions take it, `numbers` of the runs,
    and whether anybody has several."""

    view: View
    runs: pa.Table
    numbers: NDArray[np.intp]
    several: bool

    @property
    def lists(self) -> Mapping[str, int]:
        """The lists of stretches these runs share: digest and number."""
        used = np.unique(column(self.runs, "list")).tolist()
        digests = self.view.roster.shared[1]
        return {digests[number]: number for number in used if digests[number]}

    @property
    def fresh(self) -> list[Entry]:
        """The runs that are not merged yet, of those counted."""
        counted = set(self.numbers.tolist())
        return [entry for entry in self.view.manifest.fresh if entry.number in counted]


def counted(view: View, mask: NDArray[np.bool_], groups: NDArray[np.int64] | None = None) -> Counted:
    """The runs of a mask; with groups by number of run, only those that are in one (0 and up)."""
    roster = view.roster
    if groups is not None:
        mask = mask & (groups >= 0)
    numbers = np.flatnonzero(mask)
    pid = roster.person[numbers]
    lists = roster.shared[0][numbers] if len(numbers) else numbers
    group = np.zeros(len(numbers)) if groups is None else groups[numbers]
    columns = [numbers, pid, lists, group, *(each[numbers] for each in roster.x_copies)]
    table = pa.table([pa.array(np.asarray(each, np.int64)) for each in columns], schema=RUNS)
    return Counted(view, table, numbers, len(np.unique(pid)) < len(pid))


def paths_of(view: View, kind: str, numbers: Sequence[int]) -> list[str]:
    """The files of a kind that can hold rows of these chromosomes, checked to be there and of their size."""
    parts: list[Part] = [p for p in view.manifest.of(kind) if not p.chromosome or p.chromosome in numbers]
    for part in parts:
        check(view.folder / part.path, part.sha256, part.size)
    return [part.path for part in parts]


def digest_paths(view: View, root: str, digests: Sequence[str]) -> list[str]:
    """The files by digest under a folder of the lake, checked to be there."""
    paths = []
    for digest in dict.fromkeys(digests):
        path = by_digest(view.folder / root, digest)
        check(path, None)
        paths.append(str(path.relative_to(view.folder)))
    return paths


def tail_of(digest: str) -> str:
    """The end of the path of a file by digest."""
    return f"{digest[:2]}/{digest[2:]}.parquet"


def wanted_table(keys: NDArray[np.int64]) -> pa.Table:
    """Keys as a table."""
    return pa.table([pa.array(keys)], schema=WANTED)


def spans_table(view: View, keys: NDArray[np.int64]) -> pa.Table:
    """What each variant spans."""
    start = keys >> 30
    number, first = chromosome_and_position(start)
    last = first + view.reference_lengths(keys) - 1
    columns = [np.asarray(each, np.int64) for each in (keys, number, first, last)]
    return pa.table([pa.array(each) for each in columns], schema=SPANS)


def chromosomes_of(keys: NDArray[np.int64]) -> list[int]:
    """The numbers of the chromosomes of some keys."""
    return np.unique(keys >> 58).tolist()  # type: ignore[no-any-return]


def place_words(key: int) -> str:
    """Where a key is, for a message."""
    return "{}:{}".format(*place_of(key))


def unpacked(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Rows of the packed matrix (`key, packed`) as rows of carriers."""
    for batch in batches:
        table = pa.Table.from_batches([batch])
        table = table.set_column(1, "packed", table.column("packed").cast(pa.binary()))
        hits = packed.unpack(column(table, "key").astype(np.int64), packed.matrix_of(table))
        yield from hits_table(hits).to_batches()


def decoded(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Whole files of evidence (`path, content`) as what the carrier index needs of them. `Tampered` when a
    file is not what its digest says."""
    for batch in batches:
        for path, content in zip(batch.column("path"), batch.column("content"), strict=True):
            tail = path.as_py()[-TAIL:]
            buffer = content.as_buffer()
            if hashlib.sha256(buffer).hexdigest() != tail.removesuffix(".parquet").replace("/", ""):
                raise Tampered("a file of evidence is not what its digest says")
            keys, zygosity = _passed(buffer)
            columns = [pa.array([tail] * len(keys), pa.string()), pa.array(keys), pa.array(zygosity)]
            yield from pa.table(columns, schema=FRESH).to_batches()


def hits_from(table: pa.Table) -> Hits:
    """An answer's rows as hits, in order."""
    found = table.select(CARRIERS.names)
    order = pc.sort_indices(found, sort_keys=[("key", "ascending"), ("run", "ascending")])
    found = found.take(order)
    return Hits(
        column(found, "key").astype(np.int64),
        column(found, "run").astype(np.int32),
        column(found, "zygosity").astype(np.int8),
    )


def _passed(content: pa.Buffer) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    names = ["chromosome", "position", "reference", "alternate", "copies", "ploidy", "passed"]
    file = pq.ParquetFile(pa.BufferReader(content), page_checksum_verification=True)
    table = file.read(columns=names).replace_schema_metadata(None)
    table = table.filter(table.column("passed"))
    key = keys_of(table)
    new = np.concatenate(([True], key[1:] != key[:-1])) if len(key) else np.zeros(0, np.bool_)
    return key[new], zygosities(column(table, "copies"), column(table, "ploidy"))[new]
