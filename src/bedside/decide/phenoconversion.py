"""Current drugs that inhibit an enzyme change the phenotype that its genotype predicts."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bedside.interpret.gene_call import CallStatus, GeneCall
from bedside.knowledge.inhibitors import Enzyme, Inhibitor, Inhibitors, Method, Potency
from bedside.knowledge.pgx import Drug, PgxPack

_SCORE = re.compile(r"≥?(\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Conversion:
    """What guidance is looked up with in place of what the genotype says.

    keys: genotype's lookup key → key under inhibition. phenotypes: that key → phenotype. by: the inhibiting
    drugs.
    """

    gene: str
    potency: Potency
    by: tuple[str, ...]
    keys: Mapping[str, str]
    phenotypes: Mapping[str, str]
    model: str
    pmids: tuple[str, ...] = ()
    review_state: str = ""


def convert(
    pack: PgxPack,
    inhibitors: Inhibitors,
    calls: Mapping[str, GeneCall],
    taken: Collection[Drug],
    *,
    ordered: Drug | None = None,
) -> tuple[Conversion, ...]:
    """The conversions that the drugs taken bring about, by gene.

    A gene without a usable result is never converted: unknown stays unknown. The drug that is being ordered
    does not convert the guidance about itself, which was made with its own inhibition in it.
    """
    by_gene: dict[str, list[Inhibitor]] = {}
    for drug in taken:
        if ordered is not None and drug.rxnorm == ordered.rxnorm:
            continue
        for inhibitor in inhibitors.by_rxnorm.get(drug.rxnorm, ()):
            by_gene.setdefault(inhibitor.gene, []).append(inhibitor)
    found = (
        _convert(pack, inhibitors, calls.get(gene), by_gene[gene], inhibitors.enzymes[gene])
        for gene in sorted(by_gene)
    )
    return tuple(conversion for conversion in found if conversion is not None)


def _convert(
    pack: PgxPack, inhibitors: Inhibitors, call: GeneCall | None, acting: list[Inhibitor], enzyme: Enzyme
) -> Conversion | None:
    if call is None or not (call.status is CallStatus.CALLED or call.by_single_position):
        return None
    strong = any(inhibitor.potency is Potency.STRONG for inhibitor in acting)
    potency = Potency.STRONG if strong else Potency.MODERATE
    if enzyme.method is Method.ACTIVITY_SCORE:
        keys, phenotypes = _scored(pack, enzyme.gene, call.lookup_keys, enzyme.factors[potency])
    else:
        steps = enzyme.steps[potency]
        keys = {key: steps[key] for key in call.lookup_keys if key in steps}
        phenotypes = {key: key for key in keys.values()}
    changed = {key: to for key, to in keys.items() if to != key}
    if not changed:
        return None
    by = tuple(sorted({inhibitor.name for inhibitor in acting if inhibitor.potency is potency}))
    review = inhibitors.provenance.review_state
    return Conversion(enzyme.gene, potency, by, changed, phenotypes, enzyme.model, enzyme.pmids, review)


def _scored(
    pack: PgxPack, gene: str, keys: Collection[str], factor: float
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Each score times the factor, taken down to the next score that the release has a phenotype for."""
    known = score_ladder(pack, gene)
    converted: dict[str, str] = {}
    phenotypes: dict[str, str] = {}
    for key in keys:
        score = score_of(key)
        if score is None:
            continue
        below = [step for step in known if step[0] <= score * factor]
        if below:
            _, converted[key], phenotype = below[-1]
            phenotypes[converted[key]] = phenotype
    return converted, phenotypes


def score_of(key: str) -> float | None:
    """The number in a score key (`1.25`, `≥3.0`), None for what is no score."""
    match = _SCORE.fullmatch(key)
    return float(match.group(1)) if match else None


def score_ladder(pack: PgxPack, gene: str) -> tuple[tuple[float, str, str], ...]:
    """Score, lookup key and phenotype of every score the release knows for a gene, lowest first."""
    steps = {
        (score, rule.lookup_key, rule.phenotype)
        for rule in (pack.genes[gene].rules if gene in pack.genes else ())
        if (score := score_of(rule.lookup_key)) is not None
    }
    return tuple(sorted(steps))
