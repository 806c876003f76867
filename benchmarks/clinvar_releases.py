"""A pair of ClinVar releases of the size of the whole: read, stored, asked, compared, beside bcftools and
cyvcf2 reading the same file.

The files are synthetic in size and real in form: the public subset of 2026-02-26 is repeated on other
chromosomes and positions under other VariationIDs until there are as many records as asked for; in the later
one a hundredth may have another class, a two-hundredth is absent and as many are new. Writing them is not
measured. Each step runs in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import gzip
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

SUBSET = "clinvar/clinvar_2026-02-26_GRCh38_HBOC_Lynch_subset.vcf.gz"
NEXT = "2026-03-26"
_STEP, _IDS = 3_000_000, 10_000_000


def main() -> None:
    """Write the pair, then measure each step in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=4_000_000)
    parser.add_argument("--step", choices=tuple(STEPS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        run(arguments.step, arguments.folder)
        return
    shared = Path(os.environ.get("BEDSIDE_SHARED", "../shared")) / "data"
    if not (shared / SUBSET).is_file():
        print("the public test data is absent: set BEDSIDE_SHARED")
        return
    folder = Path(tempfile.mkdtemp(prefix="bedside-clinvar-"))
    try:
        write_pair(shared / SUBSET, folder, arguments.records)
        print(f"load average before: {os.getloadavg()[0]:.1f}", flush=True)
        for step in STEPS:
            subprocess.run([sys.executable, __file__, "--step", step, "--folder", folder], check=True)
    finally:
        shutil.rmtree(folder)


def write_pair(subset: Path, folder: Path, records: int) -> None:
    """`before.vcf.gz` and `after.vcf.gz` of about so many records."""
    import pysam

    with gzip.open(subset, "rt", encoding="utf-8") as file:
        lines = file.readlines()
    header = "".join(line for line in lines if line.startswith("#"))
    real = [line.split("\t", 3) for line in lines if not line.startswith("#")]
    copies = -(-records // len(real))
    rolled = random.Random(7)
    with (
        pysam.BGZFile(str(folder / "before.vcf.gz"), "w", None) as before,
        pysam.BGZFile(str(folder / "after.vcf.gz"), "w", None) as after,
    ):
        before.write(header.encode())
        after.write(header.replace("2026-02-26", NEXT).encode())
        for number in range(1, 23):
            for line in _chromosome(real, copies, number):
                luck = rolled.random()
                if luck >= 0.005:
                    before.write(line.encode())
                if luck < 0.015 and "CLNSIG=Pathogenic;" in line:
                    line = line.replace("CLNSIG=Pathogenic;", "CLNSIG=Uncertain_significance;")
                elif 0.005 <= luck < 0.015:
                    line = line.replace("CLNSIG=Uncertain_significance;", "CLNSIG=Likely_benign;")
                if luck < 0.995:
                    after.write(line.encode())


def _chromosome(real: list[list[str]], copies: int, number: int) -> Iterator[str]:
    """The records that stand on one chromosome, by position."""
    found: list[tuple[int, int, str]] = []
    for copy in range(copies):
        for chromosome, position, variation, rest in real:
            if (int(chromosome) + copy - 1) % 22 + 1 == number:
                found.append((int(position) + copy // 22 * _STEP, int(variation) + copy * _IDS, rest))
    for place, identifier, rest in sorted(found, key=lambda row: row[0]):
        yield f"{number}\t{place}\t{identifier}\t{rest}"


def run(step: str, folder: Path) -> None:
    """One step, its wall and processor seconds and its peak memory."""
    begin = time.perf_counter()
    told = STEPS[step](folder)
    wall = time.perf_counter() - begin
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    processor = sum(one.ru_utime + one.ru_stime for one in used)
    memory = max(one.ru_maxrss for one in used) / 1024
    print(f"{step:28} {wall:7.2f} s {processor:7.2f} CPU-s {memory:7.0f} MB  {told}", flush=True)


def add(folder: Path, name: str) -> str:
    """Read, understand and store a file."""
    from bedside.knowledge.clinvar.keep import add_clinvar
    from bedside.knowledge.clinvar.read_file import Asked

    kept = add_clinvar(folder / f"{name}.vcf.gz", folder, Asked())
    size = (kept.folder / "records.parquet").stat().st_size / 2**20
    return f"{kept.records:,} records, {sum(kept.left_out.values()):,} left out; {size:.0f} MB stored"


def ask(folder: Path) -> str:
    """Open a release, verify it, and ask for the classes of 10,000 keys."""
    from bedside.knowledge.clinvar.release import load_clinvar

    release = load_clinvar("clinvar", folder)
    keys = np.random.default_rng(7).choice(release.keys, 10_000)
    rows = release.find(keys)
    return f"{len(rows):,} rows, {int(release.stars[rows].sum()):,} stars"


def compare(folder: Path) -> str:
    """The diff of the pair; loading its columns is told apart."""
    from bedside.knowledge.clinvar.diff import diff_releases
    from bedside.knowledge.clinvar.release import load_clinvar

    old, new = (load_clinvar(date, folder) for date in ("2026-02-26", NEXT))
    for one in (old, new):
        assert len(one.keys) == len(one.variation_ids) == len(one.classifications) == len(one.stars)
    begin = time.perf_counter()
    found = diff_releases(old, new)
    took = time.perf_counter() - begin
    return f"diff alone {took:.2f} s; " + ", ".join(f"{k.value} {n:,}" for k, n in found.counts().items())


def bcftools(folder: Path) -> str:
    """bcftools writes five fields as text; nothing is understood or stored."""
    program = shutil.which("bcftools")
    if program is None:
        return "not installed"
    wanted = "%CHROM\t%POS\t%ID\t%REF\t%ALT\t%INFO/CLNSIG\t%INFO/CLNREVSTAT\n"
    command = [program, "query", "-f", wanted, str(folder / "before.vcf.gz")]
    with (folder / "query.txt").open("wb") as out:
        subprocess.run(command, check=True, stdout=out, stderr=subprocess.DEVNULL)
    return "query to text"


def cyvcf2(folder: Path) -> str:
    """cyvcf2 reads two INFO fields of every record; nothing is understood or stored."""
    from cyvcf2 import VCF

    count = sum(1 for one in VCF(str(folder / "before.vcf.gz")) if one.INFO.get("CLNSIG") or one.POS)
    return f"{count:,} records iterated"


STEPS = {
    "add the release": lambda folder: add(folder, "before"),
    "add the next": lambda folder: add(folder, "after"),
    "load, ask 10,000 keys": ask,
    "load both and compare": compare,
    "bcftools query, same file": bcftools,
    "cyvcf2 iteration, same file": cyvcf2,
}


if __name__ == "__main__":
    main()
