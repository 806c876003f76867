"""What two strands a genotype may come from: phase blocks, and every pair of complementary strands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bedside.interpret.sites import Site

MOST_BLOCKS = 12
"""Beyond this many free blocks (2,048 pairs of strands) nothing that must list every pair is attempted."""

Strand = tuple[tuple[int, str | None], ...]
"""What a strand carries other than the reference row: places and bases, None where it was not seen."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Homozygous sites, and the heterozygous ones by block, in the order met."""

    fixed: tuple[Site, ...]
    blocks: tuple[tuple[Site, ...], ...]

    @property
    def effectively_phased(self) -> bool:
        """Whether at most two strands are possible."""
        return len(self.blocks) <= 1

    @property
    def phased(self) -> bool:
        """Whether the order of strands was seen at every heterozygous site, at least within phase sets."""
        return all(block[0].block is not None and block[0].block >= 0 for block in self.blocks)


def lay_out(sites: Iterable[Site]) -> Layout:
    """Group sites by the block whose strands they keep in order."""
    fixed: list[Site] = []
    blocks: dict[int, list[Site]] = {}
    for site in sites:
        if site.block is None:
            fixed.append(site)
        else:
            blocks.setdefault(site.block, []).append(site)
    return Layout(tuple(fixed), tuple(tuple(block) for block in blocks.values()))


def strand_pairs(row: tuple[str, ...], layout: Layout) -> Iterator[tuple[Strand, Strand]]:
    """Every pair of complementary strands, each pair once. Raises ValueError beyond `MOST_BLOCKS` blocks.

    `row` is the reference base of each place.
    """
    if len(layout.blocks) > MOST_BLOCKS:
        raise ValueError(f"{len(layout.blocks)} blocks have too many pairs of strands to list")
    fixed = tuple((site.place, site.first) for site in layout.fixed if site.first != row[site.place])
    sides = [
        (
            tuple((site.place, site.first) for site in block if site.first != row[site.place]),
            tuple((site.place, site.second) for site in block if site.second != row[site.place]),
        )
        for block in layout.blocks
    ]
    for turned in range(1 << max(len(sides) - 1, 0)):
        first, second = list(fixed), list(fixed)
        for number, (one, other) in enumerate(sides):
            turn = turned >> number & 1
            first += other if turn else one
            second += one if turn else other
        yield tuple(sorted(first, key=_place)), tuple(sorted(second, key=_place))


def _place(carried: tuple[int, str | None]) -> int:
    return carried[0]
