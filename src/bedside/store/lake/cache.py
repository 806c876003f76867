"""The serving cache: a level's carriers as memory-mapped arrays. Never the truth: it can be deleted at any
time, is rebuilt from the Parquet, and an array that is not what was written is noticed when it is read.

    entries.bin   blocks of 64 keys and 64 starts of their rows, 1,024 bytes each, so that a key is found in
                  one page of memory; above bit 40 of a start is a checksum of the key's rows
    blocks.bin    per block its first key, first start and checksum; small, kept in memory
    rows.bin      per carrier `run << 2 | zygosity`
    matrix.bin    the rows of the matrix of common variants, unpacked from their compression
    sites.bin     per row of the matrix its key and checksum
    about.json    what it was built from, and the sizes; written last
"""

from __future__ import annotations

import ctypes
import mmap
import shutil
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from bedside.store.lake.carriers_file import NO_HITS, Hits, together

BLOCK = 64
LARGE = 256 << 20
"""Bytes from which on a file is taken not to be in memory."""

_LAST = np.iinfo(np.int64).max
_START_BITS = 40
_CHUNK = 2_048
_SAMPLE = 40
_IN_MEMORY = ("blocks.bin", "sites.bin")


class Spoiled(Exception):
    """The cache does not hold what was written; it must be thrown away. Never reaches a caller."""


