"""The tokens that this server gave out: opaque, short-lived, known to this process and gone with it.

Only their digest is kept. Whoever holds one after a restart asks for another.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from bedside.errors import Refused
from bedside.service.access import token_digest
from bedside.service.principal import Principal

ACCESS_SECONDS = 300
MOST_GRANTS = 20_000


@dataclass(frozen=True, slots=True)
class _Grant:
    principal: Principal
    until: datetime


class Grants:
    """Tokens given out, by digest."""

    def __init__(self) -> None:
        self._held: dict[str, _Grant] = {}
        self._lock = threading.Lock()

    def issue(self, principal: Principal, now: datetime, seconds: int = ACCESS_SECONDS) -> str:
        """A new token for this principal; raises `Refused` while too many are out."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            if len(self._held) >= MOST_GRANTS:
                self._held = {digest: one for digest, one in self._held.items() if one.until > now}
            if len(self._held) >= MOST_GRANTS:
                raise Refused("too many tokens are out; try again")
            self._held[token_digest(token)] = _Grant(principal, now + timedelta(seconds=seconds))
        return token

    def find(self, token: str, now: datetime) -> Principal | None:
        """Whose token this is; None when it was not given out here or is over."""
        found = self._held.get(token_digest(token))
        return found.principal if found is not None and now < found.until else None

    def end(self, token: str) -> None:
        """Make a token worth nothing."""
        with self._lock:
            self._held.pop(token_digest(token), None)
