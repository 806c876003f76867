"""A run's evidence as Parquet: one immutable file, sorted by key, small row groups.

The key itself is not written: chromosome, position and alleles spell it, and a column of 64-bit keys would
make the file 70 % larger. It is computed on reading, in the same order.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bedside.errors import StoreError, Tampered
from bedside.genome.evidence import Evidence
from bedside.genome.region import CHROMOSOME_NUMBER, Region
from bedside.genome.texts import Texts
from bedside.genome.variant import variant_keys
from bedside.store.lake.files import failing, open_parquet, parquet_bytes
from bedside.store.lake.stretches import place

ROW_GROUP = 20_000
ENCODINGS = {"position": "DELTA_BINARY_PACKED", "line": "DELTA_BINARY_PACKED"}
REACH = b"bedside.reach"
"""Metadata: how many bases beyond its position the longest reference allele reaches."""

X_COPIES = b"bedside.x"
"""Metadata: how many rows of X there are, and where single copies of it begin and end."""

NUMBERS = (
    "copies", "ploidy", "missing", "strands", "phase_set", "passed", "depth", "alternate_depth", "quality",
    "line", "moved",
)  # fmt: skip

_PLACE_BITS, _ALLELE_BITS = 28, 30


def evidence_bytes(evidence: Evidence) -> bytes:
    """The file of a run's evidence; `StoreError` when rows are not sorted by key or keys are not theirs."""
    key = evidence.key
    if bool((key[1:] < key[:-1]).any()):
        raise StoreError("evidence must be sorted by key")
    places = key >> _ALLELE_BITS
    columns = {
        "chromosome": (places >> _PLACE_BITS).astype(np.int8),
        "position": (places & (1 << _PLACE_BITS) - 1).astype(np.int32),
        "reference": arrow_texts(evidence.reference),
        "alternate": arrow_texts(evidence.alternate),
    }
    table = pa.table(columns | {name: getattr(evidence, name) for name in NUMBERS})
    lengths = evidence.reference.lengths
    if len(key) and not np.array_equal(keys_of(table), key):
        raise StoreError("a key of the evidence is not the key of its place and alleles")
    reach = int(lengths.max()) - 1 if len(lengths) else 0
    said = {REACH: str(reach), X_COPIES: _x_copies(evidence)}
    return parquet_bytes(table.replace_schema_metadata(said), ROW_GROUP, ENCODINGS)


def read_evidence(path: Path, digest: str, regions: Sequence[Region] | None = None) -> pa.Table:
    """The rows that touch any of the regions (all of them without), with `key` first; only row groups
    that can hold such a row are read."""
    file = open_parquet(path, digest)
    with failing("read"):
        reach = int((file.schema_arrow.metadata or {}).get(REACH, b"0"))
        spans = None if regions is None else _spans(regions)
        groups = [
            group
            for group in range(file.num_row_groups)
            if spans is None or _may_touch(file.metadata.row_group(group), spans, reach)
        ]
        table = file.read_row_groups(groups)
    table = table.replace_schema_metadata(None)
    if spans is not None and len(table):
        table = table.filter(_touching(table, spans, reach))
    key = keys_of(table)
    if bool((key[1:] < key[:-1]).any()):
        raise Tampered("a file of evidence is not sorted")
    return table.add_column(0, "key", pa.array(key))


def read_passed(path: Path, digest: str) -> tuple[NDArray[np.int64], NDArray[np.int8], pa.Table]:
    """Of one run, what the carrier index needs: keys and zygosity of the rows that passed, and key,
    reference and alternate of those whose alleles the key only hashes."""
    file = open_parquet(path, digest)
    names = ["chromosome", "position", "reference", "alternate", "copies", "ploidy", "passed"]
    with failing("read"):
        table = file.read(columns=names).replace_schema_metadata(None)
    passed = column(table, "passed").astype(np.bool_)
    table = table.filter(pa.array(passed))
    key = keys_of(table)
    kinds = zygosities(column(table, "copies"), column(table, "ploidy"))
    hashed = (key >> _ALLELE_BITS - 1 & 1).astype(np.bool_)
    alleles = table.select(["reference", "alternate"]).add_column(0, "key", pa.array(key))
    return key, kinds, alleles.filter(pa.array(hashed))


