"""The ledger on an SQL database, written once for SQLite and PostgreSQL: appending, and the chain."""

# ruff: noqa: S608 — statements are put together from names in this package, never from values.

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import groupby

from bedside.errors import Tampered
from bedside.genome.event import Event, NewEvent
from bedside.store.chain import GENESIS, Row, from_micros, link, to_micros
from bedside.store.dialect import Connection, Dialect
from bedside.store.encode import canonical
from bedside.store.genome_readings import GenomeReadings
from bedside.store.ledger import Checkpoint, Content, Overtaken, Unless
from bedside.store.projections import TABLES, steps
from bedside.store.read_only import demand_looking
from bedside.store.readings import COLUMNS, PAGE, event_of

MANY = 1000
"""Events of one append from which on the database is told that there were many."""

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time on this machine's clock, aware."""
    return datetime.now(UTC)


class _LookedOnly(Exception):
    """Ends a transaction that must leave nothing behind."""


class SqlLedger(GenomeReadings):
    """A `Ledger` over one database. Safe for threads; several processes may hold one each."""

    def __init__(self, dialect: Dialect, clock: Clock = utc_now) -> None:
        super().__init__(dialect)
        self._clock = clock
        self._lock = threading.Lock()
        self._write: Connection | None = None
        self.read_only = False
        with self._failing("opened"):
            self._write = self._dialect.connect()
            try:
                self._dialect.migrate(self._write)
            except BaseException:
                self._write.close()
                raise

    @property
    def dialect(self) -> Dialect:
        """The database under it."""
        return self._dialect

    @contextmanager
    def filling(self) -> Iterator[tuple[Dialect, Connection]]:
        """One transaction in which a whole ledger is put in place (`ledger_copy.fill`)."""
        with self._failing("written"), self._transaction() as connection:
            yield self._dialect, connection

    def append(
        self, events: Sequence[NewEvent], contents: Iterable[Content] = (), unless: Unless | None = None
    ) -> tuple[Event, ...]:
        """Write all events or none, with content and projections, in one transaction; on disk when this
        returns."""
        texts = [canonical(event.payload).decode() for event in events]
        bodies = [(c.digest, c.kind, c.gene, c.body.decode()) for c in contents]
        if not events and not bodies:
            return ()
        if self.read_only:
            demand_looking(events)
        with self._failing("written"), self._transaction() as connection:
            if unless is not None:
                self._check(connection, unless)
            if bodies:
                self._dialect.many(
                    connection,
                    "INSERT INTO content (digest, kind, gene, body) VALUES (?, ?, ?, ?) "
                    "ON CONFLICT (digest) DO NOTHING",
                    bodies,
                )
            written = self._append(connection, events, texts)
            if len(events) >= MANY:
                self._dialect.after_many(connection)
            return written

    def _check(self, connection: Connection, unless: Unless) -> None:
        kinds = [kind.value for kind in unless.kinds]
        marks = ", ".join("?" * len(kinds))
        query = self._dialect.sql(f"SELECT kind FROM event WHERE sequence > ? AND kind IN ({marks}) LIMIT 1")
        came = connection.execute(query, (unless.after, *kinds)).fetchone()
        if came is not None:
            raise Overtaken(f"the ledger went on meanwhile ({came[0]}); do it again")

    def _append(
        self, connection: Connection, events: Sequence[NewEvent], texts: Sequence[str]
    ) -> tuple[Event, ...]:
        held = self._held(connection, events)
        sequence, before, last_known = self._head(connection)
        known = max(to_micros(self._clock()), last_known)
        answer: list[Event] = []
        rows: list[Row] = []
        new: list[Event] = []
        for event, text in zip(events, texts, strict=True):
            name = (event.kind.value, event.key)
            if event.key is not None and name in held:
                answer.append(held[name])
                continue
            sequence += 1
            row = (
                sequence,
                event.kind.value,
                event.person,
                event.actor,
                to_micros(event.valid_at),
                known,
                event.key,
                text,
            )
            before = link(before, (*row, ""))
            rows.append((*row, before))
            written = _written(event, sequence, known, before)
            if event.key is not None:
                held[name] = written
            answer.append(written)
            new.append(written)
        if rows:
            self._dialect.append_rows(connection, "event", COLUMNS, rows)
            self.project(connection, new)
        return tuple(answer)

    def project(self, connection: Connection, events: Iterable[Event]) -> None:
        """Write what these events mean for the projections, in the transaction of the connection."""
        for kind, group in groupby(events, key=lambda event: event.kind):
            for statement, rows in steps(kind, list(group)):
                if rows:
                    self._dialect.many(connection, statement, rows)

    def _held(
        self, connection: Connection, events: Sequence[NewEvent]
    ) -> dict[tuple[str, str | None], Event]:
        """The events already written under the keys of these, by kind and key."""
        held: dict[tuple[str, str | None], Event] = {}
        by_kind: dict[str, list[str]] = {}
        for event in events:
            if event.key is not None:
                by_kind.setdefault(event.kind.value, []).append(event.key)
        for kind, keys in by_kind.items():
            for start in range(0, len(keys), 500):
                some = keys[start : start + 500]
                marks = ", ".join("?" * len(some))
                query = f"SELECT {', '.join(COLUMNS)} FROM event WHERE kind = ? AND key IN ({marks})"
                for row in connection.execute(self._dialect.sql(query), (kind, *some)).fetchall():
                    held[(kind, row[6])] = event_of(row)
        return held

    def _head(self, connection: Connection) -> tuple[int, str, int]:
        row = connection.execute(
            "SELECT sequence, hash, known_at FROM event ORDER BY sequence DESC LIMIT 1"
        ).fetchone()
        return (0, GENESIS, 0) if row is None else (row[0], row[1], row[2])

    def checkpoint(self) -> Checkpoint:
        """The head of the chain, to be kept elsewhere."""
        with self._failing("read"), self._reading() as connection:
            sequence, digest, _ = self._head(connection)
        return Checkpoint(sequence, digest)

    def verify(self, checkpoint: Checkpoint | None = None) -> int:
        """Walk the chain and the content; the number of events, or `Tampered` naming the first that does not
        fit."""
        count, before = 0, GENESIS
        for row in self._rows():
            if row[0] != count + 1:
                raise Tampered(f"event {count + 1} is missing from the ledger")
            if link(before, row) != row[8]:
                raise Tampered(f"event {row[0]} does not fit the ledger's hash chain")
            count, before = row[0], row[8]
            if checkpoint is not None and checkpoint.sequence == count and checkpoint.hash != before:
                raise Tampered(f"event {count} is not the one of the checkpoint")
        if checkpoint is not None and checkpoint.sequence > count:
            raise Tampered(
                f"the ledger ends at event {count}, the checkpoint was taken at {checkpoint.sequence}"
            )
        for digest, body in self._bodies():
            if hashlib.sha256(body.encode()).hexdigest() != digest:
                raise Tampered(f"content {digest[:12]} is not what its digest says")
        return count

    def _rows(self) -> Iterator[Row]:
        after = 0
        query = f"SELECT {', '.join(COLUMNS)} FROM event WHERE sequence > ? ORDER BY sequence LIMIT {PAGE}"
        while rows := self._all(query, after):
            yield from rows
            after = rows[-1][0]

    def _bodies(self) -> Iterator[tuple[str, str]]:
        after = ""
        query = f"SELECT digest, body FROM content WHERE digest > ? ORDER BY digest LIMIT {PAGE}"
        while rows := self._all(query, after):
            yield from rows
            after = rows[-1][0]

    def rebuild(self) -> None:
        """Write every projection anew from the events, in one transaction; readers see the old ones until
        then."""
        with self._failing("rebuilt"), self._transaction() as connection:
            self._rebuild(connection)

    def differing_projections(self) -> tuple[str, ...]:
        """Projections that are not what the events say. Nothing is changed; writers wait meanwhile."""
        differing: tuple[str, ...] = ()
        with self._failing("compared"), suppress(_LookedOnly), self._transaction() as connection:
            before = {table: _rows_of(connection, table) for table in TABLES}
            self._rebuild(connection)
            differing = tuple(table for table in TABLES if _rows_of(connection, table) != before[table])
            raise _LookedOnly
        return differing

    def _rebuild(self, connection: Connection) -> None:
        for table in TABLES:
            connection.execute(f"DELETE FROM {table}")
        after = 0
        query = f"SELECT {', '.join(COLUMNS)} FROM event WHERE sequence > ? ORDER BY sequence LIMIT {PAGE}"
        while rows := connection.execute(self._dialect.sql(query), (after,)).fetchall():
            self.project(connection, [event_of(row) for row in rows])
            after = rows[-1][0]

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with self._lock:
            if self._write is None or not self._dialect.alive(self._write):
                self._write = self._dialect.connect()
            connection = self._write
            self._dialect.begin(connection)
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                self._roll_back(connection)
                raise

    def _roll_back(self, connection: Connection) -> None:
        """Undo; a connection that cannot even do that is given up, so that the next append begins on a clean
        one."""
        try:
            connection.execute("ROLLBACK")
        except self._dialect.errors:
            if not getattr(connection, "in_transaction", True):
                return
            connection.close()
            self._write = None

    def close(self) -> None:
        """Release the connections."""
        with self._lock:
            if self._write is not None:
                self._write.close()
                self._write = None
        super().close()


def _written(event: NewEvent, sequence: int, known: int, digest: str) -> Event:
    return Event(
        sequence=sequence,
        kind=event.kind,
        actor=event.actor,
        valid_at=event.valid_at,
        known_at=from_micros(known),
        person=event.person,
        payload=event.payload,
        key=event.key,
        hash=digest,
    )


def _rows_of(connection: Connection, table: str) -> str:
    """A digest of a table's rows, whatever their order."""
    rows = sorted(repr(tuple(row)) for row in connection.execute(f"SELECT * FROM {table}").fetchall())
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()
