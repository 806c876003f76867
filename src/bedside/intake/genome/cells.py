"""Cells of a text table as places in its bytes: read as numbers or told apart many at once, without a Python
object for each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bedside.genome.texts import Texts

PADDING = b"\0" * 16
"""Follows the bytes of every buffer, so that eight bytes can be read anywhere."""

_WORD = 8
_MOST_DIGITS = 16
_DOT = ord(".")
_KEPT = np.array([(1 << 8 * size) - 1 for size in range(8)] + [(1 << 64) - 1], np.uint64)
_SHIFTS = np.array([64 - 8 * size if size else 0 for size in range(9)], np.uint64)
_HIGH, _DIGIT, _SIX = (np.uint64(int(text * 8, 16)) for text in ("f0", "30", "06"))
_PAIRS, _FIRST, _SECOND = (np.uint64(number) for number in (0xFF000000FF, 0xF424000000064, 0x271000000001))


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Cells of one column: where each starts in `data` and how long it is. `data` ends with `PADDING`."""

    data: NDArray[np.uint8]
    start: NDArray[np.int64]
    length: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.start)

    def take(self, rows: NDArray[Any]) -> Cells:
        """The cells of these rows."""
        return Cells(self.data, self.start[rows], self.length[rows])

    def at(self, row: int) -> bytes:
        """One cell's bytes."""
        start = int(self.start[row])
        return self.data[start : start + int(self.length[row])].tobytes()

    def texts(self) -> Texts:
        """The cells copied, one after another."""
        return Texts(np.zeros(1, np.int32), self.data).part(self.start, self.length)

    def is_dot(self) -> NDArray[np.bool_]:
        """Which cells are `.` or empty: not said."""
        dot: NDArray[np.bool_] = (self.length == 0) | ((self.length == 1) & (self.data[self.start] == _DOT))
        return dot


def cells_of(texts: Texts) -> Cells:
    """Texts as cells."""
    data = np.concatenate([texts.data, np.frombuffer(PADDING, np.uint8)])
    return Cells(data, texts.offsets[:-1].astype(np.int64), texts.lengths.astype(np.int64))


def numbers(cells: Cells) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Whole numbers without a sign, and which cells hold one; the value of any other is 0."""
    length = cells.length
    tail = np.minimum(length, _WORD)
    value, good = _eight(cells.data, cells.start + length - tail, tail)
    if bool((length > _WORD).any()):
        head = np.clip(length - _WORD, 0, _WORD)
        more, fine = _eight(cells.data, cells.start, head)
        value, good = value + more * 100_000_000, good & (fine | (head == 0))
    good &= (length > 0) & (length <= _MOST_DIGITS)
    return np.where(good, value, 0), good


def distinct_texts(cells: Cells) -> tuple[list[bytes], NDArray[np.intp]]:
    """The different cells in the order met, and for each cell which one it is."""
    if not len(cells):
        return [], np.zeros(0, np.intp)
    words = [_word(cells, number) for number in range(max(1, -(-int(cells.length.max()) // _WORD)))]
    mixed = words[0]
    for word in words[1:]:
        mixed = (mixed ^ mixed >> np.uint64(29)) * np.uint64(0x9E3779B97F4A7C15) ^ word
    first, codes = _first_of_each(mixed)
    for column in (cells.length, *(words if len(words) > 1 else ())):
        if not np.array_equal(column, column[first][codes]):
            return _one_by_one(cells)
    return [cells.at(row) for row in first.tolist()], codes


def _one_by_one(cells: Cells) -> tuple[list[bytes], NDArray[np.intp]]:
    """The slow way, for two texts that were mixed to the same number."""
    known: dict[bytes, int] = {}
    codes = [known.setdefault(cells.at(row), len(known)) for row in range(len(cells))]
    return list(known), np.array(codes, np.intp)


def _first_of_each(values: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where each different value stands first, and for each value which one it is."""
    codes = np.zeros(len(values), np.intp)
    firsts: list[int] = []
    left = np.ones(len(values), np.bool_)
    while len(firsts) < _WORD:
        at = int(left.argmax())
        if not left[at]:
            return np.array(firsts, np.intp), codes
        same = values == values[at]
        codes[same] = len(firsts)
        left &= ~same
        firsts.append(at)
    _, first, inverse = np.unique(values, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return first[order], rank[inverse]


def _word(cells: Cells, number: int) -> NDArray[np.uint64]:
    """Bytes 8n to 8n + 7 of each cell as one number, zero where the cell has ended."""
    left = cells.length - number * _WORD
    start = cells.start + number * _WORD if number else cells.start
    least = int(left.min())
    if least >= _WORD:
        return _windows(cells.data)[start]
    if least < 0:
        start = np.where(left > 0, start, 0)
    return _windows(cells.data)[start] & _KEPT[np.clip(left, 0, _WORD)]


def _windows(data: NDArray[np.uint8]) -> NDArray[np.uint64]:
    return np.ndarray((len(data) - _WORD + 1,), np.dtype("<u8"), data, 0, (1,))


def _eight(
    data: NDArray[np.uint8], start: NDArray[np.int64], size: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Up to eight digits read at once, in a 64-bit word; no size reads as 0."""
    word = _windows(data)[start] & _KEPT[size]
    word = np.where(size > 0, word << _SHIFTS[size], 0)
    word |= _lead(size)
    good = ((word & _HIGH) == _DIGIT) & (((word + _SIX) & _HIGH) == _DIGIT)
    word = word - _DIGIT
    word = word * np.uint64(10) + (word >> np.uint64(8))
    low = (word & _PAIRS) * _FIRST
    high = (word >> np.uint64(16) & _PAIRS) * _SECOND
    return ((low + high) >> np.uint64(32)).astype(np.int64), good


def _lead(size: NDArray[np.int64]) -> NDArray[np.uint64]:
    """The digit 0 in every byte before the cell's own."""
    return _LEADING[size]


_LEADING = np.array([int("30" * (8 - size) or "0", 16) for size in range(9)], np.uint64)
