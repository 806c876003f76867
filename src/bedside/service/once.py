"""What is handed out under a secret of its own, for a short time, and taken back once."""

from __future__ import annotations

import secrets
import threading
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from bedside.errors import Refused
from bedside.service.access import token_digest

T = TypeVar("T")
MOST_OUT = 20_000


class Once(Generic[T]):
    """Things by the digest of their secret, in this process's memory."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[T, datetime]] = {}
        self._lock = threading.Lock()

    def put(self, thing: T, now: datetime, seconds: int, secret: str = "") -> str:
        """Keep a thing for so long; returns its secret. Raises `Refused` while too many are kept."""
        secret = secret or secrets.token_urlsafe(32)
        with self._lock:
            if len(self._held) >= MOST_OUT:
                self._held = {key: one for key, one in self._held.items() if one[1] > now}
            if len(self._held) >= MOST_OUT:
                raise Refused("too many requests of this kind are open; try again")
            self._held[token_digest(secret)] = (thing, now + timedelta(seconds=seconds))
        return secret

    def peek(self, secret: str, now: datetime) -> T | None:
        """The thing of a secret, left where it is; None when there is none or its time is over."""
        found = self._held.get(token_digest(secret))
        return found[0] if found is not None and now < found[1] else None

    def take(self, secret: str, now: datetime) -> T | None:
        """The thing of a secret, which nobody can take again."""
        with self._lock:
            found = self._held.pop(token_digest(secret), None)
        return found[0] if found is not None and now < found[1] else None
