"""A person's tumour samples in the record: what was stored, in which version, and where it came from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bedside.genome.event import Event, EventKind


@dataclass(frozen=True, slots=True)
class HeldTumour:
    """One version of a tumour sample. content: digest of what was found, as read and not placed; document:
    digest of the file. earlier: the contents of the versions before it."""

    sample: str
    version: int
    oncotree: str
    content: str
    document: str
    laboratory: str
    valid_at: datetime
    known_at: datetime
    earlier: tuple[str, ...] = ()


def held_tumours(events: Iterable[Event], known_at: datetime | None = None) -> tuple[HeldTumour, ...]:
    """The newest version of each of a person's samples, the newest sample last. known_at: as known then."""
    found: dict[str, HeldTumour] = {}
    for event in events:
        if event.kind is not EventKind.TUMOUR_RECORDED or (
            known_at is not None and event.known_at > known_at
        ):
            continue
        held, sample = event.payload, str(event.payload["sample"])
        before = found.get(sample)
        if before is not None and before.content == held["content"]:
            continue
        found[sample] = HeldTumour(
            sample,
            1 if before is None else before.version + 1,
            str(held["oncotree"]),
            str(held["content"]),
            str(held["document"]),
            str(held.get("laboratory", "")),
            event.valid_at,
            event.known_at,
            () if before is None else (*before.earlier, before.content),
        )
    return tuple(sorted(found.values(), key=lambda one: (one.valid_at, one.known_at, one.sample)))
