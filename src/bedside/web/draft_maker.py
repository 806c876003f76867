"""Makes the drafts that are owed beside the pages and the listener, in a thread of its own: nobody who sends
a result waits for a page to be read. What a killed server owed is made at the next start.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bedside.errors import BedsideError
from bedside.genome.event import Event, EventKind
from bedside.service.house import House
from bedside.service.owed_drafts import make_draft, owed

LOOK_SECONDS = 0.5
LONGEST_WAIT = 300.0
_log = logging.getLogger("bedside.drafts")


@dataclass(slots=True)
class _Waiting:
    """A draft that is owed, how often it failed, and when it is tried again."""

    event: Event
    failures: int = 0
    at: float = 0.0


@dataclass(slots=True)
class DraftMaker:
    """One thread. What fails is tried again, later and later, and keeps nothing else waiting."""

    house: House
    _stop: threading.Event = field(default_factory=threading.Event)
    _waiting: list[_Waiting] = field(default_factory=list)
    _seen: int | None = None
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._run, name="bedside-drafts", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the draft being made; what is still owed is made at the next start."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._look()
            except BedsideError as error:
                _log.error("%s while looking for drafts to make", type(error).__name__)
            for one in [each for each in self._waiting if each.at <= time.monotonic()]:
                if self._stop.is_set():
                    return
                self._make(one)
            self._stop.wait(LOOK_SECONDS)

    def _look(self) -> None:
        """Everything that is owed at first, then what came since."""
        if self._seen is None:
            head = self.house.ledger.checkpoint().sequence
            self._waiting = [_Waiting(event) for event in owed(self.house)]
            self._seen = max((head, *(one.event.sequence for one in self._waiting)))
            return
        for event in self.house.ledger.events(kinds=(EventKind.DRAFT_OWED,), after=self._seen):
            self._waiting.append(_Waiting(event))
            self._seen = event.sequence

    def _make(self, one: _Waiting) -> None:
        try:
            make_draft(self.house, one.event)
        except Exception as error:  # noqa: BLE001 - whatever it is, the others are made and this one again
            one.failures += 1
            one.at = time.monotonic() + min(LONGEST_WAIT, 2.0**one.failures)
            _log.error("%s while making a draft, which is still owed", type(error).__name__)
            return
        self._waiting.remove(one)


@contextmanager
def drafting(house: House) -> Iterator[None]:
    """Make what is owed while the block runs."""
    maker = DraftMaker(house)
    maker.start()
    try:
        yield
    finally:
        maker.stop()
