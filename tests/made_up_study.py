"""Made-up people who start clopidogrel, with a card or without, and a house in which they were studied."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp

import numpy as np

from bedside.genome.event import EventKind, NewEvent
from bedside.knowledge.provenance import DATA
from bedside.knowledge.study_protocol import protocol_at
from bedside.service.house import House, open_house
from bedside.service.study_registry import register
from bedside.service.study_run import keep_run, run_study
from bedside.settings import Settings

START = datetime(2024, 1, 10, tzinfo=UTC)
FOLLOWED = DATA / "studies" / "clopidogrel-card-followed.toml"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"


def person_events(random: np.random.Generator, person: str, allows: bool) -> list[NewEvent]:
    """One made-up person who starts clopidogrel: a card in half, an event rather without one."""
    day = START + timedelta(days=int(random.integers(0, 200)))
    old, card = random.random() < 0.5, random.random() < 0.5
    born = "1940-05-01" if old else "1970-05-01"
    sex = "female" if random.random() < 0.5 else "male"
    said = {"given": "A", "family": person, "birth_date": born, "sex": sex}
    made = [NewEvent(EventKind.PERSON_REGISTERED, "clerk", day - timedelta(days=400), person, said)]
    site = {"site": "North" if random.random() < 0.5 else "South"}
    made.append(NewEvent(EventKind.PROGRAMME_RECORDED, "clerk", day, person, site))
    if allows:
        scope = {"scope": "research", "decision": "given", "by": "self"}
        made.append(NewEvent(EventKind.CONSENT_RECORDED, "clerk", day, person, scope))
    if card:
        shown = {"signal": "alert-shown", "attributes": {"drug": "32968"}}
        made.append(NewEvent(EventKind.SIGNAL_RECORDED, "clinic", day, person, shown))
    drug = {"system": RXNORM, "code": "32968", "status": "active"}
    made.append(NewEvent(EventKind.MEDICATION_RECORDED, "dr", day, person, drug))
    codes = {
        "I21.4": 0.30 - 0.12 * card + 0.1 * old,
        "H25.1": 0.2,
        "L60.0": 0.2,
        "S93.40": 0.2,
        "H60.5": 0.2,
        "L25.9": 0.2,
    }
    for code, chance in codes.items():
        if random.random() < chance:
            later = day + timedelta(days=int(random.integers(2, 350)))
            problem = {"system": ICD, "code": code, "status": "active"}
            made.append(NewEvent(EventKind.PROBLEM_RECORDED, "dr", later, person, problem))
    return made


def made_up(house: House, people: int = 800, seed: int = 4) -> None:
    random = np.random.default_rng(seed)
    events = [
        event
        for number in range(people)
        for event in person_events(random, f"p{number:04}", allows=number % 20 != 0)
    ]
    problem = {"system": ICD, "code": "Z00.0", "status": "active"}
    late = START + timedelta(days=800)
    events.append(NewEvent(EventKind.PROBLEM_RECORDED, "dr", late, "p0001", problem))
    house.ledger.append(events)


class LaterClock:
    """Long after everything happened."""

    def __call__(self) -> datetime:
        return START + timedelta(days=900)


def open_studies(folder: Path) -> House:
    """A house with one study estimated as registered, one refused that nobody registered, two never run."""
    house = open_house(Settings(store_url=f"sqlite:///{folder / 'ledger.db'}"), clock=LaterClock())
    made_up(house, people=500)
    for path in (FOLLOWED, FOLLOWED.with_name("clopidogrel-guided.toml")):
        protocol, content = protocol_at(path), path.read_bytes()
        if path is FOLLOWED:
            register(house, protocol, content, "A. Statistician")
        keep_run(house, run_study(house, protocol, content), Path(mkdtemp(dir=folder)), "A. Statistician")
    return house
