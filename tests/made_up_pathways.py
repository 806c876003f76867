"""Three made-up people on care pathways, at a moment some weeks after they began."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bedside.service.house import House
from bedside.service.pathway_signals import record_signal
from tests.made_up_record import AMARA, INGRID, NOW, TOMAS, open_record

DAYS = {
    INGRID: (
        (20, "diagnosed", {"disease": "nsclc-advanced"}),
        (18, "test-ordered", {}),
        (9, "result-reported", {"finding": "actionable"}),
        (8, "result-opened", {}),
        (7.5, "decision-made", {"treatment": "targeted"}),
        (7.4, "therapy-ordered", {"class": "targeted", "route": "oral"}),
        (7, "authorisation-approved", {}),
        (6, "dispensed", {"class": "targeted"}),
        (3, "barrier-noted", {"barrier": "transport"}),
    ),
    TOMAS: (
        (5, "diagnosed", {"disease": "nsclc-advanced"}),
        (4.9, "test-ordered", {}),
    ),
    AMARA: (
        (60, "result-reported", {"finding": "hereditary"}),
        (50, "confirmed", {}),
        (30, "appointment-missed", {"with": "genetic counsellor"}),
        (29, "contact-attempted", {"channel": "phone"}),
    ),
}


def open_pathways(folder: Path, *, frame_ancestors: str = "") -> House:
    """The made-up record with its people on pathways; the clock stands at NOW."""
    house = open_record(folder, frame_ancestors=frame_ancestors)
    for person, days in DAYS.items():
        for ago, signal, said in days:
            at = NOW - timedelta(days=ago)
            record_signal(house, person, signal, by="coordinator", at=at, attributes=said)
    return house
