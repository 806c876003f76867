"""A gene's named alleles as bit masks, so that matching a genotype is a handful of integer operations.

In a mask over alleles, bit n is the n-th allele of `names`; in a mask over positions, bit n is the n-th
position of the gene. Alleles without bases (structural, reported only) are not in the table: no genotype
can show them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from bedside.interpret.bases import accepted, is_wobble
from bedside.interpret.by_identity import ByIdentity
from bedside.knowledge.pgx import Gene


@dataclass(frozen=True, slots=True, eq=False)
class AlleleTable:
    """Named alleles ready to match.

    row: what a blank stands for, per position.
    filled[position][base]: alleles that fit the base when blanks are filled with the row.
    stated[position][base]: alleles that themselves state something there and fit the base.
    stating[position]: alleles that state something there other than the reference, or a wobble.
    defined, core, wobbles: per allele, the positions it defines, those that set it apart from the reference
    row, and those where it accepts several bases. A definition may restate the reference row (CYP2C19 *1 does
    at 34 of its 35 positions): such a position is defined, but not core.
    """

    gene: Gene
    names: tuple[str, ...]
    reference: int
    row: tuple[str, ...]
    filled: tuple[Mapping[str, int], ...]
    stated: tuple[Mapping[str, int], ...]
    stating: tuple[int, ...]
    defined: tuple[int, ...]
    core: tuple[int, ...]
    wobbles: tuple[int, ...]

    def reported(self, number: int) -> str:
        """The name an allele is reported under: a sub-allele (`*45.001`) under its core allele (`*45`)."""
        return self.gene.renames.get(self.names[number], self.names[number])


def bits(mask: int) -> Iterator[int]:
    """The numbers of the set bits, lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def reference_row(gene: Gene) -> tuple[str, ...]:
    """What a blank stands for at each position: the reference allele's base, the genome's under a wobble."""
    row = gene.reference_allele.bases
    return tuple(
        position.reference if not base or is_wobble(base) else base
        for position, base in zip(gene.positions, row, strict=True)
    )


def allele_table(gene: Gene) -> AlleleTable:
    """The table of a gene, built once for as long as the gene is in use."""
    return _build(ByIdentity(gene))


@lru_cache(maxsize=64)
def _build(key: ByIdentity) -> AlleleTable:
    gene = key.gene
    by_proxy = {gene.proxy_allele, gene.proxy_intron_allele} - {""}
    alleles = [allele for allele in gene.alleles if any(allele.bases) and allele.name not in by_proxy]
    row = reference_row(gene)
    stated: list[dict[str, int]] = [{} for _ in row]
    defining, stating = [0] * len(row), [0] * len(row)
    defined, core, wobbles = [0] * len(alleles), [0] * len(alleles), [0] * len(alleles)
    for number, allele in enumerate(alleles):
        for place, base in enumerate(allele.bases):
            if not base:
                continue
            defined[number] |= 1 << place
            defining[place] |= 1 << number
            for one in accepted(base):
                stated[place][one] = stated[place].get(one, 0) | 1 << number
            if is_wobble(base):
                wobbles[number] |= 1 << place
            elif base != row[place] and not allele.is_reference:
                core[number] |= 1 << place
            else:
                continue
            stating[place] |= 1 << number
    every = (1 << len(alleles)) - 1
    return AlleleTable(
        gene=gene,
        names=tuple(allele.name for allele in alleles),
        reference=next(number for number, allele in enumerate(alleles) if allele.is_reference),
        row=row,
        filled=tuple(
            fits | {blank: fits.get(blank, 0) | every & ~by_own}
            for fits, blank, by_own in zip(stated, row, defining, strict=True)
        ),
        stated=tuple(stated),
        stating=tuple(stating),
        defined=tuple(defined),
        core=tuple(core),
        wobbles=tuple(wobbles),
    )


def _mask(places: Iterator[int]) -> int:
    mask = 0
    for place in places:
        mask |= 1 << place
    return mask


@lru_cache(maxsize=4096)
def callable_alleles(table: AlleleTable, usable: int) -> int:
    """The alleles that at least one usable position defines."""
    return _mask(number for number, defined in enumerate(table.defined) if defined & usable)


@lru_cache(maxsize=4096)
def combinable_alleles(table: AlleleTable, usable: int) -> int:
    """The alleles that at least one usable position sets apart from the reference row."""
    excluded = table.gene.combination_excludes
    return _mask(
        number
        for number, core in enumerate(table.core)
        if core & usable and not (excluded and excluded in table.names[number])
    )
