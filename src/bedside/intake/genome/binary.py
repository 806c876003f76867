"""A BCF as lines of text, so that one reader reads every kind of file."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import cyvcf2

from bedside.errors import IntakeError
from bedside.intake.compression import chunks
from bedside.intake.genome.cells import PADDING
from bedside.intake.genome.unwrapped import AGAIN, Lines

_FRAME = struct.Struct("<II")


def binary_lines(path: Path, size: int) -> Iterator[Lines]:
    """The records as text; a record's number stands for its line. Raises `IntakeError` when the file is cut
    or damaged: htslib must read as many records as the file frames."""
    framed = _count(path)
    number, first, kept, length = 0, 1, list[bytes](), 0
    for text in _records(path):
        number += 1
        kept.append(text)
        length += len(text)
        if length >= size:
            yield Lines(first, b"".join((*kept, PADDING)), length)
            first, kept, length = number + 1, [], 0
    if number != framed:
        raise _damaged(path, number + 1)
    if kept:
        yield Lines(first, b"".join((*kept, PADDING)), length)


def _records(path: Path) -> Iterator[bytes]:
    number = 0
    try:
        reader = cyvcf2.VCF(str(path), strict_gt=False)
        for variant in reader:
            number += 1
            yield str(variant).encode()
    except Exception as reason:
        if type(reason) is not Exception and not isinstance(reason, OSError | ValueError | UnicodeError):
            raise
        raise _damaged(path, number + 1) from reason


def _count(path: Path) -> int:
    """How many records the file frames, every length checked against the bytes there are."""
    stream = chunks(path)
    kept, at, count, head = b"", 0, 0, True
    for chunk in stream:
        kept, at = kept[at:] + chunk, 0
        while len(kept) - at >= 9:
            need = (
                9 + int.from_bytes(kept[at + 5 : at + 9], "little")
                if head
                else 8 + sum(_FRAME.unpack_from(kept, at))
            )
            if len(kept) - at < need:
                break
            at += need
            count += not head
            head = False
    if at != len(kept):
        raise _damaged(path, count + 1)
    return count


def _damaged(path: Path, record: int) -> IntakeError:
    return IntakeError.one(
        path.name, f"record {record} cannot be read: the file is cut or damaged", remedy=AGAIN
    )
