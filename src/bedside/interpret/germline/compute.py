"""Works out consequence and points for variants in the genes of a panel, for a screen of what nobody
classified."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from bedside.genome.region import Region
from bedside.genome.variant import Variant
from bedside.interpret.germline.coding import NO_BASES, Bases
from bedside.interpret.germline.consequence import consequence
from bedside.interpret.germline.points import Comparators, Computed, points
from bedside.knowledge.acmg_points import PointsRules
from bedside.knowledge.findings_panel import Panel
from bedside.knowledge.transcripts import Transcript

SPLICE_REACH = 8
"""Intronic bases beside an exon that are looked at with it."""

_NO_COMPARATORS: Mapping[str, Comparators] = {}


def _no_frequencies(variant: Variant) -> None:
    """Nobody looked."""


@dataclass(frozen=True, slots=True)
class AtHand:
    """What there is to compute with. bases: the reference sequence. against: established variants by gene.
    frequencies: of one variant, None when nobody looked them up."""

    transcripts: Mapping[str, tuple[Transcript, ...]]
    rules: PointsRules
    bases: Bases = NO_BASES
    against: Mapping[str, Comparators] = field(default_factory=lambda: _NO_COMPARATORS)
    frequencies: Callable[[Variant], Mapping[str, float] | None] = _no_frequencies


def compute(panel: Panel, variants: Iterable[Variant], at_hand: AtHand) -> dict[Variant, Computed]:
    """What can be worked out about each variant that lies in a gene's first transcript (MANE Select); where
    genes overlap, the one with more points stands."""
    placed = sorted(
        (mine[0].chromosome, mine[0].start, mine[0].end, gene)
        for gene, mine in at_hand.transcripts.items()
        if gene in panel.by_gene
    )
    found: dict[Variant, Computed] = {}
    for variant in variants:
        for chromosome, start, end, gene in placed:
            if chromosome != variant.chromosome or start > variant.end or end < variant.position:
                continue
            one = _computed(panel, gene, variant, at_hand)
            if variant not in found or one.points.total > found[variant].points.total:
                found[variant] = one
    return found


def _computed(panel: Panel, gene: str, variant: Variant, at_hand: AtHand) -> Computed:
    transcript = at_hand.transcripts[gene][0]
    what = consequence(variant, transcript, at_hand.bases)
    mechanisms = [row.mechanism for row in panel.by_gene[gene]]
    against, frequencies = at_hand.against.get(gene), at_hand.frequencies(variant)
    sums = points(variant, transcript, what, mechanisms, at_hand.rules, at_hand.bases, against, frequencies)
    return Computed(gene, what, sums)


def coding_regions(panel: Panel, transcripts: Mapping[str, tuple[Transcript, ...]]) -> tuple[Region, ...]:
    """The exons of the panel's genes with the edges of their introns: where to look for variants that nobody
    classified. Sorted; regions may overlap where transcripts do."""
    return tuple(
        sorted(
            Region(mine[0].chromosome, max(start - SPLICE_REACH, 1), end + SPLICE_REACH)
            for gene, mine in transcripts.items()
            if gene in panel.by_gene
            for start, end in mine[0].coding
        )
    )
