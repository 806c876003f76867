"""What a small variant does to its gene, as far as a pack knows: else it is undetermined."""

from __future__ import annotations

from bedside.genome.answer import Answer
from bedside.genome.tumour import Effect, SmallVariant
from bedside.interpret.tumour.judge import INSERTED, TRUNCATING, Known
from bedside.knowledge.tumour_effects import TumourEffects
from bedside.knowledge.tumour_rule import Kind, VariantAtom

PATHOGENIC = frozenset({"pathogenic", "likely pathogenic"})
BENIGN = frozenset({"benign", "likely benign"})
BREAKS = TRUNCATING | {Effect.SPLICE, Effect.START_LOST}
ITD_BASES = 3
"""Fewest bases of an insertion that may be a tandem duplication."""


def known_effects(effects: TumourEffects) -> Known:
    """The answers of a pack."""

    def known(one: SmallVariant, atom: VariantAtom) -> Answer:
        if atom.domain and (outside := _outside(one, atom, effects)) is not None:
            return outside
        match atom.kind:
            case Kind.ACTIVATING:
                return _activating(one, effects)
            case Kind.LOSS_OF_FUNCTION:
                return Answer.YES if one.effect in BREAKS else _unsure(one)
            case Kind.PATHOGENIC:
                return _pathogenic(one)
            case Kind.ITD:
                return _tandem(one)
            case _:
                return Answer.UNDETERMINED

    return known


def _tandem(one: SmallVariant) -> Answer:
    if one.tandem is False or (one.effect not in INSERTED and one.start is not None):
        return Answer.NO
    if one.tandem and one.effect in INSERTED:
        return Answer.YES
    return Answer.UNDETERMINED if len(one.alternate) >= ITD_BASES or one.start is None else Answer.NO


def _outside(one: SmallVariant, atom: VariantAtom, effects: TumourEffects) -> Answer | None:
    """NO for a variant outside the stretch asked for, UNDETERMINED where that cannot be told, else None."""
    stretch = effects.domains.get(f"{atom.gene}:{atom.domain}")
    if stretch is None or one.codons is None:
        return Answer.UNDETERMINED
    return None if stretch[0] <= one.codons[1] and one.codons[0] <= stretch[1] else Answer.NO


def _activating(one: SmallVariant, effects: TumourEffects) -> Answer:
    if one.change is not None:
        if one.change.alternate == one.change.reference:
            return Answer.NO
        for alternate in (one.change.alternate, "*" if one.effect is Effect.MISSENSE else ""):
            if (one.gene, one.change.reference, one.change.first, alternate) in effects.activating:
                return Answer.YES
    if (kind := _in_frame(one)) and any((one.gene, exon, kind) in effects.classes for exon in one.exons):
        return Answer.YES
    return Answer.NO if one.effect in TRUNCATING else _unsure(one)


def _in_frame(one: SmallVariant) -> Effect | None:
    """Whether bases of an in-frame change are lost or gained on the whole."""
    if one.effect is not Effect.INFRAME_DELINS:
        return one.effect if one.effect in (Effect.INFRAME_DELETION, Effect.INFRAME_INSERTION) else None
    net = len(one.alternate) - len(one.reference)
    return Effect.INFRAME_DELETION if net < 0 else Effect.INFRAME_INSERTION if net > 0 else None


def _pathogenic(one: SmallVariant) -> Answer:
    said = one.classification.strip().casefold()
    if said in PATHOGENIC:
        return Answer.YES
    return Answer.NO if said in BENIGN else Answer.UNDETERMINED


def _unsure(one: SmallVariant) -> Answer:
    return Answer.NO if one.effect in (Effect.SYNONYMOUS, Effect.OTHER) else Answer.UNDETERMINED
