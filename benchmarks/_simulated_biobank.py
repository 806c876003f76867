"""A simulated biobank: people who carry classified variants, in a real lake and a real ledger.

Each variant gets a weight from a Pareto distribution, cut so that no variant is carried by more than 1 % of
people; each person carries 30 of them, one in two hundred homozygous. Genomes of people who carry two
pathogenic records of a gene that needs both copies are stored whole, because their phase is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bedside.genome.event import EventKind, NewEvent
from bedside.genome.evidence import AssayKind, Evidence, Genome, Regions
from bedside.genome.locus import Build
from bedside.genome.region import CHROMOSOMES
from bedside.genome.texts import Texts
from bedside.service.house import House, lake_folder
from bedside.store.lake import admission
from bedside.store.lake.carriers_file import RUNS, PartWriter
from bedside.store.lake.files import digest_of
from bedside.store.lake.levels import Shelf
from bedside.store.lake.manifest import Manifest, Part, save
from bedside.store.lake.roster import ROW_GROUP

CARRIED = 30
_EVENTS = 200_000


def person_name(number: int) -> str:
    """The id of a person."""
    return f"person-{number:07d}"


def draw(keys: NDArray[np.int64], people: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Who carries what: keys and people's numbers, sorted by key, then person."""
    rng = np.random.default_rng(seed)
    weight = rng.pareto(1.0, len(keys)) + 1e-3
    for _ in range(20):
        weight = np.minimum(weight / weight.sum(), 0.01 / CARRIED)
    bounds = np.cumsum(weight / weight.sum())
    which = np.searchsorted(bounds, rng.random(people * CARRIED)).astype(np.int64)
    who = np.repeat(np.arange(people, dtype=np.int64), CARRIED)
    pairs = np.unique(np.minimum(which, len(keys) - 1) * people + who)
    return keys[pairs // people], (pairs % people).astype(np.int32)


def simulate(
    house: House,
    keys: NDArray[np.int64],
    people: int,
    seed: int,
    whole: Sequence[NDArray[np.int64]],
    alleles: Alleles,
) -> int:
    """Fill the house's lake and ledger; the number of carrier rows. whole: for each gene that needs both
    copies, the keys that count."""
    carried, who = draw(np.unique(keys), people, seed)
    zygosity = np.where(np.random.default_rng(seed + 1).random(len(who)) < 0.005, 2, 1).astype(np.int8)
    folder = lake_folder(house.settings)
    stored = _stored(folder, carried, who, zygosity, whole, alleles)
    last = _events(house, people)
    parts = tuple(_parts(folder, carried, who, zygosity, people, stored))
    save(folder, Manifest(1, last, people, people, parts))
    return len(who)


class Alleles:
    """Reference and alternate alleles by key."""

    def __init__(self, keys: NDArray[np.int64], reference: Sequence[str], alternate: Sequence[str]) -> None:
        self._places = {int(key): place for place, key in enumerate(keys)}
        self._reference, self._alternate = reference, alternate

    def of(self, key: int) -> tuple[str, str]:
        """The alleles of a key."""
        place = self._places[key]
        return self._reference[place], self._alternate[place]


Stored = dict[int, tuple[str, str, str, str]]
"""Of people whose genome is stored whole: run, evidence, regions and the shared list."""


def _stored(
    folder: Path,
    carried: NDArray[np.int64],
    who: NDArray[np.int32],
    zygosity: NDArray[np.int8],
    whole: Sequence[NDArray[np.int64]],
    alleles: Alleles,
) -> Stored:
    several = [np.unique(who[np.isin(carried, keys)], return_counts=True) for keys in whole]
    chosen = np.unique(np.concatenate([people[count > 1] for people, count in several]))
    shelf, found = Shelf(folder), {}
    rows_of: dict[int, list[int]] = {int(person): [] for person in chosen}
    for row in np.flatnonzero(np.isin(who, chosen)):
        rows_of[int(who[row])].append(int(row))
    for person, rows in rows_of.items():
        genome = _genome(carried[rows], zygosity[rows], alleles)
        name = person_name(person)
        run, looked = admission.store(shelf, (), genome, name, f"r-{person}", True)
        found[person] = (run.run, run.evidence, run.regions, looked)
    return found


def _genome(keys: NDArray[np.int64], zygosity: NDArray[np.int8], alleles: Alleles) -> Genome:
    pairs = [alleles.of(int(key)) for key in keys]
    count = len(keys)
    ones = np.ones(count, np.int8)
    depth = np.full(count, 30, np.int32)
    return Genome(
        "bench",
        AssayKind.EXOME,
        Build.GRCH38,
        Evidence(
            key=keys,
            reference=Texts.of(reference for reference, _ in pairs),
            alternate=Texts.of(alternate for _, alternate in pairs),
            copies=zygosity,
            ploidy=ones * 2,
            missing=ones * 0,
            strands=ones * 0,
            phase_set=np.full(count, -1, np.int32),
            passed=np.ones(count, np.bool_),
            depth=depth,
            alternate_depth=depth // 2,
            quality=np.full(count, 60, np.int16),
            line=np.arange(count, dtype=np.int32),
            moved=np.zeros(count, np.bool_),
        ),
        Regions(np.zeros(0, np.int8), np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.int8)),
        count,
    )


