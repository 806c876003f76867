"""Where something stands in the genome."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Build(Enum):
    """A reference genome assembly. A position without its build means nothing."""

    GRCH38 = "GRCh38"
    GRCH37 = "GRCh37"


@dataclass(frozen=True, slots=True)
class Locus:
    """A 1-based position (VCF convention) on a chromosome of a build; chromosomes are written
    `chr1`…`chrM`."""

    build: Build
    chromosome: str
    position: int

    def __post_init__(self) -> None:
        if not self.chromosome.startswith("chr"):
            raise ValueError(f"chromosome must be written like chr10, not {self.chromosome!r}")
        if self.position < 1:
            raise ValueError(f"a position is 1-based, not {self.position}")

    def __str__(self) -> str:
        return f"{self.build.value}:{self.chromosome}:{self.position}"
