"""Killed while adopting a release, nothing is half adopted; done again, all of it is there once."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

from bedside.genome.event import EventKind
from bedside.genome.presence import Zygosity
from bedside.service.house import House, open_house
from bedside.service.reanalyse_groups import read_document
from bedside.settings import Settings
from tests.unit.service.made_up_biobank import (
    PATHOGENIC,
    UNCERTAIN,
    Record,
    Somebody,
    biobank,
    enrol,
    release,
)

WRITER = Path(__file__).with_name("reanalyser.py")
VARIANTS = [f"chr13-{32340000 + number}-A-C" for number in range(1, 41)]
RELEASES = 6
PEOPLE = 60


def prepared(folder: Path) -> None:
    """People who carry variants that every release upgrades or downgrades."""
    house = biobank(folder)
    chosen = random.Random(1)
    enrol(
        house,
        *(
            Somebody(f"p{number:02d}", [(one, Zygosity.HETEROZYGOUS) for one in chosen.sample(VARIANTS, 3)])
            for number in range(PEOPLE)
        ),
    )
    for number in range(RELEASES):
        classes = [chosen.choice((PATHOGENIC, UNCERTAIN)) for _ in VARIANTS]
        day = date(2026, 1, 5) + timedelta(days=30 * number)
        records = [Record(one, "BRCA2", said) for one, said in zip(VARIANTS, classes, strict=True)]
        release(house, day.isoformat(), records)
    house.close()


def killed(folder: Path, acknowledged: int, after: float) -> list[str]:
    """Start adopting, wait for so many adoptions, kill after a while; the releases it said were adopted."""
    process = subprocess.Popen([sys.executable, str(WRITER), str(folder)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    first = [process.stdout.readline().decode() for _ in range(acknowledged + 1)][1:]
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    said = first + process.stdout.read().decode().splitlines(keepends=True)
    process.stdout.close()
    process.wait()
    return [line.strip() for line in said if line.endswith("\n")]


def whole(house: House) -> list[str]:
    """The releases adopted; each adoption has its reanalysis, its document and exactly its tasks."""
    house.ledger.verify()
    assert house.ledger.differing_projections() == ()
    adopted = [event.payload["release"] for event in house.ledger.events(kinds=[EventKind.RELEASE_ADOPTED])]
    done = list(house.ledger.events(kinds=[EventKind.REANALYSED]))
    assert [event.payload["release"] for event in done] == adopted
    opened = [event.payload for event in house.ledger.events(kinds=[EventKind.TASK_OPENED])]
    for event in done:
        tasks = [task for task in opened if task["about"]["release"] == event.payload["release"]]
        assert len({task["task"] for task in tasks}) == len(tasks) == event.payload["tasks"]
        _, groups = read_document(house.documents.get(event.payload["table"]))
        owed = sum(len(group.people) for group in groups if group.owner)
        assert owed == len(tasks)
    return adopted


def test_an_adoption_killed_at_any_moment_is_whole_or_not_there(tmp_path):
    prepared(tmp_path)
    choice, acknowledged, rounds = random.Random(2), [], 0
    while len(acknowledged) < RELEASES and rounds < 20:
        acknowledged += killed(tmp_path, rounds % 2, choice.uniform(0.0, 0.6))
        rounds += 1
        house = open_house(Settings(store_url=f"sqlite:///{tmp_path}/ledger.db"))
        adopted = whole(house)
        assert set(acknowledged) <= set(adopted)
        acknowledged = adopted
        house.close()
    assert rounds >= 2
    assert len(acknowledged) == len(set(acknowledged)) == RELEASES
