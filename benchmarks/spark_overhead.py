"""What Spark costs beside the lake itself and DuckDB: carriers of 1,000 variants among simulated exomes.

    python benchmarks/spark_overhead.py [--people 10000] [--master "local[2]"] [--folder FOLDER]

Every engine must give the same table before anything is timed. Start is said apart: importing what is needed
and opening the session. Times are medians of five; ratios are to the lake's cache.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from _biobank import Biobank, biobank
from numpy.typing import NDArray

from bedside.store.lake.bulk import admit_bulk
from bedside.store.lake.parquet_lake import ParquetLake

TIMES, VARIANTS = 5, 1_000


def main() -> None:
    """Fill a lake, ask it in four ways, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--master", default="local[2]")
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    root = arguments.folder or Path(tempfile.mkdtemp(prefix="spark-overhead-"))
    bank = biobank(arguments.people)
    lake = ParquetLake(root / "lake")
    try:
        if not lake.snapshot().people:
            names = [f"p{number:07d}" for number in range(arguments.people)]
            admit_bulk(lake, names, bank.looked, bank.rare_pieces(), bank.common_pieces())
            lake.rebuild_cache()
        measure(lake, bank, arguments.master)
    finally:
        lake.close()
        if arguments.folder is None:
            shutil.rmtree(root)


def measure(lake: ParquetLake, bank: Biobank, master: str) -> None:
    """Time each way to ask and print it."""
    rng = np.random.default_rng(7)
    rare = np.sort(rng.choice(bank.rare, VARIANTS, replace=False))
    (gene,) = bank.genes(1, rng)
    people = [f"p{number:07d}" for number in range(bank.people)]
    groups = {name: ("north", "south", "west")[place % 3] for place, name in enumerate(people)}
    ways: dict[str, tuple[ParquetLake, float]] = {"lake (cache)": (lake, 0.0)}
    ways["DuckDB, expressions"] = opened(lambda: on_duckdb(lake))
    ways[f"Spark {master}"] = opened(lambda: on_spark(lake, master))
    expected = lake.carriers(rare), lake.allele_counts(gene, groups)
    print(f"{bank.people} simulated exomes, {len(expected[0])} carriers found, {gene}")
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    rows = []
    for name, (asked, start) in ways.items():
        first = time.perf_counter()
        assert asked.carriers(rare).equals(expected[0]), name
        cold = time.perf_counter() - first
        assert asked.allele_counts(gene, groups).equals(expected[1]), name
        carriers, counts = timed(asked, rare), median(lambda a=asked: a.allele_counts(gene, groups))  # type: ignore[misc]
        rows.append((name, start, cold, carriers, counts))
    shutil.rmtree(lake.folder / "cache")
    lake.close()
    rows.insert(
        1,
        (
            "lake (Parquet, no cache)",
            0.0,
            0.0,
            timed(lake, rare),
            median(lambda: lake.allele_counts(gene, groups)),
        ),
    )
    base = rows[0]
    print("| asked on | start s | first s | carriers ms | ratio | counts ms | ratio |\n" + "|---" * 7 + "|")
    for name, start, cold, carriers, counts in rows:
        print(
            f"| {name} | {start:.1f} | {cold:.2f} | {carriers * 1000:.1f} | {carriers / base[3]:.0f} "
            f"| {counts * 1000:.1f} | {counts / base[4]:.0f} |"
        )
    lake.rebuild_cache()


def opened(make: Callable[[], ParquetLake]) -> tuple[ParquetLake, float]:
    """An engine and how long it took to be ready."""
    start = time.perf_counter()
    return make(), time.perf_counter() - start


def on_duckdb(lake: ParquetLake) -> ParquetLake:
    """The lake asked through expressions on DuckDB."""
    from bedside.store.lake.expressed import ExpressedLake
    from bedside.store.lake.expressed_duckdb import DuckDBEngine

    return ExpressedLake(lake, DuckDBEngine(lake.folder))


def on_spark(lake: ParquetLake, master: str) -> ParquetLake:
    """The lake asked through expressions on Spark."""
    from bedside.store.lake.expressed import ExpressedLake
    from bedside.store.lake.spark import SparkEngine

    return ExpressedLake(lake, SparkEngine(lake.folder, master))


def timed(lake: ParquetLake, keys: NDArray[np.int64]) -> float:
    """Seconds that the carriers of some keys take."""
    return median(lambda: lake.carriers(keys))


def median(ask: Callable[[], Any]) -> float:
    """The median of a few."""
    taken = []
    for _ in range(TIMES):
        start = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