def zygosities(copies: NDArray[np.int8], ploidy: NDArray[np.int8]) -> NDArray[np.int8]:
    """The number of each row's zygosity: 3 one copy where one is expected, 2 both, 1 otherwise (a half
    call that carries the allele is at least heterozygous)."""
    both = (copies >= 2) & (copies == ploidy)
    return np.where(ploidy == 1, 3, np.where(both, 2, 1)).astype(np.int8)


def keys_of(table: pa.Table) -> NDArray[np.int64]:
    """The key of every row of a table with chromosome, position, reference and alternate."""
    chromosomes, positions = column(table, "chromosome"), column(table, "position")
    reference, alternate = texts_of(table, "reference"), texts_of(table, "alternate")
    return variant_keys(chromosomes, positions, reference, alternate)


def arrow_texts(texts: Texts) -> pa.Array:
    """Texts as an Arrow column, without copying."""
    buffers = pa.py_buffer(texts.offsets), pa.py_buffer(texts.data)
    return pa.StringArray.from_buffers(len(texts), *buffers)


def texts_of(table: pa.Table, name: str) -> Texts:
    """An Arrow column of text as `Texts`."""
    whole = table.column(name).combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], pa.string())
    if not len(whole):
        return Texts.of(())
    _, offsets, data = whole.buffers()
    places = np.frombuffer(offsets, np.int32)[whole.offset : whole.offset + len(whole) + 1]
    letters = np.frombuffer(data, np.uint8)[places[0] : places[-1]]
    return Texts((places - places[0]).astype(np.int32), letters)


def column(table: pa.Table, name: str) -> NDArray[Any]:
    """A column of numbers as numpy."""
    return table.column(name).to_numpy()  # type: ignore[no-any-return]


def _x_copies(evidence: Evidence) -> str:
    """How many rows of X there are, and between which positions they show one copy: `rows,first,last`. A
    person's copies of X at a place without a variant are read from it."""
    places = evidence.key >> 30
    here = places >> 28 == CHROMOSOME_NUMBER["chrX"]
    single = (places & (1 << 28) - 1)[here & (evidence.ploidy == 1)]
    first, last = (int(single[0]), int(single[-1])) if len(single) else (0, 0)
    return f"{int(here.sum())},{first},{last}"


def _spans(regions: Sequence[Region]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    numbers = np.array([region.number for region in regions], np.int64)
    starts = place(numbers, np.array([region.start for region in regions], np.int64))
    ends = place(numbers, np.array([region.end for region in regions], np.int64))
    order = np.argsort(starts, kind="stable")
    return starts[order], np.maximum.accumulate(ends[order]) if len(ends) else ends


def _may_touch(group: object, spans: tuple[NDArray[np.int64], NDArray[np.int64]], reach: int) -> bool:
    """Whether a row group's range of places, widened by the longest allele, meets a span."""
    chromosome, position = group.column(0).statistics, group.column(1).statistics  # type: ignore[attr-defined]
    if chromosome is None:
        return False
    low, high = int(chromosome.min), int(chromosome.max)
    one = low == high
    first = (low << _PLACE_BITS) + (int(position.min) if one else 0)
    last = (high << _PLACE_BITS) + (int(position.max) if one else (1 << _PLACE_BITS) - 1) + reach
    starts, ends = spans
    at = int(np.searchsorted(ends, first, side="left"))
    return at < len(starts) and bool(starts[at] <= last)


def _touching(table: pa.Table, spans: tuple[NDArray[np.int64], NDArray[np.int64]], reach: int) -> pa.Array:
    first = place(column(table, "chromosome"), column(table, "position"))
    last = first
    if reach:
        last = first + texts_of(table, "reference").lengths - 1
    starts, ends = spans
    at = np.searchsorted(starts, last, side="right") - 1
    return pa.array((at >= 0) & (ends[np.maximum(at, 0)] >= first))
