"""Events as columns: what measures are computed from, whatever they were read from.

Every word (a person, an order's number, a status) is an integer: its place in one vocabulary.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from bedside.genome.event import EventKind
from bedside.knowledge.measure import KEY, PERSON, Table

Codes = npt.NDArray[np.int32]
Integers = npt.NDArray[np.int64]
ABSENT = -1
"""The code of what an event does not say."""
SAID, NOT_SAID = "yes", "no"
"""What a path ending in `?` says: whether there is anything there."""


class Vocabulary(Protocol):
    """The words behind the codes."""

    def find(self, words: Sequence[str]) -> Codes:
        """The codes of some words; ABSENT for a word that nothing says."""
        ...

    def __getitem__(self, code: int) -> str: ...

    def __len__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Rows:
    """The events of one table, in the order written. at: µs since 1970. person, attributes: codes."""

    sequence: Integers
    person: Codes
    at: Integers
    attributes: Mapping[str, Codes]

    def __len__(self) -> int:
        return len(self.sequence)

    def only(self, keep: npt.NDArray[np.bool_]) -> Rows:
        """Some of the rows."""
        if keep.all():
            return self
        held = {path: codes[keep] for path, codes in self.attributes.items()}
        return Rows(self.sequence[keep], self.person[keep], self.at[keep], held)

    def codes(self, path: str) -> Codes:
        """What the events say at a path."""
        return self.person if path == PERSON else self.attributes[path]


@dataclass(frozen=True, slots=True)
class EventColumns:
    """Everything read. head: the place in the ledger of the last event looked at."""

    tables: Mapping[Table, Rows]
    vocabulary: Vocabulary
    head: int = 0

    def rows(self, table: Table) -> Rows:
        """The events of a table; none where none was read."""
        return self.tables.get(table, EMPTY)


_NONE = np.zeros(0, np.int64)
EMPTY = Rows(_NONE, _NONE.astype(np.int32), _NONE, {})


@dataclass(frozen=True, slots=True)
class Written:
    """One event as columns need it."""

    sequence: int
    kind: EventKind
    person: str | None
    at: int
    payload: Mapping[str, Any]
    key: str | None = None


class Words:
    """A vocabulary in plain Python, for a few events."""

    def __init__(self) -> None:
        self._words: list[str] = []
        self._codes: dict[str, int] = {}

    def code(self, word: str | None) -> int:
        """The code of a word, which is new or not; ABSENT for None."""
        if word is None:
            return ABSENT
        if word not in self._codes:
            self._codes[word] = len(self._words)
            self._words.append(word)
        return self._codes[word]

    def find(self, words: Sequence[str]) -> Codes:
        """The codes of some words; ABSENT for a word that nothing says."""
        return np.array([self._codes.get(word, ABSENT) for word in words], np.int32)

    def __getitem__(self, code: int) -> str:
        return self._words[code]

    def __len__(self) -> int:
        return len(self._words)


def said_at(payload: Any, path: str) -> str | None:
    """What a payload says at a path, as a word; None where it says nothing. A path ending in `?` asks
    whether there is anything."""
    asked = path.removesuffix("?")
    held = payload
    for step in asked.split("."):
        held = held.get(step) if isinstance(held, Mapping) else None
    if asked != path:
        return NOT_SAID if held in (None, "", [], {}) else SAID
    if held is None or isinstance(held, str):
        return held
    return json.dumps(held, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def columns_of(events: Iterable[Written], reads: Mapping[Table, Sequence[str]]) -> EventColumns:
    """The columns of a few events, read one by one."""
    words, head = Words(), 0
    lines: dict[Table, list[tuple[int, int, int, list[int]]]] = {table: [] for table in reads}
    for event in events:
        head = max(head, event.sequence)
        for table, paths in reads.items():
            if table[0] is not event.kind:
                continue
            for entry in event.payload.get(table[1], ()) if table[1] else (event.payload,):
                said = [words.code(event.key if path == KEY else said_at(entry, path)) for path in paths]
                lines[table].append((event.sequence, words.code(event.person), event.at, said))
    tables = {}
    for table, paths in reads.items():
        held = lines[table]
        tables[table] = Rows(
            np.array([one[0] for one in held], np.int64),
            np.array([one[1] for one in held], np.int32),
            np.array([one[2] for one in held], np.int64),
            {path: np.array([one[3][i] for one in held], np.int32) for i, path in enumerate(paths)},
        )
    return EventColumns(tables, words, head)
