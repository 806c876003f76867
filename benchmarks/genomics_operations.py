"""FHIR Genomics Operations on 50,000 people: `python benchmarks/genomics_operations.py [--people N]`.

Everybody has pharmacogenes in the record and an exome in a simulated lake; 40 further people have their
exome's evidence too, and they are the ones asked by range. Requests go through the whole application in this
process, one after another: time on the clock and of the processors, over different people.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).parent))

import httpx
import numpy as np
from _biobank import Biobank, biobank
from hooks_order_sign import WHEN, fill
from starlette.applications import Starlette

from bedside.genome.event import EventKind, NewEvent
from bedside.genome.variant import place_of, spelled_alleles
from bedside.knowledge.fhir_operations import load_fhir_operations
from bedside.service.catch_up_lake import catch_up
from bedside.service.house import House, lake_of, open_house
from bedside.settings import Settings
from bedside.store.lake.bulk import admit_bulk
from bedside.store.lake.lake import Run
from bedside.store.lake.parquet_lake import ParquetLake
from bedside.web.fhir_routes import fhir_routes
from bedside.web.serve import keep_loaded

WHOLE = 40
ROUNDS = 200


def main() -> int:
    """Fill, ask, print one line an operation beside its bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50_000)
    parser.add_argument("--folder", type=Path, help="keep the record there, or use the one that is")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        ledger = (given.folder or Path(temporary)) / "ledger.db"
        kept = ledger.exists()
        house = open_house(Settings(store_url=f"sqlite:///{ledger}"))
        bank = biobank(given.people)
        begin = time.perf_counter()
        people = [f"whole-{number}" for number in range(WHOLE)]
        if not kept:
            fill(house, given.people)
            _exomes(house, bank, people)
            print(f"{given.people:,} people filled in {time.perf_counter() - begin:.0f} s", flush=True)
        asyncio.run(_measure(house, bank, people, given.rounds))
        house.close()
    return 0


def _exomes(house: House, bank: Biobank, whole: list[str]) -> None:
    """Everybody's exome, and those whose evidence is whole."""
    lake = lake_of(house)
    assert isinstance(lake, ParquetLake)
    everybody = [f"bench-{number}" for number in range(bank.people)]
    admit_bulk(lake, everybody, bank.looked, bank.rare_pieces(), bank.common_pieces())
    house.ledger.append(
        [_consent(person, scope) for person in everybody for scope in ("testing", "screening", "research")]
    )
    born = {"birth_date": "1950-01-01"}
    events = [NewEvent(EventKind.PERSON_REGISTERED, "benchmark", WHEN, one, born) for one in whole]
    for number, person in enumerate(whole):
        events.append(_stored(lake.store(bank.genome(number), person, f"result-{number}", confirmed=True)))
    house.ledger.append(events)
    catch_up(house.ledger, lake)


def _consent(person: str, scope: str) -> NewEvent:
    payload = {"scope": scope, "decision": "given", "by": "self"}
    return NewEvent(EventKind.CONSENT_RECORDED, "benchmark", WHEN, person, payload)


def _stored(run: Run) -> NewEvent:
    payload = {
        "run": run.run,
        "result": run.result,
        "assay": run.assay.value,
        "evidence": run.evidence,
        "regions": run.regions,
        "records": run.records,
        "confirmed": run.confirmed,
        "build": "GRCh38",
    }
    return NewEvent(EventKind.GENOME_STORED, "benchmark", WHEN, run.person, payload, run.run)


