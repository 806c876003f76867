"""Everything that happened to everybody, as columns, and what is known of each person: what cohorts,
exposures and outcomes are made from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

import numpy as np
import numpy.typing as npt

from bedside.knowledge.study_cohorts import Window
from bedside.learn.studies.balance import Flags, Real

Whole = npt.NDArray[np.int64]
_SPAN = 10_000_000


@dataclass(frozen=True)
class Occurrences:
    """Rows in any order. people: everybody by place; person: whose; day: days since 1970, whole; name: which
    of `names` (`kind:code`)."""

    people: tuple[str, ...]
    names: tuple[str, ...]
    person: Whole
    day: Whole
    name: Whole

    def keys(self, names: Sequence[str]) -> Whole:
        """Person and day of all that match any of the names, as one number each, rising, each once."""
        held = self._held
        if tuple(names) not in held:
            chosen = [any(fnmatchcase(one, name) for name in names) for one in self.names]
            rows = np.array(chosen, bool)[self.name] if len(self.name) else np.zeros(0, bool)
            held[tuple(names)] = np.unique(self.person[rows] * _SPAN + self.day[rows])
        found: Whole = held[tuple(names)]
        return found

    @cached_property
    def _held(self) -> dict[tuple[str, ...], Whole]:
        return {}

    def days(self, names: Sequence[str]) -> tuple[Whole, Whole]:
        """Persons and days of all that match."""
        keys = self.keys(names)
        return keys // _SPAN, keys % _SPAN

    def count(self, names: Sequence[str], person: Whole, first: Whole, last: Whole) -> Whole:
        """How many days with any of these each person has from `first` to `last`, both included."""
        keys = self.keys(names)
        low = np.searchsorted(keys, person * _SPAN + np.maximum(first, 0), side="left")
        high = np.searchsorted(keys, person * _SPAN + np.maximum(last, 0), side="right")
        found: Whole = np.maximum(high - low, 0).astype(np.int64)
        return found

    def next(self, names: Sequence[str], person: Whole, first: Whole, last: Whole) -> Real:
        """The first such day of each person from `first` to `last`; NaN for none."""
        keys = self.keys(names)
        place = np.searchsorted(keys, person * _SPAN + np.maximum(first, 0), side="left")
        here = place < len(keys)
        key = keys[np.minimum(place, max(len(keys) - 1, 0))] if len(keys) else np.zeros(len(person), np.int64)
        found = here & (key // _SPAN == person) & (key % _SPAN <= last)
        return np.where(found, (key % _SPAN).astype(np.float64), np.nan)

    def within(self, window: Window, person: Whole, zero: Whole) -> Flags:
        """Whether it happened within the window around each person's time zero."""
        found: Flags = self.count(window.names, person, zero + window.first, zero + window.last) > 0
        return found


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of everybody, in the order of `Occurrences.people`. born: days since 1970, NaN not known;
    female: 1, 0, NaN; groups: site, payer, language, deprivation ("" not known); first, last: the days
    between which the record knows of them; died: NaN for nobody knows."""

    born: Real
    female: Real
    groups: dict[str, npt.NDArray[np.object_]]
    first: Whole
    last: Whole
    died: Real


def occurrences_of(rows: Sequence[tuple[str, int, str]], people: Sequence[str] = ()) -> Occurrences:
    """From (person, day, name); people: also those to whom nothing happened."""
    everybody = tuple(sorted({*people, *(person for person, _, _ in rows)}))
    names = tuple(sorted({name for _, _, name in rows}))
    at, named = (
        {one: place for place, one in enumerate(everybody)},
        {one: place for place, one in enumerate(names)},
    )
    made = sorted({(at[person], day, named[name]) for person, day, name in rows})
    table = np.array(made, np.int64).reshape(-1, 3)
    return Occurrences(everybody, names, table[:, 0], table[:, 1], table[:, 2])
