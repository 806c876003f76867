"""A record of made-up people with coded problems, of whom some look like a disease that nobody has named."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bedside.genome.code import System
from bedside.genome.event import EventKind, NewEvent
from bedside.service.house import House, open_house
from bedside.service.undiagnosed_ask import RoundAsked, round_of_record
from bedside.service.undiagnosed_round import Round
from bedside.settings import Settings
from tests.made_up_charts import write_maps

TODAY = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
FEATURES = ("A10.1", "B20", "C30", "D40")
ANN, BOB, CYD = "ann", "bob", "cyd"


class Clock:
    """Stands where a test puts it and moves a millisecond at each look."""

    def __init__(self) -> None:
        self.now = TODAY

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


def open_charts(folder: Path, url: str = "") -> House:
    """300 people with colds; Ann, Bob and Cyd have four features of a disease, Bob its diagnosis too."""
    settings = Settings(
        store_url=url or f"sqlite:///{folder / 'ledger.db'}", documents=str(folder / "documents")
    )
    house = open_house(settings, clock=Clock())
    events: list[NewEvent] = []
    for at in range(300):
        events.append(registered(f"p{at:03d}", "female" if at % 2 else "male", 1940 + at % 60))
        events += [problem(f"p{at:03d}", f"F60.{one}") for one in range(at % 9)]
        events += [problem(f"p{at:03d}", FEATURES[at % 4])] * (at % 5 == 0)
    for name in (ANN, BOB, CYD):
        events.append(registered(name, "female", 1986))
        events += [problem(name, code, f"2021-02-0{at + 1}") for at, code in enumerate(FEATURES)]
    events += [problem(name, "999", system=System.SNOMED_CT) for name in (ANN, CYD)]
    events += [problem(BOB, "E50.1")]
    house.ledger.append(events)
    return house


def registered(person: str, sex: str, born: int) -> NewEvent:
    """Somebody registered."""
    said = {"sex": sex, "birth_date": f"{born}-05-05", "ancestry": "", "family": person.title()}
    return NewEvent(EventKind.PERSON_REGISTERED, "desk", TODAY, person, said)


def problem(
    person: str, code: str, since: str = "2020-01-01", status: str = "active", system: System = System.ICD10CM
) -> NewEvent:
    """A problem written down."""
    said = {"system": system.value, "code": code, "status": status, "since": since}
    return NewEvent(EventKind.PROBLEM_RECORDED, "desk", TODAY, person, said)


def listed(house: House, folder: Path, capacity: int = 5, day: date | None = None) -> Round:
    """A round over the record."""
    maps = write_maps(folder / "maps")
    asked = RoundAsked(day or TODAY.date(), capacity=capacity, maps=maps, hpo_release=str(maps), workers=1)
    return round_of_record(house, asked)
