"""What the ledger answers: events, and the typed readings of its projections."""

# ruff: noqa: S608 — statements are put together from names in this package, never from values.

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from bedside.errors import StoreError
from bedside.genome.code import Code
from bedside.genome.event import Event, EventKind
from bedside.genome.observation import digest as digest_of
from bedside.genome.person import Identifier, Medication, Person, Problem
from bedside.genome.record import (
    HeldResult,
    medication_of,
    person_of,
    problem_of,
    result_of,
    source_of,
    task_of,
    under_release,
    with_meanings,
)
from bedside.genome.task import Task
from bedside.interpret.gene_call import GeneCall
from bedside.store.chain import Row, from_micros, to_micros
from bedside.store.current_view import merge
from bedside.store.dialect import Connection, Dialect
from bedside.store.encode import decode, decode_call, decode_observation
from bedside.store.ledger import Card, Held

COLUMNS = ("sequence", "kind", "person", "actor", "valid_at", "known_at", "key", "payload", "hash")
PAGE = 5000
_FEW = 20
"""Up to so many people are asked about one by one rather than by reading everybody."""
_E = ", ".join(f"e.{column}" for column in COLUMNS)
_RESULT = (
    f"SELECT {_E}, m.payload, w.payload, r.meanings FROM result r JOIN event e ON e.sequence = r.accepted "
    "LEFT JOIN event m ON m.sequence = r.meanings LEFT JOIN event w ON w.sequence = r.withdrawn"
)
_KINDS = {kind.value: kind for kind in EventKind}


def event_of(row: Row) -> Event:
    """The event of a row of the table."""
    sequence, kind, person, actor, valid_at, known_at, key, payload, digest = row
    return Event(
        sequence,
        _KINDS[kind],
        actor,
        from_micros(valid_at),
        from_micros(known_at),
        person,
        decode(payload),
        key,
        digest,
    )