def _events(house: House, people: int) -> int:
    """Everybody registered with a birth date, and their stored run; the ledger's last sequence."""
    now = house.clock()
    for start in range(0, people, _EVENTS):
        numbers = range(start, min(start + _EVENTS, people))
        registered = [
            NewEvent(
                EventKind.PERSON_REGISTERED,
                "bench",
                now,
                person_name(number),
                {
                    "birth_date": f"{1940 + number % 75}-{1 + number % 12:02d}-{1 + number % 28:02d}",
                    "sex": ("female", "male")[number % 2],
                },
            )
            for number in numbers
        ]
        runs = [
            NewEvent(
                EventKind.GENOME_STORED,
                "bench",
                now,
                person_name(number),
                {"run": f"run-{number}", "result": f"r-{number}", "evidence": "e" * 64, "records": CARRIED},
            )
            for number in numbers
        ]
        house.ledger.append([*registered, *runs])
    return house.ledger.checkpoint().sequence


def _parts(
    folder: Path,
    carried: NDArray[np.int64],
    who: NDArray[np.int32],
    zygosity: NDArray[np.int8],
    people: int,
    stored: Stored,
) -> list[Part]:
    runs = (0, people - 1)
    parts: list[Part] = []
    for number in range(1, len(CHROMOSOMES) + 1):
        low, high = np.searchsorted(carried, [number << 58, number + 1 << 58])
        path = f"carriers/base/000000001/chrom={number:02d}/part.parquet"
        with PartWriter(folder, "carriers", "base", path, runs, number) as writer:
            columns = {"key": carried[low:high], "run": who[low:high], "zygosity": zygosity[low:high]}
            writer.write(pa.table(columns))
            parts += writer.finish()
    table = folder / "runs/base/000000001.parquet"
    table.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(_runs(people, stored), table, row_group_size=ROW_GROUP, compression="zstd")
    size = table.stat().st_size
    name = str(table.relative_to(folder))
    parts.append(Part("runs", "base", name, digest_of(table), size, people, *runs))
    return parts


def _runs(people: int, stored: Stored) -> pa.Table:
    plain = ("", "e" * 64, "e" * 64, "")
    each = [stored.get(number, plain) for number in range(people)]
    columns = {
        "number": range(people),
        "person_number": range(people),
        "run": [one[0] or f"run-{number}" for number, one in enumerate(each)],
        "person": [person_name(number) for number in range(people)],
        "result": [f"r-{number}" for number in range(people)],
        "assay": ["exome"] * people,
        "evidence": [one[1] for one in each],
        "regions": [one[2] for one in each],
        "records": [CARRIED] * people,
        "confirmed": [True] * people,
        "looked": [one[3] for one in each],
        "x_rows": [0] * people,
        "x_first": [0] * people,
        "x_last": [0] * people,
    }
    return pa.table([pa.array(columns[field.name], field.type) for field in RUNS], schema=RUNS)
