"""Where a small variant lies in its gene, worked out from its place and not from how its protein is written.

One in eight real indels is written off-standard (`p.ELREA746del`), and many splice variants have no
protein text at all. Text is believed for a substitution only, and takes its number from the place.
"""

from __future__ import annotations

import re
from dataclasses import replace

from bedside.genome.tumour import Change, Effect, SmallVariant
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
    if placed is None or variant.start is None or variant.end is None:
        why = "its place is not known" if variant.start is None else "its gene cannot be placed here"
        return replace(variant, notes=(*variant.notes, why))
    bases = _bases(variant)
    exons = tuple(sorted({n for base in bases if (n := placed.exon_of(base)) is not None}))
    codons = sorted({c for base in bases if (c := placed.codon_of(base)) is not None})
    splice = _splice(placed, bases, insertion=not variant.reference)
    span = (codons[0], codons[-1]) if codons else None
    effect = _effect(variant, codons, splice, said)
    change, notes = _change(said, span, effect)
    return replace(
        variant,
        exons=exons,
        codons=span,
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


def _bases(variant: SmallVariant) -> tuple[int, ...]:
    """The bases whose place tells where it lies: all of a short variant, both ends of a long one."""
    start, end = variant.start or 0, variant.end or 0
    return tuple(range(start, end + 1)) if end - start < 200 else (start, end)


def _splice(placed: Placed, bases: tuple[int, ...], *, insertion: bool) -> tuple[int, ...]:
    """The exons whose acceptor (two bases before) or donor (last base, two bases after) is hit."""
    hit = []
    for number, (start, end) in enumerate(placed.exons, 1):
        before, after = set(range(start - 2, start)), set(range(end, end + DONOR + 1))
        if not placed.forward:
            before, after = set(range(end + 1, end + 3)), set(range(start - DONOR, start + 1))
        first, last = number == 1, number == len(placed.exons)
        sites = (set() if first else before) | (set() if last else after)
        touched = sites & set(bases)
        if touched and not (insertion and len(touched) < 2):
            hit.append(number)
    return tuple(hit)


def _effect(variant: SmallVariant, codons: list[int], splice: tuple[int, ...], said: Change | None) -> Effect:
    net = len(variant.alternate) - len(variant.reference)
    if splice and not (codons and net == 0 and variant.effect is Effect.MISSENSE):
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
    return variant.effect if variant.effect is not Effect.NOT_KNOWN else Effect.INFRAME_DELINS


def _substituted(variant: SmallVariant, said: Change | None) -> Effect:
    if said is not None:
        if said.alternate == "*":
            return Effect.NONSENSE
        return Effect.SYNONYMOUS if said.alternate == said.reference else Effect.MISSENSE
    return variant.effect


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
