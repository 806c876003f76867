"""A process that stores a genome or erases one and dies at a chosen step, without any clean-up.

Run as `python eraser.py LEDGER store|erase STEP`; it exits with 9 when it died there, with 0 when it did not.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from bedside.genome.event import EventKind, NewEvent
from bedside.genome.evidence import AssayKind, Evidence, Genome, Regions, Seen
from bedside.genome.locus import Build
from bedside.genome.texts import Texts
from bedside.genome.variant import Variant
from bedside.service.erase_genome import erase_stored_genome
from bedside.service.house import House, lake_of, open_house
from bedside.settings import Settings
from bedside.store.documents import Documents
from bedside.store.lake.parquet_lake import ParquetLake
from bedside.store.sql_ledger import SqlLedger

PERSON, VARIANT = "ada", Variant("chr17", 43045682, "T", "TG")
DIED = 9
STEPS: dict[str, tuple[Any, str]] = {
    "ledger": (SqlLedger, "append"),
    "admission": (ParquetLake, "admit"),
    "tombstone": (ParquetLake, "erase"),
    "bytes": (ParquetLake, "purge"),
    "questions": (ParquetLake, "presence_of"),
    "proof": (Documents, "put"),
}
"""Where the process dies: just before or just after one of these."""


def genome(depth: int) -> Genome:
    """One variant, and where the test looked."""

    def one(value: int, kind: type) -> np.ndarray:
        return np.full(1, value, kind)

    kinds = {"copies": np.int8, "ploidy": np.int8, "missing": np.int8, "strands": np.int8}
    kinds |= {"phase_set": np.int32, "passed": np.bool_, "depth": np.int32, "alternate_depth": np.int32}
    kinds |= {"quality": np.int16, "line": np.int32, "moved": np.bool_}
    values = {"ploidy": 2, "missing": 0, "phase_set": -1, "depth": depth, "moved": 0}
    evidence = Evidence(
        one(VARIANT.key, np.int64),
        Texts.of([VARIANT.reference]),
        Texts.of([VARIANT.alternate]),
        **{name: one(values.get(name, 1), kind) for name, kind in kinds.items()},
    )
    looked = Regions(
        one(17, np.int8), one(43044295, np.int32), one(43170245, np.int32), one(Seen.REFERENCE, np.int8)
    )
    return Genome(PERSON, AssayKind.EXOME, Build.GRCH38, evidence, looked, 1)


def store(house: House, person: str = PERSON, depth: int = 30) -> None:
    """As an acceptance does it: files, ledger, lake."""
    lake = lake_of(house)
    run = lake.store(genome(depth), person, f"r-{person}")
    payload = {"run": run.run, "result": run.result, "evidence": run.evidence, "records": run.records}
    payload |= {"assay": run.assay.value, "regions": run.regions, "confirmed": True}
    (event,) = house.ledger.append(
        [NewEvent(EventKind.GENOME_STORED, "laboratory", house.clock(), person, payload, run.run)]
    )
    lake.admit([run], event.sequence)


def erase(house: House) -> None:
    """As the command does it."""
    erase_stored_genome(house, PERSON, "asked for it")


def die_at(step: str) -> None:
    """From now on the process ends at this step (`before-tombstone`, `after-tombstone`)."""
    moment, _, name = step.partition("-")
    owner, method = STEPS[name]
    work: Callable[..., Any] = getattr(owner, method)

    def dying(*given: Any, **named: Any) -> Any:
        if moment == "after":
            work(*given, **named)
        os._exit(DIED)

    setattr(owner, method, dying)


def main(path: str, action: str, step: str) -> None:
    """Open the house, then die on the way."""
    house = open_house(Settings(store_url=path))
    lake_of(house)
    if step != "never":
        die_at(step)
    {"store": store, "erase": erase}[action](house)
    house.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