class Readings:
    """The reading half of the ledger: a few read connections, and distinct gene calls kept in memory."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._idle: list[Connection] = []
        self._idle_lock = threading.Lock()
        self._calls: dict[str, GeneCall] = {}

    @contextmanager
    def _failing(self, verb: str) -> Iterator[None]:
        """Any failure of the database becomes a `StoreError` that holds no value of any row."""
        try:
            yield
        except self._dialect.errors as error:
            raise StoreError(f"the ledger could not be {verb}: {self._dialect.reason(error)}") from error

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """A read connection for one query: one that is idle, or a new one."""
        with self._idle_lock:
            connection = self._idle.pop() if self._idle else None
        if connection is None or not self._dialect.alive(connection):
            connection = self._dialect.connect()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        with self._idle_lock:
            self._idle.append(connection)

    def _all(self, query: str, *values: Any) -> list[Any]:
        with self._failing("read"), self._reading() as connection:
            found: list[Any] = connection.execute(self._dialect.sql(query), values).fetchall()
        return found

    def _events(self, query: str, *values: Any) -> list[Event]:
        return [event_of(row) for row in self._all(query, *values)]

    def events(
        self,
        *,
        person: str | None = None,
        kinds: Sequence[EventKind] = (),
        known_at: datetime | None = None,
        after: int = 0,
    ) -> Iterator[Event]:
        """Events in the order written, optionally of one person, of some kinds, as known at a time.

        Those of a person include the adoptions of releases, which concern everybody's meanings.
        """
        wanted, values = ["e.sequence > ?"], list[Any]()
        table = "event e"
        if person is not None:
            table = (
                "(SELECT sequence FROM event WHERE person = ? UNION SELECT adopted FROM release) s "
                "JOIN event e ON e.sequence = s.sequence"
            )
        if kinds:
            wanted.append(f"e.kind IN ({', '.join('?' * len(kinds))})")
            values += [kind.value for kind in kinds]
        if known_at is not None:
            wanted.append("e.known_at <= ?")
            values.append(to_micros(known_at))
        query = f"SELECT {_E} FROM {table} WHERE {' AND '.join(wanted)} ORDER BY e.sequence LIMIT {PAGE}"
        whose = () if person is None else (person,)
        while rows := self._all(query, *whose, after, *values):
            yield from map(event_of, rows)
            after = rows[-1][0]

    def find(self, kind: EventKind, key: str) -> Event | None:
        """The event of this kind that was written under this key."""
        found = self._events(f"SELECT {_E} FROM event e WHERE e.kind = ? AND e.key = ?", kind.value, key)
        return found[0] if found else None

    def content(self, digests: Collection[str]) -> Mapping[str, bytes]:
        """The bodies of content by digest, each checked against its digest. `StoreError` when one is
        missing."""
        wanted = sorted(set(digests))
        found: dict[str, bytes] = {}
        for start in range(0, len(wanted), 500):
            some = wanted[start : start + 500]
            marks = ", ".join("?" * len(some))
            for digest, body in self._all(
                f"SELECT digest, body FROM content WHERE digest IN ({marks})", *some
            ):
                found[digest] = body.encode()
                if digest_of(found[digest]) != digest:
                    raise StoreError(f"content {digest[:12]} is not what its digest says")
        if len(found) != len(wanted):
            missing = next(digest for digest in wanted if digest not in found)
            raise StoreError(f"content {missing[:12]} is not in the ledger")
        return found

    def calls(self, digests: Collection[str]) -> Mapping[str, GeneCall]:
        """Gene calls by digest; distinct calls are kept in memory."""
        unknown = [digest for digest in digests if digest not in self._calls]
        if unknown:
            for digest, body in self.content(unknown).items():
                self._calls[digest] = decode_call(decode(body))
        return {digest: self._calls[digest] for digest in digests}

    def person_calls(self, person: str) -> Mapping[str, GeneCall]:
        """The meanings in force, gene by gene, merged over the person's clinical results."""
        results = self.results(person)
        calls = self.calls({digest for result in results for digest in result.calls.values()})
        view = merge(
            results,
            calls,
            lambda wanted: {d: decode_observation(decode(b)) for d, b in self.content(wanted).items()},
        )
        return {gene: current.call for gene, current in view.items()}

    def person(self, person: str) -> Person | None:
        """Demographics, or None when nobody of that id was registered."""
        found = self._events(
            f"SELECT {_E} FROM person p JOIN event e ON e.sequence = p.registered WHERE p.person = ?",
            person,
        )
        return person_of(found[0]) if found else None

    def find_person(self, identifier: Identifier) -> str | None:
        """Whose identifier this is."""
        query = "SELECT person FROM identifier WHERE system = ? AND value = ?"
        found = self._all(query, identifier.system, identifier.value)
        return found[0][0] if found else None

    def numbered(self, number: str) -> frozenset[str]:
        """Everybody who has this number from anybody; spaces in a number do not count."""
        query = "SELECT person FROM identifier WHERE replace(value, ' ', '') = ?"
        return frozenset(row[0] for row in self._all(query, number.replace(" ", "")))

    def people(self, text: str = "", limit: int = 50, offset: int = 0) -> tuple[Person, ...]:
        """Everybody registered or with a result whose name or id contains every word, ordered by family
        name."""
        where, values = _matching(text)
        rows = self._all(
            f"SELECT p.person, {_E} FROM person p LEFT JOIN event e ON e.sequence = p.registered "
            f"WHERE {where} ORDER BY p.family, p.given, p.person LIMIT ? OFFSET ?",
            *values,
            limit,
            offset,
        )
        return tuple(Person(row[0]) if row[1] is None else person_of(event_of(row[1:])) for row in rows)

    def count_people(self, text: str = "") -> int:
        """How many `people` would answer without a limit."""
        where, values = _matching(text)
        return int(self._all(f"SELECT COUNT(*) FROM person p WHERE {where}", *values)[0][0])

    def medications(self, person: str) -> tuple[Medication, ...]:
        """Current and ended medications, in order of code."""
        return tuple(medication_of(event) for event in self._items("medication", person))

    def problems(self, person: str) -> tuple[Problem, ...]:
        """Present and past problems, in order of code."""
        return tuple(problem_of(event) for event in self._items("problem", person))

    def _items(self, table: str, person: str) -> list[Event]:
        return self._events(
            f"SELECT {_E} FROM {table} i JOIN event e ON e.sequence = i.recorded WHERE i.person = ? "
            "ORDER BY i.system || '|' || i.code",
            person,
        )

    def people_on(self, drugs: Collection[Code]) -> frozenset[str]:
        """People who currently take one of these drugs (matched on system and code)."""
        query = "SELECT person FROM medication WHERE system = ? AND code = ? AND status = 'active'"
        return frozenset(row[0] for drug in drugs for row in self._all(query, drug.system.value, drug.code))

    def people_on_any(self, among: Collection[str] | None = None) -> frozenset[str]:
        """People (of `among`, or all) who currently take any drug."""
        query = "SELECT DISTINCT person FROM medication WHERE status = 'active'"
        if among is None or len(among) > _FEW:
            found = frozenset(row[0] for row in self._all(query))
            return found if among is None else found & frozenset(among)
        return frozenset(row[0] for person in among for row in self._all(f"{query} AND person = ?", person))

    def results(self, person: str) -> tuple[HeldResult, ...]:
        """All results of a person, oldest first, withdrawn ones marked."""
        adopted = self._adoptions()
        found = [_held(row, adopted) for row in self._all(f"{_RESULT} WHERE r.person = ?", person)]
        return tuple(sorted(found, key=lambda result: result.order))

    def held(self, results: Collection[str]) -> dict[str, Held]:
        """Which of these results are there: whose, and whether withdrawn."""
        wanted, found = list(results), {}
        for start in range(0, len(wanted), 500):
            some = wanted[start : start + 500]
            marks = ", ".join("?" * len(some))
            query = f"SELECT result, person, withdrawn FROM result WHERE result IN ({marks})"
            found.update({row[0]: Held(row[1], row[2] is not None) for row in self._all(query, *some)})
        return found

    def all_results(self, after: int = 0) -> Iterator[HeldResult]:
        """Every result of everybody accepted after a place in the ledger, in the order accepted."""
        query = f"{_RESULT} WHERE r.accepted > ? ORDER BY r.accepted LIMIT {PAGE}"
        adopted = self._adoptions()
        while rows := self._all(query, after):
            yield from (_held(row, adopted) for row in rows)
            after = rows[-1][0]

    def gene_answers(self, gene: str, among: Collection[str] | None = None) -> Mapping[str, frozenset[str]]:
        """For each person (or those of `among`) the distinct calls that clinical results in force give a
        gene."""
        return self.answers_of((gene,), among)[gene]

    def answers_of(
        self, genes: Collection[str], among: Collection[str] | None = None
    ) -> Mapping[str, Mapping[str, frozenset[str]]]:
        """`gene_answers` of several genes, in one reading."""
        query = (
            "SELECT r.accepted, r.person, m.payload FROM result r JOIN event m ON m.sequence = r.meanings "
            "WHERE r.withdrawn IS NULL AND r.confirmation = 'clinical'"
        )
        answers: dict[str, dict[str, frozenset[str]]] = {gene: {} for gene in genes}
        one: dict[str, frozenset[str]] = {}
        for _, person, derived in self._some_results(query, among):
            calls = decode(derived)["calls"]
            for gene, mine in answers.items():
                digest = calls.get(gene)
                if digest is not None:
                    alone = one.get(digest) or one.setdefault(digest, frozenset((digest,)))
                    before = mine.get(person)
                    mine[person] = alone if before is None else before | alone
        return answers

    def _some_results(self, query: str, among: Collection[str] | None) -> Iterator[tuple[int, str, str]]:
        if among is not None:
            for person in sorted(among):
                yield from self._all(f"{query} AND r.person = ?", person)
            return
        after = 0
        while rows := self._all(f"{query} AND r.accepted > ? ORDER BY r.accepted LIMIT {PAGE}", after):
            yield from rows
            after = rows[-1][0]

    def tasks(self, person: str | None = None, *, open_only: bool = True) -> tuple[Task, ...]:
        """Tasks of a person or of everybody, those due first at the front."""
        wanted, values = ["1 = 1"], []
        if person is not None:
            wanted.append("t.person = ?")
            values.append(person)
        if open_only:
            wanted.append("t.closed IS NULL")
        rows = self._all(
            f"SELECT {_E}, c.payload FROM task t JOIN event e ON e.sequence = t.opened "
            f"LEFT JOIN event c ON c.sequence = t.closed WHERE {' AND '.join(wanted)} ORDER BY t.due, t.task",
            *values,
        )
        return tuple(
            replace(task_of(event_of(row[:9])), outcome="" if row[9] is None else decode(row[9])["outcome"])
            for row in rows
        )

    def card(self, uuid: str) -> Card | None:
        """A card once shown, by its uuid."""
        rows = self._all(f"{_CARD} WHERE c.card = ?", uuid)
        return _card(rows[0]) if rows else None

    def cards(self, person: str, since: datetime | None = None) -> tuple[Card, ...]:
        """The cards shown about a person, newest first."""
        earliest = 0 if since is None else to_micros(since)
        query = f"{_CARD} WHERE c.person = ? AND e.known_at >= ? ORDER BY c.answered DESC, c.place"
        return tuple(_card(row) for row in self._all(query, person, earliest))

    def feedback(self, card: str) -> tuple[Event, ...]:
        """What was answered to a card, in the order received."""
        query = (
            f"SELECT {_E} FROM feedback f JOIN event e ON e.sequence = f.received "
            "WHERE f.card = ? ORDER BY f.received"
        )
        return tuple(self._events(query, card))

    def release(self, source: str) -> str | None:
        """The knowledge release last adopted from a source."""
        return next((name for _, name in reversed(self._adoptions()) if source_of(name) == source), None)

    def last_adoption(self) -> int:
        """The place in the ledger of the last adoption of any release; 0 when there was none."""
        return max((adopted for adopted, _ in self._adoptions()), default=0)

    def _adoptions(self) -> list[tuple[int, str]]:
        return self._all("SELECT adopted, release FROM release ORDER BY adopted")

    def close(self) -> None:
        """Release the read connections."""
        with self._idle_lock:
            for connection in self._idle:
                connection.close()
            self._idle.clear()


_CARD = f"SELECT {_E}, c.card, c.place FROM card c JOIN event e ON e.sequence = c.answered"


def _held(row: tuple[Any, ...], adoptions: Sequence[tuple[int, str]]) -> HeldResult:
    result = result_of(event_of(row[:9]))
    if row[9] is not None:
        result = with_meanings(result, decode(row[9]))
        for adopted, release in adoptions:
            if adopted > row[11]:
                result = under_release(result, release)
    return result if row[10] is None else replace(result, withdrawn=decode(row[10])["reason"])


def _card(row: tuple[Any, ...]) -> Card:
    event = event_of(row[:9])
    held = event.payload
    content, service = held["cards"][row[10]], held.get("service", "")
    return Card(row[9], event.person, event.known_at, event.sequence, content, service)


def _matching(text: str) -> tuple[str, list[str]]:
    words = text.lower().split()
    escaped = [word.replace("!", "!!").replace("%", "!%").replace("_", "!_") for word in words]
    return " AND ".join(["1 = 1", *["p.search LIKE ? ESCAPE '!'"] * len(words)]), [
        f"%{word}%" for word in escaped
    ]