def _questions(house: House, bank: Biobank, people: list[str]) -> Iterator[tuple[str, float, list[str]]]:
    """Name, bar in ms, and addresses to go through."""
    names = next(iter(load_fhir_operations(None).accessions.values()))
    chance, rng = random.Random(1), np.random.default_rng(1)
    anybody = [f"bench-{chance.randrange(bank.people)}" for _ in range(300)]

    def ask(operation: str, who: list[str], *more: str) -> list[str]:
        return [f"/fhir/${operation}?subject={one}&{more[at % len(more)]}" for at, one in enumerate(who)]

    def span(chromosome: str, start: int, end: int) -> str:
        return f"ranges={names[chromosome]}:{start}-{end}"

    near = [f"chr{number}" for number in range(1, 13)]  # the others are shorter than the simulated ones
    genes = [span(g.chromosome, g.start, g.end) for g in bank.genes(80, rng) if g.chromosome in near]
    long = [span(chromosome, 10_000_000, 30_000_000) for chromosome in near]
    keys = rng.choice(bank.common[bank.common >> 58 < 13], 50, replace=False).tolist()
    spelled = []
    for key in keys:
        chromosome, position = place_of(key)
        spelled.append(f"{names[chromosome]}:{position - 1}:{':'.join(spelled_alleles(key) or ())}")
    variants = [f"variants={one}" for one in spelled]
    drugs = [f"treatments={name}" for name in house.pgx.guidance]
    everything = "includeVariants=true&includePhasing=true"
    yield "find-subject-variants, a gene", 50, ask("find-subject-variants", people * 5, *genes)
    yield "find-subject-variants, 20 million bases", 50, ask("find-subject-variants", people * 5, *long)
    with_all = [f"{one}&{everything}" for one in long]
    yield "the same with every variant", 50, ask("find-subject-variants", people * 5, *with_all)
    yield "find-subject-specific-variants", 50, ask("find-subject-specific-variants", people * 5, *variants)
    yield "find-study-metadata", 50, ask("find-study-metadata", people * 5, *genes)
    yield (
        "find-subject-molecular-consequences, a gene",
        50,
        ask("find-subject-molecular-consequences", people, *genes),
    )
    yield "find-subject-haplotypes", 50, ask("find-subject-haplotypes", anybody, "genes=CYP2C19,SLCO1B1")
    yield "find-subject-tx-implications, a drug", 50, ask("find-subject-tx-implications", anybody, *drugs)
    yield "find-subject-tx-implications, all drugs", 50, ask("find-subject-tx-implications", anybody, "")
    population = "/fhir/$find-population-"
    yield (
        "find-population-specific-variants",
        2000,
        [f"{population}specific-variants?{one}" for one in variants[:8]],
    )
    haplotypes = quote("CYP2C19 *2")
    yield (
        "find-population-specific-haplotypes",
        2000,
        [f"{population}specific-haplotypes?haplotypes={haplotypes}"] * 5,
    )
    yield (
        "find-population-tx-implications, a drug",
        2000,
        [f"{population}tx-implications?{one}" for one in drugs[:5]],
    )
    listed = ",".join(house.pgx.guidance)
    yield (
        "find-population-tx-implications, all drugs",
        2000,
        [f"{population}tx-implications?treatments={listed}"] * 3,
    )


async def _measure(house: House, bank: Biobank, people: list[str], rounds: int) -> None:
    app = Starlette(routes=fhir_routes(house))
    keep_loaded(house)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://127.0.0.1"
    ) as client:
        for name, bar, addresses in _questions(house, bank, people):
            walls, cpus, size = [], [], 0
            for at, address in enumerate(addresses[: rounds + 1]):
                wall, cpu = time.perf_counter(), time.process_time()
                answer = await client.get(address)
                taken = 1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu)
                if answer.status_code != 200:
                    raise SystemExit(f"{address}: {answer.status_code} {answer.text[:300]}")
                if at:
                    walls.append(taken[0])
                    cpus.append(taken[1])
                    size = max(size, len(answer.content))
            worst = sorted(walls)[min(len(walls) - 1, int(len(walls) * 0.99))]
            print(
                f"{name:48} <= {bar:6.0f}  p50 {statistics.median(walls):8.1f}  p99 {worst:8.1f}  "
                f"CPU {statistics.mean(cpus):8.1f} ms  ({len(walls)} asked, {size / 1000:.0f} KB at most)",
                flush=True,
            )


if __name__ == "__main__":
    raise SystemExit(main())
