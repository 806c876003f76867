"""What a laboratory answers to an order: taken or not, with its reason, once, and about nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bedside.act.orders import HeldOrder
from bedside.errors import IntakeError
from bedside.exchange.hl7v2_text import read_message
from bedside.genome.code import Code, System
from bedside.genome.event import EventKind
from bedside.genome.person import Identifier, Person, Problem, Sex
from bedside.service.answer_order import answer_order
from bedside.service.house import House, open_house
from bedside.service.order_test import Wish, cancel_order, order_named, order_test
from bedside.service.register_person import register_person
from bedside.settings import Settings
from bedside.web.mllp import reply

ADA = Person("p1", "Ada", "Osei", date(1980, 1, 1), Sex.FEMALE, (Identifier("HOSP", "M1"),))
BEA = Person("p2", "Bea", "Osei", date(1980, 1, 1), Sex.FEMALE, (Identifier("HOSP", "M2"),))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = open_house(Settings(store_url=f"sqlite:///{tmp_path}/ledger.db"))
    register_person(opened, ADA, problems=[Problem(Code(System.ICD10CM, "C50.9", "Breast cancer"))])
    register_person(opened, BEA)
    yield opened
    opened.close()


@pytest.fixture
def order(house: House) -> str:
    wish = Wish(test="hereditary-cancer", orderer="Dr Li", answers={"transplant": "no"})
    return order_test(house, "p1", wish).order.order


def orl(order: str, control: str, *, msa: str = "AA", why: str = "", who: str = "M1^^^HOSP^MR") -> bytes:
    lines = (
        r"MSH|^~\&|LIS|LAB|BEDSIDE||20260301||ORL^O22^ORL_O22|A1|P|2.5.1",
        f"MSA|{msa}|{order}",
        f"PID|1||{who}",
        f"ORC|{control}|{order}^99BEDSIDE|F77|||||||||||||{'X^' + why if why else ''}",
    )
    return ("\r".join(lines) + "\r").encode()


def held(house: House, order: str) -> HeldOrder:
    return order_named(house, "p1", order)


def open_tasks(house: House) -> list[str]:
    return [one.summary for one in house.ledger.tasks("p1") if one.kind == "order-refused"]


def test_an_order_that_is_taken_is_on_record_as_taken(house: House, order: str) -> None:
    content = orl(order, "OK")
    assert held(house, order).answered is None
    assert b"MSA|AA|A1|stored" in reply(house, content)
    assert b"MSA|AA|A1|was stored before" in reply(house, content)
    assert (held(house, order).answered, open_tasks(house)) == (True, [])
    (event,) = house.ledger.events(kinds=(EventKind.ORDER_ANSWERED,))
    assert (event.payload["filler"], house.documents.get(event.payload["document"])) == ("F77", content)


def test_an_order_that_is_not_taken_opens_a_task_with_the_reason(house: House, order: str) -> None:
    assert b"MSA|AA|" in reply(house, orl(order, "UA", why="not offered here"))
    assert (held(house, order).answered, held(house, order).refused) == (False, "not offered here")
    assert open_tasks(house) == ["The laboratory does not take the order: not offered here"]
    reply(house, orl(order, "DE", why="again"))
    assert len(open_tasks(house)) == 1
    cancel_order(house, "p1", order, by="Dr Li", reason="goes elsewhere")
    assert open_tasks(house) == []


def test_an_order_that_is_taken_after_all_ends_the_task(house: House, order: str) -> None:
    reply(house, orl(order, "UA", msa="AE", why="no insurance"))
    assert len(open_tasks(house)) == 1
    reply(house, orl(order, "OK"))
    assert (held(house, order).answered, open_tasks(house)) == (True, [])


@pytest.mark.parametrize(
    "wrong",
    [
        lambda order: orl("BS999", "OK"),
        lambda order: orl(order, "XX"),
        lambda order: orl(order, "OK", who="M2^^^HOSP^MR"),
        lambda order: orl(order, "OK").replace(b"MSA|AA|", b"MSA|AR|") + b"ORC|UA|other\r",
        lambda order: orl(order, "OK").replace(b"ORC|OK", b"ZRC|OK").replace(b"MSA|AA", b"ZSA|AA"),
    ],
)
def test_what_is_no_answer_to_an_order_of_this_person_stores_nothing(
    house: House, order: str, wrong: object
) -> None:
    content = wrong(order)  # type: ignore[operator]
    before = house.ledger.checkpoint()
    with pytest.raises(IntakeError):
        answer_order(house, read_message(content), content)
    assert b"MSA|AE|" in reply(house, content)
    assert house.ledger.checkpoint() == before
