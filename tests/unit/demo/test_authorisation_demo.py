"""The demo's authorisations: each stands otherwise, and one lie is shown as one."""

from __future__ import annotations

from pathlib import Path

from bedside.demo.authorisation import ask_payers
from bedside.genome.authorisation import Status
from bedside.genome.event import EventKind, NewEvent
from bedside.service.authorisations import every_authorisation
from tests.made_up_orders import open_ordered
from tests.made_up_record import AMARA, TOMAS


def test_orders_with_a_known_payer_are_asked_about_once(tmp_path: Path) -> None:
    house = open_ordered(tmp_path).house
    assert ask_payers(house) == 0, "nobody knows who pays"
    house.ledger.append(
        [
            NewEvent(
                EventKind.PROGRAMME_RECORDED, "desk", house.clock(), person, {"payer": "Example Health Plan"}
            )
            for person in (TOMAS, AMARA)
        ]
    )
    assert (ask_payers(house), ask_payers(house)) == (2, 0)
    found = sorted(one.status.value for one in every_authorisation(house).values())
    assert found == sorted([Status.APPROVED.value, Status.PENDED.value])
    house.close()
