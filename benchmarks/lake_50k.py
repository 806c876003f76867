"""50,000 simulated exomes (1.25 billion genotypes): every question of the lake, against its bar and DuckDB.

    python benchmarks/lake_50k.py [--people 50000] [--folder KEPT]

With --folder the simulated lake is kept and used again. Medians of fresh questions, page cache warm.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
import pyarrow as pa
from _biobank import Biobank, biobank
from numpy.typing import NDArray

from bedside.genome.variant import Variant, place_of, spelled_alleles
from bedside.store.lake.bulk import admit_bulk
from bedside.store.lake.parquet_lake import ParquetLake, open_lake

ROUNDS = 9


def main() -> int:
    """Build (or reopen) the lake, ask, print bar and figure side by side."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary) / "lake"
        bank = biobank(arguments.people, arguments.seed)
        for line in figures(bank, folder):
            print(line, flush=True)
    return 0


def figures(bank: Biobank, folder: Path) -> Iterator[str]:
    """The table, line by line."""
    yield f"{bank.people:,} people, {len(bank.rare) + len(bank.common):,} sites"
    lake = built(bank, folder)
    rows = sum(part.rows for part in lake.view().manifest.of("carriers"))
    yield f"rare rows {rows:,}"
    yield from _sizes(bank, folder, "index and common matrix", "<= 13 KB")
    rng = np.random.default_rng(int(time.time()))
    many = [rng.choice(bank.rare, 10_000) for _ in range(ROUNDS)]
    few = [rng.choice(bank.rare, 1_000) for _ in range(ROUNDS)]
    mixed = [rng.choice(np.concatenate((bank.rare, bank.common)), 1_000) for _ in range(3)]
    yield _line("plain DuckDB over the same Parquet, 1,000 rare", "", plain_duckdb(lake, few))
    yield _line("carriers of 1,000 rare, from Parquet", "<= 100", timed(lake.carriers, few))
    yield _line("carriers of 10,000 rare, from Parquet", "<= 500", timed(lake.carriers, many))
    begin = time.perf_counter()
    lake.rebuild_cache()
    yield f"cache built in {time.perf_counter() - begin:.1f} s"
    yield _line("carriers of 1,000 rare, from the cache", "<= 5", timed(lake.carriers, few))
    yield _line("carriers of 10,000 rare, from the cache", "<= 500", timed(lake.carriers, many))
    yield _line("carriers of 1,000 of any frequency, from the cache", "", timed(lake.carriers, mixed))
    yield from _one_person(bank, lake, folder)
    groups = {f"person-{number:07d}": "ABCDE"[number % 5] for number in range(bank.people)}
    genes = bank.genes(ROUNDS, rng)
    lake.allele_counts(genes[0], groups)
    yield _line(
        "allele count by 5 groups in a gene", "<= 20", timed(lambda g: lake.allele_counts(g, groups), genes)
    )


def built(bank: Biobank, folder: Path) -> ParquetLake:
    """The lake of a biobank, made when it is not there, without caches."""
    lake = open_lake(folder)
    if not lake.snapshot().generation:
        people = [f"person-{number:07d}" for number in range(bank.people)]
        begin = time.perf_counter()
        admit_bulk(lake, people, bank.looked, bank.rare_pieces(), bank.common_pieces())
        print(f"simulated and written in {time.perf_counter() - begin:.0f} s", flush=True)
    for path in (folder / "cache").rglob("*.*"):
        path.unlink()
    lake.close()
    return lake


def timed(ask: Callable[[Any], Any], questions: list[Any]) -> list[tuple[float, float]]:
    """Milliseconds of each question, on the clock and of all processors; the first is asked once before, to
    open files."""
    ask(questions[0])
    times = []
    for question in questions:
        wall, cpu = time.perf_counter(), time.process_time()
        ask(question)
        times.append((1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu)))
    return times


def plain_duckdb(lake: ParquetLake, questions: list[NDArray[np.int64]]) -> list[tuple[float, float]]:
    """The same question by DuckDB alone over the carriers' Parquet: rows by number, no names."""
    import duckdb

    connection = duckdb.connect()
    paths = [str(lake.folder / part.path) for part in lake.view().manifest.of("carriers")]

    def ask(keys: NDArray[np.int64]) -> Any:
        connection.register("wanted", pa.table({"key": np.unique(keys)}))
        query = "SELECT c.* FROM read_parquet(?, hive_partitioning = false) c JOIN wanted USING (key)"
        return connection.execute(query, [paths]).fetchnumpy()

    return timed(ask, questions)


def _one_person(bank: Biobank, lake: ParquetLake, folder: Path) -> Iterator[str]:
    rng = np.random.default_rng(bank.seed)
    genomes = [bank.genome(number) for number in range(ROUNDS)]
    first = lake.snapshot().people
    stored, visible = [], []
    for number, genome in enumerate(genomes):
        person = f"new-{first + number}"
        begin, cpu = time.perf_counter(), time.process_time()
        run = lake.store(genome, person, "simulated")
        middle, half = time.perf_counter(), time.process_time()
        lake.admit([run], first + number)
        assert lake.runs(person)
        end, whole = time.perf_counter(), time.process_time()
        stored.append((1000 * (middle - begin), 1000 * (half - cpu)))
        visible.append((1000 * (end - middle), 1000 * (whole - half)))
    yield _line("one person stored (files durable)", "", stored)
    yield _line("one person admitted and visible", "<= 50", visible)
    both = [(a + c, b + d) for (a, b), (c, d) in zip(stored, visible, strict=True)]
    yield _line("one person appended and visible, both", "<= 50", both)
    people = [f"new-{first + number}" for number in range(ROUNDS)]
    genes = bank.genes(84, rng)
    yield _line("one person's 84 genes", "<= 10", timed(lambda p: lake.variants(p, genes), people))
    sites = rng.choice(bank.common, 1_000, replace=False).tolist()
    asked = [Variant(*place_of(key), *(spelled_alleles(key) or ("", ""))) for key in sites]
    yield _line("one person at 1,000 sites", "<= 10", timed(lambda p: lake.presence(p, asked), people))
    files = [path.stat().st_size for path in folder.glob("evidence/*/*.parquet")]
    yield f"{'evidence, KB a person':55} {'':>9} {statistics.mean(files) / 1000:10.1f}"


def _sizes(bank: Biobank, folder: Path, what: str, bar: str) -> Iterator[str]:
    sizes = {
        root: sum(path.stat().st_size for path in (folder / root).rglob("*.parquet"))
        for root in ("carriers", "common", "runs", "own", "alleles")
    }
    total = sum(sizes.values()) / bank.people / 1000
    parts = ", ".join(f"{root} {size / bank.people / 1000:.2f}" for root, size in sizes.items() if size)
    yield f"{what + ', KB a person':55} {bar:>9} {total:10.2f}   ({parts})"


def _line(what: str, bar: str, times: list[tuple[float, float]]) -> str:
    walls, cpus = [wall for wall, _ in times], [cpu for _, cpu in times]
    spread = f"(min {min(walls):.1f}, max {max(walls):.1f}; CPU {statistics.median(cpus):.1f})"
    return f"{what + ', ms':55} {bar:>9} {statistics.median(walls):10.1f}   {spread}"


if __name__ == "__main__":
    raise SystemExit(main())
