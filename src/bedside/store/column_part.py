"""A second process that reads a part of the ledger's file as columns, so that both processors work.

It is this module, run by itself: it is told the file and the statements on its standard input, then one
stretch after another, and answers each with one Arrow stream a table. It only looks. Whatever goes wrong with
it, this process reads the stretch itself.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock, Thread
from typing import IO, Any

import pyarrow as pa

from bedside.store.column_text import parsed, texts
from bedside.store.sqlite_ledger import CONNECTED, Sqlite

Stretch = tuple[int, int]
"""The place after which it begins, and its last."""
Parts = list[pa.Table | None]
"""The rows of each table that was asked for; None for none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of one kind of event: the statement, and the paths whose words it answers with."""

    kind: str
    text: str
    paths: tuple[str, ...]


def read_with_another(
    file: Path, asked: Sequence[Asked], stretches: Sequence[Stretch], here: Callable[[int, int], Parts]
) -> list[Parts]:
    """Every stretch in order, read here or by a second process, whoever is free. Raises what `here` does."""
    found: list[Parts | None] = [None] * len(stretches)
    left, lock = list(enumerate(stretches)), Lock()

    def taken() -> tuple[int, Stretch] | None:
        with lock:
            return left.pop(0) if left else None

    def elsewhere(other: subprocess.Popen[bytes]) -> None:
        while (job := taken()) is not None:
            try:
                found[job[0]] = _ask(other, job[1], len(asked))
            except (OSError, ValueError, pa.ArrowException):
                with lock:
                    left.append(job)
                return

    with _another(file, asked) as other:
        if other is None:
            return [here(*one) for one in stretches]
        thread = Thread(target=elsewhere, args=(other,), daemon=True)
        thread.start()
        try:
            while thread.is_alive() or left:
                if (job := taken()) is not None:
                    found[job[0]] = here(*job[1])
                else:
                    thread.join(0.05)
        finally:
            other.kill()
            thread.join()
    return [one for one in found if one is not None]


@contextmanager
def _another(file: Path, asked: Sequence[Asked]) -> Iterator[subprocess.Popen[bytes] | None]:
    """The other process, ended with the block; None where none can be started."""
    command = [sys.executable, "-P", "-m", __name__]
    try:
        other = subprocess.Popen(  # noqa: S603 - our own module; what it is to read goes through its input
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    except OSError:
        yield None
        return
    assert other.stdin is not None
    assert other.stdout is not None
    told = {"file": str(file.resolve()), "asked": [asdict(one) for one in asked]}
    try:
        with suppress(OSError):
            other.stdin.write(json.dumps(told).encode() + b"\n")
        yield other
    finally:
        other.kill()
        other.wait()
        for pipe in (other.stdin, other.stdout):
            with suppress(OSError):
                pipe.close()


def _ask(other: subprocess.Popen[bytes], stretch: Stretch, number: int) -> Parts:
    """What the other process answers. Raises OSError or ValueError when it is gone or speaks nonsense."""
    assert other.stdin is not None
    assert other.stdout is not None
    other.stdin.write(json.dumps(stretch).encode() + b"\n")
    other.stdin.flush()
    sizes = json.loads(other.stdout.readline())
    if len(sizes) != number:
        raise ValueError("not one answer for each table")
    return [_table(_whole(other.stdout, size)) if size else None for size in sizes]


def _whole(source: IO[bytes], size: int) -> bytes:
    content = source.read(size)
    if len(content) != size:
        raise OSError("the answer ends too early")
    return content


def _table(content: bytes) -> pa.Table:
    with pa.ipc.open_stream(content) as stream:
        return stream.read_all()


def _bytes(table: pa.Table) -> Any:
    sink = pa.BufferOutputStream()
    whole = table.unify_dictionaries()
    with pa.ipc.new_stream(sink, whole.schema) as stream:
        stream.write_table(whole)
    return sink.getvalue()


def answer(source: IO[bytes], sink: IO[bytes]) -> None:
    """Answer stretches until nobody asks any more. Raises on anything wrong."""
    told = json.loads(source.readline())
    asked = [Asked(one["kind"], one["text"], tuple(one["paths"])) for one in told["asked"]]
    said = Sqlite(Path(told["file"]))
    connection = sqlite3.connect(f"{said.path.as_uri()}?mode=ro", uri=True, **CONNECTED)
    try:
        while line := source.readline():
            start, until = json.loads(line)
            found = texts(connection, said, [(one.kind, one.text) for one in asked], start, until)
            parts = [
                _bytes(parsed(text, one.paths)) if text else b""
                for text, one in zip(found, asked, strict=True)
            ]
            sink.write(json.dumps([len(one) for one in parts]).encode() + b"\n")
            for one in parts:
                sink.write(one)
            sink.flush()
    finally:
        connection.close()


if __name__ == "__main__":
    answer(sys.stdin.buffer, sys.stdout.buffer)
