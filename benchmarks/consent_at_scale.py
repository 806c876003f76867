"""How long it takes to know who may be counted among a million people, and to see a withdrawal.

    python benchmarks/consent_at_scale.py [PEOPLE]

Everybody has a stored run and a birth date. 62 % gave research without limits, 10 % for biomedical research
only, 8 % are children whose guardian gave it, 5 % withdrew it, 15 % were never asked; 1 % withdrew clinical.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median

from bedside.genome.consent import Purpose
from bedside.genome.event import EventKind, NewEvent
from bedside.knowledge.consent_policy import load_consent_policy
from bedside.service.counted_people import CountedPeople, counted_people
from bedside.store.open_ledger import open_ledger
from bedside.store.sql_ledger import SqlLedger

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TODAY = date(2026, 3, 2)


def of_person(number: int) -> Iterator[NewEvent]:
    """The events of one person."""
    person, part = f"person-{number:07d}", number % 100
    born = f"{2010 if 72 <= part < 80 else 1970}-{1 + number % 12:02d}-{1 + number % 28:02d}"
    yield NewEvent(EventKind.PERSON_REGISTERED, "bench", NOON, person, {"birth_date": born})
    run = {"run": f"run-{number}", "result": f"r-{number}", "evidence": "e" * 64, "records": 50_000}
    yield NewEvent(EventKind.GENOME_STORED, "bench", NOON, person, run)
    said: dict[str, object] = {"scope": "research", "decision": "given", "by": "self"}
    if 62 <= part < 72:
        said["uses"] = ["DUO:0000006"]
    elif 72 <= part < 80:
        said["by"] = "guardian"
    elif 80 <= part < 85:
        said["decision"] = "withdrawn"
    if part < 85:
        yield NewEvent(EventKind.CONSENT_RECORDED, "bench", NOON, person, said)
    if number % 100 == 99:
        yield withdrawn(person, "clinical")


def withdrawn(person: str, scope: str) -> NewEvent:
    """A withdrawal."""
    payload = {"scope": scope, "decision": "withdrawn", "by": "self"}
    return NewEvent(EventKind.CONSENT_RECORDED, "bench", NOON, person, payload)


def measured(what: str, times: int, work: Callable[[], object]) -> None:
    """Print the median of some runs: by the clock on the wall, and of this process alone."""
    wall, own = [], []
    for _ in range(times):
        start, began = time.perf_counter(), time.process_time()
        work()
        wall.append(time.perf_counter() - start)
        own.append(time.process_time() - began)
    print(f"{what:<58}{median(wall) * 1000:>10.2f} ms, of the processor {median(own) * 1000:>9.2f} ms")


def counted(ledger: SqlLedger, purpose: Purpose, use: str = "") -> CountedPeople:
    """Who is counted now."""
    return counted_people(ledger, load_consent_policy(), purpose, use, TODAY)


def main() -> None:
    """Fill a ledger and ask it."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        ledger = open_ledger(f"sqlite:///{path}")
        start = time.perf_counter()
        for first in range(0, people, 20_000):
            events = [
                event for number in range(first, min(first + 20_000, people)) for event in of_person(number)
            ]
            ledger.append(sorted(events, key=lambda event: event.kind.value))
        print(
            f"{people:,} people written in {time.perf_counter() - start:.0f} s, {path.stat().st_size:,} bytes"
        )
        for purpose, use in ((Purpose.CARE, ""), (Purpose.RESEARCH, ""), (Purpose.RESEARCH, "DUO:0000006")):
            name = f"{purpose.value} {use}".strip()

            def anew(purpose: Purpose = purpose, use: str = use) -> None:
                policy, moved = load_consent_policy(), ledger.genome_moved()
                lens = CountedPeople(ledger, policy, purpose, use, TODAY, moved)
                lens.among(None, clinical_only=False)

            measured(f"{name}: read who is counted, anew", 5, anew)
            found = counted(ledger, purpose, use)
            print(f"{name}: {len(found.people(None)):,} counted; left out {dict(found.not_counted(None))}")

            def again(purpose: Purpose = purpose, use: str = use) -> None:
                counted(ledger, purpose, use).among(None, clinical_only=False)

            measured(f"{name}: asked again, nothing changed", 200, again)
        measured(
            "one person: may this genome be read",
            200,
            lambda: counted(ledger, Purpose.CARE).refused("person-0000042"),
        )

        numbers = iter(range(people))

        def withdraw_and_ask() -> None:
            person = f"person-{next(numbers):07d}"
            ledger.append([withdrawn(person, "research")])
            if person in counted(ledger, Purpose.RESEARCH).people(None):
                raise SystemExit("a withdrawal was not seen")

        measured("a withdrawal written and seen by a research question", 20, withdraw_and_ask)
        ledger.close()


if __name__ == "__main__":
    main()
