"""A lake on paper: the contract kept in the simplest way, for tests of what stands around a lake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from bedside.genome.evidence import AssayKind, Genome
from bedside.genome.presence import Absent, NotTested, Presence, Present, Zygosity
from bedside.genome.region import Region
from bedside.genome.variant import Variant
from bedside.store.lake.erasure import Erasure
from bedside.store.lake.lake import CARRIERS, EVERYBODY, Among, Run, Snapshot

HET = Present(Zygosity.HETEROZYGOUS)


class PaperLake:
    """Runs as sets of heterozygous variants and the regions looked at. `asked` keeps who was among."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[Run, tuple[Variant, ...], tuple[Region, ...]]] = {}
        self.visible: list[str] = []
        self.gone: set[str] = set()
        self.generation = self.sequence = 0
        self.asked: list[Among] = []

    def write(self, person: str, variants: Sequence[Variant], regions: Sequence[Region], number=1) -> Run:
        run = Run(f"run-{person}-{number}", person, f"r-{person}", AssayKind.EXOME, "e" * 64, "f" * 64, 3)
        self.files[run.run] = (run, tuple(variants), tuple(regions))
        return run

    def store(self, genome: Genome, person: str, result: str, *, confirmed: bool = True) -> Run:
        raise NotImplementedError

    def admit(self, runs: Sequence[Run], ledger_sequence: int) -> Snapshot:
        self.visible += [run.run for run in runs if run.run not in self.visible]
        return self._next(ledger_sequence)

    def erase(self, person: str, ledger_sequence: int) -> Snapshot:
        self.gone |= {name for name in self.visible if self.files[name][0].person == person}
        return self._next(ledger_sequence)

    def _next(self, sequence: int) -> Snapshot:
        self.generation, self.sequence = self.generation + 1, max(self.sequence, sequence)
        return self.snapshot()

    def purge(self) -> tuple[str, ...]:
        rubbed_out = [name for name in self.visible if name in self.gone]
        self.visible = [name for name in self.visible if name not in self.gone]
        return tuple(self.files.pop(name)[0].evidence for name in rubbed_out)

    def proof_of_erasure(self, person: str, runs: Sequence[Run] = ()) -> Erasure:
        left = [run for run, *_ in self.files.values() if run.person == person and run in runs]
        gone = tuple(sorted(run.evidence for run in runs if run not in left))
        remaining = tuple(run.evidence for run in left)
        return Erasure(self.generation, self.sequence, False, len(left), 0, gone, (), remaining)

    def snapshot(self) -> Snapshot:
        live = [run for run, *_ in self._live(EVERYBODY)]
        return Snapshot(self.generation, self.sequence, len(live), len({r.person for r in live}), 0)

    def compact(self) -> Snapshot:
        return self.snapshot()

    def _live(self, among: Among) -> list[tuple[Run, tuple[Variant, ...], tuple[Region, ...]]]:
        self.asked.append(among)
        held = [self.files[name] for name in self.visible if name not in self.gone]
        return [one for one in held if among.people is None or one[0].person in among.people]

    def carriers(self, keys: Any, among: Among = EVERYBODY) -> pa.Table:
        wanted = set(np.asarray(keys).tolist())
        rows = sorted(
            (variant.key, run.person, run.run, 1)
            for run, variants, _ in self._live(among)
            for variant in variants
            if variant.key in wanted
        )
        columns = list(zip(*rows, strict=True)) or [[], [], [], []]
        return pa.table(dict(zip(CARRIERS.names, columns, strict=True)), CARRIERS)

    def hashed_alleles(self, keys: Any) -> pa.Table:
        """Each pair of alleles once."""
        wanted = {int(key) for key in keys if int(key) >> 29 & 1}
        pairs = sorted(
            {
                (one.key, one.reference, one.alternate)
                for name in self.visible
                for one in self.files[name][1]
                if one.key in wanted
            }
        )
        columns = zip(*pairs, strict=True) if pairs else ((), (), ())
        kinds = (pa.int64(), pa.string(), pa.string())
        arrays = [pa.array(list(column), kind) for column, kind in zip(columns, kinds, strict=True)]
        return pa.table(arrays, names=["key", "reference", "alternate"])

    def variants(self, person: str, regions: Sequence[Region], among: Among = EVERYBODY) -> pa.Table:
        found = [
            (variant, run.run)
            for run, variants, _ in self._live(among)
            if run.person == person
            for variant in variants
            if any(
                r.chromosome == variant.chromosome and r.start <= variant.position <= r.end for r in regions
            )
        ]
        return pa.table(
            {
                "key": pa.array([v.key for v, _ in found], pa.int64()),
                "reference": pa.array([v.reference for v, _ in found], pa.string()),
                "alternate": pa.array([v.alternate for v, _ in found], pa.string()),
                "run": pa.array([run for _, run in found], pa.string()),
            }
        )

    def presence(
        self, person: str, variants: Sequence[Variant], among: Among = EVERYBODY
    ) -> tuple[Presence, ...]:
        return tuple(self.presence_of(one, among).get(person, NotTested()) for one in variants)

    def looked_at(self, person: str, region: Region, among: Among = EVERYBODY) -> pa.Table:
        rows = [
            (max(one.start, region.start), min(one.end, region.end))
            for run, _, regions in self._live(among)
            for one in regions
            if run.person == person and one.chromosome == region.chromosome
        ]
        kept = sorted({row for row in rows if row[0] <= row[1]})
        return pa.table(
            {"start": [a for a, _ in kept], "end": [b for _, b in kept], "state": [1] * len(kept)}
        )

    def presence_of(self, variant: Variant, among: Among = EVERYBODY) -> Mapping[str, Presence]:
        place = Region(variant.chromosome, variant.position, variant.end)
        return {
            run.person: HET
            if variant in variants
            else Absent()
            if any(_within(place, region) for region in regions)
            else NotTested()
            for run, variants, regions in self._live(among)
        }

    def tested(self, region: Region, among: Among = EVERYBODY) -> frozenset[str]:
        live = self._live(among)
        return frozenset(run.person for run, _, seen in live if any(_within(region, one) for one in seen))

    def allele_counts(self, region: Region, groups: Mapping[str, str], among: Among = EVERYBODY) -> pa.Table:
        tested = self.tested(region, among)
        rows = [
            (variant.key, groups[run.person], 1, 2 * len(tested & set(groups)))
            for run, variants, _ in self._live(among)
            if run.person in groups
            for variant in variants
        ]
        columns = list(zip(*rows, strict=True)) or [[], [], [], []]
        return pa.table(dict(zip(("key", "group", "copies", "strands"), columns, strict=True)))

    def runs(self, person: str | None = None) -> tuple[Run, ...]:
        live = [run for run, *_ in self._live(EVERYBODY)]
        return tuple(run for run in live if person in (None, run.person))

    def export(self, person: str) -> Mapping[str, Any]:
        return {"runs": self.runs(person)}

    def close(self) -> None:
        pass


def _within(inner: Region, outer: Region) -> bool:
    return inner.chromosome == outer.chromosome and outer.start <= inner.start and inner.end <= outer.end
