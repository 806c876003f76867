"""A process that asks one generation after another until it is told to stop; it fails when one is not whole.

Run as `python lake_reader.py LAKE`; it stops when its input ends and prints how many generations it asked.
"""

from __future__ import annotations

import select
import sys
from pathlib import Path

import numpy as np

from bedside.genome.presence import Present
from bedside.store.lake.files import Missing
from bedside.store.lake.parquet_lake import open_lake
from tests.faults.lake_writer import EVERYBODYS


def main(folder: str) -> None:
    """In every generation everybody who has a run carries the variant that everybody has."""
    lake, asked = open_lake(Path(folder)), 0
    while not select.select([sys.stdin], [], [], 0)[0]:
        pinned = lake.pin()
        try:
            held = pinned.snapshot()
            carrying = pinned.carriers(np.array([EVERYBODYS.key]))
            said = pinned.presence_of(EVERYBODYS)
        except Missing:
            continue  # merged away twice since it was pinned: said so, not answered with less
        assert len(carrying) == held.people == held.runs == len(said), (held, len(carrying), len(said))
        assert all(isinstance(answer, Present) for answer in said.values())
        asked += 1
    sys.stdout.write(f"{asked}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
