"""What a substitution does to its codon, where the three bases of the codon are known."""

from __future__ import annotations

from bedside.genome.genetic_code import CODE
from bedside.genome.tumour import Change, SmallVariant
from bedside.knowledge.tumour_genes import Placed, TumourGene

BASES = "ACGT"
_OTHER = str.maketrans("ACGT", "TGCA")


def translated(variant: SmallVariant, gene: TumourGene, codons: tuple[int, int] | None) -> Change | None:
    """The amino acid that a substitution within one codon puts there; None where the codon's bases are not
    known, or where the reference base is not the one that stands in it."""
    placed = None if variant.build is None else gene.on.get(variant.build)
    if placed is None or codons is None or codons[0] != codons[1] or variant.start is None:
        return None
    triplets = gene.bases.get(codons[0], ())
    if not triplets or not variant.reference or len(variant.reference) != len(variant.alternate):
        return None
    made = {triplet: _read(placed, variant, triplet) for triplet in triplets}
    changes = {(CODE[triplet], CODE[after]) for triplet, after in made.items() if after}
    if len(changes) != 1:
        return None
    ((before, after),) = changes
    return Change(before, codons[0], codons[0], after)


def _read(placed: Placed, variant: SmallVariant, triplet: str) -> str:
    """The triplet with the variant in it; "" where its reference bases are not those of the triplet."""
    bases = list(triplet)
    for offset, (old, new) in enumerate(zip(variant.reference, variant.alternate, strict=True)):
        place = placed.coding_place((variant.start or 0) + offset)
        if place is None or old not in BASES or new not in BASES:
            return ""
        read, put = (old, new) if placed.forward else (old.translate(_OTHER), new.translate(_OTHER))
        if bases[(place - 1) % 3] != read:
            return ""
        bases[(place - 1) % 3] = put
    return "".join(bases)
