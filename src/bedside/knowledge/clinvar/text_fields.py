"""Columns of text cut out of a block of whole lines without touching any of it twice: delimiters are found by
numpy, values are views into the block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

_TAB, _NEWLINE, _SEMICOLON, _RETURN = 9, 10, 59, 13
_INLINE = 12
PADDING = bytes(32)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Whole lines of a file, each with its line end, and the number of the first; `PADDING` may follow
    them, so that they need not be copied to be read.
    """

    first_line: int
    text: bytes


class UnevenLines(ValueError):
    """A line has not as many columns as the others; `.row` counts from 0."""

    def __init__(self, row: int) -> None:
        self.row = row
        super().__init__(f"row {row} has another number of columns")


class RepeatedKey(ValueError):
    """A line names one INFO key twice; `.row` counts from 0."""

    def __init__(self, key: str, row: int) -> None:
        self.row = row
        super().__init__(f"{key} stands twice in INFO")


@dataclass(frozen=True, slots=True, eq=False)
class Fields:
    """A block's text as bytes, padded; where each tab-separated column of each line begins and ends; and
    every token between tabs, semicolons and line ends, with the line it stands on.
    """

    data: NDArray[np.uint8]
    begin: NDArray[np.int64]
    end: NDArray[np.int64]
    token_begin: NDArray[np.int64]
    token_end: NDArray[np.int64]
    token_row: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.begin)

    def column(self, place: int) -> pa.Array:
        """A column as text."""
        return _views(self.data, self.begin[:, place], self.end[:, place], None)

    def info(self, place: int, keys: Sequence[str]) -> dict[str, pa.Array]:
        """The values of these keys in a `KEY=value;KEY=value` column; null where a line has no such key.

        Raises `RepeatedKey` where a line has one twice.
        """
        low, high = self.begin[:, place], self.end[:, place]
        heads = _words(self.data, "<u4")[self.token_begin]
        tokens: dict[bytes, NDArray[np.int64]] = {}
        found: dict[str, pa.Array] = {}
        for key in keys:
            written = f"{key}=".encode()
            head = written[:4]
            if head not in tokens:
                tokens[head] = np.flatnonzero(_starts(heads, head))
            found[key] = self._values(written, tokens[head], low, high)
        return found

    def _values(
        self,
        written: bytes,
        tokens: NDArray[np.int64],
        low: NDArray[np.int64],
        high: NDArray[np.int64],
    ) -> pa.Array:
        words = _words(self.data, "<u8")
        for place in range(4, len(written), 8):
            rest = words[self.token_begin[tokens] + place]
            tokens = tokens[_starts(rest, written[place : place + 8])]
        row, begins = self.token_row[tokens], self.token_begin[tokens]
        inside = begins >= low[row]
        row, begins, ends = row[inside], begins[inside], self.token_end[tokens[inside]]
        if bool((row[1:] == row[:-1]).any()):
            again = int(row[1:][row[1:] == row[:-1]][0])
            raise RepeatedKey(written[:-1].decode(), again)
        begin, end = np.zeros(len(low), np.int64), np.zeros(len(low), np.int64)
        present = np.zeros(len(low), np.bool_)
        present[row] = True
        begin[row] = begins + len(written)
        end[row] = np.minimum(ends, high[row])
        return _views(self.data, begin, end, present)


def fields(block: Block, columns: int) -> Fields:
    """The columns of a block of tab-separated lines; raises `UnevenLines`, UnicodeDecodeError."""
    if not block.text.isascii():
        block.text.decode("utf-8")
    padded = block.text if block.text.endswith(PADDING) else block.text + PADDING
    data = np.frombuffer(padded, np.uint8)
    ends = np.flatnonzero((data == _TAB) | (data == _NEWLINE) | (data == _SEMICOLON))
    kinds = data[ends]
    newline = kinds == _NEWLINE
    rows = np.cumsum(newline, dtype=np.int32) - newline
    lines, tabs = ends[newline], ends[kinds == _TAB]
    counts = np.bincount(rows[kinds == _TAB], minlength=len(lines))
    if bool((counts != columns - 1).any()):
        raise UnevenLines(int(np.argmax(counts != columns - 1)))
    cut = tabs.reshape(len(lines), columns - 1)
    stops = lines - (data[np.maximum(lines - 1, 0)] == _RETURN)
    starts = np.concatenate([[0], lines[:-1] + 1])
    return Fields(
        data=data,
        begin=np.concatenate([starts[:, None], cut + 1], axis=1),
        end=np.concatenate([cut, stops[:, None]], axis=1),
        token_begin=np.concatenate([[0], ends[:-1] + 1]),
        token_end=ends,
        token_row=rows.astype(np.int32),
    )


def _words(data: NDArray[np.uint8], kind: str) -> NDArray[Any]:
    """The word that begins at each byte."""
    return np.ndarray((len(data) - 8,), kind, data, 0, (1,))


def _starts(words: NDArray[Any], text: bytes) -> NDArray[np.bool_]:
    """Which words begin with this text."""
    size, kind = words.dtype.itemsize, words.dtype.type
    kept = words if len(text) >= size else words & kind((1 << 8 * len(text)) - 1)
    return cast(NDArray[np.bool_], kept == kind(int.from_bytes(text, "little")))


_FIRST = np.array([(1 << 8 * min(length, 4)) - 1 for length in range(_INLINE + 1)], "<u8")
_LATER = np.array([(1 << 8 * max(length - 4, 0)) - 1 for length in range(_INLINE + 1)], "<u8")
"""Which of a view's first four and next eight bytes belong to a text of this length."""


def _views(
    data: NDArray[np.uint8],
    begin: NDArray[np.int64],
    end: NDArray[np.int64],
    present: NDArray[np.bool_] | None,
) -> pa.Array:
    """Text at these places as an Arrow string-view array over `data`: up to 12 bytes stand in the view."""
    words = _words(data, "<u8")
    length = end - begin
    kept = np.minimum(length, _INLINE)
    views = np.empty((len(begin), 2), "<u8")
    views[:, 0] = length.astype("<u8") | (words[begin] & _FIRST[kept]) << np.uint64(32)
    inline = words[begin + 4] & _LATER[kept]
    views[:, 1] = np.where(length <= _INLINE, inline, begin.astype("<u8") << np.uint64(32))
    nulls = None if present is None else pa.py_buffer(np.packbits(present, bitorder="little"))
    buffers = [nulls, pa.py_buffer(views), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.string_view(), len(begin), buffers)
