"""Named alleles and the pair a person carries."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_DIGITS = re.compile(r"(\d+)")


@lru_cache(maxsize=16384)
def allele_order(name: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key that puts *2 before *10 and words after numbers: the field's natural order.

    A reference allele written as such comes first, and a strand with fewer alleles before one with more
    (`*13` before `[*6 + *14]`).
    """
    alleles = name.count(" + ") + 1 if name.startswith("[") else 1
    reference = 0 if name == "Reference" else 1
    parts = [part for part in _DIGITS.split(name.lower().strip("[]")) if part]
    words = tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)
    return ((0, alleles, ""), (0, reference, ""), *words)


@dataclass(frozen=True, slots=True)
class Diplotype:
    """Two named alleles of a gene, or one on a haploid chromosome (`second` is None). *1/*2 equals *2/*1.

    Names are as the knowledge release writes them; a combination on one strand is `[*6 + *14]`.
    """

    gene: str
    first: str
    second: str | None = None

    def __post_init__(self) -> None:
        if self.second is not None and allele_order(self.second) < allele_order(self.first):
            first, second = self.second, self.first
            object.__setattr__(self, "first", first)
            object.__setattr__(self, "second", second)

    @property
    def alleles(self) -> tuple[str, ...]:
        """The one or two allele names."""
        return (self.first,) if self.second is None else (self.first, self.second)

    def __str__(self) -> str:
        return "/".join(self.alleles)
