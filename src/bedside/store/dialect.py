"""What differs between SQLite and PostgreSQL; everything else of the ledger is written once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

Connection = Any
"""A `sqlite3.Connection` or a `psycopg.Connection`, in autocommit mode: both have `execute` and `close`."""

SCHEMA_VERSION = 3


class Dialect(Protocol):
    """One database: how to connect, take the write lock, and write many rows at once."""

    name: str
    errors: tuple[type[Exception], ...]

    @property
    def plain_file(self) -> Path | None:
        """The file that another process can read as it is; None where there is none."""
        ...

    def connect(self) -> Connection:
        """A new connection, usable from any one thread at a time."""
        ...

    def alive(self, connection: Connection) -> bool:
        """Whether the connection can still be used."""
        ...

    def begin(self, connection: Connection) -> None:
        """Begin a transaction and take the ledger's one write lock, so that sequences have no gaps."""
        ...

    def begin_reading(self, connection: Connection) -> None:
        """Begin a transaction that sees one moment of the database, and keeps nobody from writing."""
        ...

    def sql(self, text: str) -> str:
        """The statement with this database's parameter marks (written with `?`)."""
        ...

    def listed(self, column: str, where: str) -> str:
        """An aggregate: the column's values in rows that fit, as the text of a JSON array."""
        ...

    def said(self, value: str, path: str) -> str:
        """What a JSON text says at a path (`order.test`), as JSON text; NULL where it says nothing."""
        ...

    def quoted(self, value: str) -> str:
        """A text as JSON text."""
        ...

    def entries(self, value: str, path: str) -> str:
        """The entries of the list at a path of a JSON text, each the `value` of a row of `entry`."""
        ...

    def joined(self, value: str) -> str:
        """An aggregate: the rows' texts, one a line, as bytes or text."""
        ...

    def many(self, connection: Connection, text: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Run a statement once for each row."""
        ...

    def append_rows(
        self, connection: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
    ) -> None:
        """Insert rows that are known to be new, as fast as the database can."""
        ...

    def after_many(self, connection: Connection) -> None:
        """What the database needs, within the transaction, after very many rows to stay quick."""
        ...

    def migrate(self, connection: Connection) -> None:
        """Bring the schema to `SCHEMA_VERSION`; `StoreError` when it is newer than this program."""
        ...

    def reason(self, error: Exception) -> str:
        """What went wrong, without any value of a row."""
        ...


def migration(version: int, dialect: str, **types: str) -> Iterable[str]:
    """The files of one schema version, tables first, with the dialect's types filled in."""
    folder = files("bedside.store") / "schema"
    for part in ("tables", dialect):
        text = (folder / f"{version:04d}_{part}.sql").read_text(encoding="utf-8")
        for name, written in types.items():
            text = text.replace("{" + name + "}", written)
        yield text
