"""What a file says about one position of one person: seven answers that are never mixed up.

`Called` and `ReferenceBlock` are observations. `NoCall`, `HalfCall`, `Filtered` and `Undocumented` are
observations that fall short, each with its reason. `NotTested` is the absence of an observation, and is never
reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Reason(Enum):
    """Why a position has no usable observation, or a weaker one."""

    GENOTYPE_MISSING = "genotype missing"
    NO_GENOTYPE_FIELD = "no genotype in the record"
    REFERENCE_MISMATCH = "reference base differs from the definition"
    SYMBOLIC_ALLELE = "symbolic allele"
    SPANNING_DELETION = "spanned by a deletion"
    NOT_A_BASE_SEQUENCE = "allele is not a sequence of A, C, G, T"
    FILTER_FAILED = "record failed the caller's filter"
    LOW_QUALITY = "quality below the intake policy"
    BLOCK_DOES_NOT_SPAN = "reference block does not span the allele"
    REFERENCE_BASE_UNKNOWN = "reference base of this build not verified"
    HALF_CALL_REFERENCE = "one strand not seen, the other is reference"
    DEPTH_CONTRADICTS = "read depths contradict the heterozygous genotype"
    OTHER_VARIANT = "another variant lies inside the allele"
    CONFLICTING_RECORDS = "records of the position contradict each other"


@dataclass(frozen=True, slots=True)
class Called:
    """Alleles seen at the position, as bases (one on a haploid chromosome, two otherwise).

    `phased` means the order of the alleles is meaningful: across the whole chromosome when `phase_set` is
    None, else within that phase set only. Phase sets are numbered 1, 2, … in the order met within the gene.
    """

    alleles: tuple[str, ...]
    phased: bool = False
    phase_set: int | None = None


@dataclass(frozen=True, slots=True)
class ReferenceBlock:
    """Seen, and equal to the reference: a gVCF block that spans the whole reference allele."""

    reference: str
    ploidy: int = 2


@dataclass(frozen=True, slots=True)
class NoCall:
    """Looked at, but the laboratory's caller or this intake could not say."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class HalfCall:
    """One strand seen, the other not (`1/.`); the unseen allele is None."""

    alleles: tuple[str | None, ...]
    phased: bool = False
    phase_set: int | None = None


@dataclass(frozen=True, slots=True)
class Filtered:
    """A record is there but failed a filter or a quality threshold; it is not used."""

    reason: Reason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Undocumented:
    """Called, with at least one allele that the knowledge release does not define at this position."""

    alleles: tuple[str, ...]
    phased: bool = False
    phase_set: int | None = None


@dataclass(frozen=True, slots=True)
class NotTested:
    """The file says nothing about the position. Never reference."""


PositionState = Called | ReferenceBlock | NoCall | HalfCall | Filtered | Undocumented | NotTested

NOT_TESTED = NotTested()
