"""The decisions about rules that are in force: those of the site's pack, then those of its record."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from weakref import WeakKeyDictionary

from bedside.act.alert_proposals import decided, in_force
from bedside.genome.event import Event, EventKind
from bedside.knowledge.alert_policy import AlertPolicy, SiteOverride
from bedside.service.house import House
from bedside.store.sql_ledger import SqlLedger


@dataclass(slots=True)
class _Kept:
    """A ledger's decisions as far as they were read."""

    after: int = 0
    events: list[Event] = field(default_factory=list)
    held: tuple[SiteOverride, ...] = ()


_KEPT: WeakKeyDictionary[SqlLedger, _Kept] = WeakKeyDictionary()
_LOCK = Lock()


def overrides_in_force(house: House, policy: AlertPolicy) -> tuple[SiteOverride, ...]:
    """Every decision that was approved and not reverted, the later after the earlier. Whether its day has
    come, and not passed, is for whoever applies it."""
    with _LOCK:
        kept = _KEPT.setdefault(house.ledger, _Kept())
        new = list(house.ledger.events(kinds=(EventKind.PROPOSAL_DECIDED,), after=kept.after))
        if new:
            kept.events += [event for event in new if decided(event)]
            kept.after, kept.held = new[-1].sequence, in_force(kept.events)
        return (*policy.overrides, *kept.held)
