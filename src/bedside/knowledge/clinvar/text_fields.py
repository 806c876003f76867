"""Columns of text cut out of a block of whole lines without touching any of it twice: delimiters are found by
numpy, values are views into the block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

_TAB, _NEWLINE, _SEMICOLON = 9, 10, 59
_INLINE = 12
_PADDING = bytes(16)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Whole lines of a file, each with its line end, and the number of the first."""

    first_line: int
    text: bytes


class UnevenLines(ValueError):
    """A line has not as many columns as the others; `.row` counts from 0."""

    def __init__(self, row: int) -> None:
        self.row = row
        super().__init__(f"row {row} has another number of columns")


@dataclass(frozen=True, slots=True, eq=False)
class Fields:
    """A block's text as bytes, padded, with where each tab-separated column of each line begins and ends."""

    data: NDArray[np.uint8]
    begin: NDArray[np.int64]
    end: NDArray[np.int64]

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
        after = np.flatnonzero(self.data == _SEMICOLON) + 1
        starts = np.concatenate([after, low])
        words = np.ndarray(len(self.data) - 8, "<u8", self.data, 0, (1,))[starts]
        return {key: self._values(key, starts, words, after, low, high) for key in keys}

    def _values(
        self,
        key: str,
        starts: NDArray[np.int64],
        words: NDArray[np.uint64],
        after: NDArray[np.int64],
        low: NDArray[np.int64],
        high: NDArray[np.int64],
    ) -> pa.Array:
        written = f"{key}=".encode()
        size = min(8, len(written))
        mask = np.uint64((1 << 8 * size) - 1)
        found = starts[(words & mask) == np.uint64(int.from_bytes(written[:size], "little"))]
        for place in range(size, len(written)):
            found = found[self.data[found + place] == written[place]]
        row = np.searchsorted(high, found, side="left")
        inside = found >= low[row]
        found, row = found[inside], row[inside]
        begin, end = np.zeros(len(low), np.int64), np.zeros(len(low), np.int64)
        present = np.zeros(len(low), np.bool_)
        present[row] = True
        if int(present.sum()) != len(row):
            raise RepeatedKey(key, int(np.argmax(np.bincount(row))))
        begin[row] = found + len(written)
        following = np.searchsorted(after, found, side="right")
        stops = np.append(after, len(self.data) + 1)[following] - 1
        end[row] = np.minimum(stops, high[row])
        return _views(self.data, begin, np.maximum(begin, end), present)


class RepeatedKey(ValueError):
    """A line names one INFO key twice; `.row` counts from 0."""

    def __init__(self, key: str, row: int) -> None:
        self.row = row
        super().__init__(f"{key} stands twice in INFO")


def fields(block: Block, columns: int) -> Fields:
    """The columns of a block of tab-separated lines; raises `UnevenLines`, UnicodeDecodeError."""
    if not block.text.isascii():
        block.text.decode("utf-8")
    data = np.frombuffer(block.text + _PADDING, np.uint8)
    ends = np.flatnonzero(data == _NEWLINE)
    tabs = np.flatnonzero(data == _TAB)
    begins = np.concatenate([[0], ends[:-1] + 1])
    counts = np.diff(np.searchsorted(tabs, ends), prepend=0)
    if bool((counts != columns - 1).any()):
        raise UnevenLines(int(np.argmax(counts != columns - 1)))
    cut = tabs.reshape(-1, columns - 1)
    ends = ends - (data[np.maximum(ends - 1, 0)] == ord("\r"))
    begin = np.concatenate([begins[:, None], cut + 1], axis=1)
    return Fields(data, begin, np.concatenate([cut, ends[:, None]], axis=1))


def _views(
    data: NDArray[np.uint8],
    begin: NDArray[np.int64],
    end: NDArray[np.int64],
    present: NDArray[np.bool_] | None,
) -> pa.Array:
    """Text at these places as an Arrow string-view array over `data`: up to 12 bytes stand in the view."""
    words = np.ndarray(len(data) - 4, "<u4", data, 0, (1,))
    length = (end - begin).astype(np.uint32)
    views = np.zeros((len(begin), 4), "<u4")
    views[:, 0] = length
    short = length <= _INLINE
    for place in range(3):
        kept = np.clip(length.astype(np.int64) - 4 * place, 0, 4)
        mask = ((np.uint64(1) << (8 * kept).astype(np.uint64)) - np.uint64(1)).astype(np.uint32)
        views[:, place + 1] = words[np.minimum(begin + 4 * place, len(words) - 1)] & mask
    views[:, 2] = np.where(short, views[:, 2], 0)
    views[:, 3] = np.where(short, views[:, 3], begin.astype(np.uint32))
    nulls = None if present is None else pa.py_buffer(np.packbits(present, bitorder="little"))
    buffers = [nulls, pa.py_buffer(views), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.string_view(), len(begin), buffers)
