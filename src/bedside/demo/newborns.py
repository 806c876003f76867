"""Made-up newborns who had a rapid genome, with what changed in their care and an outcome form each."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from bedside.demo.people import RECORD_NUMBER
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.nicu import NOTHING_CHANGES, CostKind, CostLine, Outcome, Yield
from bedside.genome.person import Identifier, Person, Sex
from bedside.service.house import House
from bedside.service.nicu import note_management, record_outcome
from bedside.service.register_person import Registration, register_people

FILE = Path(__file__).parent / "data" / "newborns.toml"


def read_newborns() -> Mapping[str, Any]:
    """The children and their way through the unit."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def newborns_in(house: House) -> int:
    """How many of these children the record holds."""
    return sum(house.ledger.person(one.person) == one for one, _ in _people(read_newborns()))


def care_for_newborns(house: House) -> int:
    """Register the children and write down what came of each, once; how many there are."""
    setting = read_newborns()
    children = list(_people(setting))
    for person, child in children:
        _care(house, setting, person, child)
    return len(children)


def _people(setting: Mapping[str, Any]) -> Iterator[tuple[Person, Mapping[str, Any]]]:
    for number, child in enumerate(setting["child"], start=1):
        name = f"demo-newborn-{number:02d}"
        numbers = (Identifier(RECORD_NUMBER, f"EHN{number:02d}"),)
        sex = Sex(child["sex"])
        yield Person(name, child["given"], child["family"], child["born"], sex, numbers), child


def _care(house: House, setting: Mapping[str, Any], person: Person, child: Mapping[str, Any]) -> None:
    by, admitted = setting["by"], datetime.combine(child["born"], time(9), UTC)
    register_people(house, [Registration(person)], actor=by, valid_at=admitted)
    house.ledger.append(list(_way(setting, person.person, child, admitted)))
    key = f"demo:{person.person}"
    noted = admitted + timedelta(hours=setting["noted_after_hours"])
    note_management(house, person.person, child["change"], "", by=by, at=noted, key=key)
    formed = admitted + timedelta(days=setting["form_after_days"])
    hours = next(float(one.split()[0]) for one in setting["way"] if " provisional-result " in f" {one} ")
    outcome = Outcome(
        Yield(child["found"]),
        child["change"] != NOTHING_CHANGES,
        hours,
        child["days"],
        child.get("avoided_days"),
        child.get("avoided"),
        tuple(_costs(child, setting["currency"])),
    )
    record_outcome(house, person.person, outcome, by=by, at=formed, key=key)


def _way(
    setting: Mapping[str, Any], person: str, child: Mapping[str, Any], admitted: datetime
) -> Iterator[NewEvent]:
    for place, line in enumerate(setting["way"]):
        hours, signal, *rest = line.replace("FOUND", child["found"]).split()
        name = f"demo-newborns-{person}-{place}"
        payload = {
            "signal": signal,
            "attributes": dict(word.split("=", 1) for word in rest),
            "case": "",
            "source": setting["by"],
            "id": name,
        }
        at = admitted + timedelta(hours=float(hours))
        yield NewEvent(EventKind.SIGNAL_RECORDED, setting["by"], at, person, payload, f"signal:{name}")


def _costs(child: Mapping[str, Any], currency: str) -> Iterator[CostLine]:
    yield CostLine(CostKind.TESTING, child["test"], child["test"], currency, "made up")
    if "added" in child:
        yield CostLine(CostKind.CARE_ADDED, child["added"], child["added"], currency, "made up")
    if "low" in child:
        yield CostLine(CostKind.CARE_AVOIDED, child["low"], child["high"], currency, "made up, as judged")
