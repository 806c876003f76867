"""What a stored genome says about one variant of one person: four answers that are never mixed up."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Zygosity(Enum):
    """How many of the copies a person has of a stretch carry the variant."""

    HETEROZYGOUS = "het"
    HOMOZYGOUS = "hom"
    HEMIZYGOUS = "hemi"


ZYGOSITY_NUMBER = {Zygosity.HETEROZYGOUS: 1, Zygosity.HOMOZYGOUS: 2, Zygosity.HEMIZYGOUS: 3}
"""The number of each zygosity in tables; 0 is never written."""


def zygosity_of(copies: int, ploidy: int) -> Zygosity:
    """Of one row of evidence: hemizygous where one copy is expected, homozygous when all carry it."""
    if ploidy == 1:
        return Zygosity.HEMIZYGOUS
    return Zygosity.HOMOZYGOUS if copies == ploidy else Zygosity.HETEROZYGOUS


class Uncalled(Enum):
    """Why a place that was looked at has no usable answer."""

    NO_CALL = "no-call"
    HALF_CALL = "half-call"
    FILTERED = "filtered"
    LOW_QUALITY = "low-quality"
    STATED = "stated-uncallable"


@dataclass(frozen=True, slots=True)
class Present:
    """Seen. phase_set: None when unphased, 0 when phased along the whole chromosome, else the file's number.
    strands: bit 1 for the first strand, bit 2 for the second; meaningful within the phase set only.
    """

    zygosity: Zygosity
    phase_set: int | None = None
    strands: int = 0


@dataclass(frozen=True, slots=True)
class Absent:
    """Every copy was seen, and none carries the variant."""


@dataclass(frozen=True, slots=True)
class NotCallable:
    """Looked at, without a usable answer. Never absent."""

    reason: Uncalled


@dataclass(frozen=True, slots=True)
class NotTested:
    """Nothing says that the place was looked at. Never absent."""


Presence = Present | Absent | NotCallable | NotTested
