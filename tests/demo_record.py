"""The made-up health system with its genomes: told once for a test run, copied for each that changes it."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from bedside.demo.build import DemoSummary, build_demo
from bedside.service.house import House, open_house
from bedside.settings import Settings

NOW = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
PEOPLE = 56


class NoonClock:
    """The first of October 2026, the day the story is told, a millisecond later at each look."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


@cache
def _told() -> tuple[Path, DemoSummary]:
    folder = Path(tempfile.mkdtemp(prefix="bedside-demo-record-"))
    house = open_house(Settings(store_url=f"sqlite:///{folder}/ledger.db"))
    summary = build_demo(house, people=PEOPLE)
    house.close()
    return folder, summary


def open_demo(folder: Path, **settings: str) -> House:
    """A house of its own over a copy of the made-up record, opened on the day of the story."""
    told, _ = _told()
    shutil.copytree(told, folder / "demo")
    url = f"sqlite:///{folder}/demo/ledger.db"
    return open_house(Settings(store_url=url, **settings), clock=NoonClock())  # type: ignore[arg-type]


def person_of(role: str) -> str:
    """The person who plays a part in `genomes.toml`."""
    return next(person for person, its, _ in _told()[1].genomes if its == role)