@dataclass(frozen=True, slots=True, eq=False)
class Csr:
    """One level's carriers, memory-mapped."""

    entries: NDArray[np.int64]
    blocks: NDArray[np.int64]
    rows: NDArray[np.uint32]

    def hits(self, keys: NDArray[np.int64]) -> Hits:
        """The carriers of some keys (sorted, each once)."""
        parts = [self._some(keys[first : first + _CHUNK]) for first in range(0, len(keys), _CHUNK)]
        return together(parts) if len(parts) != 1 else parts[0]

    def between(self, low: int, high: int) -> Hits:
        """The carriers of every key from `low` up to, without, `high`."""
        first = max(int(np.searchsorted(self.blocks[:-1, 0], low, side="right")) - 1, 0)
        last = int(np.searchsorted(self.blocks[:-1, 0], high, side="left"))
        if first >= last:
            return NO_HITS
        taken = self._checked(np.arange(first, last))
        keys, starts = taken[:, 0].ravel(), taken[:, 1].ravel()
        ends = np.append(starts[1:] & (1 << _START_BITS) - 1, self.blocks[last, 1])
        inside = (keys >= low) & (keys < high)
        return self._rows(keys[inside], starts[inside], ends[inside])

    def _some(self, keys: NDArray[np.int64]) -> Hits:
        block = np.searchsorted(self.blocks[:-1, 0], keys, side="right") - 1
        keys, block = keys[block >= 0], block[block >= 0]
        if not len(keys):
            return NO_HITS
        which, row = np.unique(block, return_inverse=True)
        taken = self._checked(which)
        at = row * BLOCK + (taken[row, 0] < keys[:, None]).sum(axis=1)
        flat_keys, flat_starts = taken[:, 0].ravel(), taken[:, 1].ravel()
        found = at < (row + 1) * BLOCK
        found[found] = flat_keys[at[found]] == keys[found]
        at, row = at[found], row[found]
        inner = (at + 1) % BLOCK != 0
        ends = self.blocks[which[row] + 1, 1].copy()
        ends[inner] = flat_starts[at[inner] + 1] & (1 << _START_BITS) - 1
        return self._rows(keys[found], flat_starts[at], ends)

    def _checked(self, which: NDArray[np.intp]) -> NDArray[np.int64]:
        size = self.entries.itemsize * 2 * BLOCK
        _ask_for(self.entries, which * size, (which + 1) * size)
        taken = self.entries[which]
        check = np.bitwise_xor.reduce(taken.reshape(len(taken), 2 * BLOCK), axis=1) ^ which
        if not np.array_equal(check, self.blocks[which, 2]):
            raise Spoiled
        return taken

    def _rows(self, keys: NDArray[np.int64], packed: NDArray[np.int64], ends: NDArray[np.int64]) -> Hits:
        starts = packed & (1 << _START_BITS) - 1
        counts = ends - starts
        if not len(keys):
            return NO_HITS
        if bool((counts <= 0).any()) or int(ends.max()) > len(self.rows):
            raise Spoiled
        first = np.cumsum(counts) - counts
        _ask_for(self.rows, starts * 4, ends * 4)
        rows = self.rows[np.repeat(starts - first, counts) + np.arange(int(counts.sum()))]
        if not np.array_equal(_fold(np.bitwise_xor.reduceat(rows, first)), packed >> _START_BITS):
            raise Spoiled
        return Hits(np.repeat(keys, counts), (rows >> 2).astype(np.int32), (rows & 3).astype(np.int8))


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """The common variants, memory-mapped."""

    sites: NDArray[np.int64]
    matrix: NDArray[np.uint8]

    def rows(self, keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """The rows of those of the keys that are common variants."""
        own = self.sites[:, 0]
        at = np.searchsorted(own, keys)
        at = at[(at < len(own)) & (own[np.minimum(at, len(own) - 1)] == keys)] if len(own) else at[:0]
        return self._checked(at)

    def between(self, low: int, high: int) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """The rows of every common variant from `low` up to, without, `high`."""
        first, last = np.searchsorted(self.sites[:, 0], [low, high])
        return self._checked(np.arange(first, last))

    def _checked(self, at: NDArray[np.intp]) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        rows = self.matrix[at]
        for place, row in zip(at, rows, strict=True):
            if zlib.crc32(row.data, int(place)) != self.sites[place, 1]:
                raise Spoiled
        return self.sites[at, 0], rows


def build(
    folder: Path,
    sources: list[str],
    carriers: Iterable[Hits],
    packed: Iterable[tuple[NDArray[np.int64], NDArray[np.uint8]]],
    width: int,
) -> None:
    """Write the cache of one level from its carriers (sorted, a key never split between pieces) and its
    matrix; it appears whole."""
    making = folder.with_name(f".making-{folder.name}")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    total = _write_carriers(making, carriers)
    sites = _write_matrix(making, packed)
    sizes = {file.name: file.stat().st_size for file in making.iterdir()}
    checks = {name: zlib.crc32((making / name).read_bytes()) for name in _IN_MEMORY}
    about = {"sources": sources, "rows": total, "sites": sites, "width": width, "block": BLOCK}
    about |= {"sizes": sizes, "checks": checks}
    (making / "about.json").write_bytes(orjson.dumps(about))
    shutil.rmtree(folder, ignore_errors=True)
    making.rename(folder)


def open_cache(folder: Path, sources: list[str]) -> tuple[Csr, Matrix] | None:
    """A level's cache; None when there is none, or it was built from something else."""
    try:
        about = orjson.loads((folder / "about.json").read_bytes())
        if about["sources"] != sources or about["block"] != BLOCK:
            return None
        if any((folder / name).stat().st_size != size for name, size in about["sizes"].items()):
            return None
        if any(zlib.crc32((folder / name).read_bytes()) != about["checks"][name] for name in _IN_MEMORY):
            return None
        blocks = np.fromfile(folder / "blocks.bin", np.int64).reshape(-1, 3)
        entries = _mapped(folder / "entries.bin", np.int64, (-1, 2, BLOCK))
        csr = Csr(entries, blocks, _mapped(folder / "rows.bin", np.uint32, (-1,)))
        sites = np.fromfile(folder / "sites.bin", np.int64).reshape(-1, 2)
        matrix = _mapped(folder / "matrix.bin", np.uint8, (len(sites), about["width"]))
        if len(blocks) != len(entries) + 1:
            return None
        return csr, Matrix(sites, matrix)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _mapped(path: Path, kind: type, shape: tuple[int, ...]) -> NDArray[Any]:
    """A file as an array, without reading it. Of a large one single pages are read, not their neighbours."""
    if not path.stat().st_size:
        return np.zeros([0 if size == -1 else size for size in shape], kind)
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
    if len(mapped) > LARGE:
        mapped.madvise(mmap.MADV_RANDOM)
    return np.frombuffer(mapped, kind).reshape(shape)


def _in_memory(address: int, size: int) -> bool:
    """Whether a mapped page is in memory; False where the system cannot say."""
    answer = ctypes.create_string_buffer(1)
    try:
        failed = ctypes.CDLL(None).mincore(ctypes.c_void_p(address), ctypes.c_size_t(size), answer)
    except (AttributeError, OSError):
        return False
    return not failed and bool(answer.raw[0] & 1)


def _ask_for(array: NDArray[Any], first: NDArray[np.int64], last: NDArray[np.int64]) -> None:
    """Ask the disk for bytes of a large file, all at once instead of one after another, unless a sample of
    them is in memory."""
    if array.nbytes <= LARGE:
        return
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    mapped: Any = base.obj if isinstance(base, memoryview) else base
    page = mmap.PAGESIZE
    starts = first // page * page
    sample = starts[:: len(starts) // _SAMPLE + 1]
    if all(_in_memory(array.ctypes.data + start, page) for start in sample.tolist()):
        return
    for start, end in zip(starts.tolist(), last.tolist(), strict=True):
        mapped.madvise(mmap.MADV_WILLNEED, start, end - start)


def _write_carriers(making: Path, carriers: Iterable[Hits]) -> int:
    pending: list[NDArray[np.int64]] = []
    blocks: list[NDArray[np.int64]] = []
    total = 0
    with (making / "entries.bin").open("wb") as entries, (making / "rows.bin").open("wb") as rows:

        def emit(whole: NDArray[np.int64]) -> None:
            taken = np.ascontiguousarray(whole.reshape(-1, BLOCK, 2).transpose(0, 2, 1))
            number = sum(map(len, blocks)) + np.arange(len(taken))
            check = np.bitwise_xor.reduce(taken.reshape(len(taken), 2 * BLOCK), axis=1) ^ number
            starts = taken[:, 1, 0] & (1 << _START_BITS) - 1
            blocks.append(np.stack([taken[:, 0, 0], starts, check], axis=1))
            entries.write(taken.tobytes())

        for hits in carriers:
            if not len(hits):
                continue
            word = hits.run.astype(np.uint32) << 2 | hits.zygosity.astype(np.uint32)
            first = np.flatnonzero(np.concatenate(([True], hits.key[1:] != hits.key[:-1])))
            check = _fold(np.bitwise_xor.reduceat(word, first)) << _START_BITS
            pending.append(np.stack([hits.key[first], (first + total) | check], axis=1))
            rows.write(word.tobytes())
            total += len(hits)
            whole = np.concatenate(pending)
            cut = len(whole) // BLOCK * BLOCK
            emit(whole[:cut])
            pending = [whole[cut:]]
        rest = np.concatenate(pending) if pending else np.zeros((0, 2), np.int64)
        if len(rest):
            fill = np.tile(np.array([[_LAST, total]], np.int64), (BLOCK - len(rest), 1))
            emit(np.concatenate((rest, fill)))
    blocks.append(np.array([[_LAST, total, 0]], np.int64))
    np.concatenate(blocks).tofile(making / "blocks.bin")
    return total


def _write_matrix(making: Path, packed: Iterable[tuple[NDArray[np.int64], NDArray[np.uint8]]]) -> int:
    sites: list[NDArray[np.int64]] = [np.zeros((0, 2), np.int64)]
    count = 0
    with (making / "matrix.bin").open("wb") as file:
        for keys, rows in packed:
            rows = np.ascontiguousarray(rows)
            checks = [zlib.crc32(row.data, count + at) for at, row in enumerate(rows)]
            sites.append(np.stack([keys, np.array(checks, np.int64)], axis=1).reshape(-1, 2))
            file.write(rows.tobytes())
            count += len(keys)
    np.concatenate(sites).tofile(making / "sites.bin")
    return count


def _fold(words: NDArray[np.uint32]) -> NDArray[np.int64]:
    """24 bits that change when one row changes."""
    return ((words ^ words >> 24) & 0xFFFFFF).astype(np.int64)
