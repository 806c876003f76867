"""Where a run looked, as Parquet by digest: shared lists of stretches, and the runs' own files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from bedside.errors import Tampered
from bedside.store.lake.evidence_file import column
from bedside.store.lake.files import failing, open_parquet, parquet_bytes
from bedside.store.lake.looked import Own
from bedside.store.lake.stretches import Stretches, chromosome_and_position, place

ROW_GROUP = 122_880
ENCODINGS = {"start": "DELTA_BINARY_PACKED", "end": "DELTA_BINARY_PACKED"}
SHARED = b"bedside.looked"
"""Metadata of a run's own file: the digest of the list it shares."""


def shared_bytes(stretches: Stretches) -> bytes:
    """A shared list: chromosome, start, end."""
    return parquet_bytes(_table(stretches.start, stretches.end), ROW_GROUP, ENCODINGS)


def own_bytes(own: Own, shared: str) -> bytes:
    """A run's own stretches: chromosome, start, end, state, and in the metadata which list it shares."""
    table = _table(own.start, own.end).append_column("state", pa.array(own.state))
    return parquet_bytes(table.replace_schema_metadata({SHARED: shared}), ROW_GROUP, ENCODINGS)


def read_shared(path: Path, digest: str) -> Stretches:
    """A shared list."""
    file = open_parquet(path, digest)
    with failing("read"):
        start, end = _places(file.read())
    if bool((start[1:] <= end[:-1]).any()):
        raise Tampered("a list of stretches is not sorted")
    return Stretches(start, end)


def read_own(path: Path, digest: str) -> tuple[Own, str]:
    """A run's own stretches, and the digest of the list it shares."""
    file = open_parquet(path, digest)
    with failing("read"):
        table = file.read()
    start, end = _places(table)
    if bool((start[1:] < start[:-1]).any()):
        raise Tampered("a run's list of stretches is not sorted")
    shared = (table.schema.metadata or {}).get(SHARED, b"").decode()
    return Own(start, end, column(table, "state").astype(np.int8)), shared


def _table(start: np.ndarray, end: np.ndarray) -> pa.Table:
    number, first = chromosome_and_position(start)
    return pa.table({"chromosome": number, "start": first, "end": chromosome_and_position(end)[1]})


def _places(table: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    number = column(table, "chromosome").astype(np.int64)
    return place(number, column(table, "start")), place(number, column(table, "end"))
