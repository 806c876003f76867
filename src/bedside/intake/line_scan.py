"""Which lines of a VCF have to be looked into, told from whole blocks of text at once.

A genome has millions of records and a knowledge release a thousand positions. So a block's lines are cut by
numpy, and only those that may touch a wanted position, or that are not plainly well formed, reach the reader
of single lines. Whatever cannot be told from the bytes alone is handed on: the reader decides as if it had
seen every line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bedside.intake.compression import Unended
from bedside.intake.target import Targets

_NEWLINE, _TAB, _LESS, _DOT, _RETURN, _SEMICOLON = b"\n\t<.\r;"
_NAME_BYTES, _POSITION_DIGITS = 8, 9
_TABS_READ = 8
_END = b"END="

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(slots=True)
class LineScan:
    """The lines worth a look, with their numbers, and how many records went by.

    columns: how many a line must have. names: contig names to chromosomes; a line of another contig is passed
    over. seen: told each known contig name once, with the number of its first line.
    """

    columns: int
    names: Mapping[bytes, str]
    targets: Sequence[Targets]
    seen: Callable[[bytes, int], None]
    records: int = 0
    _spans: dict[str, list[tuple[Ints, Ints]]] = field(default_factory=dict)
    _met: set[bytes] = field(default_factory=set)

    def __post_init__(self) -> None:
        for targets in self.targets:
            for chromosome, (starts, ends) in targets.spans.items():
                held = self._spans.setdefault(chromosome, [])
                held.append((np.array(starts, np.int64), np.array(ends, np.int64)))

    def lines(self, blocks: Iterable[bytes], number: int) -> Iterator[tuple[int, bytes]]:
        """Lines to look into, numbered on from `number`, the number of the first line of the first block."""
        kept: list[bytes] = []
        for block in blocks:
            cut = block.rfind(b"\n") + 1
            if cut:
                whole = b"".join((*kept, block[:cut]))
                yield from self._block(whole, number)
                number += whole.count(b"\n")
                kept = []
            kept.append(block[cut:])
        if rest := b"".join(kept):
            self.records += 1
            yield number, Unended(rest)

    def _block(self, block: bytes, number: int) -> Iterator[tuple[int, bytes]]:
        text = np.frombuffer(block, np.uint8)
        ends = np.flatnonzero(text == _NEWLINE)
        starts = np.concatenate(([0], ends[:-1] + 1))
        filled = (ends > starts) & ~((ends == starts + 1) & (text[starts] == _RETURN))
        self.records += int(filled.sum())
        worth = filled & self._worth(text, starts, ends, number)
        for row in np.flatnonzero(worth).tolist():
            yield number + row, block[starts[row] : ends[row]].removesuffix(b"\r")

    def _worth(self, text: NDArray[np.uint8], starts: Ints, ends: Ints, number: int) -> Bools:
        """Which lines may touch a target or are not plainly well formed."""
        tabs = np.flatnonzero(text == _TAB)
        first = np.searchsorted(tabs, starts)
        count = np.searchsorted(tabs, ends) - first
        odd: Bools = count != self.columns - 1
        plain = np.flatnonzero(~odd & (count >= _TABS_READ))
        odd[count < _TABS_READ] = True
        if not len(plain):
            return odd
        cuts = tabs[first[plain][:, None] + np.arange(_TABS_READ)]
        position, digits = _numbers(text, cuts[:, 0] + 1, cuts[:, 1])
        end = position + np.maximum(cuts[:, 3] - cuts[:, 2] - 2, 0)
        spanning = _spanning(text, cuts[:, 3] + 1, cuts[:, 4])
        far = np.flatnonzero(spanning)
        if len(far):
            stated, told = _stated_ends(text, cuts[far, 6] + 1, cuts[far, 7])
            end[far] = np.where(told, np.maximum(end[far], stated), end[far])
            spanning[far[told]] = False
        chromosomes, named = self._chromosomes(text, starts[plain], cuts[:, 0], number + plain)
        touching = self._touching(chromosomes, position, end, spanning)
        odd[plain[~digits | ~named | touching]] = True
        return odd

    def _chromosomes(
        self, text: NDArray[np.uint8], starts: Ints, ends: Ints, numbers: Ints
    ) -> tuple[list[tuple[str | None, Bools]], Bools]:
        """The chromosome of each contig in the block (None for others), with its lines; and which names were
        short enough to be read here."""
        lengths = ends - starts
        short = (lengths > 0) & (lengths <= _NAME_BYTES)
        packed = np.zeros(len(starts), np.uint64)
        for place in range(_NAME_BYTES):
            inside = place < lengths
            letters = text[np.minimum(starts + place, len(text) - 1)].astype(np.uint64)
            short &= ~inside | (letters > 0)
            packed = packed << np.uint64(8) | np.where(inside, letters, np.uint64(0))
        found: list[tuple[str | None, Bools]] = []
        for one in np.unique(packed[short]):
            rows = short & (packed == one)
            name = int(one).to_bytes(_NAME_BYTES).rstrip(b"\0")
            chromosome = self.names.get(name)
            if chromosome is not None and name not in self._met:
                self._met.add(name)
                self.seen(name, int(numbers[np.argmax(rows)]))
            found.append((chromosome, rows))
        return found, short

    def _touching(
        self, chromosomes: list[tuple[str | None, Bools]], position: Ints, end: Ints, spanning: Bools
    ) -> Bools:
        """Which lines overlap a target; a block may reach on for any length, so it is handed on whenever a
        target lies behind its start."""
        touching = np.zeros(len(position), np.bool_)
        for chromosome, rows in chromosomes:
            for starts, ends in self._spans.get(chromosome or "", ()):
                at = np.searchsorted(ends, position[rows])
                near = np.append(starts, np.iinfo(np.int64).max)[at]
                touching[rows] |= (near <= end[rows]) | (spanning[rows] & (at < len(starts)))
        return touching


def _numbers(text: NDArray[np.uint8], starts: Ints, ends: Ints) -> tuple[Ints, Bools]:
    """Decimal numbers between two places, and which really are numbers of a length that fits."""
    lengths = ends - starts
    fits = (lengths > 0) & (lengths <= _POSITION_DIGITS)
    value = np.zeros(len(starts), np.int64)
    for place in range(_POSITION_DIGITS):
        inside = place < lengths
        digit = text[np.minimum(starts + place, len(text) - 1)].astype(np.int64) - ord("0")
        fits &= ~inside | ((digit >= 0) & (digit <= 9))
        value = np.where(inside, value * 10 + digit, value)
    return value, fits


def _spanning(text: NDArray[np.uint8], starts: Ints, ends: Ints) -> Bools:
    """Whether the ALT between two places may make a record reach beyond its REF: symbolic, or a lone dot."""
    lone: Bools = (ends == starts + 1) & (text[np.minimum(starts, len(text) - 1)] == _DOT)
    less = np.flatnonzero(text == _LESS)
    if len(less):
        lone |= np.searchsorted(less, ends) > np.searchsorted(less, starts)
    return lone


def _stated_ends(text: NDArray[np.uint8], starts: Ints, ends: Ints) -> tuple[Ints, Bools]:
    """The END with which an INFO begins, as reference blocks write it, and where there is one."""
    begins = ends > starts + len(_END)
    for place, letter in enumerate(_END):
        begins &= text[np.minimum(starts + place, len(text) - 1)] == letter
    semicolons = np.flatnonzero(text == _SEMICOLON)
    after = np.append(semicolons, len(text))[np.searchsorted(semicolons, starts)]
    value, fits = _numbers(text, starts + len(_END), np.minimum(ends, after))
    return value, begins & fits
