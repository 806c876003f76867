"""Da Vinci CRD over CDS Hooks `order-sign`: latency of coverage answers, each written to the ledger and
flushed to disk before it is sent, for people of a record and for people known by prefetch only.

The guide asks for 90 % of answers within 5 seconds.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from bedside.genome.event import EventKind, NewEvent
from bedside.service.answer_coverage_hook import answer_coverage
from bedside.service.ask_coverage import replay_coverage
from bedside.service.house import House, open_house
from bedside.settings import Settings

SERVICE = "bedside-coverage-order-sign"
SEED = 1
WHEN = datetime(2026, 1, 5, tzinfo=UTC)
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
DRUGS = ("clopidogrel", "codeine", "simvastatin", "citalopram", "warfarin", "azathioprine")
PAYORS = (
    "Example Medicare",
    "Medicare other contractor",
    "Example Medicaid",
    "Example Health Plan",
    "Another",
)
CODES = ("81225", "81226", "81418", "81432", "81445", "81425")


def fill(house: House, people: int) -> None:
    """People with three problems and three medicines each."""
    chance = random.Random(SEED)
    drugs = [house.pgx.drugs[name] for name in DRUGS]
    events: list[NewEvent] = []
    for number in range(people):
        person = f"bench-{number}"
        events.append(
            NewEvent(EventKind.PERSON_REGISTERED, "benchmark", WHEN, person, {"birth_date": "1950-01-01"})
        )
        for drug in chance.sample(drugs, 3):
            said = {"system": RXNORM, "code": drug.rxnorm, "display": drug.name, "status": "active"}
            events.append(NewEvent(EventKind.MEDICATION_RECORDED, "benchmark", WHEN, person, said))
        for code in chance.sample(("I25.10", "C50.9", "F32.9", "E11.9"), 3):
            said = {"system": ICD10, "code": code, "status": "active"}
            events.append(NewEvent(EventKind.PROBLEM_RECORDED, "benchmark", WHEN, person, said))
        if len(events) > 5_000:
            house.ledger.append(events)
            events = []
    house.ledger.append(events)


def request(chance: random.Random, person: str, orders: int) -> dict[str, Any]:
    """Orders of one person, with a cover and a medicine that is chosen in the same signing."""
    mine = {"reference": f"Patient/{person}"}
    drug = {
        "resourceType": "MedicationRequest",
        "id": "m",
        "status": "draft",
        "intent": "order",
        "subject": mine,
        "medicationCodeableConcept": {"text": chance.choice(DRUGS)},
    }
    tests = [
        {
            "resourceType": "ServiceRequest",
            "id": f"s{place}",
            "status": "draft",
            "intent": "order",
            "subject": mine,
            "code": {"coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": chance.choice(CODES)}]},
        }
        for place in range(orders)
    ]
    cover = {
        "resourceType": "Coverage",
        "id": "c",
        "status": "active",
        "beneficiary": mine,
        "payor": [{"display": chance.choice(PAYORS)}],
    }
    drafts = {"resourceType": "Bundle", "entry": [{"resource": one} for one in (*tests, drug)]}
    return {
        "hook": "order-sign",
        "hookInstance": str(UUID(int=chance.getrandbits(128), version=4)),
        "context": {"patientId": person, "userId": "Practitioner/1", "draftOrders": drafts},
        "prefetch": {
            "patient": {"resourceType": "Patient", "id": person, "birthDate": "1950-01-01"},
            "coverage": {"resourceType": "Bundle", "entry": [{"resource": cover}]},
        },
    }


def drive(house: House, name: str, bodies: list[dict[str, Any]]) -> None:
    """One line of figures."""
    told: Counter[str] = Counter()
    latencies = []
    before = resource.getrusage(resource.RUSAGE_SELF)
    for body in bodies:
        sent = json.loads(json.dumps(body))
        began = time.perf_counter()
        said = answer_coverage(house, SERVICE, sent)
        latencies.append(time.perf_counter() - began)
        for action in said["systemActions"]:
            (statement,) = action["resource"]["extension"]
            told[next(one["valueCode"] for one in statement["extension"] if one["url"] == "covered")] += 1
    after = resource.getrusage(resource.RUSAGE_SELF)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    cuts = statistics.quantiles(latencies, n=100)
    print(
        f"{name}: p50 {cuts[49] * 1e3:.1f} ms, p95 {cuts[94] * 1e3:.1f} ms, p99 {cuts[98] * 1e3:.1f} ms, "
        f"longest {max(latencies) * 1e3:.0f} ms, {spent / len(bodies) * 1e3:.1f} ms of CPU each, "
        f"{len(bodies)} requests; {dict(told)}"
    )


def main() -> int:
    """Fill a record, ask, and give some of the answers again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=5_000)
    parser.add_argument("--requests", type=int, default=1_000)
    arguments = parser.parse_args()
    chance = random.Random(SEED)
    with tempfile.TemporaryDirectory() as folder:
        house = open_house(Settings(store_url=f"sqlite:///{Path(folder) / 'ledger.db'}"))
        fill(house, arguments.people)
        began = time.perf_counter()
        answer_coverage(house, SERVICE, request(chance, "nobody", 1))
        print(f"the first answer of a process, which reads the packs: {time.perf_counter() - began:.2f} s")
        known = [f"bench-{chance.randrange(arguments.people)}" for _ in range(arguments.requests)]
        drive(house, "people of the record, one test", [request(chance, one, 1) for one in known])
        drive(house, "people of the record, five tests", [request(chance, one, 5) for one in known[::5]])
        drive(
            house, "by prefetch only, one test", [request(chance, f"away-{n}", 1) for n in range(len(known))]
        )
        events = [one.sequence for one in house.ledger.events(kinds=(EventKind.COVERAGE_ANSWERED,))]
        again = chance.sample(events, 100)
        same = sum(replay_coverage(house, one).same for one in again)
        print(f"{same} of {len(again)} answers given again are the same to the byte")
        house.close()
    print("bar: 90 % of answers within 5 s (Da Vinci CRD 2.2.1)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
