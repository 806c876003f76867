"""Where the records of a file lie on GRCh38, and whether their reference alleles read there as written."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bedside.genome.liftover import Chain
from bedside.genome.locus import Build
from bedside.genome.region import CHROMOSOME_NUMBER
from bedside.genome.texts import Texts
from bedside.intake.genome.normalise import reverse_complement
from bedside.intake.genome.reference import Bases
from bedside.intake.genome.sites import Sites

NO_CHAIN = "no chain leads from there"
CUT = "a gap of the chain cuts the reference allele"
TURNED = "an insertion or deletion on a turned stretch"
WHICH_MITOCHONDRION = "the file does not say which mitochondrial sequence it uses"
REPLACED = "the reference allele reads otherwise in GRCh38"
_M = CHROMOSOME_NUMBER["chrM"]
_BASES = "ACGT"


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Each record on GRCh38.

    wrong: the reference allele is not what its own assembly reads. changed: one base, and another base stands
    there in GRCh38 (`base`, on the strand of the file). failure: why a record could not be placed, "" where
    it could.
    """

    chromosome: NDArray[np.int8]
    position: NDArray[np.int64]
    reverse: NDArray[np.bool_]
    mapped: NDArray[np.bool_]
    wrong: NDArray[np.bool_]
    changed: NDArray[np.bool_]
    base: NDArray[np.uint8]
    failure: NDArray[np.object_] | None
    agreeing: int
    differing: int

    def new_base(self, record: int) -> str:
        """The base of GRCh38 at a record whose reference changed, on the strand of the file."""
        base = chr(int(self.base[record]))
        return base.translate(str.maketrans(_BASES, _BASES[::-1])) if self.reverse[record] else base


@dataclass(frozen=True, slots=True, eq=False)
class Placing:
    """What is needed to place records. mitochondrion: whether positions of chrM are the same on GRCh38, or
    lift by the chain, or neither (None)."""

    build: Build
    chain: Chain | None
    bases: Bases
    mitochondrion: str | None = "same"


def place(sites: Sites, placing: Placing) -> Placed:
    """The records on GRCh38."""
    seen, wrong = placing.bases.checked(placing.build, sites.chromosome, sites.position, sites.reference)
    none = np.zeros(len(sites), np.bool_)
    agreeing, differing = int((seen & ~wrong).sum()), int(wrong.sum())
    if placing.build is Build.GRCH38 or placing.chain is None:
        return Placed(
            sites.chromosome,
            sites.position,
            none,
            ~none,
            wrong,
            none,
            np.zeros(len(sites), np.uint8),
            None,
            agreeing,
            differing,
        )
    return _lifted(sites, placing, wrong, (agreeing, differing))


def _lifted(sites: Sites, placing: Placing, wrong: NDArray[np.bool_], tally: tuple[int, int]) -> Placed:
    assert placing.chain is not None
    length = sites.reference_end - sites.position + 1
    whole = placing.chain.lift(sites.chromosome, sites.position, length)
    start = placing.chain.lift(sites.chromosome, sites.position)
    chromosome, position = whole.chromosome.copy(), whole.position.copy()
    mapped, reverse = whole.mapped.copy(), whole.reverse.copy()
    mitochondrial = sites.chromosome == _M
    if placing.mitochondrion != "chain":
        mapped[mitochondrial] = placing.mitochondrion == "same"
        reverse[mitochondrial] = False
        chromosome[mitochondrial], position[mitochondrial] = _M, sites.position[mitochondrial]
    failure = np.full(len(sites), "", np.object_)
    failure[~mapped] = NO_CHAIN
    failure[~mapped & start.mapped & ~mitochondrial] = CUT
    failure[~mapped & mitochondrial] = NO_CHAIN if placing.mitochondrion else WHICH_MITOCHONDRION
    turned = mapped & reverse & _has_indel(sites) & (placing.bases.how(Build.GRCH38) != "fasta")
    failure[turned] = TURNED
    base = placing.bases.firsts(Build.GRCH38, chromosome, position)
    reference = turned_over(sites.reference, reverse)
    _, differs = placing.bases.checked(Build.GRCH38, chromosome, position, reference)
    other = mapped & differs & sites.reference_is_bases
    changed = other & (length == 1) & ~_has_indel(sites)
    failure[other & ~changed] = REPLACED
    good = failure == ""
    return Placed(chromosome, position, reverse, good, wrong, changed & good, base, failure, *tally)


def turned_over(texts: Texts, reverse: NDArray[np.bool_]) -> Texts:
    """Texts of turned stretches as the forward strand of GRCh38 reads them, the others as they are."""
    if not bool(reverse.any()):
        return texts
    both = Texts.joined((texts, reverse_complement(texts)))
    rows = np.arange(len(texts)) + np.where(reverse, len(texts), 0)
    return both.take(rows)


def _has_indel(sites: Sites) -> NDArray[np.bool_]:
    """Which records have alleles of more than one base."""
    long = np.append(0, np.cumsum(sites.alternates.texts.lengths > 1))
    first = sites.alternates.first
    found: NDArray[np.bool_] = long[first + sites.alternates.count] > long[first]
    return found | (sites.reference.lengths > 1)
