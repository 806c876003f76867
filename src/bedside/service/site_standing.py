"""How it stands with the other sites: what waits, since when, what was refused and what to do about it."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bedside.service.house import House
from bedside.service.site_messages import Letter, State, outbox
from bedside.service.sites import PeerSite, Sites


@dataclass(frozen=True, slots=True)
class Contact:
    """The last round with a site of this process: when, why it failed ("" when it did not), how many in a
    row."""

    at: datetime
    failed: str
    failures: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with one site. oldest: since when the first message waits. contact: None when this
    process has not tried."""

    peer: PeerSite
    waiting: tuple[Letter, ...]
    refused: tuple[Letter, ...]
    delivered: int
    oldest: datetime | None
    contact: Contact | None


_CONTACTS: weakref.WeakKeyDictionary[object, dict[str, Contact]] = weakref.WeakKeyDictionary()


def note_contact(house: House, site: str, contact: Contact) -> None:
    """Remember how the last round went, for this process only: it is no part of anybody's record."""
    _CONTACTS.setdefault(house.ledger, {})[site] = contact


def standing_of(house: House, sites: Sites) -> tuple[Standing, ...]:
    """How it stands with every site of the sites file, and with those letters still wait for."""
    by_site: dict[str, list[Letter]] = {name: [] for name in sites.peers}
    for letter in outbox(house):
        by_site.setdefault(letter.to, []).append(letter)
    contacts: Mapping[str, Contact] = _CONTACTS.get(house.ledger, {})
    return tuple(
        _standing(
            sites.peers.get(name, PeerSite(name, f"{name} (not in the sites file)", {})), letters, contacts
        )
        for name, letters in by_site.items()
    )


def _standing(peer: PeerSite, letters: list[Letter], contacts: Mapping[str, Contact]) -> Standing:
    waiting = tuple(one for one in letters if one.state is State.WAITING)
    return Standing(
        peer,
        waiting,
        tuple(one for one in letters if one.state in (State.REFUSED, State.DROPPED)),
        sum(one.state is State.DELIVERED for one in letters),
        waiting[0].event.known_at if waiting else None,
        contacts.get(peer.name),
    )
