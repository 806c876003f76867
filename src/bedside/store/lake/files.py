"""Files of the lake: written whole or not at all, named by their digest, checked when they are opened.

A file is written under a temporary name, flushed, renamed, and its folder flushed. Parquet pages carry
checksums that are verified on reading; small files are compared with their digest the first time a process
opens them, large ones by size (`verify` reads every byte).
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bedside.errors import StoreError, Tampered

ARRIVING = ".arriving-"
"""How the name of a file begins that is not whole yet."""

CHECKED_WHOLE = 8 << 20
"""Files up to this many bytes are compared with their digest when they are first opened."""

_CHUNK = 1 << 20


class Missing(StoreError):
    """A file that the manifest or a run names is not there."""


def digest_of(path: Path) -> str:
    """The sha256 of a file's bytes."""
    seen = hashlib.sha256()
    with failing("read"), path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            seen.update(chunk)
    return seen.hexdigest()


@contextmanager
def failing(verb: str) -> Iterator[None]:
    """Turn what the operating system or Arrow say into `StoreError`, without naming a person."""
    try:
        yield
    except FileNotFoundError as error:
        raise Missing(f"a file of the lake is missing and could not be {verb}") from error
    except (OSError, pa.ArrowException) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise StoreError(f"a file of the lake could not be {verb}: {reason}") from error


@contextmanager
def failing_duckdb() -> Iterator[None]:
    """As `failing`, for what DuckDB reads: a file that went between the look at it and the reading is
    `Missing`, so that the question is asked again of the generation that replaced it."""
    import duckdb

    try:
        with failing("read"):
            yield
    except duckdb.Error as error:
        said = str(error)
        if "No files found" in said or "No such file" in said:
            raise Missing("a file of the lake is missing and could not be read") from error
        raise StoreError(f"a file of the lake could not be read: {type(error).__name__}") from error


def flush_folder(folder: Path) -> None:
    """Make renames in a folder last over a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def arriving(folder: Path) -> Iterator[Path]:
    """A temporary file in a folder, gone afterwards unless it was given a name."""
    with failing("written"):
        _make(folder)
        handle, name = tempfile.mkstemp(dir=folder, prefix=ARRIVING)
        os.close(handle)
        try:
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)


def settle(temporary: Path, target: Path) -> None:
    """Flush a written file and give it its name for good."""
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(temporary, target)
    flush_folder(target.parent)


def put_by_digest(folder: Path, content: bytes) -> str:
    """Keep bytes as `ab/cdef….parquet` of their sha256, once; the digest. On disk when this returns."""
    name = hashlib.sha256(content).hexdigest()
    target = by_digest(folder, name)
    if not target.exists():
        with arriving(folder.parent / "arriving") as temporary:
            temporary.write_bytes(content)
            _make(target.parent)
            settle(temporary, target)
    return name


def by_digest(folder: Path, name: str) -> Path:
    """Where a file of this digest is or would be."""
    if len(name) != 64 or set(name) - set("0123456789abcdef"):
        raise StoreError("a file of the lake is named by its sha256 in hexadecimal")
    return folder / name[:2] / f"{name[2:]}.parquet"


def parquet_bytes(table: pa.Table, row_group: int, encodings: Mapping[str, str]) -> bytes:
    """A table as Parquet, always the same bytes for the same table and library."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, row_group_size=row_group, **writing(table.schema, encodings))
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]


def writing(schema: pa.Schema, encodings: Mapping[str, str]) -> dict[str, Any]:
    """The options all our Parquet is written with; columns without an encoding get a dictionary."""
    return {
        "compression": "zstd",
        "compression_level": 3,
        "use_dictionary": [name for name in schema.names if name not in encodings],
        "column_encoding": dict(encodings),
        "write_page_checksum": True,
        "store_schema": True,
        "data_page_version": "2.0",
    }


def open_parquet(path: Path, digest: str | None = None, size: int | None = None) -> pq.ParquetFile:
    """A Parquet file for reading, checked as the module says."""
    check(path, digest, size)
    with failing("opened"):
        return pq.ParquetFile(path, page_checksum_verification=True, memory_map=True)


_CHECKED: set[tuple[str, str, int, int]] = set()


def check(path: Path, digest: str | None, size: int | None = None) -> None:
    """`Missing` when a file is not there, `Tampered` when it is not the one that was written."""
    with failing("opened"):
        status = path.stat()
    if size is not None and status.st_size != size:
        raise Tampered("a file of the lake has another size than was written")
    if digest is None or status.st_size > CHECKED_WHOLE:
        return
    seen = (str(path), digest, status.st_mtime_ns, status.st_size)
    if seen not in _CHECKED:
        if digest_of(path) != digest:
            raise Tampered(f"file {digest[:12]} of the lake is not what its digest says")
        _CHECKED.add(seen)


def remove(folder: Path, paths: Iterable[str]) -> None:
    """Delete files for good; those that are gone already are not missed."""
    with failing("deleted"):
        touched = set()
        for path in paths:
            (folder / path).unlink(missing_ok=True)
            touched.add((folder / path).parent)
        for parent in touched:
            if parent.is_dir():
                flush_folder(parent)


def _make(folder: Path) -> None:
    """A folder that lasts, with the folders above it."""
    if not folder.is_dir():
        if not folder.parent.is_dir():
            _make(folder.parent)
        folder.mkdir(exist_ok=True)
        flush_folder(folder.parent)
