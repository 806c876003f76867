"""All measures over 50,000 people and 5 million events: the figures of everybody, with the
reading of the events.

    python benchmarks/measures.py [--people N] [--events N] [--ledger PATH]

A ledger at PATH that holds as many events already is used again.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

from _made_up_ledger import write

from bedside.knowledge.measures import load_measures
from bedside.service.house import open_house
from bedside.service.measure_table import lines
from bedside.service.measures import measure_report
from bedside.settings import Settings


def main() -> None:
    """Write the ledger unless it is there, then time a first and a second reading."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=50_000)
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--ledger", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = asked.ledger or Path(folder) / "ledger.db"
        house = open_house(Settings(store_url=f"sqlite:///{path}", documents=folder))
        held = house.ledger.checkpoint().sequence
        if held < asked.events:
            began = time.perf_counter()
            held += write(house.ledger, asked.people, asked.events)
            print(f"written in {time.perf_counter() - began:.0f} s")
        size = path.stat().st_size / 1e9
        print(f"{held:,} events of {asked.people:,} people, {size:.1f} GB; load {os.getloadavg()[0]:.1f}")
        for name in ("first", "again"):
            clock, spent = time.perf_counter(), time.process_time()
            report = measure_report(house)
            table = list(lines(report))
            print(
                f"{name}: {len(load_measures())} measures, {len(table)} lines, "
                f"{time.perf_counter() - clock:.2f} s by the clock, "
                f"{time.process_time() - spent:.2f} s of CPU"
            )
        for line in table:
            print("\t".join(line))
        house.close()


if __name__ == "__main__":
    main()
