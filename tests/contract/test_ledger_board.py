"""The tumour board works the same on both databases: stored, decided, signed, rebuilt."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bedside.act.board_cases import CaseStage
from bedside.errors import RequestError
from bedside.genome.board import AdviceKind, BoardAdvice
from bedside.genome.person import Person
from bedside.service.board import put_on, recommend, schedule, sign, the_board
from bedside.service.board_packet import packet_bytes, packet_of_person
from bedside.service.consult_steps import Writer
from bedside.service.house import open_house
from bedside.service.register_person import register_person
from bedside.service.tumours_held import accept_tumours
from bedside.service.verify_record import verify_record
from bedside.settings import Settings
from tests.made_up_tumours import lung, write_tumour

MARCH = datetime(2026, 3, 1, 8, tzinfo=UTC)
CHAIR = Writer("Dr Lind", "chair")


def test_a_case_goes_from_the_sample_to_the_signature(ledger_url, tmp_path):
    settings = Settings(store_url=ledger_url, documents=str(tmp_path / "documents"))
    house = open_house(settings, clock=lambda: MARCH)
    register_person(house, Person("p1", "Ada", "Osei"))
    path = write_tumour(tmp_path, lung())
    assert [one.new for one in accept_tumours(house, "p1", path)] == [True]
    assert [one.new for one in accept_tumours(house, "p1", path)] == [False]
    case = put_on(house, "p1", "What next?", CHAIR).case
    schedule(house, case, date(2026, 3, 2), 1, CHAIR)
    packet = packet_bytes(packet_of_person(house, "p1"))
    advice = BoardAdvice(AdviceKind.NO_CHANGE, why="it works")
    recommend(house, case, advice, CHAIR, packet)
    with pytest.raises(RequestError, match="nobody is named"):
        sign(house, case, 1, CHAIR)
    whole = BoardAdvice(AdviceKind.NO_CHANGE, why="it works", owner="oncologist", due=date(2026, 3, 5))
    recommend(house, case, whole, CHAIR, packet)
    assert sign(house, case, 2, CHAIR).stage is CaseStage.SIGNED
    before = (the_board(house), house.ledger.tasks("p1"))
    house.ledger.rebuild()
    assert (the_board(house), house.ledger.tasks("p1")) == before
    assert verify_record(house).documents == 2
    house.close()
