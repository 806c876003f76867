"""Where a small variant lies in its gene, worked out from its place and not from how its protein is written.

One in eight real indels is written off-standard (`p.ELREA746del`), and many splice variants have no
protein text at all. Text is believed for a substitution only, and takes its number from the place.
"""

from __future__ import annotations

import re
from dataclasses import replace

from bedside.genome.tumour import Change, Effect, SmallVariant
from bedside.interpret.tumour.translate import translated
from bedside.knowledge.tumour_genes import Placed, TumourGene

_NAMES = (
    "Ala", "Arg", "Asn", "Asp", "Cys", "Gln", "Glu", "Gly", "His", "Ile", "Leu",
    "Lys", "Met", "Phe", "Pro", "Ser", "Thr", "Trp", "Tyr", "Val", "Ter",
)  # fmt: skip
_AMINO = dict(zip(_NAMES, "ARNDCQEGHILKMFPSTWYV*", strict=True))
_THREE = re.compile("|".join(_AMINO))
_SUBSTITUTION = re.compile(r"p\.\(?([A-Z*])([0-9]+)([A-Z*=])\)?")
DONOR = 2
"""Bases of the intron after an exon, and (1 fewer) of the exon before it, whose loss keeps the exon out."""


def located(variant: SmallVariant, gene: TumourGene | None) -> SmallVariant:
    """The variant with its exons, codons, effect and protein change; the notes say what does not agree. A
    gene
    that the pack does not know, or a variant without a place, keeps what the report says as text only."""
    placed = None if gene is None or variant.build is None else gene.on.get(variant.build)
    said = parse_change(variant.written)
    if gene is None or placed is None or variant.start is None or variant.end is None:
        why = "its place is not known" if variant.start is None else "its gene cannot be placed here"
        return replace(variant, notes=(*variant.notes, why))
    start, end = variant.start, variant.end
    exons = placed.exons_over(start, end)
    codons = placed.codons_over(start, end)
    splice = _splice(placed, start, end, insertion=not variant.reference)
    said = said or translated(variant, gene, codons)
    effect = _effect(variant, codons, splice, said)
    change, notes = _change(said, codons, effect)
    return replace(
        variant,
        exons=exons,
        codons=codons,
        splice_of=splice,
        effect=effect,
        change=change,
        notes=(*variant.notes, *notes),
    )


def parse_change(text: str) -> Change | None:
    """A substitution of one amino acid as `p.L858R` or `p.Leu858Arg`; None for any other text."""
    found = _SUBSTITUTION.fullmatch(_THREE.sub(lambda one: _AMINO[one[0]], text.strip()))
    if found is None:
        return None
    reference, number, alternate = found.groups()
    return Change(reference, int(number), int(number), reference if alternate == "=" else alternate)


def _splice(placed: Placed, first: int, last: int, *, insertion: bool) -> tuple[int, ...]:
    """The exons whose acceptor (two bases before) or donor (last base, two bases after) is hit."""
    hit, least = [], 2 if insertion else 1
    for number, (start, end) in enumerate(placed.exons, 1):
        before, after = (start - 2, start - 1), (end, end + DONOR)
        if not placed.forward:
            before, after = (end + 1, end + 2), (start - DONOR, start)
        sites = [before] * (number > 1) + [after] * (number < len(placed.exons))
        if any(min(last, high) - max(first, low) + 1 >= least for low, high in sites):
            hit.append(number)
    return tuple(hit)


def _effect(
    variant: SmallVariant, codons: tuple[int, int] | None, splice: tuple[int, ...], said: Change | None
) -> Effect:
    net = len(variant.alternate) - len(variant.reference)
    text_decides = variant.effect in (Effect.MISSENSE, Effect.NOT_KNOWN)
    if splice and not (codons and net == 0 and text_decides):
        return Effect.SPLICE
    if not codons:
        return Effect.OTHER
    if net % 3:
        return Effect.FRAMESHIFT
    if net == 0 and len(variant.reference) == 1:
        return _substituted(variant, said)
    if net < 0:
        return Effect.INFRAME_DELETION if not variant.alternate else Effect.INFRAME_DELINS
    if net > 0:
        return Effect.INFRAME_INSERTION if not variant.reference else Effect.INFRAME_DELINS
    return said_effect(said) if said is not None else variant.effect


def _substituted(variant: SmallVariant, said: Change | None) -> Effect:
    return variant.effect if said is None else said_effect(said)


def said_effect(said: Change) -> Effect:
    """What a substitution of an amino acid is."""
    if said.alternate == "*":
        return Effect.NONSENSE
    return Effect.SYNONYMOUS if said.alternate == said.reference else Effect.MISSENSE


def _change(
    said: Change | None, codons: tuple[int, int] | None, effect: Effect
) -> tuple[Change | None, tuple[str, ...]]:
    if said is None or codons is None:
        return None, ()
    if codons[0] <= said.first <= codons[1]:
        return said, ()
    note = f"written at codon {said.first}, but lies at codon {codons[0]} of our transcript"
    if codons[0] == codons[1]:
        return replace(said, first=codons[0], last=codons[0]), (note,)
    return None, (note,)
