"""Places of one assembly on another, by a site's UCSC chain file: a table of blocks that match base for base.

A stretch lifts as a whole or not at all: all its bases lie in one block, so that no gap of either assembly
cuts it. Where chains overlap, the one with the higher score answers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bedside.errors import InputError, Problem
from bedside.genome.region import CHROMOSOME_NUMBER, chromosome_name

_MOST_PROBLEMS = 100


@dataclass(frozen=True, slots=True, eq=False)
class Lifted:
    """Where places went; all arrays are as long as the question. What is not `mapped` has place 0.

    position: the first base on the forward strand of the new assembly, also for a `reverse` stretch, whose
    alleles the caller reverse-complements.
    """

    chromosome: NDArray[np.int8]
    position: NDArray[np.int64]
    reverse: NDArray[np.bool_]
    mapped: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """The blocks of a chain file between primary chromosomes, sorted by place, not overlapping.

    Blocks are 0-based and half-open. `offset` is what to add to a position; of a `reverse` block what to
    subtract it from. mitochondrion: the length of chrM in the assembly it leads from, when it has a chain
    there: UCSC's hg19 has another sequence (16,571 bases) than GRCh37 and GRCh38 (16,569).
    """

    source: str
    chromosome: NDArray[np.int8]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    to_chromosome: NDArray[np.int8]
    offset: NDArray[np.int64]
    reverse: NDArray[np.bool_]
    mitochondrion: int | None = None

    def lift(
        self,
        chromosomes: NDArray[np.int8],
        positions: NDArray[np.int64],
        lengths: NDArray[np.int64] | None = None,
    ) -> Lifted:
        """Lift stretches that begin at 1-based positions and have these lengths (1 when not given)."""
        places = positions.astype(np.int64) - 1
        ends = places + (1 if lengths is None else lengths.astype(np.int64))
        if not len(self.start):
            nothing = np.zeros(len(places), np.int64)
            unmapped = np.zeros(len(places), np.bool_)
            return Lifted(nothing.astype(np.int8), nothing, unmapped, unmapped)
        starts = self.chromosome.astype(np.int64) << 40 | self.start
        found = np.searchsorted(starts, chromosomes.astype(np.int64) << 40 | places, side="right") - 1
        block = np.maximum(found, 0)
        mapped = (found >= 0) & (self.chromosome[block] == chromosomes) & (ends <= self.end[block])
        reverse = self.reverse[block] & mapped
        target = np.where(reverse, self.offset[block] - ends, self.offset[block] + places)
        chromosome = np.where(mapped, self.to_chromosome[block], 0).astype(np.int8)
        return Lifted(chromosome, np.where(mapped, target + 1, 0), reverse, mapped)


def parse_chain(lines: Iterable[str], source: str) -> Chain:
    """The chain file in these lines; raises `InputError` with every bad line. Chains of other contigs are
    left out; chromosomes may be written `1` or `chr1`."""
    reader = _Reader(source)
    for number, line in enumerate(lines, start=1):
        reader.line(number, line)
    return reader.chain()


@dataclass(slots=True)
class _Reader:
    """The blocks met so far, as columns; `heads` keeps one row for each chain."""

    source: str
    problems: list[Problem] = field(default_factory=list)
    heads: list[tuple[int, int, int, int, bool]] = field(default_factory=list)
    head_of: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    theirs: list[int] = field(default_factory=list)
    open_chain: bool = False
    kept: bool = False
    here: int = 0
    there: int = 0
    here_end: int = 0
    there_end: int = 0
    seen: int = 0
    mitochondrion: int | None = None

    def line(self, number: int, line: str) -> None:
        words = line.split()
        if not words or line.startswith("#"):
            return
        if words[0] == "chain":
            if self.open_chain:
                self._bad(number, "a chain begins before the one above has ended")
            self._head(number, words)
        elif not self.open_chain:
            self._bad(number, "a block stands outside a chain")
        else:
            self._block(number, words)

    def _bad(self, number: int | None, reason: str) -> None:
        if len(self.problems) < _MOST_PROBLEMS:
            remedy = "give the chain file as UCSC or Ensembl publish it"
            self.problems.append(Problem(self.source, reason, number, remedy))

    def _head(self, number: int, words: list[str]) -> None:
        self.open_chain, self.kept = True, False
        self.seen += 1
        try:
            score, here_size, there_size = int(words[1]), int(words[3]), int(words[8])
            self.here, self.here_end, self.there, self.there_end = (int(words[at]) for at in (5, 6, 10, 11))
            strand = {"+": False, "-": True}[words[9]]
            if words[4] != "+" or not (0 <= self.here <= self.here_end <= here_size):
                raise ValueError
            if not 0 <= self.there <= self.there_end <= there_size:
                raise ValueError
        except (ValueError, IndexError, KeyError):
            self._bad(number, "not a chain's header: chain, score, then name, size, strand and ends twice")
            self.here_end = self.there_end = -1
            return
        ours, theirs = _number(words[2]), _number(words[7])
        if ours and theirs:
            self.kept = True
            if words[2].removeprefix("chr") in ("M", "MT"):
                self.mitochondrion = here_size
            self.heads.append((score, ours, theirs, there_size, strand))

    def _block(self, number: int, words: list[str]) -> None:
        if len(words) not in (1, 3) or not all(word.isdecimal() for word in words):
            self._bad(number, "not a block: a size, and two gaps unless it is the last")
            self.here_end = self.there_end = -1
            self.open_chain = len(words) != 1
            return
        size = int(words[0])
        if self.kept and size:
            self.head_of.append(len(self.heads) - 1)
            self.starts.append(self.here)
            self.ends.append(self.here + size)
            self.theirs.append(self.there)
        self.here += size
        self.there += size
        if len(words) == 3:
            self.here += int(words[1])
            self.there += int(words[2])
            return
        self.open_chain = False
        if self.here_end >= 0 and (self.here, self.there) != (self.here_end, self.there_end):
            self._bad(number, "the blocks of the chain do not add up to its header")

    def chain(self) -> Chain:
        if self.open_chain:
            self._bad(None, "the file ends within a chain")
        if not self.seen and not self.problems:
            self._bad(None, "the file holds no chain")
        if self.problems:
            raise InputError(self.problems)
        heads = np.array(self.heads, np.int64).reshape(-1, 5)
        rows = heads[np.array(self.head_of, np.intp)].reshape(-1, 5)
        starts, ends = np.array(self.starts, np.int64), np.array(self.ends, np.int64)
        theirs, reverse = np.array(self.theirs, np.int64), rows[:, 4].astype(np.bool_)
        offset = np.where(reverse, rows[:, 3] - theirs + starts, theirs - starts)
        chromosome, target = rows[:, 1].astype(np.int8), rows[:, 2].astype(np.int8)
        keep, starts, ends = _best_first(chromosome, starts, ends, rows[:, 0])
        return Chain(
            source=self.source,
            chromosome=chromosome[keep],
            start=starts,
            end=ends,
            to_chromosome=target[keep],
            offset=offset[keep],
            reverse=reverse[keep],
            mitochondrion=self.mitochondrion,
        )


def _number(name: str) -> int:
    """A chromosome's number, 0 for what is not kept."""
    try:
        return CHROMOSOME_NUMBER[chromosome_name(name)]
    except ValueError:
        return 0


