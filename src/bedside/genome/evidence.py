"""One person's genome from one run, as columns: what a file showed, and where it looked.

Plain numpy, so that intake, store and the core share it. Everything is on GRCh38.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum

import numpy as np
from numpy.typing import NDArray

from bedside.genome.genotypes import Notice
from bedside.genome.locus import Build
from bedside.genome.texts import Texts


class AssayKind(Enum):
    """What kind of test a genome file comes from."""

    GENOME = "genome"
    EXOME = "exome"
    PANEL = "panel"


class Seen(IntEnum):
    """What is known of a stretch of the genome outside the variants found; numbers as kept in tables. A
    stretch in no row was not tested."""

    REFERENCE = 1
    NO_CALL = 2
    HALF_CALL = 3
    FILTERED = 4
    LOW_QUALITY = 5
    STATED = 6


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """The alternate alleles of one run, one row each, sorted by key; alleles the person does not carry have
    no row.

    All columns have one length. copies: strands that carry the allele (1 or 2). ploidy: strands expected and
    called there (1 or 2). missing: strands not called (`1/.` is 1). strands: bit 1 first, bit 2 second.
    phase_set: -1 unphased, 0 phased along the whole chromosome, else the file's number. passed: the record
    passed its filters and the intake policy; only such rows answer `Present`. depth, alternate_depth,
    quality: -1 where the file does not say. line: the record's line in the file (for BCF its number), to
    find the byte it came from. moved: the row was normalised or lifted, so that the file writes it otherwise.
    """

    key: NDArray[np.int64]
    reference: Texts
    alternate: Texts
    copies: NDArray[np.int8]
    ploidy: NDArray[np.int8]
    missing: NDArray[np.int8]
    strands: NDArray[np.int8]
    phase_set: NDArray[np.int32]
    passed: NDArray[np.bool_]
    depth: NDArray[np.int32]
    alternate_depth: NDArray[np.int32]
    quality: NDArray[np.int16]
    line: NDArray[np.int32]
    moved: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.key)


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """Where a run looked outside the variants found: sorted, not overlapping, 1-based with both ends
    included. `state` holds numbers of `Seen`; a stretch in no row was not tested."""

    chromosome: NDArray[np.int8]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    state: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.start)


@dataclass(frozen=True, slots=True, eq=False)
class Genome:
    """What one sample of one file says, ready to be stored.

    build: the file's own (evidence is on GRCh38 whatever it was). checked_reference: how the reference
    alleles were checked (`fasta`, `known-bases`, or "" when they were not). left_aligned: whether indels
    were left-aligned (needs the sequence). lift: for a lifted file how many records came over and how many
    could not, by reason. notices: what a person should know, at most a few of each kind.
    """

    sample: str
    assay: AssayKind
    build: Build
    evidence: Evidence
    regions: Regions
    records: int
    checked_reference: str = ""
    left_aligned: bool = False
    lift: Mapping[str, int] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()
