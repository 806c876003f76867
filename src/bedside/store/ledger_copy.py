"""A whole ledger as plain rows, out of one database at one moment and into an empty one of either kind."""

# ruff: noqa: S608 — statements are put together from names in this package, never from values.

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bedside.errors import StoreError, Tampered
from bedside.genome.event import Event
from bedside.store.chain import GENESIS, Row, link
from bedside.store.dialect import Connection, Dialect
from bedside.store.ledger import Checkpoint
from bedside.store.readings import COLUMNS, PAGE, event_of

if TYPE_CHECKING:
    from bedside.store.sql_ledger import SqlLedger

ContentRow = tuple[str, str, str, str]
"""digest, kind, gene, body."""


@dataclass(frozen=True, slots=True)
class LedgerRows:
    """One moment of a ledger, whatever is written meanwhile. head: its last event."""

    head: Checkpoint
    _dialect: Dialect
    _connection: Connection

    def events(self) -> Iterator[list[Row]]:
        """Every event, page by page in order, each checked against the chain; raises `Tampered`."""
        after, before = 0, GENESIS
        query = f"SELECT {', '.join(COLUMNS)} FROM event WHERE sequence > ? ORDER BY sequence LIMIT {PAGE}"
        while rows := self._connection.execute(self._dialect.sql(query), (after,)).fetchall():
            page = [tuple(row) for row in rows]
            before = checked(page, after, before)
            after = page[-1][0]
            yield page

    def contents(self) -> Iterator[list[ContentRow]]:
        """Every content, page by page in order of digest, each checked against it; raises `Tampered`."""
        after = ""
        query = f"SELECT digest, kind, gene, body FROM content WHERE digest > ? ORDER BY digest LIMIT {PAGE}"
        while rows := self._connection.execute(self._dialect.sql(query), (after,)).fetchall():
            page = [(row[0], row[1], row[2], row[3]) for row in rows]
            check_contents(page)
            after = page[-1][0]
            yield page


def checked(page: Sequence[Row], after: int, before: str) -> str:
    """The hash at the end of a page of events that follows an event; raises `Tampered` naming the first that
    does not fit."""
    for row in page:
        if row[0] != after + 1:
            raise Tampered(f"event {after + 1} is missing")
        if link(before, row) != row[8]:
            raise Tampered(f"event {row[0]} does not fit the ledger's hash chain")
        after, before = row[0], row[8]
    return before


def check_contents(page: Iterable[ContentRow]) -> None:
    """Raises `Tampered` for content that is not what its digest says."""
    for digest, _, _, body in page:
        if hashlib.sha256(body.encode()).hexdigest() != digest:
            raise Tampered(f"content {digest[:12]} is not what its digest says")


@contextmanager
def rows_of(ledger: SqlLedger) -> Iterator[LedgerRows]:
    """The ledger as it is now, on a connection of its own. Writers go on meanwhile."""
    dialect = ledger.dialect
    try:
        connection = dialect.connect()
        try:
            dialect.begin_reading(connection)
            row = connection.execute(
                "SELECT sequence, hash FROM event ORDER BY sequence DESC LIMIT 1"
            ).fetchone()
            head = Checkpoint(0, GENESIS) if row is None else Checkpoint(row[0], row[1])
            yield LedgerRows(head, dialect, connection)
        finally:
            connection.close()
    except dialect.errors as error:
        raise StoreError(f"the ledger could not be copied: {dialect.reason(error)}") from error


def fill(
    ledger: SqlLedger, events: Iterable[list[Row]], contents: Iterable[list[ContentRow]], head: Checkpoint
) -> None:
    """Put a whole ledger into an empty one, in one transaction: the same events, the same chain, projections
    written anew. Raises `StoreError` when something is there, `Tampered` when a row or the end is not right.
    """
    with ledger.filling() as (dialect, connection):
        for table in ("event", "content"):
            if connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None:
                raise StoreError("the ledger is not empty; nothing was written")
        for some in contents:
            check_contents(some)
            dialect.append_rows(connection, "content", ("digest", "kind", "gene", "body"), some)
        after, before = 0, GENESIS
        for page in events:
            before = checked(page, after, before)
            after = page[-1][0]
            dialect.append_rows(connection, "event", COLUMNS, page)
            ledger.project(connection, [_known(row) for row in page])
        if (after, before) != (head.sequence, head.hash):
            raise Tampered(f"the events end at {after}, the checkpoint was taken at {head.sequence}")
        dialect.after_many(connection)


def _known(row: Row) -> Event:
    try:
        return event_of(row)
    except KeyError as error:
        raise StoreError(f"event {row[0]} is of a kind that is not known here: update Bedside") from error
