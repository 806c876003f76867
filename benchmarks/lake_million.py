"""The index of rare variants at 1,000,000 simulated people (half a billion rows), and how answers grow.

    python benchmarks/lake_million.py [--people 1000000] [--folder KEPT]
    python benchmarks/lake_million.py --growth 1000,10000,50000,200000,1000000 [--plot FILE.svg]

Rare variants only: the matrix of common ones would be 22 GB at a million. Cold: the files' pages are dropped
from the page cache (posix_fadvise) and the lake is opened anew before the question.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
from _biobank import Biobank, biobank
from _growth_plot import plot

from bedside.store.lake.bulk import admit_bulk
from bedside.store.lake.parquet_lake import ParquetLake, open_lake

ROUNDS = 15


@dataclass(frozen=True)
class Row:
    """What was measured with so many people; times in milliseconds."""

    people: int
    rows: int
    bytes_each: float
    parquet: float
    warm: float
    warm_cpu: float
    warm_ten: float
    cold: float
    append: float


def main() -> int:
    """Measure one size, or several."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--growth", help="several numbers of people, with commas between")
    parser.add_argument("--plot", type=Path, help="where to write the growth as SVG")
    arguments = parser.parse_args()
    sizes = [int(size) for size in (arguments.growth or str(arguments.people)).split(",")]
    print("bar at 1,000,000: 1,000 variants <= 10 ms warm, <= 1,000 ms cold")
    print(
        "people | rare rows | bytes a person | from Parquet | warm | warm, CPU | 10,000 warm | cold | append"
    )
    rows = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as temporary:
            folder = (arguments.folder or Path(temporary)) / f"rare-{size}"
            rows.append(measured(biobank(size, arguments.seed), folder))
        row = rows[-1]
        print(
            f"{row.people:,} | {row.rows:,} | {row.bytes_each:,.0f} | {row.parquet:.0f} | {row.warm:.1f} | "
            f"{row.warm_cpu:.1f} | {row.warm_ten:.1f} | {row.cold:.0f} | {row.append:.1f}",
            flush=True,
        )
    if arguments.plot:
        names = {
            "from Parquet": "parquet",
            "cold": "cold",
            "cache, warm": "warm",
            "append one person": "append",
        }
        lines = {name: [getattr(row, key) for row in rows] for name, key in names.items()}
        arguments.plot.write_text(plot([row.people for row in rows], lines))
    return 0


def measured(bank: Biobank, folder: Path) -> Row:
    """Build a lake of rare variants, ask it in every way."""
    lake = open_lake(folder)
    if not lake.snapshot().generation:
        people = [f"person-{number:07d}" for number in range(bank.people)]
        admit_bulk(lake, people, bank.looked, bank.rare_pieces())
    carriers = lake.view().manifest.of("carriers")
    rng = np.random.default_rng(int(time.time()))

    def fresh(count: int) -> list[Any]:
        return [rng.choice(bank.rare, count) for _ in range(ROUNDS)]

    for path in (folder / "cache").rglob("*.*"):
        path.unlink()
    lake.close()
    parquet = _median(lake.carriers, fresh(1_000)[:5])[0]
    lake.rebuild_cache()
    warm, warm_cpu = _median(lake.carriers, fresh(1_000))
    warm_ten, _ = _median(lake.carriers, fresh(10_000))
    append = statistics.median(_append(lake, bank, number) for number in range(5))
    lake.compact()
    cold = statistics.median(_cold(lake, keys) for keys in fresh(1_000)[:5])
    rows, size = sum(part.rows for part in carriers), sum(part.size for part in carriers)
    lake.close()
    return Row(bank.people, rows, size / bank.people, parquet, warm, warm_cpu, warm_ten, cold, append)


def _median(ask: Callable[[Any], Any], questions: list[Any]) -> tuple[float, float]:
    ask(questions[0])
    walls, cpus = [], []
    for question in questions:
        wall, cpu = time.perf_counter(), time.process_time()
        ask(question)
        walls.append(1000 * (time.perf_counter() - wall))
        cpus.append(1000 * (time.process_time() - cpu))
    return statistics.median(walls), statistics.median(cpus)


def _append(lake: ParquetLake, bank: Biobank, number: int) -> float:
    """One more person: files durable, admitted, and seen by a question."""
    genome = bank.genome(number)
    begin = time.perf_counter()
    run = lake.store(genome, f"new-{number}", "simulated")
    lake.admit([run], number + 1)
    assert lake.runs(run.person)
    return 1000 * (time.perf_counter() - begin)


def _cold(lake: ParquetLake, keys: np.ndarray) -> float:
    """A question to a lake just opened, of whose index no page is in memory; names are warm."""
    lake.close()
    for path in (lake.folder / "cache").rglob("*.bin"):
        handle = os.open(path, os.O_RDONLY)
        os.fsync(handle)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)
    again = open_lake(lake.folder)
    _ = again.view().roster.people, again.view().roster.run_names, again.snapshot()
    begin = time.perf_counter()
    again.carriers(keys)
    taken = 1000 * (time.perf_counter() - begin)
    again.close()
    return taken


if __name__ == "__main__":
    raise SystemExit(main())
