"""CDS Hooks `order-sign` against a record of 50,000 people: latency and requests a second over loopback.

The server is a process of its own; every answer is written to the ledger, flushed to disk, before it is sent.
The load generator runs on the same machine, so both share its cores.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from bedside.genome.assay import Assay
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.observation import OutsideCall
from bedside.interpret.outside import call_outside
from bedside.knowledge.pgx import PgxPack
from bedside.service.house import House, open_house
from bedside.settings import Settings
from bedside.store.encode import assay_content, call_content, observation_content
from bedside.store.ledger import Content
from bedside.web.serve import serve

PEOPLE = 50_000
CHUNK = 2_000
SEED = 1
WHEN = datetime(2026, 1, 5, tzinfo=UTC)
PATH = "/cds-services/bedside-pgx-order-sign"
DRUGS = (
    "clopidogrel", "codeine", "simvastatin", "citalopram", "amitriptyline", "omeprazole", "warfarin",
    "azathioprine", "metoprolol", "ondansetron", "fluorouracil", "abacavir", "ibuprofen", "sertraline",
    "tramadol", "aspirin",
)  # fmt: skip
RESULTS = {
    "CYP2C19": ("*1/*1", "*1/*2", "*2/*2", "*1/*17", "*17/*17"),
    "CYP2D6": ("*1/*1", "*1/*4", "*4/*4", "*1/*41", "*2/*2"),
    "CYP2C9": ("*1/*1", "*1/*2", "*2/*3", "*3/*3"),
    "CYP2B6": ("*1/*1", "*1/*6", "*6/*6"),
    "SLCO1B1": ("*1/*1", "*1/*5", "*5/*5"),
    "TPMT": ("*1/*1", "*1/*3A"),
    "NUDT15": ("*1/*1", "*1/*2"),
    "DPYD": ("Reference/Reference", "Reference/c.1905+1G>A (*2A)"),
    "HLA-B": ("*07:02/*08:01", "*57:01/*07:02"),
}


def fill(house: House, people: int) -> None:
    """People with one accepted result each, spread over every combination of calls."""
    observed = {
        gene: [observation_content(OutsideCall(gene, diplotype=name)) for name in names]
        for gene, names in RESULTS.items()
    }
    meant = {gene: [_meaning(house.pgx, gene, name) for name in names] for gene, names in RESULTS.items()}
    assay = assay_content(Assay("panel of the benchmark", None, 0))
    shared: list[Content] = [assay, *itertools.chain(*observed.values()), *itertools.chain(*meant.values())]
    release = str(house.pgx.release)
    house.ledger.append(
        [NewEvent(EventKind.RELEASE_ADOPTED, "benchmark", WHEN, payload={"release": release})], shared
    )
    chance = random.Random(SEED)
    for start in range(0, people, CHUNK):
        events: list[NewEvent] = []
        for number in range(start, min(start + CHUNK, people)):
            chosen = {gene: chance.randrange(len(names)) for gene, names in RESULTS.items()}
            events += _person(number, chosen, observed, meant, assay, release)
        house.ledger.append(events)


def _meaning(pack: PgxPack, gene: str, name: str) -> Content:
    return call_content(call_outside(pack.genes[gene], (OutsideCall(gene, diplotype=name),)))


def _person(
    number: int,
    chosen: dict[str, int],
    observed: dict[str, list[Content]],
    meant: dict[str, list[Content]],
    assay: Content,
    release: str,
) -> Iterator[NewEvent]:
    person, result = f"bench-{number}", f"bench-result-{number}"
    yield NewEvent(EventKind.PERSON_REGISTERED, "benchmark", WHEN, person, {"birth_date": "1950-01-01"})
    accepted = {
        "result": result,
        "sample": person,
        "documents": [],
        "assay": assay.digest,
        "confirmation": "clinical",
        "observations": {gene: [observed[gene][place].digest] for gene, place in chosen.items()},
    }
    yield NewEvent(EventKind.RESULT_ACCEPTED, "benchmark", WHEN, person, accepted)
    calls = {gene: meant[gene][place].digest for gene, place in chosen.items()}
    meanings = {"result": result, "release": release, "calls": calls}
    yield NewEvent(EventKind.MEANINGS_DERIVED, "benchmark", WHEN, person, meanings)


def requests(house: House, people: int, count: int) -> list[bytes]:
    """Whole HTTP requests: a random person, a random drug, each with its own hook instance."""
    chance = random.Random(SEED + 1)
    made = []
    for _ in range(count):
        drug = house.pgx.drugs[chance.choice(DRUGS)]
        person = f"bench-{chance.randrange(people)}"
        order = {
            "resourceType": "MedicationRequest",
            "id": f"draft-{chance.randrange(10**9)}",
            "status": "draft",
            "intent": "order",
            "subject": {"reference": f"Patient/{person}"},
            "medicationCodeableConcept": {
                "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": drug.rxnorm}]
            },
        }
        context = {"userId": "Practitioner/1", "patientId": person, "draftOrders": _bundle(order)}
        instance = str(UUID(int=chance.getrandbits(128), version=4))
        body = json.dumps({"hook": "order-sign", "hookInstance": instance, "context": context}).encode()
        head = f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        made.append(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    return made


def _bundle(resource: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "entry": [{"resource": resource}]}


async def drive(port: int, made: list[bytes], connections: int) -> tuple[list[float], float, int]:
    """Latencies in seconds, total wall time, and how many answers held a card."""
    waiting = iter(made)
    latencies: list[float] = []
    cards = 0

    async def one() -> None:
        nonlocal cards
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in waiting:
            began = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            body = await reader.readexactly(length)
            latencies.append(time.perf_counter() - began)
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.decode() + body.decode())
            cards += b'"uuid"' in body
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    return latencies, time.perf_counter() - began, cards


def report(name: str, latencies: list[float], wall: float, cards: int) -> None:
    """One line of figures."""
    cuts = statistics.quantiles(latencies, n=100)
    print(
        f"{name}: {len(latencies) / wall:.0f} requests/s, p50 {cuts[49] * 1e3:.2f} ms, "
        f"p95 {cuts[94] * 1e3:.2f} ms, p99 {cuts[98] * 1e3:.2f} ms, "
        f"{len(latencies)} requests, {cards} answered with a card"
    )


def main() -> int:
    """Fill a record, serve it from another process, drive it with 1, 4 and 8 connections."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--requests", type=int, default=3_000)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        return serve(open_house(Settings(store_url=arguments.serve, port=0)))
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'ledger.db'}"
        house = open_house(Settings(store_url=url))
        began = time.perf_counter()
        fill(house, arguments.people)
        print(f"record of {arguments.people} people filled in {time.perf_counter() - began:.1f} s")
        made = requests(house, arguments.people, arguments.requests * 3 + 400)
        house.close()
        _measure(url, made, arguments.requests)
    print("bar: p50 <= 5 ms, p99 <= 25 ms, >= 500 requests/s on 2 cores; CDS Hooks asks for about 500 ms")
    return 0


def _measure(url: str, made: list[bytes], count: int) -> None:
    command = [sys.executable, str(Path(__file__).resolve()), "--serve", url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline().split("http://")[1].split()[0].rsplit(":", 1)[1])
            _await_listener(port)
            asyncio.run(drive(port, made[:400], 2))
            for place, connections in enumerate((1, 2, 4)):
                start = 400 + place * count
                report(
                    f"{connections} connection(s)",
                    *asyncio.run(drive(port, made[start : start + count], connections)),
                )
        finally:
            server.terminate()


def _await_listener(port: int, seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise RuntimeError("the server did not listen in time")


if __name__ == "__main__":
    raise SystemExit(main())
