"""Sends and fetches beside the pages, in a thread of its own that ends when the server does.

Nothing at the bedside waits for it. Waits are counted on a clock that does not jump.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bedside.errors import BedsideError
from bedside.genome.event import EventKind
from bedside.service.house import House
from bedside.service.site_post import Caller
from bedside.service.site_rounds import Round, exchange
from bedside.service.site_standing import Contact, note_contact
from bedside.service.sites import PeerSite, Sites, has_sites, sites_of

LOOK_SECONDS = 0.5
LONGEST_WAIT = 300.0
_log = logging.getLogger("bedside.sites")


@dataclass(slots=True)
class _Turn:
    """When a site is next asked, and how often it failed in a row."""

    at: float = 0.0
    failures: int = 0
    seen: int = 0


@dataclass(slots=True)
class Sender:
    """One thread for each site with an address, so that one that does not answer keeps no other waiting."""

    house: House
    sites: Sites
    chance: random.Random = field(default_factory=random.SystemRandom)
    _stop: threading.Event = field(default_factory=threading.Event)
    _running: list[tuple[threading.Thread, Caller]] = field(default_factory=list)

    def start(self) -> None:
        """Begin."""
        for peer in self.sites.peers.values():
            if peer.url:
                caller = Caller(self.sites, self.house.clock)
                thread = threading.Thread(target=self._run, args=(peer, caller), daemon=True)
                self._running.append((thread, caller))
                thread.start()

    def stop(self) -> None:
        """End; what was not acknowledged is sent at the next start."""
        self._stop.set()
        for _, caller in self._running:
            caller.stop()
        for thread, _ in self._running:
            thread.join(5.0)

    def _run(self, peer: PeerSite, caller: Caller) -> None:
        turn = _Turn()
        while not self._stop.is_set():
            if time.monotonic() >= turn.at or (turn.failures == 0 and self._queued_since(turn)):
                self._round(peer, caller, turn)
            self._stop.wait(LOOK_SECONDS)

    def _queued_since(self, turn: _Turn) -> bool:
        """Whether something was queued since the last look; False while the ledger cannot be read."""
        before = turn.seen
        try:
            for event in self.house.ledger.events(kinds=(EventKind.SITE_QUEUED,), after=turn.seen):
                turn.seen = event.sequence
        except BedsideError:
            return False
        return turn.seen > before

    def _round(self, peer: PeerSite, caller: Caller, turn: _Turn) -> None:
        try:
            done = exchange(self.house, self.sites, peer, caller)
        except (BedsideError, OSError) as error:
            done = Round(failed=f"a message could not be written here: {type(error).__name__}")
            _log.error("%s in a round with another site", type(error).__name__)
        turn.failures = turn.failures + 1 if done.failed else 0
        turn.at = time.monotonic() + self._wait(turn.failures)
        note_contact(self.house, peer.name, Contact(self.house.clock(), done.failed, turn.failures))

    def _wait(self, failures: int) -> float:
        """Seconds until the next turn: the agreed pace, after failures longer and longer, never in step."""
        every = float(self.sites.every_seconds)
        if failures:
            every = min(LONGEST_WAIT, 2.0 ** min(failures, 12))
        return every * self.chance.uniform(0.5, 1.0)


@contextmanager
def sending(house: House) -> Iterator[None]:
    """Send and fetch while the block runs, where a sites file names a site with an address."""
    if not has_sites(house):
        yield
        return
    sender = Sender(house, sites_of(house))
    sender.start()
    try:
        yield
    finally:
        sender.stop()
