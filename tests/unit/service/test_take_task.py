"""Who has a task in hand stands in the record, and moves nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bedside.errors import RequestError
from bedside.service.disclose import findings
from bedside.service.house import House
from bedside.service.take_task import in_hand, take_task
from tests.demo_record import open_demo, person_of


@pytest.fixture
def own(tmp_path: Path) -> Iterator[House]:
    house = open_demo(tmp_path)
    yield house
    house.close()


def test_whoever_takes_a_task_last_has_it_until_they_give_it_back(own: House) -> None:
    person = person_of("nobody-answers")
    task = own.ledger.tasks(person)[0].task
    take_task(own, person, task, actor="Ada")
    take_task(own, person, task, actor="Ben")
    assert in_hand(own)[task].who == "Ben"
    take_task(own, person, task, actor="Ben", back=True)
    assert task not in in_hand(own, person)


def test_taking_a_task_moves_no_finding_and_closes_nothing(own: House) -> None:
    person = person_of("nobody-answers")
    before, tasks = findings(own, person), own.ledger.tasks(person)
    take_task(own, person, tasks[0].task, actor="Ada")
    assert (findings(own, person), own.ledger.tasks(person)) == (before, tasks)


def test_a_task_that_is_not_open_cannot_be_taken(own: House) -> None:
    with pytest.raises(RequestError, match="no such open task"):
        take_task(own, person_of("nobody-answers"), "nothing", actor="Ada")
