"""One additive score of a gene: what the variants say and what the phenotype says, part by part, in nats.

An order in which to look. It is not a probability, and its points are proposals of the pack.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

from bedside.genome.rare_fit import Doubt, Fit, Sifted
from bedside.genome.rare_variant import ClinicalClass, FrequencyState, RareVariant
from bedside.knowledge.rare_variants import RarePolicy


@dataclass(frozen=True, slots=True)
class Part:
    """One summand: what it is about, what was found, and its nats."""

    about: str
    found: str
    nats: float


@dataclass(frozen=True, slots=True)
class PhenotypeScore:
    """What the findings say of a gene's best disease: nats (the sum of its parts), and the disease."""

    nats: float
    disease: str = ""
    disease_name: str = ""
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class RankedGene:
    """A gene in its place. phenotype: None when it was not given, or no gene was scored; one that was
    not scored itself counts as the middle of the others (`doubts` says so)."""

    gene: str
    fit: Fit
    phenotype: PhenotypeScore | None
    genotype: tuple[Part, ...]
    doubts: tuple[Doubt, ...]
    others: tuple[Fit, ...] = ()

    @property
    def genotype_nats(self) -> float:
        """The sum of the variants' parts."""
        return sum(one.nats for one in self.genotype)

    @property
    def nats(self) -> float:
        """The whole score."""
        return self.genotype_nats + (self.phenotype.nats if self.phenotype else 0.0)

    @property
    def provisional(self) -> bool:
        """Whether anything that lowers the claim is missing."""
        return bool(self.doubts)


def rank_genes(
    sifted: Sifted,
    policy: RarePolicy,
    phenotype: Mapping[str, PhenotypeScore] | None,
    doubts: Iterable[Doubt] = (),
) -> tuple[RankedGene, ...]:
    """Every gene with a fit, the likeliest first, each by its best fit. phenotype: by gene; None when no
    findings were given. A gene the findings could not be compared with counts as the middle of the genes that
    they could, and says so. doubts: of the whole case."""
    by_gene: dict[str, list[Fit]] = {}
    for fit in sifted.fits:
        by_gene.setdefault(fit.gene, []).append(fit)
    known = [phenotype[gene].nats for gene in by_gene if gene in phenotype] if phenotype else []
    middle = _middle(median(known)) if known else None
    ranked = [_ranked(gene, fits, policy, phenotype, middle, tuple(doubts)) for gene, fits in by_gene.items()]
    return tuple(sorted(ranked, key=lambda one: (-one.nats, one.gene)))


def _middle(nats: float) -> PhenotypeScore:
    return PhenotypeScore(nats, parts=(Part("not compared", "as the middle of the other genes", nats),))


def _ranked(
    gene: str,
    fits: list[Fit],
    policy: RarePolicy,
    phenotype: Mapping[str, PhenotypeScore] | None,
    middle: PhenotypeScore | None,
    doubts: tuple[Doubt, ...],
) -> RankedGene:
    scored = sorted(
        ((genotype_parts(fit, policy), fit) for fit in fits),
        key=lambda pair: -sum(part.nats for part in pair[0]),
    )
    parts, best = scored[0]
    mine = None if phenotype is None else phenotype.get(gene)
    if phenotype is None:
        doubts = (*doubts, Doubt.PHENOTYPE_NOT_GIVEN)
    elif mine is None:
        mine = middle
        doubts = (*doubts, Doubt.PHENOTYPE_NOT_SCORED)
    every = tuple(dict.fromkeys((*best.doubts, *doubts)))
    return RankedGene(gene, best, mine, parts, every, tuple(fit for _, fit in scored[1:]))


def genotype_parts(fit: Fit, policy: RarePolicy) -> tuple[Part, ...]:
    """What a fit's variants add. Of two variants the one with less for it counts: both must harm."""
    weakest = min((_variant_parts(one, policy) for one in fit.variants), key=_sum)
    how = policy.points.inheritance[fit.standing] * policy.nats
    return (*weakest, Part("inheritance", fit.standing.value, how))


def _sum(parts: tuple[Part, ...]) -> float:
    return sum(one.nats for one in parts)


def _variant_parts(variant: RareVariant, policy: RarePolicy) -> tuple[Part, ...]:
    points, nats = policy.points, policy.nats
    parts = [Part("effect", variant.effect.value, points.effect[variant.effect] * nats)]
    kind = variant.classified.kind
    if kind not in (ClinicalClass.NONE, ClinicalClass.NOT_AT_HAND):
        few, enough = points.clinvar[kind]
        worth = enough if variant.classified.stars >= points.enough_stars else few
        stars = f"{kind.value}, {variant.classified.stars} stars"
        parts.append(Part("clinvar", stars, worth * nats))
    state = variant.frequency.state
    rarity = {
        FrequencyState.ABSENT: points.absent,
        FrequencyState.GIVEN: points.rare,
        FrequencyState.NOT_GIVEN: points.not_given,
    }[state]
    parts.append(Part("frequency", frequency_words(variant), rarity * nats))
    if variant.score is not None:
        predictor = next((p for p in policy.predictors if p.name == variant.score.predictor), None)
        if predictor is not None:
            found = f"{predictor.name} {variant.score.value:g}"
            parts.append(Part("predictor", found, predictor.points(variant.score.value) * nats))
    return tuple(parts)


def frequency_words(variant: RareVariant) -> str:
    """The frequency with its data set and version, or that it was not given."""
    one = variant.frequency
    if one.state is FrequencyState.NOT_GIVEN:
        return "not given"
    said = f"{one.value:.2g}" if one.state is FrequencyState.GIVEN else "not seen"
    return f"{said} in {one.dataset or 'an unnamed data set'} ({one.version or 'version not given'})"
