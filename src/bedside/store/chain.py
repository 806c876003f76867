"""The hash chain: each event's hash covers its own content and the hash before it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from bedside.store.encode import canonical

GENESIS = "0" * 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Row = tuple[int, str, str | None, str, int, int, str | None, str, str]
"""sequence, kind, person, actor, valid_at, known_at (µs since 1970, UTC), key, payload (canonical JSON),
hash."""


def link(before: str, row: Row) -> str:
    """The hash of an event: sha256 over the previous hash and the canonical JSON of everything it says."""
    sequence, kind, person, actor, valid_at, known_at, key, payload, _ = row
    envelope = canonical([sequence, kind, person, actor, valid_at, known_at, key])
    return hashlib.sha256(b"\n".join((before.encode(), envelope, payload.encode()))).hexdigest()


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970 UTC, exactly."""
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The aware UTC time of a number of microseconds since 1970."""
    return _EPOCH + micros * _MICROSECOND
