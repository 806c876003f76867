"""Made-up people on care pathways: in time, stuck, lost with a reason, at their goal; and what a programme
counts everybody by."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

from bedside.demo.people import TODAY, MadeUpPerson
from bedside.genome.event import EventKind, NewEvent
from bedside.service.house import House

FILE = Path(__file__).parent / "data" / "pathways.toml"
SOURCE = "demo-pathways"


def read_pathway_setting() -> Mapping[str, Any]:
    """Who is on which pathway, and how far they came."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def put_on_pathways(
    house: House, population: Sequence[MadeUpPerson], busy: Collection[str], seed: int
) -> int:
    """Write down what happened to them, once; how many people are on a pathway. busy: those with another
    story. Nobody whom a laboratory tested is given the cancer: another result would be taken for its own."""
    setting = read_pathway_setting()
    events = [_counted_by(setting, each, seed) for each in population]
    people = set()
    for person, story in _given_out(setting, population, busy):
        people.add(person.person)
        events += _told(setting, person.person, *story)
    house.ledger.append(events)
    return len(people)


def _counted_by(setting: Mapping[str, Any], each: MadeUpPerson, seed: int) -> NewEvent:
    chance = Random(f"bedside-demo-programme/{seed}/{each.person}")  # noqa: S311
    names, weights = zip(*setting["payers"], strict=True)
    said = {
        "site": each.site,
        "payer": chance.choices(names, weights)[0],
        "language": each.language,
        "deprivation": str(chance.randint(1, 5)),
    }
    key = f"{SOURCE}:{each.person}"
    at = datetime.combine(TODAY - timedelta(days=30), time(8), UTC)
    return NewEvent(EventKind.PROGRAMME_RECORDED, "registry", at, each.person, said, key)


def _given_out(
    setting: Mapping[str, Any], population: Sequence[MadeUpPerson], busy: Collection[str]
) -> Iterator[tuple[MadeUpPerson, tuple[Mapping[str, Any], int]]]:
    """Each case with the next person whom it fits."""
    free = {each.person: each for each in population if each.person not in busy and each.member is None}
    for entry in setting["case"]:
        for number in range(entry["times"]):
            fitting = (one for one in free.values() if _fits(entry, one))
            found = next(fitting, None)
            if found is not None:
                del free[found.person]
                yield found, (entry, number)


def _fits(entry: Mapping[str, Any], one: MadeUpPerson) -> bool:
    age = (TODAY - one.birth_date).days // 365
    untested = not one.laboratory
    return age >= int(entry["least"]) and untested == (entry["pathway"] == "nsclc")


def _told(
    setting: Mapping[str, Any], person: str, entry: Mapping[str, Any], number: int
) -> Iterator[NewEvent]:
    start = datetime.combine(entry["start"], time(15), UTC) + timedelta(
        days=number * int(entry.get("every", 1))
    )
    lines = (*setting["way"][entry["pathway"]][: entry["keep"]], *entry.get("more", ()))
    for place, line in enumerate(lines):
        day, signal, *rest = line.split()
        at = start + timedelta(days=float(day), minutes=7 * place)
        name = f"{SOURCE}-{person}-{place}"
        payload = {
            "signal": signal,
            "attributes": dict(word.split("=", 1) for word in rest),
            "case": "",
            "source": setting["by"],
            "id": name,
        }
        if at < datetime.combine(TODAY, time(8), UTC):
            yield NewEvent(EventKind.SIGNAL_RECORDED, setting["by"], at, person, payload, f"signal:{name}")
