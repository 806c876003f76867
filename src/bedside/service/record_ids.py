"""Opaque record ids: the only thing of a person that stands in an address.

A person's own id may be a hospital number or a sample's name, and addresses end up in logs and histories.
So pages
name a person by their id encrypted with AES-SIV, the same every time, under a key derived from the
ledger's first
event: nothing is stored, every process agrees, and another site's ledger gives other ids.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from bedside.store.ledger import Ledger

_PURPOSE = b"bedside record ids, version 1\x00"
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class RecordIds:
    """Turns persons into record ids and back."""

    cipher: AESSIV

    def of(self, person: str) -> str:
        """The record id of a person."""
        sealed = self.cipher.encrypt(person.encode(), [_PURPOSE])
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def person(self, record_id: str) -> str | None:
        """Whose record id this is; None when it is none of this ledger's."""
        if len(record_id) > _LONGEST or not record_id.isascii():
            return None
        try:
            sealed = base64.urlsafe_b64decode(record_id + "=" * (-len(record_id) % 4))
            return self.cipher.decrypt(sealed, [_PURPOSE]).decode()
        except (binascii.Error, InvalidTag, ValueError):
            return None


def record_ids(ledger: Ledger) -> RecordIds | None:
    """The record ids of a ledger; None while it is empty, when nobody has one."""
    first = next(iter(ledger.events()), None)
    if first is None:
        return None
    return RecordIds(AESSIV(hashlib.sha256(_PURPOSE + first.hash.encode()).digest()))
