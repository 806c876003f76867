"""The variants of a child, sifted: which fit an inheritance, and why each of the others was put aside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bedside.genome.rare_fit import Doubt, Excluded, Fit, Mode, PutAside, Sifted
from bedside.genome.rare_variant import (
    CallState,
    ClinicalClass,
    Effect,
    FrequencyState,
    Place,
    RareFamily,
    RareVariant,
)
from bedside.interpret.rare_inheritance import gene_fits
from bedside.knowledge.rare_variants import RarePolicy

_SURE = frozenset({ClinicalClass.PATHOGENIC, ClinicalClass.LIKELY_PATHOGENIC})
_BENIGN = frozenset({ClinicalClass.BENIGN, ClinicalClass.LIKELY_BENIGN})


def sift(
    variants: Iterable[RareVariant],
    family: RareFamily,
    policy: RarePolicy,
    inheritance: Mapping[str, frozenset[Mode]] | None = None,
) -> Sifted:
    """Every variant is in a fit or put aside with its reasons. inheritance: of each gene, how its diseases
    are inherited; a gene that is not in it (or None) may have any way, and its fits say so."""
    by_gene: dict[str, list[RareVariant]] = {}
    aside: list[PutAside] = []
    for one in variants:
        reason = why_aside(one, family, policy)
        if reason is None:
            by_gene.setdefault(one.gene, []).append(one)
        else:
            aside.append(PutAside(one, (reason,)))
    fits: list[Fit] = []
    for gene, mine in by_gene.items():
        modes = (inheritance or {}).get(gene) or None
        found, why = gene_fits(mine, family, modes, policy.limits)
        fits += (_doubted(one, modes) for one in found)
        aside += (PutAside(one, why[one.name]) for one in mine if one.name in why)
    return Sifted(tuple(fits), tuple(aside))


def why_aside(variant: RareVariant, family: RareFamily, policy: RarePolicy) -> Excluded | None:
    """The first reason for which a variant alone is put aside, whatever the inheritance; None to keep it."""
    call = variant.of(family.proband)
    if call.state is not CallState.CALLED:
        return Excluded.NOT_LOOKED_AT if call.state is CallState.NOT_TESTED else Excluded.LOW_QUALITY
    if call.copies == 0:
        return Excluded.NOT_CARRIED
    if not variant.gene:
        return Excluded.NO_GENE
    if variant.classified.kind in _BENIGN:
        return Excluded.BENIGN
    sure = variant.classified.kind in _SURE
    limits = policy.limits
    established = sure and variant.classified.stars >= limits.established_stars
    mitochondrial = variant.place is Place.MITOCHONDRION
    limit = limits.mitochondrial if mitochondrial else limits.recessive
    limit = limits.established if established and not mitochondrial else limit
    if variant.frequency.state is FrequencyState.GIVEN and variant.frequency.value > limit:
        return Excluded.TOO_COMMON
    if variant.effect not in policy.looked_at and not sure:
        return Excluded.EFFECT_MILD
    return None


def _doubted(fit: Fit, modes: frozenset[Mode] | None) -> Fit:
    doubts = list(fit.doubts)
    if any(one.frequency.state is FrequencyState.NOT_GIVEN for one in fit.variants):
        doubts.append(Doubt.FREQUENCY_NOT_GIVEN)
    if any(one.effect is Effect.UNDETERMINED for one in fit.variants):
        doubts.append(Doubt.EFFECT_UNDETERMINED)
    if any(one.classified.kind is ClinicalClass.NOT_AT_HAND for one in fit.variants):
        doubts.append(Doubt.CLASSIFICATION_NOT_AT_HAND)
    if modes is None:
        doubts.append(Doubt.INHERITANCE_NOT_KNOWN)
    return replace(fit, doubts=tuple(dict.fromkeys(doubts)))