def _best_first(
    chromosome: NDArray[np.int8], start: NDArray[np.int64], end: NDArray[np.int64], score: NDArray[np.int64]
) -> tuple[NDArray[np.intp], NDArray[np.int64], NDArray[np.int64]]:
    """Blocks in order of place, a lower-scored one cut where a better one lies: the block each piece is of,
    and the pieces' ends."""
    order = np.lexsort((end, start, chromosome))
    same = chromosome[order][1:] == chromosome[order][:-1]
    if not bool((same & (start[order][1:] < end[order][:-1])).any()):
        return order, start[order], end[order]
    kept: list[tuple[int, int, int, int]] = []
    for number in np.unique(chromosome).tolist():
        mine = np.flatnonzero(chromosome == number)
        cuts = np.unique(np.concatenate([start[mine], end[mine]]))
        owner = np.full(len(cuts), -1, np.int64)
        for block in mine[np.argsort(score[mine], kind="stable")].tolist():
            first, last = np.searchsorted(cuts, [start[block], end[block]])
            owner[first:last] = block
        changes = np.flatnonzero(np.diff(owner, prepend=-2))
        stops = np.append(cuts[changes[1:]], cuts[-1])
        for at, stop in zip(changes.tolist(), stops.tolist(), strict=True):
            if owner[at] >= 0:
                kept.append((number, int(cuts[at]), stop, int(owner[at])))
    pieces = np.array(kept, np.int64).reshape(-1, 4)
    return pieces[:, 3], pieces[:, 1], pieces[:, 2]
