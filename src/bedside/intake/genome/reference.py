"""Reference bases to hold records against: a site's FASTA, or single bases that knowledge already has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bedside.errors import IntakeError
from bedside.genome.locus import Build
from bedside.genome.region import CHROMOSOME_NUMBER
from bedside.genome.texts import Texts
from bedside.intake.genome.normalise import clusters
from bedside.intake.genome.spans import places
from bedside.intake.policy import IntakePolicy

_UPPER = np.arange(256, dtype=np.uint8)
_UPPER[ord("a") : ord("z") + 1] -= 32
_IS_KNOWN = np.zeros(256, np.bool_)
_IS_KNOWN[[ord(base) for base in "ACGT"]] = True
_LONGEST_CHECKED = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class KnownBases:
    """Single reference bases of one assembly: sorted places (chromosome << 32 | position) and their bases."""

    place: NDArray[np.int64]
    base: NDArray[np.uint8]

    @classmethod
    def of(cls, bases: Mapping[tuple[str, int], str] | Iterable[tuple[tuple[str, int], str]]) -> KnownBases:
        """From (chromosome, position) and base; only A, C, G and T are kept."""
        pairs = bases.items() if isinstance(bases, Mapping) else bases
        found = {
            CHROMOSOME_NUMBER[chromosome] << 32 | position: ord(base)
            for (chromosome, position), base in pairs
            if base in "ACGT" and len(base) == 1 and chromosome in CHROMOSOME_NUMBER
        }
        place = np.array(sorted(found), np.int64)
        return cls(place, np.array([found[one] for one in place.tolist()], np.uint8))

    def at(self, place: NDArray[np.int64]) -> NDArray[np.uint8]:
        """The base at each place, 0 where it is not known."""
        if not len(self.place):
            return np.zeros(len(place), np.uint8)
        row = np.minimum(np.searchsorted(self.place, place), len(self.place) - 1)
        return np.where(self.place[row] == place, self.base[row], 0).astype(np.uint8)


class Sequence:
    """An indexed FASTA of one of the assemblies, told by the lengths of its chromosomes."""

    def __init__(self, path: Path, policy: IntakePolicy) -> None:
        import pysam

        try:
            self._file: Any = pysam.FastaFile(str(path))
        except (OSError, ValueError) as fault:
            remedy = "give a FASTA, plain or bgzipped, in a folder where its index is or can be written"
            raise IntakeError.one(path.name, "cannot be read as FASTA", remedy=remedy) from fault
        self._lock = Lock()
        lengths = dict(zip(self._file.references, self._file.lengths, strict=True))
        self.names: dict[int, tuple[str, int]] = {}
        votes: dict[Build, int] = dict.fromkeys(Build, 0)
        expected = {one.name: one.lengths for one in policy.chromosomes}
        for name, length in lengths.items():
            chromosome = policy.chromosome(name)
            if chromosome is None:
                continue
            self.names[CHROMOSOME_NUMBER[chromosome]] = (name, length)
            fits = [build for build in Build if expected[chromosome][build] == length]
            if len(fits) == 1:
                votes[fits[0]] += 1
        held = [build for build, count in votes.items() if count]
        if len(held) != 1:
            reason = "the lengths of its chromosomes are those of neither GRCh38 nor GRCh37"
            remedy = "give the FASTA of one of these assemblies"
            raise IntakeError.one(path.name, reason, remedy=remedy)
        self.build = held[0]

    def bases(self, chromosome: int, start: int, end: int) -> NDArray[np.uint8]:
        """Upper-case bases from one position to another, both included; N beyond what the file has."""
        name, length = self.names.get(chromosome, ("", 0))
        size = end - start + 1
        found = b""
        if start <= length:
            with self._lock:
                found = self._file.fetch(name, start - 1, min(end, length)).encode("ascii", "replace")
        return _UPPER[np.frombuffer(found.ljust(size, b"N"), np.uint8)]

    def firsts(self, chromosome: NDArray[np.int8], position: NDArray[np.int64]) -> NDArray[np.uint8]:
        """The base at each place, 0 where the sequence does not know one."""
        found = np.zeros(len(position), np.uint8)
        for number in np.unique(chromosome).tolist():
            mine = np.flatnonzero(chromosome == number)
            for near in clusters(position[mine]):
                rows = mine[near]
                low = int(position[rows].min())
                sequence = self.bases(number, low, int(position[rows].max()))
                found[rows] = sequence[position[rows] - low]
        return np.where(_IS_KNOWN[found], found, 0).astype(np.uint8)

    def differs(
        self, chromosome: NDArray[np.int8], position: NDArray[np.int64], reference: Texts
    ) -> NDArray[np.bool_]:
        """Where a reference allele is not what the sequence reads; an unknown base differs from nothing."""
        lengths = np.minimum(reference.lengths, _LONGEST_CHECKED).astype(np.int64)
        row = np.repeat(np.arange(len(lengths)), lengths)
        within = np.arange(len(row)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        read = self.firsts(chromosome[row], position[row] + within)
        written = reference.data[reference.offsets[:-1][row] + within]
        wrong = (read != 0) & _IS_KNOWN[written] & (read != written)
        found = np.zeros(len(lengths), np.bool_)
        found[row[wrong]] = True
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Bases:
    """What there is to check against, for each assembly."""

    sequence: Sequence | None = None
    known: Mapping[Build, KnownBases] | None = None

    def firsts(
        self, build: Build, chromosome: NDArray[np.int8], position: NDArray[np.int64]
    ) -> NDArray[np.uint8]:
        """The reference base at each place, 0 where nobody knows."""
        if self.sequence is not None and self.sequence.build is build:
            return self.sequence.firsts(chromosome, position)
        known = (self.known or {}).get(build)
        return np.zeros(len(position), np.uint8) if known is None else known.at(places(chromosome, position))

    def checked(
        self, build: Build, chromosome: NDArray[np.int8], position: NDArray[np.int64], reference: Texts
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which reference alleles could be checked, and which of them differ."""
        if self.sequence is not None and self.sequence.build is build:
            every = np.ones(len(position), np.bool_)
            return every, self.sequence.differs(chromosome, position, reference)
        base = self.firsts(build, chromosome, position)
        seen = (base != 0) & _IS_KNOWN[reference.first]
        return seen, seen & (base != reference.first)

    def how(self, build: Build) -> str:
        """The name of the check for a build, "" when there is none."""
        if self.sequence is not None and self.sequence.build is build:
            return "fasta"
        return "known-bases" if build in (self.known or {}) else ""

    def changed(self) -> bool:
        """Whether bases of GRCh38 are at hand, so that a lifted reference allele can be compared."""
        return bool(self.how(Build.GRCH38))
