"""How many copies a person has of a place, and what that makes of a genotype.

Outside the pseudoautosomal regions Y is single, and X is in a man when somebody says that it is a man: sex is
never told from the calls. There `1/1` is one copy; `0/1` contradicts itself and is not believed. On the
mitochondrion `0/1` is a mixture of molecules: its one copy carries the allele, its strands stay empty, and
depth says how much.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bedside.genome.locus import Build
from bedside.genome.person import Sex
from bedside.genome.region import CHROMOSOME_NUMBER
from bedside.intake.genome.calls import MISSING, NO_ALLELE, Calls
from bedside.intake.genome.sites import Sites
from bedside.knowledge.ploidy import PloidyPack

_X, _Y, _M = (CHROMOSOME_NUMBER[name] for name in ("chrX", "chrY", "chrM"))


@dataclass(frozen=True, slots=True, eq=False)
class Copies:
    """Calls with the copies there are. impossible: a genotype the person cannot have there. mixture: several
    alleles of a mitochondrion. single_x: on X outside the pseudoautosomal regions."""

    calls: Calls
    impossible: NDArray[np.bool_]
    mixture: NDArray[np.bool_]
    single_x: NDArray[np.bool_]


def count_copies(sites: Sites, calls: Calls, build: Build, sex: Sex | None, pack: PloidyPack) -> Copies:
    """The calls as copies of each place."""
    none = np.zeros(len(sites), np.bool_)
    if not bool((sites.chromosome >= _X).any()):
        return Copies(calls, none, none, none)
    shared = none.copy()
    for region in pack.pseudoautosomal[build]:
        shared |= (
            (sites.chromosome == region.number)
            & (sites.position >= region.start)
            & (sites.position <= region.end)
        )
    single_x = (sites.chromosome == _X) & ~shared
    on_y, mitochondrial = (sites.chromosome == _Y) & ~shared, sites.chromosome == _M
    single = on_y | mitochondrial | (single_x if sex is Sex.MALE else none)
    first, second = calls.first.copy(), calls.second.copy()
    swap = single & (first == MISSING) & (second >= 0)
    first[swap], second[swap] = second[swap], MISSING
    one = single & ((second == MISSING) | (first == second))
    second[one] = NO_ALLELE
    two = single & (second != NO_ALLELE)
    impossible = (two & ~mitochondrial) | (on_y & (first != MISSING) if sex is Sex.FEMALE else none)
    return Copies(replace(calls, first=first, second=second), impossible, two & mitochondrial, single_x)
