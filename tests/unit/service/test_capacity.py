"""What waits for counsellors at a site, and what is not known of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bedside.genome.event import EventKind, NewEvent
from bedside.knowledge import equity
from bedside.service.capacity import Queue, queues, reaches
from bedside.service.house import open_house
from bedside.settings import Settings

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def test_the_queue_of_a_site_clears_grows_or_is_not_known(tmp_path: Path) -> None:
    """Sixteen came in eight weeks, six were done, ten wait. Counts are rounded to five: 15 came."""
    root = tmp_path / "packs"
    (root / "equity").mkdir(parents=True)
    shipped = (Path(equity.__file__).parent / "data" / "equity" / "gaps.toml").read_text()
    house = open_house(
        Settings(store_url=f"sqlite:///{tmp_path / 'l.db'}", knowledge_root=str(root)), clock=lambda: NOON
    )
    for number in range(16):
        person, came = f"p{number}", NOON - timedelta(days=20)
        told = {
            "task": person,
            "kind": "k",
            "summary": "s",
            "owner": "genetic counsellor",
            "due": "2026-12-01",
        }
        house.ledger.append(
            [
                NewEvent(EventKind.PERSON_REGISTERED, "desk", came, person, {"family": person}),
                NewEvent(EventKind.PROGRAMME_RECORDED, "desk", came, person, {"site": "North"}),
                NewEvent(EventKind.TASK_OPENED, "desk", came, person, told),
            ]
        )
        if number < 6:
            done = {"task": person, "outcome": "done"}
            house.ledger.append([NewEvent(EventKind.TASK_CLOSED, "desk", NOON, person, done)])
    assert queues(house, NOON) == (Queue("North", 10, 20.0, 15 / 8, 5 / 8, None, None, None),)
    for slots, weeks, grows in ((5, 10 / (5 - 15 / 8), False), (2, None, True)):
        said = shipped.replace("slots_per_week = {}", f'slots_per_week = {{ "*" = {slots} }}')
        (root / "equity" / "gaps.toml").write_text(said)
        (queue,) = queues(house, NOON)
        assert (queue.weeks_to_clear, queue.grows) == (pytest.approx(weeks) if weeks else None, grows)
    (reach,) = reaches(house, NOON)
    assert (reach.site, reach.people, reach.reached[1]) == ("North", 15, ("with a result", 0))
    house.close()


def test_a_small_flow_is_hidden_although_the_queue_is_not(tmp_path: Path) -> None:
    """Twelve wait since long ago, one of them came lately: neither the one nor the twelve can be read off."""
    house = open_house(Settings(store_url=f"sqlite:///{tmp_path / 'l.db'}"), clock=lambda: NOON)
    for number in range(12):
        came = NOON - timedelta(days=20 if not number else 200)
        told = {
            "task": f"t{number}",
            "kind": "k",
            "summary": "s",
            "owner": "genetic counsellor",
            "due": "2026-12-01",
        }
        house.ledger.append([NewEvent(EventKind.TASK_OPENED, "desk", came, f"p{number}", told)])
    (queue,) = queues(house, NOON)
    assert (queue.waiting, queue.came_a_week, queue.ended_a_week) == (10, None, 0.0)
    assert (queue.weeks_to_clear, queue.grows) == (None, None)
    house.close()
