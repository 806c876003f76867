"""The ledger on SQLite: one file, nothing to install, several processes at once (WAL, one writer at a
time)."""

# ruff: noqa: S608 — statements are put together from names in this package, never from values.

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bedside.errors import StoreError
from bedside.store.dialect import SCHEMA_VERSION, Connection, migration

BUSY_SECONDS = 30.0
CONNECTED: Mapping[str, Any] = {
    "isolation_level": None,
    "check_same_thread": False,
    "cached_statements": 256,
}


class Sqlite:
    """SQLite in WAL mode with `synchronous=FULL`: a commit that returned is on disk."""

    name = "sqlite"
    errors: tuple[type[Exception], ...] = (sqlite3.Error,)

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def plain_file(self) -> Path | None:
        """The file itself."""
        return self.path

    def connect(self) -> Connection:
        """A connection to the file, which is created with its folder when it is not there."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"the ledger's folder cannot be made: {error.strerror}") from error
        connection = self._opened()
        try:
            self._prepare(connection)
        except self.errors:
            connection.close()
            raise
        return connection

    def _opened(self) -> Connection:
        return sqlite3.connect(self.path, timeout=BUSY_SECONDS, **CONNECTED)

    def _prepare(self, connection: Connection) -> None:
        mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        if mode != "wal":
            raise StoreError(
                "the ledger's file system cannot do write-ahead logging; put the store on a local disk"
            )
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA recursive_triggers=ON")
        connection.execute("PRAGMA temp_store=MEMORY")
        connection.execute("PRAGMA cache_size=-16384")
        connection.execute("PRAGMA wal_autocheckpoint=4000")

    def alive(self, connection: Connection) -> bool:
        """Always: a file does not hang up."""
        return True

    def begin(self, connection: Connection) -> None:
        """Begin as the one writer, waiting up to `BUSY_SECONDS` for another to finish."""
        connection.execute("BEGIN IMMEDIATE")

    def begin_reading(self, connection: Connection) -> None:
        """Begin to read; the first question fixes the moment (WAL: writers go on)."""
        connection.execute("BEGIN")

    def sql(self, text: str) -> str:
        """The statement as it stands."""
        return text

    def listed(self, column: str, where: str) -> str:
        """An aggregate: the column's values in rows that fit, as the text of a JSON array."""
        return f"json_group_array({column}) FILTER (WHERE {where})"

    def said(self, value: str, path: str) -> str:
        """What a JSON text says at a path, as JSON text."""
        return f"{value} -> '$.{path}'"

    def quoted(self, value: str) -> str:
        """A text as JSON text; NULL stays."""
        return f"CASE WHEN {value} IS NOT NULL THEN json_quote({value}) END"

    def entries(self, value: str, path: str) -> str:
        """The entries of a list, each the `value` of a row of `entry`."""
        return f"json_each({value}, '$.{path}') entry"

    def joined(self, value: str) -> str:
        """The rows' texts, one a line; as bytes, which need no decoding."""
        return f"CAST(group_concat({value}, char(10)) AS BLOB)"

    def many(self, connection: Connection, text: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Run a statement once for each row."""
        connection.executemany(text, rows)

    def append_rows(
        self, connection: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
    ) -> None:
        """Insert rows that are known to be new."""
        marks = ", ".join("?" * len(columns))
        connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)

    def after_many(self, connection: Connection) -> None:
        """Nothing: the plans of our questions do not depend on statistics."""

    def migrate(self, connection: Connection) -> None:
        """Bring the schema to `SCHEMA_VERSION` in one transaction; safe when two processes open a new file at
        once."""
        if self._version(connection) == SCHEMA_VERSION:
            return
        self.begin(connection)
        try:
            for version in range(self._version(connection) + 1, SCHEMA_VERSION + 1):
                for text in migration(
                    version, self.name, integer="INTEGER", sequence="INTEGER PRIMARY KEY", text="TEXT"
                ):
                    for statement in _statements(text):
                        connection.execute(statement)
                connection.execute(f"PRAGMA user_version={version}")
            connection.execute("COMMIT")
        except self.errors:
            connection.execute("ROLLBACK")
            raise

    def _version(self, connection: Connection) -> int:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version > SCHEMA_VERSION:
            raise StoreError(
                f"the ledger has schema {version}, this program knows {SCHEMA_VERSION}: update Bedside"
            )
        return version

    def reason(self, error: Exception) -> str:
        """SQLite's own words, which never hold a value."""
        return str(error)


def _statements(text: str) -> list[str]:
    """The statements of a script; one may hold several semicolons (a trigger)."""
    found, held = [], ""
    for line in text.splitlines():
        if not line.startswith("--"):
            held += line + "\n"
        if sqlite3.complete_statement(held):
            found.append(held)
            held = ""
    return found
