"""What a screen must know of many people at once: when they were born, how far their results may go."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from bedside.genome.result import Confirmation
from bedside.store.readings import Readings

_AT_ONCE = 500
_WHOLE = 20_000
"""From so many asked about on, reading the whole table is the quicker way."""


def births(ledger: Readings, people: Collection[str]) -> dict[str, int | None]:
    """The day each of these people was born, as 20260301; None when it is not known."""
    query = "SELECT person, born FROM person"
    found: dict[str, int | None] = {row[0]: row[1] for row in _some(ledger, query, "person", people)}
    return {person: found.get(person) for person in people}


def confirmations(ledger: Readings, runs: Collection[str]) -> dict[str, Confirmation]:
    """How far the result behind each of these stored runs may go; a run without one is not in the answer."""
    query = "SELECT g.run, r.confirmation FROM genome_run g JOIN result r ON r.result = g.result"
    wanted = set(runs)
    return {run: Confirmation(word) for run, word in _some(ledger, query, "g.run", runs) if run in wanted}


def withdrawn_runs(ledger: Readings) -> frozenset[str]:
    """The stored runs whose result was withdrawn: their files are kept, no screen may count them."""
    query = (
        "SELECT g.run FROM result r JOIN genome_run g ON g.result = r.result WHERE r.withdrawn IS NOT NULL"
    )
    return frozenset(row[0] for row in ledger._all(query))


def _some(ledger: Readings, query: str, column: str, wanted: Collection[str]) -> Iterator[Sequence[Any]]:
    if len(wanted) >= _WHOLE:
        yield from ledger._all(query)
        return
    names = sorted(wanted)
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        marks = ", ".join("?" * len(some))
        yield from ledger._all(f"{query} WHERE {column} IN ({marks})", *some)
