"""The pages of measures: figures, months, groups, and the people behind them for those who may see people."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bedside.genome.event import EventKind, NewEvent
from bedside.service.access import Permission
from bedside.service.house import House
from tests.made_up_record import ACCEPTED, AMARA, INGRID
from tests.unit.web.conftest import Pages
from tests.unit.web.read import text
from tests.unit.web.test_safety_of_pages import granted


def write_orders(house: House) -> None:
    """Ingrid's order with a result after two days, and Amara's, which waits."""
    house.ledger.append(
        [
            NewEvent(EventKind.ORDER_PLACED, "dr", ACCEPTED, INGRID, {"order": {"order": "1"}}),
            NewEvent(EventKind.ORDER_PLACED, "dr", ACCEPTED, AMARA, {"order": {"order": "2"}}),
            NewEvent(
                EventKind.ORDER_ENDED,
                "lab",
                ACCEPTED + timedelta(days=2),
                INGRID,
                {"order": "1", "outcome": "resulted", "result": "r"},
            ),
        ]
    )


def test_every_measure_is_on_the_page_and_what_cannot_be_computed_is_not_0(
    house: House, pages: Pages
) -> None:
    write_orders(house)
    said = text(pages.get("/measures").text)
    assert "From order to result p50 48.0 (48.0 to not reached) p90 not reached (48.0 to not reached)" in said
    assert "Distress after a result Cannot be computed: no such event: what a person answered" in said
    assert "What harm it may do" in said


def test_one_measure_says_what_it_counts_and_who_is_behind_it(house: House, pages: Pages) -> None:
    write_orders(house)
    said = text(pages.get("/measures/order-to-result?by=site").text)
    assert "Counted Orders of a genetic test." in said
    assert "2 counted." in said
    assert "Ingrid" in said
    assert "Waiting" in said
    waiting = text(pages.get("/measures/order-to-result?state=waiting").text)
    assert ("1 counted." in waiting, "Ingrid" in waiting, "Amara" in waiting) == (True, False, True)


def test_without_the_right_to_see_people_no_name_is_shown(house: House, tmp_path: Path) -> None:
    write_orders(house)
    inside = granted(tmp_path, house, Permission.MEASURES)
    said = text(inside.get("/measures/order-to-result").text)
    assert "Names and events are shown to those who may see people." in said
    assert "Ingrid" not in said
    both = granted(tmp_path, house, Permission.MEASURES, Permission.PEOPLE, people=f'people = ["{AMARA}"]')
    mine = text(both.get("/measures/order-to-result").text)
    assert ("Amara" in mine, "Ingrid" in mine, "1 counted." in mine) == (True, False, True)


def test_an_address_that_asks_for_nothing_known_is_not_found(pages: Pages) -> None:
    for address in ("/nonsense", "/order-to-result?by=shoe-size", "/order-to-result?state=x", "?window=y"):
        assert pages.get(f"/measures{address}").status_code == 404, address
