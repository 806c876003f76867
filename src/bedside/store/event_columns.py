"""Reads events of the ledger as columns: only the kinds and the parts of payloads that are asked for.

The database puts the rows of a stretch of the ledger into one text, which is parsed as a table. Python sees
no row.
"""

# ruff: noqa: S608 — statements are put together from names in this package and of packs, never from values.

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from bedside.knowledge.measure import KEY, PERSON, Table
from bedside.learn.event_columns import ABSENT, Codes, EventColumns, Rows
from bedside.store.chain import to_micros
from bedside.store.sql_ledger import SqlLedger

STRETCH = 200_000
"""Events of the ledger in one text."""
STEP = 10_000
"""Events that a database's own cache holds while all statements look at them."""
THREADS = 2
_WORD = pa.dictionary(pa.int32(), pa.string())
_PATH = re.compile(r"@key|@person|[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*)*\??")
_EMPTY = "('{}', '[]', '\"\"', 'null')"


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
    ledger: SqlLedger, reads: Mapping[Table, Sequence[str]], before: EventColumns, head: int
) -> EventColumns:
    """The columns of the events up to `head`, of which `before` holds the earlier ones. Raises StoreError."""
    statements = {table: statement(ledger, table, paths) for table, paths in reads.items()}
    starts = range(before.head, head, STRETCH)

    def one(start: int) -> dict[Table, pa.Table]:
        texts = _texts(ledger, statements, start, min(start + STRETCH, head))
        return {table: parsed(text, reads[table]) for table, text in texts.items()}

    parts: dict[Table, list[pa.Table]] = {table: [] for table in reads}
    with ThreadPoolExecutor(THREADS) as pool:
        for found in pool.map(one, starts):
            for table, part in found.items():
                parts[table].append(part)
    return _with(before, {t: pa.concat_tables(some) for t, some in parts.items() if some}, reads, head)


def statement(ledger: SqlLedger, table: Table, paths: Sequence[str]) -> str:
    """One table's rows of a stretch of the ledger as one text: sequence, time, person, then each path."""
    said, each = ledger._dialect, table[1]
    payload = "entry.value" if each else "e.payload"
    wrong = [path for path in (*paths, *((each,) if each else ())) if not _PATH.fullmatch(path)]
    if wrong:
        raise ValueError(f"no path into a payload: {wrong}")

    def cell(path: str) -> str:
        if path in (KEY, PERSON):
            return said.quoted("e.key" if path == KEY else "e.person")
        asked = said.said(payload, path.removesuffix("?"))
        if path.endswith("?"):
            return f"CASE WHEN {asked} IS NULL OR {asked} IN {_EMPTY} THEN '\"no\"' ELSE '\"yes\"' END"
        return asked

    cells = ["CAST(e.sequence AS TEXT)", "CAST(e.valid_at AS TEXT)", said.quoted("e.person")]
    cells += [cell(path) for path in paths]
    tab = " || '\t' || "
    line = tab.join(f"COALESCE({one}, '')" for one in cells)
    source = f"event e, {said.entries('e.payload', each)}" if each else "event e"
    # Canonical JSON: a payload that begins so has nothing in that list, and need not be parsed.
    empty = f'{{"{each}":[]'
    full = f" AND substr(e.payload, 1, {len(empty)}) <> '{empty}'" if each and "." not in each else ""
    return (
        f"SELECT {said.joined('line')} FROM (SELECT {line} AS line FROM {source} "
        f"WHERE e.kind = ? AND e.sequence > ? AND e.sequence <= ?{full}) lines"
    )


def parsed(text: bytes, paths: Sequence[str]) -> pa.Table:
    """The table in such a text; every word without its quotes."""
    names = ["sequence", "at", PERSON, *(f"path:{path}" for path in paths)]
    types = dict.fromkeys(names, _WORD) | {"sequence": pa.int64(), "at": pa.int64()}
    table = csv.read_csv(
        pa.BufferReader(text),
        read_options=csv.ReadOptions(column_names=names, use_threads=False, block_size=1 << 24),
        parse_options=csv.ParseOptions(delimiter="\t", quote_char=False),
        convert_options=csv.ConvertOptions(
            column_types=types, null_values=["", "null"], strings_can_be_null=True
        ),
    )
    for place, name in enumerate(names[2:], 2):
        chunks = [_unquoted(chunk) for chunk in table.column(name).chunks]
        table = table.set_column(place, name, pa.chunked_array(chunks, _WORD))
    return table


def _unquoted(chunk: Any) -> Any:
    """The words of JSON texts."""
    words = pc.utf8_trim(chunk.dictionary, characters='"')
    escaped = pc.match_substring(chunk.dictionary, "\\").to_numpy(zero_copy_only=False)
    if escaped.any():
        plain, quoted = words.to_pylist(), chunk.dictionary.to_pylist()
        for place in np.flatnonzero(escaped).tolist():
            held = json.loads(quoted[place])
            plain[place] = held if isinstance(held, str) else quoted[place]
        words = pa.array(plain, pa.string())
    return pa.DictionaryArray.from_arrays(chunk.indices, words)


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
        unified = pa.chunked_array(chunks, _WORD).unify_dictionaries().chunks
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


def _texts(ledger: SqlLedger, statements: Mapping[Table, str], start: int, until: int) -> dict[Table, bytes]:
    """Every table's rows of a stretch, step by step: the pages of a step are read once and stay at hand for
    all statements."""
    texts: dict[Table, list[bytes]] = {table: [] for table in statements}
    with ledger._failing("read"), ledger._reading() as connection:
        for step in range(start, until, STEP):
            last = min(step + STEP, until)
            for table, text in statements.items():
                query = ledger._dialect.sql(text)
                found = connection.execute(query, (table[0].value, step, last)).fetchone()[0]
                if found is not None:
                    texts[table].append(found.encode() if isinstance(found, str) else found)
    return {table: b"\n".join(some) for table, some in texts.items() if some}


def last_known(ledger: SqlLedger, moment: datetime) -> int:
    """The place in the ledger of the last event known at a moment; 0 for none."""
    query = "SELECT sequence FROM event WHERE known_at <= ? ORDER BY sequence DESC LIMIT 1"
    found = ledger._all(query, to_micros(moment))
    return int(found[0][0]) if found else 0
