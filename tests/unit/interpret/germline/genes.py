"""A made-up gene of three exons on either strand, with its sequence."""

from __future__ import annotations

from random import Random

from bedside.genome.variant import Variant
from bedside.interpret.germline.coding import CODONS, Bases, other_strand
from bedside.knowledge.transcripts import Transcript

FIRST, LENGTH = 1_001, 700
EXONS = ((1_011, 1_110), (1_201, 1_300), (1_401, 1_650))
CDS = (1_051, 1_501)
"""The lowest and the highest coding base: 60 + 100 + 101 bases, 87 codons."""


def transcript(forward: bool) -> Transcript:
    """The gene on one strand or the other."""
    return Transcript("MADE", "NM_1.1", "NP_1.1", "ENST1", "MANE Select", "chr1", forward, *CDS, EXONS)


def sequence(forward: bool, seed: int) -> str:
    """Bases of the whole place; the coding ones spell a protein with one stop, at its end."""
    draw = Random(seed)
    bases = [draw.choice("ACGT") for _ in range(LENGTH)]
    gene = transcript(forward)
    places = [place for start, end in gene.exons for place in range(start, end + 1)]
    places = [place for place in places if gene.cds_start <= place <= gene.cds_end]
    if not forward:
        places.reverse()
    sense = sorted(codon for codon, acid in CODONS.items() if acid != "*")
    codons = ["ATG", *(draw.choice(sense) for _ in range(len(places) // 3 - 2)), "TAA"]
    for place, base in zip(places, "".join(codons), strict=True):
        bases[place - FIRST] = base if forward else other_strand(base)
    return "".join(bases)


def reader(text: str) -> Bases:
    """The bases of the place; None outside it."""

    def bases(chromosome: str, first: int, last: int) -> str | None:
        if chromosome != "chr1" or first < FIRST or last >= FIRST + len(text):
            return None
        return text[first - FIRST : last - FIRST + 1]

    return bases


def swap(text: str, position: int, length: int, alternate: str) -> Variant:
    """The bases from a position become others."""
    start = position - FIRST
    return Variant("chr1", position, text[start : start + length], alternate)


def coded(text: str, forward: bool, variant: Variant | None = None) -> str:
    """The coding bases, spliced, with the variant put in; it must lie inside one exon's coding part."""
    gene = transcript(forward)
    pieces = []
    for start, end in gene.exons:
        low, high = max(start, gene.cds_start), min(end, gene.cds_end)
        piece = text[low - FIRST : high - FIRST + 1]
        if variant is not None and low <= variant.position and variant.end <= high:
            at = variant.position - low
            assert piece[at : at + len(variant.reference)] == variant.reference
            piece = piece[:at] + variant.alternate + piece[at + len(variant.reference) :]
        pieces.append(piece)
    return "".join(pieces) if forward else other_strand("".join(pieces))


def protein(coding: str) -> str:
    """The residues up to and with the first stop."""
    residues = "".join(CODONS[coding[i : i + 3]] for i in range(0, len(coding) - 2, 3))
    return residues[: residues.find("*") + 1] if "*" in residues else residues
