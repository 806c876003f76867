"""Millions of short texts, such as alleles, in two arrays: no Python object for each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self, overload

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Texts(Sequence[str]):
    """ASCII texts one after another in `data`; text i is `data[offsets[i]:offsets[i + 1]]`.

    `offsets` has one element more than there are texts and starts at 0. This is the memory layout of an Arrow
    string array, which can be made of both buffers without copying:
    `pa.StringArray.from_buffers(len(texts), pa.py_buffer(texts.offsets), pa.py_buffer(texts.data))`.
    """

    offsets: NDArray[np.int32]
    data: NDArray[np.uint8]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        """From Python strings; ValueError when one is not ASCII."""
        encoded = [text.encode("ascii") for text in texts]
        lengths = np.fromiter(map(len, encoded), np.int64, len(encoded))
        return cls(_offsets(lengths), np.frombuffer(b"".join(encoded), np.uint8))

    @classmethod
    def joined(cls, parts: Sequence[Texts]) -> Self:
        """Several, one after another."""
        if not parts:
            return cls.of(())
        lengths = np.concatenate([part.lengths for part in parts])
        return cls(_offsets(lengths), np.concatenate([part.data for part in parts]))

    @property
    def lengths(self) -> NDArray[np.int32]:
        """How long each text is."""
        return np.diff(self.offsets)

    @property
    def first(self) -> NDArray[np.uint8]:
        """The first byte of each text, 0 for an empty one."""
        if not len(self.data):
            return np.zeros(len(self), np.uint8)
        firsts = self.data[np.minimum(self.offsets[:-1], len(self.data) - 1)]
        return np.where(self.lengths > 0, firsts, 0).astype(np.uint8)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Texts:
        """The texts at these places, or where a mask holds, in that order."""
        places = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        return self.part(self.offsets[:-1][places], self.lengths[places])

    def part(self, starts: NDArray[Any], lengths: NDArray[Any]) -> Texts:
        """Texts cut out of `data`: each from its start, as long as told."""
        offsets = _offsets(lengths)
        total = int(offsets[-1])
        if total == len(lengths) and bool((lengths == 1).all()):
            return Texts(offsets, self.data[starts])
        shift = np.repeat(starts - offsets[:-1], lengths)
        shift += np.arange(total, dtype=shift.dtype)
        return Texts(offsets, self.data[shift])

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> Texts: ...

    def __getitem__(self, place: int | slice) -> str | Texts:
        if isinstance(place, slice):
            return self.take(np.arange(len(self))[place])
        if not -len(self) <= place < len(self):
            raise IndexError("no text at this place")
        at = place % len(self)
        return self.data[self.offsets[at] : self.offsets[at + 1]].tobytes().decode("ascii")

    def __iter__(self) -> Iterator[str]:
        whole = self.data.tobytes().decode("ascii")
        return (whole[start:end] for start, end in pairwise(self.offsets.tolist()))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Texts):
            return NotImplemented
        return np.array_equal(self.offsets, other.offsets) and np.array_equal(self.data, other.data)

    def __hash__(self) -> int:
        return hash((len(self), self.data.tobytes()))


def _offsets(lengths: NDArray[Any]) -> NDArray[np.int32]:
    total = int(lengths.sum(dtype=np.int64))
    if total > np.iinfo(np.int32).max:
        raise ValueError("more than two billion characters in one column")
    offsets = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    return offsets
