"""What happened to many people on a care pathway, as columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from bedside.genome.signal import Signal

Whole = npt.NDArray[np.int64]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECONDS = 1_000_000

Kind = tuple[str, tuple[tuple[str, str], ...]]
"""A signal's name and its attributes in order."""


@dataclass(frozen=True, slots=True)
class SignalColumns:
    """The signals of people 0 to n-1, sorted by person, then time, then kind.

    kinds: every signal with its attributes that occurs; kind: which of them, for each line; at: microseconds
    since 1970. starts: where each person's lines begin, and at the end their number. Nothing taken back and
    nothing told twice is among them.
    """

    kinds: tuple[Kind, ...]
    kind: npt.NDArray[np.int32]
    at: Whole
    starts: Whole

    @property
    def people(self) -> int:
        """How many people there are."""
        return len(self.starts) - 1

    def until(self, now: datetime) -> SignalColumns:
        """The signals up to a moment."""
        keep = self.at <= microseconds(now)
        if keep.all():
            return self
        before = np.concatenate(([0], np.cumsum(keep, dtype=np.int64)))
        return SignalColumns(self.kinds, self.kind[keep], self.at[keep], before[self.starts])


def columns(
    kinds: Sequence[Kind], person: Whole, kind: npt.NDArray[np.int32], at: Whole, people: int
) -> SignalColumns:
    """Columns from lines in any order; a line that says the same as another counts once. Raises ValueError
    for a person outside 0 to people-1, or a kind that is not listed."""
    if len(person) and (person.min() < 0 or person.max() >= people):
        raise ValueError("a line names a person that there is not")
    if len(kind) and (kind.min() < 0 or kind.max() >= len(kinds)):
        raise ValueError("a line names a kind of signal that is not listed")
    ranked = sorted(range(len(kinds)), key=lambda one: kinds[one])
    rank = np.empty(len(kinds), np.int32)
    rank[ranked] = np.arange(len(kinds), dtype=np.int32)
    kind = rank[kind] if len(kind) else kind.astype(np.int32)
    if not _sorted(person, at, kind):
        order = np.lexsort((kind, at, person))
        person, at, kind = person[order], at[order], kind[order]
    if len(person) > 1:
        same = (person[1:] == person[:-1]) & (at[1:] == at[:-1]) & (kind[1:] == kind[:-1])
        if same.any():
            keep = np.concatenate(([True], ~same))
            person, at, kind = person[keep], at[keep], kind[keep]
    starts = np.searchsorted(person, np.arange(people + 1), side="left").astype(np.int64)
    return SignalColumns(tuple(kinds[one] for one in ranked), kind, at, starts)


def _sorted(person: Whole, at: Whole, kind: npt.NDArray[np.int32]) -> bool:
    if len(person) < 2:
        return True
    rises = person[1:] > person[:-1]
    same = person[1:] == person[:-1]
    later = (at[1:] > at[:-1]) | ((at[1:] == at[:-1]) & (kind[1:] >= kind[:-1]))
    return bool((rises | (same & later)).all())


def columns_of(people: Sequence[Sequence[Signal]]) -> SignalColumns:
    """Columns of signals that hold (`standing_signals` of each person)."""
    codes: dict[Kind, int] = {}
    person, kind, at = [], [], []
    for number, signals in enumerate(people):
        for one in signals:
            key = (one.name, tuple(sorted(one.attributes.items())))
            person.append(number)
            kind.append(codes.setdefault(key, len(codes)))
            at.append(microseconds(one.at))
    return columns(
        tuple(codes),
        np.array(person, np.int64),
        np.array(kind, np.int32),
        np.array(at, np.int64),
        len(people),
    )


def microseconds(moment: datetime) -> int:
    """A moment as microseconds since 1970."""
    since = moment - EPOCH
    return (since.days * 86_400 + since.seconds) * MICROSECONDS + since.microseconds


def attributes_of(kind: Kind) -> Mapping[str, str]:
    """The attributes of a kind of signal."""
    return dict(kind[1])
