"""The lake's contract: genomes appended person by person, asked variant by variant or person by person.

The ledger is the truth of which runs exist and who withdrew; the lake is a projection of it that can be
caught up or rebuilt. Every question names who may be counted (`among`), because consent is decided before,
in one place (`service/consented_lake.py`); nothing else opens a lake.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bedside.genome.evidence import AssayKind, Genome
from bedside.genome.presence import Presence
from bedside.genome.region import Region
from bedside.genome.variant import Variant

if TYPE_CHECKING:
    from bedside.store.lake.erasure import Erasure


@dataclass(frozen=True, slots=True)
class Run:
    """One stored run: whose, from which result, where its files are (by digest), what kind of test.

    evidence, regions: sha256 of the Parquet files. people may have several runs; a newer run of the same
    result replaces nothing, both are kept and the newest run that tested a place answers.
    """

    run: str
    person: str
    result: str
    assay: AssayKind
    evidence: str
    regions: str
    records: int
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One generation of the lake: what a reader that pinned it sees, whatever is written meanwhile. fresh:
    runs that no compaction has merged yet; cohort questions open each of them."""

    generation: int
    ledger_sequence: int
    runs: int
    people: int
    erased: int
    fresh: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Among:
    """The people who may be counted in an answer. None of `people` means everybody who is not erased;
    `clinical_only` leaves out research and unconfirmed runs; `without` names runs that count for nothing,
    neither as a variant nor as a place that was seen (their results were withdrawn)."""

    people: Collection[str] | None = None
    clinical_only: bool = False
    without: frozenset[str] = frozenset()


EVERYBODY = Among()

CARRIERS = pa.schema(
    [
        ("key", pa.int64()),
        ("person", pa.string()),
        ("run", pa.string()),
        ("zygosity", pa.int8()),
    ]
)
"""Who carries which variant, sorted by key, person, run; `zygosity` as numbered in `ZYGOSITY_NUMBER`."""


class Lake(Protocol):
    """Append-only with tombstones. Safe for many readers and one writer at a time (a lock file); every method
    may raise `StoreError`."""

    def store(self, genome: Genome, person: str, result: str, *, confirmed: bool = True) -> Run:
        """Write a run's files, durable when this returns, not yet visible: `admit` makes it so, after the
        ledger said that it exists. The same genome twice is the same run."""
        ...

    def admit(self, runs: Sequence[Run], ledger_sequence: int) -> Snapshot:
        """Make stored runs visible in one new generation."""
        ...

    def erase(self, person: str, ledger_sequence: int) -> Snapshot:
        """From now on no answer counts the person; compaction and `purge` remove the bytes."""
        ...

    def purge(self) -> tuple[str, ...]:
        """Delete the files of erased people and rewrite what shared theirs; the digests that are gone."""
        ...

    def proof_of_erasure(self, person: str, runs: Sequence[Run] = ()) -> Erasure:
        """Ask again about somebody erased, and look for the files of the runs the ledger knew."""
        ...

    def snapshot(self) -> Snapshot:
        """The newest generation."""
        ...

    def compact(self) -> Snapshot:
        """Merge levels. Readers keep what they pinned; killed at any moment nothing is lost."""
        ...

    def carriers(self, keys: NDArray[np.int64], among: Among = EVERYBODY) -> pa.Table:
        """Everybody who carries any of these variants, as `CARRIERS`."""
        ...

    def hashed_alleles(self, keys: NDArray[np.int64]) -> pa.Table:
        """`key, reference, alternate`: the pairs of alleles that the lake has for those of the keys that hash
        theirs, of anybody. More than one for a key: `carriers` of it carry one or another."""
        ...

    def variants(self, person: str, regions: Sequence[Region], among: Among = EVERYBODY) -> pa.Table:
        """The person's evidence rows that touch the regions (columns of `Evidence`, and `run`)."""
        ...

    def presence(
        self, person: str, variants: Sequence[Variant], among: Among = EVERYBODY
    ) -> tuple[Presence, ...]:
        """For each variant one of four answers."""
        ...

    def looked_at(self, person: str, region: Region, among: Among = EVERYBODY) -> pa.Table:
        """`start, end, state` (`Seen`) of the stretches in the region that any run of the person looked at,
        cut to the region and in order; what is in no row was not tested."""
        ...

    def presence_of(self, variant: Variant, among: Among = EVERYBODY) -> Mapping[str, Presence]:
        """Everybody's answer at one variant; who is not in the map has no run at all."""
        ...

    def tested(self, region: Region, among: Among = EVERYBODY) -> frozenset[str]:
        """Whose runs could see the whole region."""
        ...

    def allele_counts(self, region: Region, groups: Mapping[str, str], among: Among = EVERYBODY) -> pa.Table:
        """For each variant in the region and each group of people: copies seen and strands tested
        (`key, group, copies, strands`); `groups` says the group of each person."""
        ...

    def runs(self, person: str | None = None) -> tuple[Run, ...]:
        """The runs of a person, or of everybody, oldest first, erased ones left out."""
        ...

    def export(self, person: str) -> Mapping[str, Any]:
        """Everything the lake holds of a person: runs, evidence and regions as Arrow tables."""
        ...

    def close(self) -> None:
        """Release files and locks."""
        ...
