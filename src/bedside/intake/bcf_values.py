"""The typed values of a BCF record (BCF 2.2, VCF specification §6): numbers, vectors and text, bounds
checked.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_TYPES: dict[int, np.dtype[Any]] = {
    1: np.dtype("<i1"), 2: np.dtype("<i2"), 3: np.dtype("<i4"), 5: np.dtype("<f4"), 7: np.dtype("S1"),
}  # fmt: skip
_LONG = 15
_ENTRY = re.compile(r"^##(FILTER|INFO|FORMAT|contig)=<(?:.*?,)?ID=([^,>]+)")
_INDEX = re.compile(r"[,<]IDX=(\d+)[,>]")


class BadBcf(ValueError):
    """Bytes that are no BCF record."""


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Names by the numbers that stand for them in records."""

    contigs: dict[int, str]
    strings: dict[int, str]


def read_dictionary(header: Iterable[str]) -> Dictionary:
    """Names in the order of the header, PASS first, unless a line gives its number as IDX."""
    contigs: dict[int, str] = {}
    strings: dict[int, str] = {0: "PASS"}
    for line in header:
        found = _ENTRY.match(line)
        if found is None:
            continue
        names = contigs if found[1] == "contig" else strings
        number = _INDEX.search(line)
        if number is not None:
            names[int(number[1])] = found[2]
        elif found[2] not in names.values():
            names[len(names)] = found[2]
    return Dictionary(contigs, strings)


class Values:
    """Reads typed values one after the other from the bytes of a record."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def plain(self, form: str) -> tuple[Any, ...]:
        """Untyped numbers by a `struct` format."""
        try:
            found = struct.unpack_from(form, self.data, self.at)
        except struct.error as reason:
            raise BadBcf("a record ends early") from reason
        self.at += struct.calcsize(form)
        return found

    def kind(self) -> tuple[np.dtype[Any] | None, int]:
        """The type of the next value and how many there are; no type for a missing value."""
        (descriptor,) = self.plain("<B")
        count, code = descriptor >> 4, descriptor & 15
        if count == _LONG:
            count = self.number()
        if count < 0 or (code not in _TYPES and not (code == 0 and count == 0)):
            raise BadBcf("no such type")
        return _TYPES.get(code), count

    def array(self, dtype: np.dtype[Any], count: int) -> NDArray[Any]:
        """`count` numbers of a type."""
        if count * dtype.itemsize > len(self.data) - self.at:
            raise BadBcf("a value ends after its record")
        found = np.frombuffer(self.data, dtype, count, self.at)
        self.at += count * dtype.itemsize
        return found

    def number(self) -> int:
        """One typed whole number."""
        dtype, count = self.kind()
        if dtype is None or dtype.kind != "i" or count != 1:
            raise BadBcf("not a number")
        return int(self.array(dtype, 1)[0])

    def numbers(self) -> list[int]:
        """A typed vector of whole numbers."""
        dtype, count = self.kind()
        if dtype is None:
            return []
        if dtype.kind != "i":
            raise BadBcf("not numbers")
        return [int(number) for number in self.array(dtype, count)]

    def text(self) -> str:
        """Typed text."""
        dtype, count = self.kind()
        if dtype is None:
            return ""
        if dtype.kind != "S":
            raise BadBcf("not text")
        return decode(self.array(dtype, count).tobytes())

    def skip(self) -> None:
        """Past a typed value of any kind."""
        dtype, count = self.kind()
        if dtype is not None:
            self.array(dtype, count)


def decode(data: bytes) -> str:
    """Text without what pads it."""
    try:
        return data.rstrip(b"\0").decode()
    except UnicodeDecodeError as reason:
        raise BadBcf("not text") from reason


def missing(dtype: np.dtype[Any]) -> int:
    """The number that stands for a missing value; the next one ends a vector early."""
    return int(np.iinfo(dtype).min)


def as_text(values: NDArray[Any]) -> str:
    """One sample's values as a VCF would write them."""
    if values.dtype.kind == "S":
        return decode(values.tobytes())
    if values.dtype.kind == "f":
        return ",".join("." if number != number else f"{number:g}" for number in values.tolist())
    absent = missing(values.dtype)
    kept = [number for number in values.tolist() if number != absent + 1]
    return ",".join("." if number == absent else str(number) for number in kept)
