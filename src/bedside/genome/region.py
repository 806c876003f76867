"""A stretch of a chromosome, and the order chromosomes stand in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

CHROMOSOMES: tuple[str, ...] = (*(f"chr{number}" for number in range(1, 23)), "chrX", "chrY", "chrM")
"""The chromosomes that are kept, in genome order."""

CHROMOSOME_NUMBER: Mapping[str, int] = {name: place for place, name in enumerate(CHROMOSOMES, start=1)}
"""The number of each chromosome in keys and tables: 1 to 22, then 23 for X, 24 for Y, 25 for M."""


@dataclass(frozen=True, slots=True, order=True)
class Region:
    """A stretch of GRCh38, both ends 1-based and included; chromosomes are written `chr1`…`chrM`."""

    chromosome: str
    start: int
    end: int

    def __post_init__(self) -> None:
        if self.chromosome not in CHROMOSOME_NUMBER:
            raise ValueError(f"chromosome must be one of chr1 … chrM, not {self.chromosome!r}")
        if not 1 <= self.start <= self.end:
            raise ValueError(f"a region runs from 1 upwards, not {self.start}-{self.end}")

    @property
    def number(self) -> int:
        """The chromosome's number in keys and tables."""
        return CHROMOSOME_NUMBER[self.chromosome]

    def __str__(self) -> str:
        return f"{self.chromosome}:{self.start}-{self.end}"


def parse_region(text: str) -> Region:
    """`chr13:32315086-32400268`, also without `chr` or with thousands' commas; ValueError otherwise."""
    chromosome, _, span = text.strip().replace(",", "").partition(":")
    start, _, end = span.partition("-")
    if not (start.isdecimal() and (end or start).isdecimal()):
        raise ValueError(f"a region is written chr13:32315086-32400268, not {text!r}")
    return Region(chromosome_name(chromosome), int(start), int(end or start))


def chromosome_name(text: str) -> str:
    """`chrX` of `X` or `chrx`; 23 is not guessed to be X. ValueError for any other contig."""
    bare = text.strip().removeprefix("chr").upper()
    name = "chrM" if bare in ("M", "MT") else f"chr{bare}"
    if name not in CHROMOSOME_NUMBER:
        raise ValueError(f"{text!r} is not one of the chromosomes 1 to 22, X, Y and M")
    return name
