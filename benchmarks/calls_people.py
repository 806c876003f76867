"""The caller alone, from a table in memory: 3,202 real people, and 200,044 made from them with gaps."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
from getrm_concordance import panel, shared

from bedside.genome.genotypes import GenotypeTable
from bedside.genome.state import NoCall, Reason
from bedside.interpret.call_people import call_people
from bedside.interpret.options import CallOptions
from bedside.knowledge.catalogue import load_pgx

PEOPLE = 200_044
MISSING = (0.0, 0.0001, 0.001)


def cohort(table: GenotypeTable, people: int, missing: float) -> GenotypeTable:
    """Real people drawn again and again, with a share of genotypes missing at random."""
    random = np.random.default_rng(1)
    codes = table.codes[:, random.integers(0, len(table.samples), people)]
    states = tuple((*row, NoCall(Reason.GENOTYPE_MISSING)) for row in table.states)
    for row, known in zip(codes, states, strict=True):
        row[random.random(people, dtype=np.float32) < missing] = len(known) - 1
    return replace(table, samples=tuple(f"P{n}" for n in range(people)), states=states, codes=codes)


def main() -> int:
    """Print seconds and distinct patterns."""
    folder, pack = shared() / "getrm", load_pgx()
    if not folder.is_dir():
        print("public test data absent: set BEDSIDE_SHARED to the folder that holds data/")
        return 0
    real = panel(folder, pack, absent_as_reference=True)
    tables = [("3,202 real people", real)]
    tables += [(f"{PEOPLE:,} people, {one:.2%} missing", cohort(real, PEOPLE, one)) for one in MISSING]
    for name, table in tables:
        for effects in (False, True):
            start = time.perf_counter()
            people = call_people(table, pack, {}, CallOptions(missing_effects=effects))
            seconds = time.perf_counter() - start
            patterns = sum(map(len, people.calls.values()))
            what = "with what missing positions could change" if effects else "calls only"
            print(f"{name:36s} {what:42s} {seconds:7.2f} s  {patterns:7,} distinct patterns")
    print("PharmCAT's documentation reports 1.2 to 5.9 core-seconds a person, reports included")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
