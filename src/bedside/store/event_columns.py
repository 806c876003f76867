"""Reads events of the ledger as columns: only the kinds and the parts of payloads that are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bedside.knowledge.measure import Table
from bedside.learn.event_columns import ABSENT, Codes, EventColumns, Rows
from bedside.store.chain import to_micros
from bedside.store.column_part import Asked, read_with_another
from bedside.store.column_text import WORD, parsed, statement, texts
from bedside.store.sql_ledger import SqlLedger

STRETCH = 200_000
"""Events of the ledger in one text."""
MANY = 600_000
"""Events from which on a second process is worth its start."""
THREADS = 2


class ArrowWords:
    """A vocabulary of any size. Words looked for once are remembered."""

    def __init__(self, words: pa.Array) -> None:
        self._words = words
        self._known: dict[str, int] = {}

    def find(self, words: Sequence[str]) -> Codes:
        """The codes of some words; ABSENT for a word that nothing says."""
        new = [word for word in dict.fromkeys(words) if word not in self._known]
        if new:
            found = pc.index_in(pa.array(new, pa.string()), value_set=self._words).fill_null(ABSENT)
            self._known.update(zip(new, found.to_pylist(), strict=True))
        return np.array([self._known[word] for word in words], np.int32)

    def __getitem__(self, code: int) -> str:
        word: str = self._words[code].as_py()
        return word

    def __len__(self) -> int:
        return len(self._words)

    def joined(self, new: pa.Array) -> tuple[ArrowWords, Codes]:
        """The vocabulary with further words, and the code of each of them."""
        codes = pc.index_in(new, value_set=self._words).fill_null(ABSENT).to_numpy(zero_copy_only=False)
        unknown = codes == ABSENT
        codes = codes.astype(np.int32)
        codes[unknown] = len(self._words) + np.arange(int(unknown.sum()), dtype=np.int32)
        added = new.filter(pa.array(unknown))
        return ArrowWords(pa.concat_arrays([self._words, added])), codes


@dataclass(slots=True)
class KeptColumns:
    """The columns of a ledger as far as they were read; only what was written since is read again. words:
    those that will be asked for, looked up together."""

    reads: Mapping[Table, Sequence[str]]
    words: tuple[str, ...] = ()
    held: EventColumns = field(
        default_factory=lambda: EventColumns({}, ArrowWords(pa.array([], pa.string())))
    )

    def up_to_date(self, ledger: SqlLedger) -> EventColumns:
        """The columns as of the last event written."""
        head = ledger.checkpoint().sequence
        if head > self.held.head:
            self.held = read_columns(ledger, self.reads, self.held, head)
            self.held.vocabulary.find(self.words)
        return self.held


def read_columns(
    ledger: SqlLedger,
    reads: Mapping[Table, Sequence[str]],
    before: EventColumns,
    head: int,
    many: int = MANY,
) -> EventColumns:
    """The columns of the events up to `head`, of which `before` holds the earlier ones. many: so many events
    are read with a second process, where the database is a file that one can open. Raises StoreError."""
    said = ledger.dialect
    asked = [
        Asked(table[0].value, statement(said, table, paths), tuple(paths)) for table, paths in reads.items()
    ]
    stretches = [(start, min(start + STRETCH, head)) for start in range(before.head, head, STRETCH)]

    def here(start: int, until: int) -> list[pa.Table | None]:
        with ledger._failing("read"), ledger._reading() as connection:
            found = texts(connection, said, [(one.kind, one.text) for one in asked], start, until)
        return [parsed(text, one.paths) if text else None for text, one in zip(found, asked, strict=True)]

    file = said.plain_file if head - before.head >= many else None
    if file is None:
        with ThreadPoolExecutor(THREADS) as pool:
            found = list(pool.map(lambda one: here(*one), stretches))
    else:
        found = read_with_another(file, asked, stretches, here)
    parts = {
        table: [several[place] for several in found if several[place] is not None]
        for place, table in enumerate(reads)
    }
    return _with(before, {t: pa.concat_tables(some) for t, some in parts.items() if some}, reads, head)


def _with(
    before: EventColumns, new: Mapping[Table, pa.Table], reads: Mapping[Table, Sequence[str]], head: int
) -> EventColumns:
    """The columns with those newly read, all in one vocabulary."""
    columns: list[Any] = [part.column(name) for part in new.values() for name in part.column_names[2:]]
    chunks = [chunk for column in columns for chunk in column.chunks]
    held = before.vocabulary
    vocabulary = held if isinstance(held, ArrowWords) else ArrowWords(pa.array([], pa.string()))
    places = np.zeros(0, np.int32)
    unified: list[Any] = []
    if chunks:
        unified = pa.chunked_array(chunks, WORD).unify_dictionaries().chunks
        vocabulary, places = vocabulary.joined(unified[0].dictionary)
    codes = iter(unified)

    def coded(column: Any) -> Codes:
        found = [_codes(next(codes), places) for _ in column.chunks]
        return np.concatenate(found) if found else np.zeros(0, np.int32)

    tables = dict(before.tables)
    for table, part in new.items():
        person, *rest = [coded(part.column(name)) for name in part.column_names[2:]]
        sequence, at = part.column("sequence").to_numpy(), part.column("at").to_numpy()
        attributes = dict(zip(reads[table], rest, strict=True))
        tables[table] = _appended(tables.get(table), Rows(sequence, person, at, attributes))
    return EventColumns(tables, vocabulary, head)


def _codes(chunk: Any, places: Codes) -> Codes:
    found = chunk.indices.fill_null(ABSENT).to_numpy(zero_copy_only=False)
    coded: Codes = np.where(found == ABSENT, ABSENT, places[np.maximum(found, 0)]).astype(np.int32)
    return coded


def _appended(held: Rows | None, new: Rows) -> Rows:
    order = np.argsort(new.sequence, kind="stable")
    new = Rows(
        new.sequence[order],
        new.person[order],
        new.at[order],
        {path: codes[order] for path, codes in new.attributes.items()},
    )
    if held is None:
        return new
    return Rows(
        np.concatenate((held.sequence, new.sequence)),
        np.concatenate((held.person, new.person)),
        np.concatenate((held.at, new.at)),
        {path: np.concatenate((held.attributes[path], codes)) for path, codes in new.attributes.items()},
    )


def last_known(ledger: SqlLedger, moment: datetime) -> int:
    """The place in the ledger of the last event known at a moment; 0 for none."""
    query = "SELECT sequence FROM event WHERE known_at <= ? ORDER BY sequence DESC LIMIT 1"
    found = ledger._all(query, to_micros(moment))
    return int(found[0][0]) if found else 0
