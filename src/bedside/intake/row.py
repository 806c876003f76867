"""One record of a VCF, as intake needs it: the site, and each distinct sample field once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from bedside.intake.policy import IntakePolicy

Codes = NDArray[np.unsignedinteger]


@dataclass(frozen=True, slots=True)
class SampleField:
    """What a record says about one sample, reduced to what decides the state of a position.

    alleles: allele numbers as in GT, None where unseen, () without a genotype; at most the first two.
    phase_set: the PS value of a phased heterozygote. depth_contradicts: AD supports one allele of a
    heterozygote only. low_quality: why a reference block fails the policy. failed_filter: FORMAT/FT when it
    is not a pass.
    """

    alleles: tuple[int | None, ...]
    phased: bool = False
    phase_set: int | None = None
    depth_contradicts: bool = False
    low_quality: str = ""
    failed_filter: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A record: `codes[sample]` points into `fields`. `line` is None where the format has no lines (BCF).

    `end` is the last reference base the record speaks of: INFO/END where given, else that of the REF.
    """

    source: str
    line: int | None
    chromosome: str
    position: int
    reference: str
    alternates: tuple[str, ...]
    filters: tuple[str, ...]
    end: int
    has_end: bool
    fields: tuple[SampleField, ...]
    codes: Codes

    @property
    def reference_end(self) -> int:
        """The last base of the REF."""
        return self.position + len(self.reference) - 1

    @property
    def site(self) -> tuple[object, ...]:
        """Everything but the samples."""
        place = (self.chromosome, self.position, self.reference, self.alternates)
        return (*place, self.filters, self.end, self.has_end)

    def same_as(self, other: Row) -> bool:
        """Whether two readers read the same record."""
        mine = [self.fields[code] for code in self.codes.tolist()]
        theirs = [other.fields[code] for code in other.codes.tolist()]
        return self.site == other.site and mine == theirs


def is_reference_block(alternates: tuple[str, ...], policy: IntakePolicy) -> bool:
    """Whether a record names no other allele than "any other"."""
    return all(policy.is_any_allele(alternate) for alternate in alternates)


def block_quality(keys: dict[str, str], policy: IntakePolicy) -> str:
    """Why a reference block is not believed, "" when it is. `keys` are the sample's values by FORMAT key."""
    quality = _first_number(keys, policy.genotype_quality_fields)
    depth = _first_number(keys, policy.depth_fields)
    if quality is None and depth is None:
        return "no genotype quality or depth"
    if quality is not None and quality < policy.minimum_genotype_quality:
        return f"genotype quality below {policy.minimum_genotype_quality}"
    if depth is not None and depth < policy.minimum_depth:
        return f"depth below {policy.minimum_depth}"
    return ""


def depth_contradicts(alleles: tuple[int | None, ...], depths: str, allele_count: int) -> bool:
    """Whether AD has one non-zero depth for a heterozygote. AD of another length than the alleles is not
    used: splitting a multi-allelic record without its AD leaves such values behind.
    """
    if len(alleles) != 2 or None in alleles or alleles[0] == alleles[1]:
        return False
    values = depths.split(",")
    if len(values) != allele_count or not all(value.isdigit() for value in values):
        return False
    return sum(int(value) > 0 for value in values) == 1


def phase_set_number(text: str) -> int | None:
    """PS as a number; a PS that is text gets a negative number of its own, the same for the same text."""
    if text in ("", "."):
        return None
    if text.isdigit():
        return int(text)
    return -1 - int.from_bytes(blake2b(text.encode(), digest_size=7).digest(), "big")


def _first_number(keys: dict[str, str], names: tuple[str, ...]) -> float | None:
    for name in names:
        try:
            number = float(keys[name])
        except (KeyError, ValueError):
            continue
        if math.isfinite(number):
            return number
    return None
