"""Two ClinVar releases against a simulated biobank: parse, diff, carriers, gates, events on the ledger.

    python benchmarks/reanalysis.py [--people N …] [--pair real|modern …] [--carry both|older …]

`real`: the full public releases of 2016-05-20 and 2016-11-02 (117,389 and 132,815 records, GRCh37, lifted
with the shared chain file). `modern`: two files of today's size a month apart, written from a seed. The clock
runs from the newer file on disk to the ledger's commit; the older release is in force already. Making the
biobank is not counted.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl
from _modern_release import write_pair
from _simulated_biobank import CARRIED, Alleles, simulate

from bedside.genome.locus import Build
from bedside.knowledge.classification import Bucket, Classification
from bedside.knowledge.clinvar.keep import add_clinvar, releases_root
from bedside.knowledge.clinvar.read_file import Asked as File
from bedside.knowledge.clinvar.release import ClinvarRelease, open_release
from bedside.knowledge.findings_reader import load_panel
from bedside.service.house import House, open_house
from bedside.service.reanalyse import Accepted, Asked, Reanalysed, reanalyse_clinvar
from bedside.service.screen_gates import together
from bedside.settings import Settings

SHARED = Path(os.environ.get("BEDSIDE_SHARED", Path(__file__).resolve().parents[2] / "shared")) / "data"
PLP = [one.number for one in Classification if one.bucket is Bucket.PLP]
BARS = {200_000: 10.0, 1_000_000: 60.0}


class Phases:
    """Seconds by phase, on the clock and of the processors, told as the work goes on."""

    def __init__(self) -> None:
        self.seconds: dict[str, tuple[float, float]] = {}
        self._name, self._since = "", _now()

    def __call__(self, name: str) -> None:
        now = _now()
        if self._name:
            clock, busy = self.seconds.get(self._name, (0.0, 0.0))
            self.seconds[self._name] = clock + now[0] - self._since[0], busy + now[1] - self._since[1]
        self._name, self._since = name, now


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def files_of(pair: str, folder: Path, records: int) -> tuple[list[Path], list[File]]:
    """The two files, and what must be said of them."""
    if pair == "modern":
        return list(write_pair(folder, records, seed=1)), [File(), File()]
    chain = SHARED / "liftover" / "hg19ToHg38.over.chain.gz"
    days = ("2016-05-20", "2016-11-02")
    paths = [SHARED / "clinvar" / f"clinvar_{day}.vcf.gz" for day in days]
    return paths, [File(day, Build.GRCH37, chain) for day in days]


def biobank(
    house: House, before: ClinvarRelease, newer: ClinvarRelease, people: int, carry: str = "both"
) -> int:
    """People who carry records of either release, or of the older one only."""
    sides = (before, newer) if carry == "both" else (before,)
    frame = pl.concat([one.table.select("key", "reference", "alternate").collect() for one in sides])
    frame = frame.unique("key", maintain_order=True).sort("key")
    keys = frame["key"].to_numpy()
    whole = []
    for gene in sorted(together([load_panel("acmg-sf")])):
        named = np.union1d(before.in_genes((gene,)), newer.in_genes((gene,)))
        counts = [np.isin(named, one.keys[np.isin(one.classifications, PLP)]) for one in (before, newer)]
        whole.append(named[counts[0] | counts[1]])
    alleles = Alleles(keys, frame["reference"].to_list(), frame["alternate"].to_list())
    return simulate(house, keys, people, 7, whole, alleles)


def run(pair: str, people: int, records: int, carry: str) -> bool:
    """One measurement, printed; whether it meets its bar."""
    with tempfile.TemporaryDirectory(prefix="bedside-reanalysis-") as name:
        folder = Path(name)
        paths, said = files_of(pair, folder, records)
        house = open_house(Settings(store_url=f"sqlite:///{folder}/ledger.db"))
        root = releases_root(house.settings)
        before = open_release(add_clinvar(paths[0], root, said[0]).folder)
        elsewhere = open_release(add_clinvar(paths[1], folder / "other", said[1]).folder)
        rows = biobank(house, before, elsewhere, people, carry)
        reanalyse_clinvar(house, None, before)
        house.close()

        phases = Phases()
        start = time.perf_counter()
        phases("open")
        house = open_house(house.settings)
        phases("parse the new release")
        after = open_release(add_clinvar(paths[1], root, said[1]).folder)
        asked = Asked(tell=phases, accepted=Accepted("benchmark", "measuring"))
        done = reanalyse_clinvar(house, before, after, asked)
        phases("")
        total = time.perf_counter() - start
        house.ledger.verify()
        house.close()
        tell(f"{pair} ({carry})", people, rows, (len(before), len(after)), done, phases, total)
    return total <= BARS.get(people, float("inf"))


def tell(
    pair: str,
    people: int,
    rows: int,
    sizes: tuple[int, int],
    done: Reanalysed,
    phases: Phases,
    total: float,
) -> None:
    """Print one measurement."""
    bar = BARS.get(people)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{pair}, {sizes[0]:,} → {sizes[1]:,} records; {people:,} people × {CARRIED}: {rows:,} rows")
    print(
        f"  {sum(len(one.people) for one in done.groups):,} person × variant rows evaluated, "
        f"{done.tasks:,} tasks, {dict(done.counts)}"
    )
    for name, (clock, busy) in phases.seconds.items():
        print(f"  {name:32} {clock:7.2f} s   processors {busy:7.2f} s")
    busy = sum(each for _, each in phases.seconds.values())
    verdict = "" if bar is None else f"   bar {bar:.0f} s: {'met' if total <= bar else 'MISSED'}"
    ends = f"{total:7.2f} s   processors {busy:7.2f} s   peak memory {memory:,.0f} MB{verdict}"
    print(f"  {'end to end':32} {ends}", flush=True)


def main() -> int:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, nargs="+", default=[200_000])
    parser.add_argument("--pair", choices=("real", "modern"), nargs="+", default=["real"])
    parser.add_argument(
        "--carry", choices=("both", "older"), nargs="+", default=["both"], help="whose records people carry"
    )
    parser.add_argument("--records", type=int, default=4_000_000, help="of the modern pair")
    arguments = parser.parse_args()
    met = [
        run(pair, people, arguments.records, carry)
        for pair in arguments.pair
        for people in arguments.people
        for carry in arguments.carry
    ]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
