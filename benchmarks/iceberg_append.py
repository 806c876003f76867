"""Why the lake's manifest is our own: one person after another appended to an Apache Iceberg table.

Needs pyiceberg with its SQL catalogue, which Bedside does not install:
pip install "pyiceberg[sql-sqlite,pyarrow]".
Prints milliseconds of an append, and of loading the table and planning a scan, with ever more small files.
"""

from __future__ import annotations

import importlib
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

PEOPLE = 300
SHOWN = (10, 50, 100, 200, 300)
SCHEMA = pa.schema([("key", pa.int64()), ("run", pa.int32()), ("zygosity", pa.int8())])


def main() -> int:
    """Append, plan, delete; print."""
    begin = time.perf_counter()
    try:
        catalogues = importlib.import_module("pyiceberg.catalog.sql")
        expressions = importlib.import_module("pyiceberg.expressions")
        version = importlib.import_module("pyiceberg").__version__
    except ImportError:
        sys.stderr.write('not installed: pip install "pyiceberg[sql-sqlite,pyarrow]"\n')
        return 1
    print(f"pyiceberg {version}, imported in {1000 * (time.perf_counter() - begin):.0f} ms")
    with tempfile.TemporaryDirectory() as name:
        catalogue = catalogues.SqlCatalog(
            "bench", uri=f"sqlite:///{Path(name) / 'catalogue.db'}", warehouse=f"file://{name}"
        )
        catalogue.create_namespace("lake")
        table = catalogue.create_table("lake.carriers", schema=SCHEMA)
        rng = np.random.default_rng(1)
        table.append(_rows(rng, 0, 5_000_000))
        times = []
        for number in range(1, PEOPLE + 1):
            begin = time.perf_counter()
            table.append(_rows(rng, number, 500))
            times.append(1000 * (time.perf_counter() - begin))
            if number in SHOWN:
                begin = time.perf_counter()
                files = len(list(catalogue.load_table("lake.carriers").scan().plan_files()))
                plan = 1000 * (time.perf_counter() - begin)
                print(
                    f"{files} files: append {statistics.median(times[-10:]):.0f} ms, "
                    f"load and plan {plan:.0f} ms"
                )
        begin = time.perf_counter()
        table.delete(expressions.EqualTo("run", 5))
        print(f"one person deleted: {1000 * (time.perf_counter() - begin):.0f} ms")
    return 0


def _rows(rng: np.random.Generator, run: int, count: int) -> pa.Table:
    keys = np.sort(rng.integers(0, 1 << 62, count))
    return pa.table([keys, np.full(count, run, np.int32), np.ones(count, np.int8)], schema=SCHEMA)


if __name__ == "__main__":
    raise SystemExit(main())
