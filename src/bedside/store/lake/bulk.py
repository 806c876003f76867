"""Filling an empty lake from arrays, for simulations and for carriers that come from another system.

Nothing here has evidence: who carries what can be asked, a person's own rows cannot, and such a question
fails rather than being answered with nothing. Runs accepted one by one can follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace

import numpy as np
import pyarrow as pa

from bedside.errors import StoreError
from bedside.genome.evidence import AssayKind
from bedside.genome.variant import spelled_alleles
from bedside.store.lake import packed
from bedside.store.lake.carriers_file import Hits, PartWriter, hits_table
from bedside.store.lake.files import put_by_digest
from bedside.store.lake.looked_file import shared_bytes
from bedside.store.lake.manifest import Entry, Manifest, Part, load, lock, save
from bedside.store.lake.parquet_lake import ParquetLake
from bedside.store.lake.roster import ROW_GROUP, runs_table
from bedside.store.lake.stretches import Stretches

_SOME = 50_000


def admit_bulk(
    lake: ParquetLake,
    people: Sequence[str],
    looked: Stretches,
    rare: Iterable[tuple[int, Iterable[Hits]]],
    common: Iterable[pa.Table] = (),
    ledger_sequence: int = 0,
) -> None:
    """Make a base of people, person n with run n, who all looked at the same stretches.

    rare: for each chromosome's number in order, pieces sorted by key and run between which no key is split.
    common: rows of the matrix (`packed.packed_table`), sorted by key. Caches are not written.
    """
    with lock(lake.folder, "merge"):
        if load(lake.folder) != Manifest():
            raise StoreError("a bulk load needs an empty lake")
        digest = put_by_digest(lake.folder / "regions", shared_bytes(looked))
        parts = _parts(lake, people, digest, rare, common)
        with lock(lake.folder, "write"):
            count = len(people)
            manifest = replace(Manifest(), generation=1, ledger_sequence=ledger_sequence)
            save(lake.folder, replace(manifest, merged=count, people=count, parts=tuple(parts)))


def _parts(
    lake: ParquetLake,
    people: Sequence[str],
    looked: str,
    rare: Iterable[tuple[int, Iterable[Hits]]],
    common: Iterable[pa.Table],
) -> list[Part]:
    runs = 0, len(people) - 1
    name = f"{1:09d}"
    parts: list[Part] = []
    for number, pieces in rare:
        path = f"carriers/base/{name}/chrom={number:02d}/part.parquet"
        with PartWriter(lake.folder, "carriers", "base", path, runs, number) as writer:
            for hits in pieces:
                writer.write(hits_table(hits))
            parts += writer.finish()
    with ExitStack() as stack:
        matrix = PartWriter(lake.folder, "packed", "base", f"common/{name}.parquet", runs)
        table = PartWriter(lake.folder, "runs", "base", f"runs/base/{name}.parquet", runs)
        stack.enter_context(matrix)
        stack.enter_context(table)
        for rows in common:
            matrix.write(rows, max(1, packed.GROUP_BYTES // packed.width(len(people))))
        parts += matrix.finish()
        for first in range(0, len(people), _SOME):
            some = enumerate(people[first : first + _SOME], start=first)
            table.write(runs_table([_entry(number, person, looked) for number, person in some]), ROW_GROUP)
        parts += table.finish()
    return parts


def _entry(number: int, person: str, looked: str) -> Entry:
    return Entry(
        number=number,
        person_number=number,
        run=f"bulk-{number:028d}",
        person=person,
        result="",
        assay=AssayKind.EXOME.value,
        evidence="",
        regions="",
        records=0,
        confirmed=True,
        looked=looked,
        x_rows=1,
    )


def common_rows(keys: np.ndarray, matrix: np.ndarray) -> pa.Table:
    """Rows of the matrix of keys that spell their alleles."""
    alleles = [spelled_alleles(int(key)) for key in keys]
    return packed.packed_table(keys, [pair for pair in alleles if pair], matrix)
