"""A process that stores, admits, merges, erases and purges in a lake until it is killed.

Run as `python lake_writer.py LAKE NAME SEED`. It prints a line for what was acknowledged, after the call
returned: `admitted PERSON` or `erased PERSON`.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from bedside.genome.evidence import Genome, Seen
from bedside.genome.region import Region
from bedside.genome.variant import Variant
from bedside.store.lake.compaction import Shape
from bedside.store.lake.parquet_lake import ParquetLake
from tests.made_up_genomes import Row, genome

EVERYBODYS = Variant("chr1", 100, "A", "G")
SHAPE = Shape(common_share=0.01, common_least=4)


def one(number: int) -> Genome:
    """Somebody with the variant everybody has, one of their own, and a stretch that could not be called."""
    own = Variant("chr2", 1_000 + number, "C", "CTTTTTTTTTTTTTTT")
    rows = [Row(EVERYBODYS, copies=1 + number % 2), Row(own)]
    hole = 200 + number % 50
    regions = [
        (Region("chr1", 1, hole - 1), Seen.REFERENCE),
        (Region("chr1", hole, hole), Seen.NO_CALL),
        (Region("chr1", hole + 1, 400), Seen.REFERENCE),
        (Region("chr2", 1, 9_000_000), Seen.REFERENCE),
    ]
    return genome(rows, regions)


def main(folder: str, name: str, seed: str) -> None:
    """Do things in a random order; say what is done."""
    lake = ParquetLake(Path(folder), shape=SHAPE)
    choice, living = random.Random(int(seed)), []
    for number in range(1_000_000):
        person = f"{name}-{number}"
        run = lake.store(one(number + 1_000 * (int(seed) % 8_000)), person, f"result-{person}")
        lake.admit([run], number)
        living.append(person)
        say("admitted", person)
        if choice.random() < 0.3:
            lake.compact(whole=choice.random() < 0.4)
        if choice.random() < 0.2:
            gone = living.pop(choice.randrange(len(living)))
            say("erasing", gone)
            lake.erase(gone, number)
            say("erased", gone)
        if choice.random() < 0.15:
            lake.purge()


def say(what: str, person: str) -> None:
    sys.stdout.write(f"{what} {person}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
