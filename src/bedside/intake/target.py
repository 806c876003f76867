"""The positions of a knowledge release as intake looks for them in a file of one build."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bedside.genome.locus import Build, Locus
from bedside.knowledge.pgx import Grch37, PgxPack, Position


@dataclass(frozen=True, slots=True)
class Target:
    """A position in one build. `window` is the reference sequence from `start` to `end` (1-based, both
    included).

    `window_known` is False where only the coordinate is known in this build. `reference` and `alternates`
    are the alleles of the GRCh38 definition; they are sequences of the same window in either build.
    """

    row: int
    build: Build
    chromosome: str
    start: int
    end: int
    window: str
    window_known: bool
    position: Position

    @property
    def locus(self) -> Locus:
        """Where the definition stands in GRCh38, whatever build the file is on."""
        return Locus(Build.GRCH38, self.chromosome, self.position.position)

    @property
    def alternates(self) -> tuple[str, ...]:
        """Every defined allele but the build's own reference."""
        every = (self.position.reference, *self.position.alternates)
        return tuple(allele for allele in every if allele != self.window)

    @property
    def expects_insertion(self) -> bool:
        """Whether some defined alternate allele is longer than one base."""
        return any(len(alternate) > 1 for alternate in self.position.alternates)


@dataclass(frozen=True, slots=True)
class Targets:
    """All targets of a build, found by what a record spans."""

    build: Build
    by_chromosome: Mapping[str, tuple[Target, ...]]
    spans: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]]

    def touched(self, chromosome: str, start: int, end: int) -> bool:
        """Whether any target overlaps start–end: the cheap question asked of every line."""
        spans = self.spans.get(chromosome)
        if spans is None:
            return False
        starts, ends = spans
        at = bisect_left(ends, start)
        return at < len(starts) and starts[at] <= end

    def overlapping(self, chromosome: str, start: int, end: int) -> list[Target]:
        """The targets that overlap start–end."""
        targets = self.by_chromosome.get(chromosome, ())
        return [target for target in targets if target.start <= end and target.end >= start]


def targets_of(pack: PgxPack, build: Build) -> Targets:
    """The pack's positions in a build; a position without a coordinate there is left out and stays not
    tested.
    """
    positions = [position for gene in pack.genes.values() for position in gene.positions]
    found = [target for row, position in enumerate(positions) if (target := _target(row, position, build))]
    by_chromosome: dict[str, list[Target]] = {}
    for target in sorted(found, key=lambda target: (target.chromosome, target.start, target.end, target.row)):
        by_chromosome.setdefault(target.chromosome, []).append(target)
    return Targets(
        build,
        {name: tuple(targets) for name, targets in by_chromosome.items()},
        {name: _spans(targets) for name, targets in by_chromosome.items()},
    )


def _target(row: int, position: Position, build: Build) -> Target | None:
    if build is Build.GRCH38:
        start, window, known = position.position, position.reference, True
    elif position.grch37 is Grch37.NONE or position.position_grch37 is None:
        return None
    else:
        start = position.position_grch37
        window = position.reference_grch37 or position.reference
        known = position.grch37 is Grch37.CONFIRMED
    end = start + len(window) - 1
    return Target(row, build, position.chromosome, start, end, window, known, position)


def _spans(targets: Iterable[Target]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Overlapping targets merged to spans, sorted: so both ends are in order."""
    merged: list[list[int]] = []
    for target in targets:
        if merged and target.start <= merged[-1][1] + 1:
            merged[-1][1] = max(merged[-1][1], target.end)
        else:
            merged.append([target.start, target.end])
    return tuple(start for start, _ in merged), tuple(end for _, end in merged)
