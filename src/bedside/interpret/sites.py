"""Typed states of a gene's positions → the sites a matcher can use, and those it cannot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from bedside.genome.state import (
    Called,
    Filtered,
    HalfCall,
    NoCall,
    NotTested,
    PositionState,
    ReferenceBlock,
    Undocumented,
)
from bedside.interpret.by_identity import ByIdentity
from bedside.knowledge.pgx import Gene, Position

WHOLE_CHROMOSOME = 0


@dataclass(frozen=True, slots=True)
class Site:
    """A usable position: the bases on the two strands (None where a strand was not seen).

    block: sites of one block keep the order of their strands among each other. 0 is the phased chromosome,
    1, 2, … its phase sets, negative numbers are unphased sites each on its own; None when both strands
    carry the same base.
    """

    place: int
    first: str | None
    second: str | None
    block: int | None


@dataclass(frozen=True, slots=True)
class Sites:
    """A gene as read. Places are indexes into the gene's positions; extra positions are left out.

    usable: the usable places as a mask. tested: whether the file says anything about the gene. half_called:
    places with one strand unseen and the other not reference. undocumented: places with an allele the
    release does not define. mixed_ploidy: haploid and diploid records side by side.
    """

    sites: tuple[Site, ...]
    usable: int
    missing: tuple[int, ...]
    tested: bool
    haploid: bool
    mixed_ploidy: bool = False
    half_called: tuple[int, ...] = ()
    undocumented: tuple[int, ...] = ()
    as_reference: bool = False

    def observing(self, site: Site) -> Sites:
        """The same gene with one missing position observed."""
        return replace(
            self,
            sites=(*self.sites, site),
            usable=self.usable | 1 << site.place,
            missing=tuple(place for place in self.missing if place != site.place),
        )


@lru_cache(maxsize=64)
def _plain(key: ByIdentity) -> tuple[tuple[tuple[str, ...], Site] | None, ...]:
    """Per position the commonest observation, reference on both strands, and its site; None at extra ones."""
    return tuple(
        None
        if position.extra
        else ((position.reference,) * 2, Site(place, position.reference, position.reference, None))
        for place, position in enumerate(key.gene.positions)
    )


def read_sites(gene: Gene, states: tuple[PositionState, ...], combinations: bool) -> Sites:
    """Sort a gene's states into usable and missing.

    Raises ValueError when the states are not aligned to the gene's positions.
    """
    if len(states) != len(gene.positions):
        raise ValueError(f"{gene.symbol} has {len(gene.positions)} positions, not {len(states)}")
    as_reference = (
        gene.undocumented_as_reference_in_combination if combinations else gene.undocumented_as_reference
    )
    sites: list[Site] = []
    missing: list[int] = []
    half_called: list[int] = []
    undocumented: list[int] = []
    ploidies: set[int] = set()
    tested = False
    usable = 0
    for place, (plain, state) in enumerate(zip(_plain(ByIdentity(gene)), states, strict=True)):
        if plain is None:
            continue
        if type(state) is Called and state.alleles == plain[0]:
            sites.append(plain[1])
            usable |= 1 << place
            ploidies.add(2)
            continue
        position = gene.positions[place]
        tested = tested or not isinstance(state, NotTested)
        alleles = _alleles(position, state, gene.haploid_in_males)
        if alleles is None:
            missing.append(place)
            continue
        if isinstance(state, Undocumented):
            undocumented.append(place)
        if as_reference:
            alleles = tuple(_documented(position, allele) for allele in alleles)
        if None in alleles:
            half_called.append(place)
        ploidies.add(len(alleles))
        usable |= 1 << place
        sites.append(_site(place, alleles, state))
    return Sites(
        sites=tuple(sites),
        usable=usable,
        missing=tuple(missing),
        tested=tested or bool(usable),
        haploid=ploidies == {1},
        mixed_ploidy=len(ploidies) > 1,
        half_called=tuple(half_called),
        undocumented=tuple(undocumented),
        as_reference=as_reference,
    )


def _alleles(position: Position, state: PositionState, may_be_haploid: bool) -> tuple[str | None, ...] | None:
    """The alleles of a state, or None when it is no usable observation.

    One allele on a chromosome that everybody has twice is half a call; half a call that shows only the
    reference says nothing.
    """
    alleles: tuple[str | None, ...]
    match state:
        case Called(alleles=seen) | Undocumented(alleles=seen):
            alleles = seen
        case ReferenceBlock(ploidy=ploidy):
            alleles = (position.reference,) * ploidy
        case HalfCall(alleles=half):
            alleles = half
        case _:
            return None
    if len(alleles) == 1 and not may_be_haploid:
        alleles = (alleles[0], None)
    if None in alleles and all(allele in (None, position.reference) for allele in alleles):
        return None
    return alleles


def _documented(position: Position, allele: str | None) -> str | None:
    known = allele is None or allele == position.reference or allele in position.alternates
    return allele if known else position.reference


def _site(place: int, alleles: tuple[str | None, ...], state: PositionState) -> Site:
    first, second = alleles[0], alleles[-1]
    block: int | None = None
    if first != second:
        block = -1 - place
        if isinstance(state, Called | HalfCall | Undocumented) and state.phased:
            block = WHOLE_CHROMOSOME if state.phase_set is None else state.phase_set
    return Site(place, first, second, block)


def in_words(state: PositionState) -> str:
    """A state that is no usable observation, as a report says it."""
    match state:
        case NotTested():
            return "not tested"
        case NoCall(reason=reason):
            return f"no call: {reason.value}"
        case Filtered(reason=reason, detail=detail):
            return f"filtered: {detail or reason.value}"
        case HalfCall():
            return "half call: the other strand was not seen"
        case _:
            return "seen on one strand only"
