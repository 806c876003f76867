"""Small genomes for tests of the lake, and a plain model of what a lake must answer about them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from bedside.genome.evidence import AssayKind, Evidence, Genome, Regions, Seen
from bedside.genome.locus import Build
from bedside.genome.presence import Absent, NotCallable, NotTested, Presence, Present, Uncalled, Zygosity
from bedside.genome.region import Region
from bedside.genome.texts import Texts
from bedside.genome.variant import Variant

REASON = {
    Seen.NO_CALL: Uncalled.NO_CALL,
    Seen.HALF_CALL: Uncalled.HALF_CALL,
    Seen.FILTERED: Uncalled.FILTERED,
    Seen.LOW_QUALITY: Uncalled.LOW_QUALITY,
    Seen.STATED: Uncalled.STATED,
}


@dataclass(frozen=True)
class Row:
    """One allele found."""

    variant: Variant
    copies: int = 1
    ploidy: int = 2
    missing: int = 0
    passed: bool = True
    phase_set: int = -1
    strands: int = 0

    @property
    def zygosity(self) -> Zygosity:
        if self.ploidy == 1:
            return Zygosity.HEMIZYGOUS
        return Zygosity.HOMOZYGOUS if self.copies == 2 else Zygosity.HETEROZYGOUS


def genome(
    rows: Sequence[Row], regions: Sequence[tuple[Region, Seen]], assay: AssayKind = AssayKind.EXOME
) -> Genome:
    """A genome of rows and stretches in any order."""
    rows = sorted(rows, key=lambda row: row.variant.key)
    regions = sorted(regions, key=lambda one: (one[0].number, one[0].start))

    def numbers(name: str, kind: type) -> np.ndarray:
        return np.array([getattr(row, name) for row in rows], kind)

    count = len(rows)
    evidence = Evidence(
        key=np.array([row.variant.key for row in rows], np.int64),
        reference=Texts.of(row.variant.reference for row in rows),
        alternate=Texts.of(row.variant.alternate for row in rows),
        copies=numbers("copies", np.int8),
        ploidy=numbers("ploidy", np.int8),
        missing=numbers("missing", np.int8),
        strands=numbers("strands", np.int8),
        phase_set=numbers("phase_set", np.int32),
        passed=numbers("passed", np.bool_),
        depth=np.full(count, 30, np.int32),
        alternate_depth=np.full(count, 14, np.int32),
        quality=np.full(count, 99, np.int16),
        line=np.arange(10, 10 + count, dtype=np.int32),
        moved=np.zeros(count, np.bool_),
    )
    looked = Regions(
        np.array([region.number for region, _ in regions], np.int8),
        np.array([region.start for region, _ in regions], np.int32),
        np.array([region.end for region, _ in regions], np.int32),
        np.array([int(state) for _, state in regions], np.int8),
    )
    return Genome("sample", assay, Build.GRCH38, evidence, looked, count)


@dataclass
class ModelRun:
    """One run as plain lists."""

    name: str
    person: str
    rows: Sequence[Row]
    regions: Sequence[tuple[Region, Seen]]
    confirmed: bool = True

    def seen(self, chromosome: str, start: int, end: int) -> Seen | None:
        """REFERENCE when every base was seen, None when one was not, else what spoils it."""
        places = {(chromosome, place) for place in range(start, end + 1)}
        spoilt: list[int] = []
        looked: set[tuple[str, int]] = set()
        stretches = [(r.chromosome, r.start, r.end, state) for r, state in self.regions]
        for row in self.rows:
            state = Seen.REFERENCE if row.passed else Seen.FILTERED
            state = Seen.HALF_CALL if row.passed and row.missing else state
            stretches.append((row.variant.chromosome, row.variant.position, row.variant.end, state))
        for name, first, last, state in stretches:
            touched = {(name, place) for place in range(first, last + 1)} & places
            looked |= touched
            if touched and state is not Seen.REFERENCE:
                spoilt.append(int(state))
        if spoilt:
            return Seen(min(spoilt))
        return Seen.REFERENCE if looked == places else None

    def row(self, variant: Variant) -> Row | None:
        return next((row for row in self.rows if row.variant == variant and row.passed), None)

    def presence(self, variant: Variant) -> Presence:
        row = self.row(variant)
        if row is not None:
            return Present(row.zygosity, None if row.phase_set < 0 else row.phase_set, row.strands)
        seen = self.seen(variant.chromosome, variant.position, variant.end)
        if seen is None:
            return NotTested()
        return Absent() if seen is Seen.REFERENCE else NotCallable(REASON[seen])

    def strands(self, variant: Variant) -> int:
        """Strands looked at: those of the row, or those expected where the place was seen."""
        row = self.row(variant)
        if row is not None:
            spoilt = self.seen(variant.chromosome, variant.position, variant.end)
            return 1 if row.ploidy == 1 or spoilt is Seen.HALF_CALL else 2
        if self.presence(variant) != Absent():
            return 0
        x = [row for row in self.rows if row.variant.chromosome == "chrX"]
        single = [row.variant.position for row in x if row.ploidy == 1]
        if variant.chromosome == "chrX":
            if single and min(single) <= variant.position <= max(single):
                return 1
            return 2 if x else 0
        if variant.chromosome == "chrY":
            return 1 if single else 0
        return 1 if variant.chromosome == "chrM" else 2


@dataclass
class Model:
    """A lake as a list of runs."""

    runs: list[ModelRun] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)

    def mine(self, person: str, people: Collection[str] | None, clinical: bool) -> list[ModelRun]:
        """The runs of a person that may be counted, newest first."""
        counted = people is None or person in people
        runs = [run for run in self.runs if run.person == person and (run.confirmed or not clinical)]
        return runs[::-1] if counted else []

    def believed(
        self, person: str, variant: Variant, people: Collection[str] | None = None, clinical: bool = False
    ) -> tuple[Presence, ModelRun | None]:
        unsettled: tuple[Presence, ModelRun | None] = (NotTested(), None)
        for run in self.mine(person, people, clinical):
            said = run.presence(variant)
            if isinstance(said, Present | Absent):
                return said, run
            if unsettled[0] == NotTested():
                unsettled = said, run
        return unsettled

    def people(self, people: Collection[str] | None = None, clinical: bool = False) -> list[str]:
        return sorted({run.person for run in self.runs if self.mine(run.person, people, clinical)})

    def tested(self, region: Region, people: Collection[str] | None, clinical: bool) -> frozenset[str]:
        return frozenset(
            person
            for person in self.people(people, clinical)
            for run in self.mine(person, people, clinical)
            if run.seen(region.chromosome, region.start, region.end) is Seen.REFERENCE
        )

    def counts(
        self, region: Region, groups: Mapping[str, str], people: Collection[str] | None, clinical: bool
    ) -> list[tuple[int, str, int, int]]:
        variants = {
            row.variant
            for run in self.runs
            for row in run.rows
            if row.variant.chromosome == region.chromosome
            and region.start <= row.variant.position <= region.end
        }
        rows = []
        for variant in sorted(variants, key=lambda each: each.key):
            copies, strands = dict.fromkeys(groups.values(), 0), dict.fromkeys(groups.values(), 0)
            for person in self.people(people, clinical):
                said, run = self.believed(person, variant, people, clinical)
                if person in groups and run is not None:
                    if isinstance(said, Present):
                        copies[groups[person]] += 2 if said.zygosity is Zygosity.HOMOZYGOUS else 1
                    if isinstance(said, Present | Absent):
                        strands[groups[person]] += run.strands(variant)
            if any(copies.values()):
                rows += [(variant.key, group, copies[group], strands[group]) for group in sorted(copies)]
        return rows
