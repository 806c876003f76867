"""The tokens that this server gave out: opaque, short-lived, known to this process and gone with it.

Only their digest is kept. Whoever holds one after a restart asks for another.
"""

from __future__ import annotations

from datetime import datetime

from bedside.service.once import Once
from bedside.service.principal import Principal

ACCESS_SECONDS = 300


class Grants:
    """Tokens given out, by digest."""

    def __init__(self) -> None:
        self._held: Once[Principal] = Once()

    def issue(self, principal: Principal, now: datetime, seconds: int = ACCESS_SECONDS) -> str:
        """A new token for this principal; raises `Refused` while too many are out."""
        return self._held.put(principal, now, seconds)

    def find(self, token: str, now: datetime) -> Principal | None:
        """Whose token this is; None when it was not given out here or is over."""
        return self._held.peek(token, now)

    def end(self, token: str, now: datetime) -> None:
        """Make a token worth nothing."""
        self._held.take(token, now)
