"""The matrix of common variants: two bits a run, one row a variant, as plain Parquet.

Column `packed` of a row holds, for run number n, bits 2 (n mod 4) and above of byte n div 4: 0 does not carry
the variant (which does not say that the place was seen), else the number of the zygosity.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bedside.store.lake.carriers_file import NO_HITS, PACKED, Hits

GROUP_BYTES = 2 << 20
"""How many bytes of matrix one row group holds, so that a gene's rows are read without the rest."""

_BYTES = np.arange(256)
CODES = np.stack([_BYTES >> 2 * lane & 3 for lane in range(4)], axis=1).astype(np.int8)
"""The four zygosities in a byte."""

COPIES = np.array([0, 1, 2, 1], np.int8)
"""How many copies each zygosity counts."""

_COPIES_OF_BYTE = COPIES[CODES].sum(axis=1).astype(np.int64)


def width(runs: int) -> int:
    """Bytes a row has for so many runs."""
    return (runs + 3) // 4


def pack(rows: int, runs: int, row: NDArray[np.intp], hits: Hits) -> NDArray[np.uint8]:
    """A matrix with the zygosity of each hit in its row; one run has at most one hit in a row."""
    matrix = np.zeros((rows, width(runs)), np.uint8)
    for lane in range(4):
        here = hits.run & 3 == lane
        at = row[here], hits.run[here] >> 2
        matrix[at] |= (hits.zygosity[here].astype(np.uint8) << 2 * lane).astype(np.uint8)
    return matrix


def unpack(keys: NDArray[np.int64], matrix: NDArray[np.uint8]) -> Hits:
    """Every carrier in some rows."""
    if not len(keys):
        return NO_HITS
    rows, bytes_ = np.nonzero(matrix)
    values = CODES[matrix[rows, bytes_]]
    which, lane = np.nonzero(values)
    run = (bytes_[which] << 2 | lane).astype(np.int32)
    return Hits(keys[rows[which]], run, values[which, lane])


def zygosities(row: NDArray[np.uint8], runs: int) -> NDArray[np.int8]:
    """The zygosity of every run in one row."""
    return CODES[row].reshape(-1)[:runs]


def copies(matrix: NDArray[np.uint8]) -> NDArray[np.int64]:
    """How many copies of its variant each row counts."""
    return _COPIES_OF_BYTE[matrix].sum(axis=1)  # type: ignore[no-any-return]


def widened(matrix: NDArray[np.uint8], runs: int) -> NDArray[np.uint8]:
    """The same rows with room for more runs."""
    wide = np.zeros((len(matrix), width(runs)), np.uint8)
    wide[:, : matrix.shape[1]] = matrix
    return wide


def without_runs(matrix: NDArray[np.uint8], runs: NDArray[np.integer]) -> NDArray[np.uint8]:
    """The same rows in which some runs carry nothing."""
    keep = np.full(matrix.shape[1], 255, np.uint8)
    for run in runs:
        if run >> 2 < len(keep):
            keep[run >> 2] &= 255 ^ 3 << 2 * (int(run) & 3)
    return matrix & keep


def matrix_of(table: pa.Table) -> NDArray[np.uint8]:
    """The rows of a table as a matrix."""
    if not len(table):
        return np.zeros((0, 0), np.uint8)
    chunks = []
    for chunk in table.column("packed").chunks:
        if len(chunk):
            _, offsets, data = chunk.buffers()
            places = np.frombuffer(offsets, np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
            chunks.append(np.frombuffer(data, np.uint8)[places[0] : places[-1]].reshape(len(chunk), -1))
    return np.concatenate(chunks) if len(chunks) > 1 else chunks[0]


def packed_table(
    keys: NDArray[np.int64], alleles: list[tuple[str, str]], matrix: NDArray[np.uint8]
) -> pa.Table:
    """Rows as a table."""
    row = matrix.shape[1]
    offsets = (np.arange(len(keys) + 1, dtype=np.int64) * row).astype(np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(matrix))]
    packed = pa.Array.from_buffers(pa.binary(), len(keys), buffers)
    reference, alternate = ([pair[side] for pair in alleles] for side in (0, 1))
    columns = [pa.array(keys), pa.array(reference, pa.string()), pa.array(alternate, pa.string()), packed]
    return pa.table(columns, schema=PACKED)
