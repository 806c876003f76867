"""Events of the ledger as texts that are parsed as tables: what the database is asked, and what it answers.

The database puts the rows of a stretch of the ledger into one text. Python sees no row.
"""

# ruff: noqa: S608 — statements are put together from names in this package and of packs, never from values.

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from bedside.knowledge.measure import KEY, PERSON, Table
from bedside.store.dialect import Connection, Dialect

STEP = 10_000
"""Events that a database's own cache holds while all statements look at them."""
WORD = pa.dictionary(pa.int32(), pa.string())
_PATH = re.compile(r"@key|@person|[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*)*\??")
_EMPTY = "('{}', '[]', '\"\"', 'null')"


def statement(said: Dialect, table: Table, paths: Sequence[str]) -> str:
    """One table's rows of a stretch of the ledger as one text: sequence, time, person, then each path."""
    each = table[1]
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
    types = dict.fromkeys(names, WORD) | {"sequence": pa.int64(), "at": pa.int64()}
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
        table = table.set_column(place, name, pa.chunked_array(chunks, WORD))
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


def texts(
    connection: Connection, said: Dialect, asked: Sequence[tuple[str, str]], start: int, until: int
) -> list[bytes]:
    """The text of every table's rows of a stretch, b"" for none, step by step: the pages of a step are read
    once and stay at hand for all statements. asked: the kind of event and the statement of each table."""
    found: list[list[bytes]] = [[] for _ in asked]
    queries = [(kind, said.sql(text)) for kind, text in asked]
    for step in range(start, until, STEP):
        last = min(step + STEP, until)
        for (kind, query), some in zip(queries, found, strict=True):
            text = connection.execute(query, (kind, step, last)).fetchone()[0]
            if text is not None:
                some.append(text.encode() if isinstance(text, str) else text)
    return [b"\n".join(some) for some in found]
