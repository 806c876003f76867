"""What a programme counts people by: the site that cares for them, who pays, their language, their area."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bedside.genome.event import Event, EventKind

NOT_KNOWN = "not known"
"""The group of people of whom a thing is not known; it is a group of its own and never the usual case."""
QUINTILES = frozenset({"1", "2", "3", "4", "5"})
"""Area deprivation: 1 is the least deprived fifth of areas, 5 the most deprived."""
PARTS = ("site", "payer", "language", "deprivation", "rurality", "genetic_ancestry")


@dataclass(frozen=True, slots=True)
class Programme:
    """One person's. "" is not known. deprivation: one of QUINTILES. rurality: of the area, in the site's
    words. genetic_ancestry: what a genome was found nearest to, in words of the reference that was asked; a
    field of its own, and neither it nor what the person says of themselves is read from the other."""

    site: str = ""
    payer: str = ""
    language: str = ""
    deprivation: str = ""
    rurality: str = ""
    genetic_ancestry: str = ""

    def __post_init__(self) -> None:
        if self.deprivation and self.deprivation not in QUINTILES:
            raise ValueError("area deprivation is a fifth from 1 (least) to 5 (most)")

    def group(self, part: str) -> str:
        """The group a person counts in by one of PARTS."""
        return str(getattr(self, part)) or NOT_KNOWN

    def told(self, said: Mapping[str, object]) -> Programme:
        """As it is after somebody said more; a part that is not spoken of stays, "" takes it back."""
        return replace(self, **{part: str(said[part]) for part in PARTS if part in said})


def programmes_from(events: Iterable[Event]) -> dict[str, Programme]:
    """Everybody's, from events in the order of the ledger: what was said last holds."""
    found: dict[str, Programme] = {}
    for event in events:
        if event.kind is EventKind.PROGRAMME_RECORDED and event.person is not None:
            found[event.person] = found.get(event.person, Programme()).told(event.payload)
    return found
