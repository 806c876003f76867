"""A house in which one rule fired for three months and nobody heeded it, for tests of pages."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bedside.genome.event import NewEvent
from bedside.service.house import House
from tests.made_up_alerts import Told, hours
from tests.made_up_record import NOW, open_record

RULE = "cpic:guideline:simvastatin:GENE"
FIRST = NOW - timedelta(weeks=13)


def open_alert_house(folder: Path) -> House:
    """The record of three made-up people, with forty warnings about them and two critical cards."""
    house = open_record(folder)
    told = Told()
    for number in range(40):
        at, person = FIRST + timedelta(days=2 * number), f"made-up-{1 + number % 3}"
        order = f"MedicationRequest/{number}"
        told.fired(at, person, order, "simvastatin", card=f"card-{number}", rule=RULE, role="resident")
        told.answered(at + hours(0.01), f"card-{number}", "overridden", "cds-not-applicable")
        told.asked(at + hours(2), person, order, "simvastatin")
    for number in range(2):
        more = {"card": f"top-{number}", "rule": "TOP", "urgency": "critical"}
        told.fired(NOW - hours(2), "made-up-1", f"t{number}", "clopidogrel", **more)
    house.ledger.append(
        [
            NewEvent(one.kind, one.actor, one.valid_at, one.person, one.payload, f"t{one.sequence}")
            for one in told.events
        ]
    )
    return house
