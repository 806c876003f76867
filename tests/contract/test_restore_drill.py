"""The drill: a backup while writes go on, an empty host, and whatever is asked of 1,000 people is equal."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from bedside.genome.event import EventKind, NewEvent
from bedside.genome.person import ItemStatus
from bedside.genome.record import PersonState
from bedside.service.back_up import back_up, into_folder, restore
from bedside.service.chart_medicines import medicine_lines
from bedside.service.disclose import worklist as disclosures
from bedside.service.genome_view import genome_view
from bedside.service.house import House, open_house
from bedside.service.pathway_worklist import worklist
from bedside.service.replay_card import replay_answer, rules_named
from bedside.service.results_inbox import items_of
from bedside.service.rules import rules_of
from tests.contract.site import record
from tests.demo_record import NOW, NoonClock, open_demo

PEOPLE = 1000
DIPLOTYPES = ("*1/*1", "*1/*2", "*2/*2", "*1/*17", "*2/*17")


def everything(house: House, people: list[str]) -> dict[str, Any]:
    """What the record answers: for each person calls, medicines with guidance, results, tasks; then the lists
    of everybody, and of those with a genome every finding and consent."""
    rules, ledger = rules_of(house).ruleset, house.ledger
    of_each = {}
    for person in people:
        taken = tuple(one for one in ledger.medications(person) if one.status is ItemStatus.ACTIVE)
        calls = ledger.person_calls(person)
        known = ledger.person(person)
        assert known is not None
        lines = medicine_lines(rules, calls, PersonState(known, taken), NOW.date())
        of_each[person] = (known, calls, lines, ledger.results(person), ledger.tasks(person))
    genomes = ledger.people_with_genome()
    return {
        "people": of_each,
        "work": worklist(house, NOW),
        "disclosures": disclosures(house, NOW.date(), over=True),
        "inbox": items_of(house),
        "genomes": [genome_view(house, person, "x") for person in genomes],
        "consents": [ledger.consents(person) for person in genomes],
    }


def test_the_restored_host_answers_for_1000_people_as_the_other_did(tmp_path: Path) -> None:
    house = open_demo(tmp_path / "site")
    for number in range(PEOPLE - house.ledger.count_people()):
        pair = DIPLOTYPES[number % len(DIPLOTYPES)]
        record(house, f"drill-{number}", {"CYP2C19": pair}, {"32968": "clopidogrel"} if number % 3 else None)
    people = sorted(one.person for one in house.ledger.people(limit=5000))
    assert len(people) == PEOPLE
    before = everything(house, people)
    stop = threading.Event()

    def meanwhile() -> None:
        while not stop.wait(0.002):
            house.audit.append([NewEvent(EventKind.ACCESSED, "clerk", NOW, people[0], {"page": "chart"})])

    writer = threading.Thread(target=meanwhile)
    writer.start()
    try:
        made = back_up(house, tmp_path / "backup", actor="night")
    finally:
        stop.set()
        writer.join()
    restore(tmp_path / "backup", into_folder(house.settings, tmp_path / "host"))
    again = open_house(into_folder(house.settings, tmp_path / "host"), clock=NoonClock())
    assert len(before["genomes"]) >= 10
    assert everything(again, people) == before
    assert again.ledger.checkpoint() == made.manifest.checkpoint
    shown = list(again.ledger.events(kinds=[EventKind.HOOK_ANSWERED]))
    assert len(shown) >= 10
    assert [replay_answer(rules_named(again, one.payload["rules"]), one).same for one in shown] == (
        [True] * len(shown)
    )
    again.close()
    house.close()
