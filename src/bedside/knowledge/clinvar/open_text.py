"""A ClinVar file's header and its lines in blocks, whatever it is wrapped in; the next block is unwrapped
while one is being read.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from bedside.errors import PackError
from bedside.knowledge.clinvar.text_fields import PADDING, Block

BLOCK = 4 << 20
_MOST_HEADER = 1 << 20
_NEWLINE = ord("\n")
_BGZF_EXTRA = b"BC\x02\x00"
_BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


@dataclass(frozen=True, slots=True)
class OpenText:
    """The lines before the records (all that begin with `#`; else the first line), the path, and how the
    first record begins."""

    path: Path
    header: tuple[str, ...]
    size: int
    first: str = ""

    def blocks(self, size: int = BLOCK) -> Iterator[Block]:
        """Whole lines after the header; raises PackError when the file is cut or damaged."""
        line, rest, skip = len(self.header) + 1, b"", self.size
        for piece in _pieces(self.path, size):
            begin = min(skip, len(piece))
            skip -= begin
            cut = piece.rfind(b"\n", begin) + 1
            if not cut:
                rest += piece[begin:]
                continue
            text = b"".join((rest, memoryview(piece)[begin:cut], PADDING))
            yield Block(line, text)
            line += int(np.count_nonzero(np.frombuffer(text, np.uint8) == _NEWLINE))
            rest = piece[cut:]
        if rest:
            yield Block(line, rest + b"\n")


def open_text(path: Path) -> OpenText:
    """The header of the file at this path; raises PackError when it cannot be read or is empty."""
    kept = b""
    for piece in _pieces(path, 1 << 16):
        kept += piece
        header, whole = _header(kept)
        if whole or len(kept) > _MOST_HEADER:
            break
    else:
        header, whole = _header(kept + b"\n")
    if not kept:
        raise PackError.one(path.name, "the file is empty", remedy="download it again")
    try:
        lines = tuple(line.decode("utf-8").rstrip("\r") for line in header)
    except UnicodeDecodeError as error:
        raise PackError.one(path.name, "the header is no text", remedy="give a ClinVar file") from error
    size = sum(len(line) + 1 for line in header)
    first = kept[size:].partition(b"\n")[0].decode("utf-8", "replace")
    return OpenText(path, lines, size, first)


def _header(text: bytes) -> tuple[list[bytes], bool]:
    """The header's lines so far, and whether a record has been seen after them."""
    lines = text.split(b"\n")[:-1]
    marked = [line for line in lines if line.startswith(b"#")]
    if lines and not lines[0].startswith(b"#"):
        return lines[:1], True
    return marked, len(marked) < len(lines)


def _pieces(path: Path, size: int) -> Iterator[bytes]:
    """Unwrapped bytes in order, one piece read ahead."""
    try:
        with path.open("rb") as file, ThreadPoolExecutor(1) as ahead:
            start = file.read(18)
            file.seek(0)
            packed = start[:2] == b"\x1f\x8b"
            if start[12:16] == _BGZF_EXTRA:
                _demand_end(path, file)
            unwrapped = cast(BinaryIO, gzip.GzipFile(fileobj=file)) if packed else file
            coming = ahead.submit(unwrapped.read, size)
            while piece := coming.result():
                coming = ahead.submit(unwrapped.read, size)
                yield piece
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _damaged(path) from error
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
        raise PackError.one(path.name, reason, remedy="check the path and rights") from error


def _demand_end(path: Path, file: BinaryIO) -> None:
    file.seek(max(0, path.stat().st_size - len(_BGZF_END)))
    if file.read() != _BGZF_END:
        raise _damaged(path)
    file.seek(0)


def _damaged(path: Path) -> PackError:
    remedy = "download it again and compare the checksum"
    return PackError.one(path.name, "the compressed file is cut or damaged", remedy=remedy)
