"""The bytes of a file in large pieces of whole lines; bgzip is unwrapped by several threads. A cut or damaged
wrapping is an error, never a shorter file.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bedside.errors import IntakeError
from bedside.intake.compression import Wrapping, chunks, peek
from bedside.intake.genome.cells import PADDING

_READ = 1 << 21
_AHEAD = 3
_HEAD, _TAIL = 18, 8
_MAGIC, _EXTRA = b"\x1f\x8b\x08\x04", b"\x06\0BC\x02\0"
AGAIN = "send the file again, and compare checksums on both sides"


@dataclass(frozen=True, slots=True)
class Lines:
    """Whole lines of a file: the number of the first, their bytes, `size` of them up to the last line end and
    at least as many more as `PADDING` has; and whether that end was missing in the file."""

    first: int
    content: bytes
    size: int
    unended: bool = False


def whole_lines(path: Path, skip: int, size: int, pool: ThreadPoolExecutor) -> Iterator[Lines]:
    """The file's lines after the first `skip`, about `size` bytes at a time."""
    kept: list[bytes] = []
    length, number = 0, 1
    for piece in _pieces(path, pool):
        kept.append(piece)
        length += len(piece)
        if length < size or b"\n" not in piece:
            continue
        content = b"".join((*kept, PADDING))
        end = content.rfind(b"\n") + 1
        yield from _after(Lines(number, content, end), skip)
        number += content.count(b"\n", 0, end)
        kept = [content[end : -len(PADDING)]]
        length = len(kept[0])
    if any(kept):
        unended = not kept[-1].endswith(b"\n")
        content = b"".join((*kept, b"\n" if unended else b"", PADDING))
        yield from _after(Lines(number, content, len(content) - len(PADDING), unended), skip)


def _after(lines: Lines, skip: int) -> Iterator[Lines]:
    """What is left of these lines when the file's first `skip` lines are left out."""
    at, first = 0, lines.first
    while first <= skip:
        end = lines.content.find(b"\n", at, lines.size)
        if end < 0:
            return
        at, first = end + 1, first + 1
    if at < lines.size:
        content = lines.content[at:] if at else lines.content
        yield Lines(first, content, lines.size - at, lines.unended)


def _pieces(path: Path, pool: ThreadPoolExecutor) -> Iterator[bytes]:
    wrapped, _ = peek(path)
    if wrapped is not Wrapping.BGZIP:
        yield from chunks(path)
        return
    waiting: deque[Future[bytes]] = deque()
    for blocks in _blocks(path):
        waiting.append(pool.submit(_inflate, path.name, blocks))
        if len(waiting) > _AHEAD:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _blocks(path: Path) -> Iterator[list[memoryview]]:
    """The blocks of a bgzip file, many at a time; raises `IntakeError` when it does not end as it must."""
    rest, ended = b"", False
    with path.open("rb") as file:
        while read := file.read(_READ):
            data = rest + read
            view, at, found = memoryview(data), 0, []
            while at + _HEAD <= len(data):
                if data[at : at + 4] != _MAGIC or data[at + 10 : at + 16] != _EXTRA:
                    raise _damaged(path.name, "the compressed data are damaged")
                size = int.from_bytes(data[at + 16 : at + 18], "little") + 1
                if at + size > len(data):
                    break
                found.append(view[at : at + size])
                at += size
                ended = data[at - 4 : at] == b"\0\0\0\0"
            rest = data[at:]
            yield found
    if rest:
        raise _damaged(path.name, "the compressed file is cut short")
    if not ended:
        raise _damaged(path.name, "the bgzip file is cut short: its end marker is missing")


def _inflate(source: str, blocks: list[memoryview]) -> bytes:
    pieces = []
    for block in blocks:
        check, size = (
            int.from_bytes(block[at : at + 4], "little") for at in (len(block) - 8, len(block) - 4)
        )
        try:
            piece = zlib.decompress(block[_HEAD : len(block) - _TAIL], -zlib.MAX_WBITS, max(size, 1))
        except zlib.error as reason:
            raise _damaged(source, "the compressed data are damaged") from reason
        if len(piece) != size or zlib.crc32(piece) != check:
            raise _damaged(source, "the compressed data are damaged")
        pieces.append(piece)
    return b"".join(pieces)


def _damaged(source: str, reason: str) -> IntakeError:
    return IntakeError.one(source, reason, remedy=AGAIN)
