"""What the record says of everybody on care pathways, kept in memory: only what was written since is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from weakref import WeakKeyDictionary

from bedside.act.pathway_events import HEARD, OPENED, Listener, Meanings
from bedside.genome.event import Event, EventKind
from bedside.genome.programme import Programme
from bedside.genome.signal import Signal
from bedside.service.house import House
from bedside.store.sql_ledger import SqlLedger

KINDS = (*HEARD, EventKind.PROGRAMME_RECORDED)


@dataclass(frozen=True, slots=True)
class Everybody:
    """Signals and programme of everybody of whom the record says something, in order of first mention."""

    signals: Mapping[str, tuple[Signal, ...]]
    programmes: Mapping[str, Programme]

    def programme(self, person: str) -> Programme:
        """One person's; all of it not known for somebody of whom nothing was said."""
        return self.programmes.get(person, Programme())


@dataclass(slots=True)
class _Kept:
    """A ledger's people as far as it was read."""

    meanings: Meanings
    after: int = 0
    listeners: dict[str, Listener] = field(default_factory=dict)
    programmes: dict[str, Programme] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        self.after = max(self.after, event.sequence)
        person = event.person
        if person is None:
            return
        if event.kind is EventKind.PROGRAMME_RECORDED:
            self.programmes[person] = self.programmes.get(person, Programme()).told(event.payload)
        elif event.kind is not EventKind.ACCESSED or event.payload.get("page") in OPENED:
            if person not in self.listeners:
                self.listeners[person] = Listener(self.meanings)
            self.listeners[person].take(event)


_KEPT: WeakKeyDictionary[SqlLedger, _Kept] = WeakKeyDictionary()
_LOCK = Lock()


def everybody_known(house: House, meanings: Meanings) -> Everybody:
    """Everybody, as of the last event written. Read from the beginning when codes mean something else now."""
    with _LOCK:
        kept = _KEPT.get(house.ledger)
        if kept is None or kept.meanings != meanings:
            kept = _KEPT[house.ledger] = _Kept(meanings)
        try:
            for event in house.ledger.events(kinds=KINDS, after=kept.after):
                kept.take(event)
        except BaseException:
            del _KEPT[house.ledger]  # some of it was taken and some was not: begin again
            raise
        signals = {person: one.signals for person, one in kept.listeners.items() if one.signals}
        return Everybody(signals, dict(kept.programmes))
