"""50,000 people: accepted from a laboratory's file, every meaning derived anew under other releases, one
person read as the hook does, a cohort asked for.

The people are made up from published haplotype frequencies (`bedside.demo.cohort`): one multi-sample VCF with
every position of 16 genes or more. Writing that file is not measured.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from bedside.demo.cohort import write_cohort
from bedside.genome.citation import Release
from bedside.genome.code import Code, System
from bedside.genome.person import Medication, Person
from bedside.knowledge.pgx import PgxPack
from bedside.service.accept_result import accept_files
from bedside.service.house import House, open_house
from bedside.service.register_person import Registration, people_with, register_people
from bedside.service.reinterpret_all import reinterpret
from bedside.settings import Settings

LIMIT_SECONDS = 60.0


def main() -> None:
    """Measure, and print one line a step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50_000)
    parser.add_argument("--store", default="", help="another, empty store: postgresql://…")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bedside-record-"))
    try:
        url = arguments.store or f"sqlite:///{folder}/ledger.db"
        house = open_house(Settings(store_url=url, documents=str(folder / "documents")))
        measure(house, folder, arguments.people)
        house.close()
    finally:
        shutil.rmtree(folder)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'peak memory':36} {memory:8.0f} MB")


def measure(house: House, folder: Path, people: int) -> None:
    """Load, reinterpret, read, ask."""
    positions = write_cohort(folder / "cohort.vcf", people)
    begin = time.perf_counter()
    names = [each.person for each in accept_files(house, [folder / "cohort.vcf"])]
    loaded = time.perf_counter() - begin
    tell(f"{people} people accepted", loaded, f"{positions} positions each, one transaction")
    begin = time.perf_counter()
    summary = reinterpret(house, renamed(house.pgx, "2090-01-01"))
    tell("release that changes nobody", time.perf_counter() - begin, f"{summary.interpreted} observations")
    begin = time.perf_counter()
    summary = reinterpret(house, reworded(house.pgx))
    recomputed = time.perf_counter() - begin
    tell("release that changes meanings", recomputed, f"{summary.people_changed} people, each with a task")
    total = loaded + recomputed
    tell(
        "accepted and recomputed",
        total,
        f"bar {LIMIT_SECONDS:.0f} s: {'met' if total <= LIMIT_SECONDS else 'MISSED'}",
    )
    read(house, names)
    ask(house, names)
    begin = time.perf_counter()
    events = house.ledger.verify()
    tell("hash chain verified", time.perf_counter() - begin, f"{events} events")
    if house.settings.store_url.startswith("sqlite:"):
        size = sum(path.stat().st_size for path in folder.glob("ledger.db*")) / 1e6
        print(f"{'ledger on disk':36} {size:8.0f} MB  {size * 1000 / people:.1f} KB a person")


def tell(step: str, seconds: float, more: str) -> None:
    """One line."""
    print(f"{step:36} {seconds:8.2f} s   {more}", flush=True)


def renamed(pack: PgxPack, date: str) -> PgxPack:
    """The same facts as another release."""
    return replace(pack, release=Release(pack.release.name, date, "0" * 64))


def reworded(pack: PgxPack) -> PgxPack:
    """A release with another word for one phenotype of one gene: a material change for whoever has it."""
    gene = pack.genes["CYP2C19"]
    rules = tuple(
        replace(rule, phenotype="Likely Poor Metabolizer", lookup_key="Likely Poor Metabolizer")
        if rule.phenotype == "Poor Metabolizer"
        else rule
        for rule in gene.rules
    )
    genes = {**pack.genes, "CYP2C19": replace(gene, rules=rules)}
    return replace(renamed(pack, "2091-01-01"), genes=genes)


def read(house: House, names: list[str]) -> None:
    """One person's answers, as the hook asks for them."""
    chance = np.random.default_rng(2)
    some = [names[number] for number in chance.integers(0, len(names), 2000)]
    house.ledger.person_calls(some[0])
    times = []
    for person in some:
        begin = time.perf_counter()
        house.ledger.person_calls(person)
        times.append(time.perf_counter() - begin)
    middle, late = np.percentile(times, [50, 99]) * 1000
    print(f"{'one person read':36} {middle:8.2f} ms  median; {late:.2f} ms at the 99th percentile")


def ask(house: House, names: list[str]) -> None:
    """All poor metabolisers of CYP2C19 on clopidogrel, with every tenth person on it."""
    drug = Medication(Code(System.RXNORM, house.pgx.drugs["clopidogrel"].rxnorm, "clopidogrel"))
    register_people(house, [Registration(Person(person), (drug,)) for person in names[::10]])
    for words, taken in (("cohort: CYP2C19 poor", ""), ("cohort: the same on clopidogrel", "clopidogrel")):
        begin = time.perf_counter()
        found = people_with(house, "CYP2C19", "Likely Poor Metabolizer", taken)
        tell(words, time.perf_counter() - begin, f"{len(found)} people; bar 2 s")


if __name__ == "__main__":
    main()
