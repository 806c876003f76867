"""Reading a laboratory's whole file, beside bcftools, htslib's Python iteration and DuckDB, in one run.

    python benchmarks/genome_intake.py            an exome of 50,000 records
    python benchmarks/genome_intake.py --genome   also a genome of 5,000,000 records

Every reader runs in a process of its own, start and imports included. What they do differs, and is named:
`bedside` makes checked, trimmed, sorted columns and regions; `bcftools view -Ou` parses every field to
binary; `cyvcf2` visits each record and its genotype; `duckdb` splits lines into text columns and counts them.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from _generated_genome import write_genome

OURS = """
import sys
from pathlib import Path
from bedside.genome.evidence import AssayKind
from bedside.intake.genome.read import read_genomes
(genome,) = read_genomes(Path(sys.argv[1]), assay=AssayKind.GENOME)
assert len(genome.evidence) >= int(sys.argv[2])
"""
CYVCF2 = """
import sys, cyvcf2
count = sum(variant.gt_types[0] >= 0 for variant in cyvcf2.VCF(sys.argv[1]))
assert count == int(sys.argv[2])
"""
DUCKDB = """
import sys, duckdb
names = [f"c{number}" for number in range(10)]
columns = "{" + ", ".join(f"'{name}': 'VARCHAR'" for name in names) + "}"
skip = int(sys.argv[3])
rows = duckdb.sql(
    f"select count(*), min(c1), max(c3), max(c4), max(c9) from read_csv('{sys.argv[1]}', delim='\\t', "
    f"header=false, quote='', escape='', skip={skip}, columns={columns}, auto_detect=false, "
    f"max_line_size=1000000, compression='gzip')"
).fetchall()
assert rows[0][0] == int(sys.argv[2])
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds on the clock, seconds of processors, and peak memory in MB."""

    wall: float
    cpu: float
    memory: float


def measure(command: list[str], folder: Path) -> Measured:
    """Run a command once."""
    with (folder / "output").open("wb") as sink:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=sink, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
    if status:
        raise SystemExit(f"{command[0]} failed")
    return Measured(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def commands(path: Path, records: int, header_lines: int) -> dict[str, list[str]]:
    """The readers that are here."""
    python = sys.executable
    found = {"bedside": [python, "-c", OURS, str(path), str(records)]}
    if program := shutil.which("bcftools"):
        found["bcftools view -Ou"] = [program, "view", "-Ou", "-o", "/dev/null", str(path)]
    found["cyvcf2 iteration"] = [python, "-c", CYVCF2, str(path), str(records)]
    found["duckdb read_csv"] = [python, "-c", DUCKDB, str(path), str(records), str(header_lines)]
    found["(python, numpy imported)"] = [python, "-c", "import numpy"]
    return found


def compare(path: Path, records: int, rounds: int, folder: Path) -> None:
    """Print a table: medians of some rounds, the readers taking turns."""
    import gzip

    with gzip.open(path, "rt") as lines:
        header_lines = next(number for number, line in enumerate(lines) if not line.startswith("#"))
    readers = commands(path, records, header_lines)
    taken: dict[str, list[Measured]] = {name: [] for name in readers}
    for _ in range(rounds):
        for name, command in readers.items():
            taken[name].append(measure(command, folder))
    ours = statistics.median(one.wall for one in taken["bedside"])
    ours_cpu = statistics.median(one.cpu for one in taken["bedside"])
    print(
        f"\n{records:,} records, {path.stat().st_size / 1e6:.0f} MB; median of {rounds}, "
        f"load {os.getloadavg()[0]:.1f}"
    )
    titles = ("wall s", "CPU s", "records/s", "peak MB", "wall/ours", "CPU/ours")
    print(f"{'reader':26}" + "".join(f"{title:>12}" for title in titles))
    for name, several in taken.items():
        wall = statistics.median(one.wall for one in several)
        cpu = statistics.median(one.cpu for one in several)
        memory = max(one.memory for one in several)
        speed = f"{wall:12.2f}{cpu:12.2f}{records / wall:12,.0f}{memory:12.0f}"
        print(f"{name:26}{speed}{wall / ours:12.2f}{cpu / ours_cpu:12.2f}")


def main() -> int:
    """Generate the files and compare the readers."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--genome", action="store_true", help="also 5,000,000 records")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        compare(write_genome(folder / "exome.vcf.gz", 50_000), 50_000, options.rounds, folder)
        if options.genome:
            compare(write_genome(folder / "genome.vcf.gz", 5_000_000), 5_000_000, options.rounds, folder)
    print(
        "bars for the whole command, storing included: exome <= 1.5 s, of which reading and writing <= 0.3 s;"
    )
    print("genome <= 10 s on 2 cores, <= 1 GB")
    print(f"this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
