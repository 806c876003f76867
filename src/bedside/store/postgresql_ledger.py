"""The ledger on PostgreSQL, for a site that outgrows one machine. Needs the extra `postgresql` (psycopg
3)."""

# ruff: noqa: S608 — statements are put together from names in this package, never from values.

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import psycopg
import psycopg.conninfo

from bedside.errors import SettingsError, StoreError
from bedside.settings import is_loopback
from bedside.store.dialect import SCHEMA_VERSION, Connection, migration

_WRITE_LOCK = 0x6265647369646501
"""The advisory lock of the one writer: the letters `bedside` and a number."""


_TLS = frozenset({"require", "verify-ca", "verify-full"})


def demand_tls(url: str) -> None:
    """Refuse to speak to a server on another machine unless the address demands TLS; raises
    `SettingsError`."""
    try:
        said = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise SettingsError("the store's address is not one of PostgreSQL") from error
    named = said.get("hostaddr") or said.get("host") or os.environ.get("PGHOST", "")
    hosts = [host for host in str(named).split(",") if host]
    mode = said.get("sslmode") or os.environ.get("PGSSLMODE", "")
    if mode not in _TLS and not all(host.startswith(("/", "@")) or is_loopback(host) for host in hosts):
        raise SettingsError(
            "the PostgreSQL server is another machine and the address does not demand TLS: add "
            "sslmode=verify-full (or set BEDSIDE_POSTGRESQL_PLAIN=yes on a line nobody else can read)"
        )


class Postgresql:
    """PostgreSQL with `synchronous_commit=on`: a commit that returned is in the write-ahead log on disk."""

    name = "postgresql"
    errors: tuple[type[Exception], ...] = (psycopg.Error,)

    def __init__(self, url: str) -> None:
        self.url = url

    @property
    def plain_file(self) -> None:
        """None: a server's files are its own."""

    def connect(self) -> Connection:
        """A connection in autocommit mode."""
        connection = psycopg.connect(
            self.url, autocommit=True, connect_timeout=10, application_name="bedside"
        )
        connection.execute("SET synchronous_commit = on")
        connection.execute("SET lock_timeout = '30s'")
        return connection

    def alive(self, connection: Connection) -> bool:
        """Whether the server still listens to this connection."""
        return not (connection.closed or connection.broken)

    def begin(self, connection: Connection) -> None:
        """Begin as the one writer, waiting for another to finish."""
        connection.execute("BEGIN")
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_WRITE_LOCK,))

    def begin_reading(self, connection: Connection) -> None:
        """Begin to read one snapshot; the first question fixes the moment."""
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def sql(self, text: str) -> str:
        """The statement with psycopg's parameter marks."""
        return _marks(text)

    def listed(self, column: str, where: str) -> str:
        """An aggregate: the column's values in rows that fit, as the text of a JSON array."""
        return f"COALESCE(CAST(json_agg({column}) FILTER (WHERE {where}) AS TEXT), '[]')"

    def said(self, value: str, path: str) -> str:
        """What a JSON text says at a path, as JSON text."""
        return f"CAST(CAST({value} AS json) #> '{{{path.replace('.', ',')}}}' AS text)"

    def quoted(self, value: str) -> str:
        """A text as JSON text; NULL stays."""
        return f"CAST(to_json({value}) AS text)"

    def entries(self, value: str, path: str) -> str:
        """The entries of a list, each the `value` of a row of `entry`."""
        held = f"CAST({value} AS json) #> '{{{path.replace('.', ',')}}}'"
        return (
            f"LATERAL json_array_elements(CASE json_typeof({held}) WHEN 'array' THEN {held} END) entry(value)"
        )

    def joined(self, value: str) -> str:
        """The rows' texts, one a line."""
        return f"string_agg({value}, chr(10))"

    def many(self, connection: Connection, text: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Run a statement once for each row."""
        with connection.cursor() as cursor:
            cursor.executemany(_marks(text), rows)

    def append_rows(
        self, connection: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
    ) -> None:
        """Insert rows that are known to be new, by COPY when there are many."""
        if len(rows) < 50:
            marks = ", ".join("?" * len(columns))
            self.many(connection, f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)
            return
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)

    def after_many(self, connection: Connection) -> None:
        """Fresh statistics; until they come by themselves the planner would read whole tables."""
        connection.execute("ANALYZE")

    def migrate(self, connection: Connection) -> None:
        """Bring the schema to `SCHEMA_VERSION` in one transaction; safe when two processes come at once."""
        self.begin(connection)
        try:
            connection.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)")
            held = connection.execute("SELECT COALESCE(MAX(version), 0) FROM schema_version").fetchone()[0]
            if held > SCHEMA_VERSION:
                raise StoreError(
                    f"the ledger has schema {held}, this program knows {SCHEMA_VERSION}: update Bedside"
                )
            for version in range(held + 1, SCHEMA_VERSION + 1):
                for text in migration(
                    version,
                    self.name,
                    integer="BIGINT",
                    sequence="BIGINT PRIMARY KEY",
                    text='TEXT COLLATE "C"',
                ):
                    connection.execute(text)
                connection.execute("INSERT INTO schema_version (version) VALUES (%s)", (version,))
            connection.execute("COMMIT")
        except (psycopg.Error, StoreError):
            connection.execute("ROLLBACK")
            raise

    def reason(self, error: Exception) -> str:
        """The class of the failure and its SQLSTATE; the server's own words may hold values of rows."""
        state = error.sqlstate if isinstance(error, psycopg.Error) else None
        return type(error).__name__ + (f" ({state})" if state else "")


@lru_cache(maxsize=512)
def _marks(text: str) -> str:
    return text.replace("%", "%%").replace("?", "%s")
