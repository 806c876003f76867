"""The demo asks about its orders through the same service as everybody."""

from __future__ import annotations

from pathlib import Path

from bedside.demo.coverage import ask_about_orders
from bedside.genome.coverage import Answer
from bedside.service.ask_coverage import coverage_of
from tests.made_up_orders import open_ordered
from tests.made_up_record import AMARA, INGRID, TOMAS


def test_every_order_is_asked_about_and_nothing_that_is_missing_is_covered(tmp_path: Path) -> None:
    house = open_ordered(tmp_path).house
    asked = ask_about_orders(house)
    answers = [one for person in (INGRID, AMARA, TOMAS) for one in coverage_of(house, person)]
    assert len({one.asked.order for one in answers}) == asked > 0
    assert len({one.answer.answer for one in answers}) > 1
    assert not any(one.answer.missing and one.answer.answer is Answer.COVERED for one in answers)
    assert any(one.stated for one in answers)
    house.close()
