"""The last ranking of a person's variants that the record holds, as pages show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bedside.genome.event import EventKind
from bedside.service.house import House


@dataclass(frozen=True, slots=True)
class RankingShown:
    """The last ranking of the record. genes: as stored, the first ones; at: when it was made. aside: why
    variants were put aside, and how many; compared: of each parent, the places that contradict and those
    compared."""

    at: datetime
    by: str
    genes: tuple[Mapping[str, Any], ...]
    doubts: tuple[str, ...]
    warnings: tuple[str, ...]
    statement: str
    review_state: str
    rests_on: tuple[str, ...]
    simulated: bool
    aside: tuple[tuple[str, int], ...] = ()
    compared: tuple[tuple[str, int, int], ...] = ()


def held_ranking(house: House, person: str, most: int) -> RankingShown | None:
    """The last ranking with its first genes, at most so many; None when there is none."""
    held = list(house.ledger.events(person=person, kinds=(EventKind.RANKING_RECORDED,)))
    if not held:
        return None
    last, said = held[-1], held[-1].payload["ranking"]
    words, parents = said["aside_words"], said["checks"]["parents"]
    return RankingShown(
        last.valid_at,
        last.actor,
        tuple(said["genes"][:most]),
        tuple(said["doubts"]),
        tuple(said["warnings"]),
        str(said["statement"]),
        str(said["review_state"]),
        tuple(said["rests_on"]),
        bool(said["simulated"]),
        tuple((str(words[reason]), int(count)) for reason, count in said["aside"].items()),
        tuple((str(who), int(counts[1]), int(counts[0])) for who, counts in parents.items()),
    )
