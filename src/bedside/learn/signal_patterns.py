"""People to whom the same things happened in the same order stand at the same place: worked out once for all.

Where somebody stands depends on the order of the signals and not on their times, so the walk is made once for
each distinct order, with places in the order instead of times, by the same code that serves one person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bedside.learn.signal_columns import SignalColumns, Whole

Hash = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Patterns:
    """of: the pattern of each person. orders: of each pattern the signals as (kind, tick) in order, where
    signals of one moment have one tick."""

    of: Whole
    orders: tuple[tuple[tuple[int, int], ...], ...]


def patterns(held: SignalColumns) -> Patterns:
    """The distinct orders of signals, and whose is which."""
    lengths = np.diff(held.starts)
    ticks = _ticks(held)
    words = held.kind.astype(np.uint64) * np.uint64(1 << 32) + ticks.astype(np.uint64) + np.uint64(1)
    place = np.arange(len(words), dtype=np.int64) - np.repeat(held.starts[:-1], lengths)
    mixed = _mix(
        words * np.uint64(0x9E3779B97F4A7C15) + place.astype(np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F)
    )
    sums = np.concatenate(([np.uint64(0)], np.cumsum(mixed, dtype=np.uint64)))
    digest = _mix((sums[held.starts[1:]] - sums[held.starts[:-1]]) ^ lengths.astype(np.uint64))
    _, first, of = np.unique(digest, return_index=True, return_inverse=True)
    of = _apart(held, words, lengths, first, of.astype(np.int64))
    if of.max(initial=-1) >= len(first):
        _, first = np.unique(of, return_index=True)
    orders = []
    for one in first:
        lines = slice(held.starts[one], held.starts[one + 1])
        orders.append(tuple(zip(held.kind[lines].tolist(), ticks[lines].tolist(), strict=True)))
    return Patterns(of, tuple(orders))


def _ticks(held: SignalColumns) -> Whole:
    """The place of each signal's moment among the distinct moments of its person."""
    if not len(held.at):
        return np.zeros(0, np.int64)
    later = np.concatenate(([0], (held.at[1:] != held.at[:-1]).astype(np.int64)))
    begins = held.starts[:-1][np.diff(held.starts) > 0]
    later[begins] = 0
    run = np.cumsum(later)
    ticks: Whole = run - np.repeat(run[np.minimum(held.starts[:-1], len(run) - 1)], np.diff(held.starts))
    return ticks


def _mix(words: Hash) -> Hash:
    """A finaliser of a 64-bit hash (splitmix64, public domain)."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


def _apart(held: SignalColumns, words: Hash, lengths: Whole, first: Whole, of: Whole) -> Whole:
    """The patterns with people told apart whose digests are the same by chance; every line is compared."""
    leader = first[of]
    wrong = lengths != lengths[leader]
    same = np.flatnonzero(~wrong)
    for place in range(int(lengths.max(initial=0))):
        same = same[lengths[same] > place]
        differs = words[held.starts[same] + place] != words[held.starts[leader[same]] + place]
        if differs.any():
            wrong[same[differs]] = True
            same = same[~differs]
    if not wrong.any():
        return of
    found: dict[bytes, int] = {}
    apart = of.copy()
    for one in np.flatnonzero(wrong):
        key = words[held.starts[one] : held.starts[one + 1]].tobytes()
        apart[one] = found.setdefault(key, len(first) + len(found))
    return apart
