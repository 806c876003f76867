"""Refused attempts, on record: who, which kind of address, which status. Nothing of what was asked for.

Whoever is known is written down each time. Attempts of nobody known are written up to so many a minute and
then counted, so that a flood fills no disk; the next one that is written says how many were not.
"""

from __future__ import annotations

import threading
from datetime import datetime

from bedside.errors import AuditUnavailable
from bedside.genome.event import EventKind, NewEvent
from bedside.service.house import House

NOBODY = "unknown"
MOST_A_MINUTE = 60


class Quota:
    """How many attempts of nobody known may still be written this minute."""

    def __init__(self, most: int = MOST_A_MINUTE) -> None:
        self._most, self._lock = most, threading.Lock()
        self._minute, self._written, self._left_out = "", 0, 0

    def take(self, now: datetime) -> int | None:
        """How many were left out before this one; None when this one is left out too."""
        minute = now.isoformat(timespec="minutes")
        with self._lock:
            if minute != self._minute:
                self._minute, self._written = minute, 0
            if self._written >= self._most:
                self._left_out += 1
                return None
            self._written += 1
            left_out, self._left_out = self._left_out, 0
            return left_out


def note_refusal(
    house: House, quota: Quota, *, status: int, route: str, actor: str = NOBODY, person: str | None = None
) -> None:
    """Write a refused attempt. route: the address as it is served, without its ids. The request is refused
    already, so a ledger that cannot be written changes nothing."""
    now = house.clock()
    said: dict[str, object] = {"status": status, "route": route}
    if actor == NOBODY:
        left_out = quota.take(now)
        if left_out is None:
            return
        if left_out:
            said["not-written-before"] = left_out
    try:
        house.audit.append([NewEvent(EventKind.ACCESS_REFUSED, actor, now, person, said)])
    except AuditUnavailable:
        return
