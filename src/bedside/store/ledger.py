"""The ledger's contract: append-only events in one order, durable when `append` returns.

`sqlite_ledger.py` and `postgresql_ledger.py` keep it; the same contract tests run on both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from bedside.genome.event import Event, EventKind, NewEvent


class Ledger(Protocol):
    """Append-only, hash-chained, bitemporal. Every method may raise `StoreError`."""

    def append(self, events: Sequence[NewEvent]) -> tuple[Event, ...]:
        """Write all events or none, with their projections, in one transaction; on disk when this returns."""
        ...

    def events(
        self,
        *,
        person: str | None = None,
        kinds: Sequence[EventKind] = (),
        known_at: datetime | None = None,
        after: int = 0,
    ) -> Iterator[Event]:
        """Events in the order written, optionally of one person, of some kinds, as known at a time."""
        ...

    def verify(self) -> int:
        """Walk the hash chain; the number of events, or `Tampered` naming the first that does not fit."""
        ...

    def close(self) -> None:
        """Release the connection."""
        ...
