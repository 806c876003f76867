"""The outcome forms of everybody in the record: the last one of each person."""

from __future__ import annotations

from bedside.genome.event import EventKind
from bedside.genome.nicu import Outcome
from bedside.service.house import House
from bedside.service.nicu import read_outcome


def outcomes_of_record(house: House) -> tuple[Outcome, ...]:
    """One outcome a person, in the order in which people were first entered."""
    last: dict[str, Outcome] = {}
    for event in house.ledger.events(kinds=(EventKind.OUTCOME_RECORDED,)):
        if event.person is not None:
            last[event.person] = read_outcome(event.payload["outcome"])
    return tuple(last.values())
