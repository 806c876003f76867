"""Strands that no single named allele explains: several alleles on one, or variants that none explains.

Blanks of a definition are not filled here: an allele is on a strand when the strand carries every position
that sets the allele apart from the reference row, and nothing its wobbles do not accept. Positions where a
definition restates the reference row, or accepts it, neither keep an allele off a strand that carries more
nor make two alleles overlap. What remains is written as a partial (`g.94781859G>A`,
`g.40991369?` where that strand was not seen). Nothing is scored; every possible pair of strands is given.
"""

from __future__ import annotations

from dataclasses import dataclass

from bedside.genome.diplotype import allele_order
from bedside.interpret.allele_table import AlleleTable, bits, combinable_alleles
from bedside.interpret.strands import Layout, Strand, strand_pairs


@dataclass(frozen=True, slots=True)
class StrandName:
    """What one strand carries: named alleles and partials, in the field's order; none means the reference."""

    alleles: tuple[str, ...] = ()
    partials: tuple[str, ...] = ()

    def written(self, reference: str) -> str:
        """`*6`, `[*6 + *14]`, or the reference allele's name."""
        parts = (*self.alleles, *self.partials)
        if not parts:
            return reference
        return parts[0] if len(parts) == 1 else f"[{' + '.join(parts)}]"


@dataclass(slots=True)
class _Group:
    """Alleles that go together on a strand because they share no position."""

    members: list[int]
    positions: int


def combination_pairs(
    table: AlleleTable, layout: Layout, usable: int
) -> tuple[tuple[StrandName, StrandName], ...]:
    """Every pair of strands by what it carries, once. Raises ValueError beyond `strands.MOST_BLOCKS`."""
    known: dict[Strand, tuple[StrandName, ...]] = {}

    def names(strand: Strand) -> tuple[StrandName, ...]:
        if strand not in known:
            known[strand] = strand_names(table, strand, usable)
        return known[strand]

    pairs: dict[frozenset[StrandName], tuple[StrandName, StrandName]] = {}
    for first, second in strand_pairs(table.row, layout):
        for one in names(first):
            for other in names(second):
                pairs.setdefault(frozenset((one, other)), (one, other))
    return tuple(pairs.values())


def strand_names(table: AlleleTable, strand: Strand, usable: int) -> tuple[StrandName, ...]:
    """The ways to name one strand; several when alleles of equal size compete for the same positions."""
    carried = carried_alleles(table, strand, usable)
    groups = [_Group(list(bits(carried)), 0)] if carried.bit_count() <= 1 else _groups(table, carried, usable)
    return tuple(dict.fromkeys(_name(table, strand, group.members) for group in groups))


def carried_alleles(table: AlleleTable, strand: Strand, usable: int) -> int:
    """The alleles, other than the reference, all of whose own positions the strand carries."""
    bases = dict(strand)
    some = 0
    for place, base in strand:
        some |= table.stating[place] & (table.stated[place].get(base, 0) if base is not None else 0)
    carried = 0
    for number in bits(some & combinable_alleles(table, usable)):
        own = (table.core[number] | table.wobbles[number]) & usable
        if all(fits(table, number, place, bases.get(place, table.row[place])) for place in bits(own)):
            carried |= 1 << number
    return carried


def fits(table: AlleleTable, number: int, place: int, base: str | None) -> bool:
    """Whether what an allele itself states at a place allows the base."""
    return base is not None and bool(table.stated[place].get(base, 0) >> number & 1)


def _groups(table: AlleleTable, carried: int, usable: int) -> list[_Group]:
    size = {number: (table.core[number] & usable).bit_count() for number in bits(carried)}
    groups: list[_Group] = []
    for number in sorted(size, key=lambda one: (-size[one], allele_order(table.names[one]))):
        own = table.core[number] & usable
        overlapped = [group for group in groups if group.positions & own]
        for group in groups:
            if not group.positions & own:
                group.members.append(number)
                group.positions |= own
        if len(overlapped) == len(groups) and all(
            size[member] == size[number]
            for group in overlapped
            for member in group.members
            if table.core[member] & own
        ):
            groups.append(_Group([number], own))
    return groups


def _name(table: AlleleTable, strand: Strand, members: list[int]) -> StrandName:
    explained = 0
    for number in members:
        explained |= table.core[number] | table.wobbles[number]
    partials = tuple(partial(table, place, base) for place, base in strand if not explained >> place & 1)
    names = sorted((table.reported(number) for number in members), key=allele_order)
    return StrandName(tuple(names), partials)


def partial(table: AlleleTable, place: int, base: str | None) -> str:
    """A variant that no allele on its strand explains, as the genome's reference names it."""
    position = table.gene.positions[place]
    change = "?" if base is None else f"{position.reference}>{base}"
    return f"g.{position.position}{change}"
