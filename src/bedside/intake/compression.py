"""Bytes of a file as lines, whatever it is wrapped in: plain text, gzip, or bgzip. A cut or damaged wrapping
is an error.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import BinaryIO

from bedside.errors import IntakeError

CHUNK = 1 << 20
_BGZF_EXTRA = b"BC\x02\x00"
_BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_GZIP_OR_ZLIB = 31


class Unended(bytes):
    """A last line that no line end follows: the file may have been cut there."""


class Wrapping(Enum):
    """How a file's bytes are wrapped."""

    PLAIN = "plain"
    GZIP = "gzip"
    BGZIP = "bgzip"


def wrapping(start: bytes) -> Wrapping:
    """Told from a file's first bytes, never from its name."""
    if start[:2] != b"\x1f\x8b":
        return Wrapping.PLAIN
    return Wrapping.BGZIP if start[12:16] == _BGZF_EXTRA else Wrapping.GZIP


def peek(path: Path, size: int = 1 << 16) -> tuple[Wrapping, bytes]:
    """The wrapping and the first unwrapped bytes; raises `IntakeError` for an unreadable, empty or damaged
    file.
    """
    try:
        with path.open("rb") as file:
            start = file.read(size)
    except OSError as reason:
        raise _unreadable(path, reason) from reason
    if not start:
        raise IntakeError.one(path.name, "the file is empty", remedy="send the file again")
    how = wrapping(start)
    if how is Wrapping.PLAIN:
        return how, start
    return how, next(chunks(path), b"")


def chunks(path: Path) -> Iterator[bytes]:
    """Unwrapped bytes, about a megabyte a piece; raises `IntakeError` when the wrapping is cut or damaged."""
    try:
        with path.open("rb") as file:
            how = wrapping(file.read(18))
            if how is Wrapping.BGZIP:
                _demand_end_block(path, file)
            file.seek(0)
            if how is Wrapping.PLAIN:
                while chunk := file.read(CHUNK):
                    yield chunk
            else:
                yield from _inflate(path, file)
    except OSError as reason:
        raise _unreadable(path, reason) from reason


def lines(path: Path) -> Iterator[bytes]:
    """Lines without their line ends (LF or CR LF), numbered by the caller from 1; a last one may be
    `Unended`.
    """
    kept: list[bytes] = []
    for chunk in chunks(path):
        first, *others = chunk.split(b"\n")
        kept.append(first)
        if not others:
            continue
        yield b"".join(kept).removesuffix(b"\r")
        *whole, last = others
        for line in whole:
            yield line.removesuffix(b"\r")
        kept = [last]
    if rest := b"".join(kept):
        yield Unended(rest)


def _inflate(path: Path, file: BinaryIO) -> Iterator[bytes]:
    """Every member of a gzip file in turn; bgzip is a gzip file of many small members."""
    inflater = zlib.decompressobj(_GZIP_OR_ZLIB)
    ready: list[bytes] = []
    size, finished = 0, False
    while data := file.read(CHUNK):
        while data:
            if finished:
                inflater, finished = zlib.decompressobj(_GZIP_OR_ZLIB), False
            try:
                piece = inflater.decompress(data, 16 * CHUNK)
            except zlib.error as reason:
                raise _damaged(path, "the compressed data are damaged") from reason
            ready.append(piece)
            size += len(piece)
            finished = inflater.eof
            data = inflater.unused_data if finished else inflater.unconsumed_tail
            if finished and not data.strip(b"\0"):
                data = b""
            if size >= CHUNK:
                yield b"".join(ready)
                ready, size = [], 0
    if not finished:
        raise _damaged(path, "the compressed file is cut short")
    yield b"".join(ready)


def _demand_end_block(path: Path, file: BinaryIO) -> None:
    file.seek(0, 2)
    length = file.tell()
    file.seek(max(0, length - len(_BGZF_END)))
    if file.read() != _BGZF_END:
        raise _damaged(path, "the bgzip file is cut short: its end marker is missing")


def _damaged(path: Path, reason: str) -> IntakeError:
    return IntakeError.one(
        path.name, reason, remedy="send the file again, and compare checksums on both sides"
    )


def _unreadable(path: Path, reason: OSError) -> IntakeError:
    return IntakeError.one(
        path.name, f"cannot be read: {reason.strerror}", remedy="check the path and rights"
    )
