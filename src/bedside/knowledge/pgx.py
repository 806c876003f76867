"""The types of a pharmacogenomic knowledge pack: what a release knows about genes, alleles, drugs and
guidance.

Readers are in `knowledge/read_pgx.py`; the facts are in `knowledge/data/sources/*/<date>/`. Every number and
name of medical meaning that a caller or a rule needs is a field here, so that code never names a gene.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from bedside.genome.citation import Citation, Release


class Lookup(Enum):
    """What guidance is looked up with for a gene."""

    PHENOTYPE = "phenotype"
    ACTIVITY_SCORE = "activity-score"
    ALLELE_PRESENCE = "allele-presence"


class Matcher(Enum):
    """How a gene is called from genotypes."""

    NAMED_ALLELES = "named-alleles"
    LOWEST_FUNCTION = "lowest-function"
    OUTSIDE_ONLY = "outside-only"


class Grch37(Enum):
    """How the GRCh37 coordinate and reference base of a position are known."""

    CONFIRMED = "confirmed"  # a GRCh37 source gives the same position and reference allele
    COORDINATE_ONLY = "coordinate"  # position lifted, reference base not seen in a GRCh37 source
    NONE = "none"  # no GRCh37 coordinate


@dataclass(frozen=True, slots=True)
class Position:
    """A position that defines alleles, in both builds. Alleles are in VCF form, 1-based, forward strand.

    `reference_grch37` differs from `reference` where the assemblies differ (CYP2C19 rs3758581) and is ""
    unless `grch37` is CONFIRMED: then only a file's own REF column can say it. extra: tracked and reported,
    but defines no allele (rs12777823 for warfarin). required: without it the gene is not called (NAT2).
    tier1: in the AMP minimum set; its absence is a warning.
    """

    gene: str
    chromosome: str
    position: int
    rsid: str
    reference: str
    alternates: tuple[str, ...]
    hgvs: str = ""
    position_grch37: int | None = None
    reference_grch37: str = ""
    grch37: Grch37 = Grch37.NONE
    required: bool = False
    tier1: bool = False
    extra: bool = False


@dataclass(frozen=True, slots=True)
class NamedAllele:
    """A named allele: one IUPAC code or base string per defining position, blank ("") where it says nothing.

    An allele that no genotype position defines (`*1x2`, MT-RNR1, a whole-gene deletion) has only blanks: it
    can be reported by a laboratory but never matched.

    function: the clinical function term, "" where none is assigned. activity_value: the number as written
    ("0.25"), "" where none is assigned. tier1: in the AMP minimum set.
    """

    gene: str
    name: str
    bases: tuple[str, ...]
    is_reference: bool = False
    function: str = ""
    activity_value: str = ""
    tier1: bool = False
    structural: bool = False


@dataclass(frozen=True, slots=True)
class PhenotypeRule:
    """A pair of functions (or activity values) → phenotype, score and lookup key. `second` is "" for one
    haploid allele.
    """

    gene: str
    first: str
    second: str
    activity_score: str
    phenotype: str
    lookup_key: str


@dataclass(frozen=True, slots=True)
class PriorityRule:
    """When all of these diplotypes fit unphased genotypes, the pick is the one to report (population
    frequency).
    """

    diplotypes: tuple[str, ...]
    pick: str


@dataclass(frozen=True, slots=True)
class Gene:
    """A pharmacogene and everything the caller needs to know of it.

    undocumented_as_reference: an allele the release does not define counts as reference (…_in_combination:
    the same when combinations are asked for). renames: reported name of an allele, such as `*45.001` →
    `*45`. presence_tests: alleles asked for by presence (HLA). fallback: a single position that yields a
    recommendation diplotype when the gene is not called (SLCO1B1 rs4149056): (position index, base → allele
    name). copy_number_bins: alleles for which N or more copies share a bin (`*1` → 3 writes `*1x≥3`). proxy:
    the HapB3 pair as (allele, intron position index, exon position index, intron-only allele). aliases:
    names the gene or its alleles had → today's. combination_excludes: substrings of allele names that the
    combination search ignores (UGT1A1 `+`). shown_by_variant: reports print a heterozygote by its variant
    alone (`c.520C>T (heterozygous)`) and the reference allele as `Reference`.
    """

    symbol: str
    hgnc: str
    chromosome: str
    matcher: Matcher
    lookup: Lookup
    positions: tuple[Position, ...] = ()
    alleles: tuple[NamedAllele, ...] = ()
    rules: tuple[PhenotypeRule, ...] = ()
    haploid_in_males: bool = False
    single_allele: bool = False
    undocumented_as_reference: bool = False
    undocumented_as_reference_in_combination: bool = False
    priorities: tuple[PriorityRule, ...] = ()
    renames: Mapping[str, str] = field(default_factory=dict)
    presence_tests: tuple[str, ...] = ()
    fallback_rsid: str = ""
    fallback_alleles: Mapping[str, str] = field(default_factory=dict)
    copy_number_bins: Mapping[str, int] = field(default_factory=dict)
    proxy_allele: str = ""
    proxy_intron_allele: str = ""
    proxy_intron_rsid: str = ""
    proxy_exon_rsid: str = ""
    risk_phenotype: str = ""
    uncertain_phenotype: str = ""
    risk_function: str = ""
    combination_excludes: str = ""
    ignored_alleles: tuple[str, ...] = ()
    not_callable: tuple[str, ...] = ()
    shown_by_variant: bool = False

    @property
    def reference_allele(self) -> NamedAllele:
        """The row that defines every position; not always *1 (for CYP2C19 it is *38)."""
        return next(allele for allele in self.alleles if allele.is_reference)


class Action(Enum):
    """What a guideline says to do: a closed, coded vocabulary. Display words are in the phrases pack."""

    STANDARD_DOSING = "STANDARD_DOSING"
    LOWEST_START_DOSE = "LOWEST_START_DOSE"
    LIMIT_START_DOSE = "LIMIT_START_DOSE"
    REDUCE_DOSE = "REDUCE_DOSE"
    REDUCE_MAINTENANCE_DOSE = "REDUCE_MAINTENANCE_DOSE"
    INCREASE_DOSE = "INCREASE_DOSE"
    STANDARD_START_TITRATE_BY_RESPONSE = "STANDARD_START_TITRATE_BY_RESPONSE"
    STANDARD_DOSING_AVOID_INHIBITORS = "STANDARD_DOSING_AVOID_INHIBITORS"
    USE_WITH_MONITORING = "USE_WITH_MONITORING"
    CONSIDER_ALTERNATIVE = "CONSIDER_ALTERNATIVE"
    AVOID_USE_ALTERNATIVE = "AVOID_USE_ALTERNATIVE"
    AVOID = "AVOID"
    CONTRAINDICATED = "CONTRAINDICATED"
    FURTHER_TESTING = "FURTHER_TESTING"
    NOT_EXCLUDED_USE_CLINICAL_JUDGEMENT = "NOT_EXCLUDED_USE_CLINICAL_JUDGEMENT"
    NO_RECOMMENDATION = "NO_RECOMMENDATION"
    INVALID_INPUT = "INVALID_INPUT"
    OTHER = "OTHER"


class Strength(Enum):
    """How strongly the guideline stands behind the action."""

    STRONG = "strong"
    MODERATE = "moderate"
    OPTIONAL = "optional"
    NONE = "none"
    NOT_APPLICABLE = "not_applicable"
    NOT_STATED = "not_stated"


@dataclass(frozen=True, slots=True)
class Dose:
    """A coded dose change. Percent of the usual dose (low to high), or a fold of it, or a maximum with its
    unit.

    50 means half of the usual dose, 75 a reduction by a quarter. basis: which dose, `start` or
    `maintenance`, "" when the guideline does not say.
    """

    percent_low: float | None = None
    percent_high: float | None = None
    fold_low: float | None = None
    fold_high: float | None = None
    maximum: float | None = None
    unit: str = ""
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Guidance:
    """One coded row of a guideline: for this drug, population and lookup keys, this action.

    criteria: gene → lookup key; every gene must match. further: codes of what the guideline says beyond
    action, dose and monitoring. dosing_info, other_guidance: the source marks that it says more than the
    action.
    """

    guidance_id: str
    source: str
    drug: str
    population: str
    criteria: Mapping[str, str]
    action: Action
    strength: Strength
    citation: Citation
    dose: Dose | None = None
    monitor: tuple[str, ...] = ()
    alternate_drug: bool = False
    dosing_info: bool = False
    other_guidance: bool = False
    further: tuple[str, ...] = ()

    @property
    def qualified(self) -> bool:
        """Whether the guideline says more than the bare action, in codes or by its own mark."""
        return bool(self.further) or self.dosing_info or self.other_guidance

    @property
    def unread(self) -> bool:
        """Whether the source marks that it says more and none of our codes carries it."""
        marked = self.dosing_info or self.other_guidance
        return marked and not (self.further or self.monitor or self.dose)


@dataclass(frozen=True, slots=True)
class Drug:
    """A drug as ordered: ingredient name, RxNorm ingredient code, ATC codes."""

    name: str
    rxnorm: str
    atc: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GeneDrugPair:
    """A gene-drug pair and how strongly the source holds it (CPIC level A…D). label: what the drug's FDA
    label says of the gene (`Testing required`, `Actionable PGx`, …), "" where the release has nothing."""

    gene: str
    drug: str
    level: str
    status: str
    pmids: tuple[str, ...] = ()
    url: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class GuidanceRelease:
    """A release that guidance in a pack came from, with its own licence, review state and attribution."""

    release: Release
    licence: str
    review_state: str
    attribution: str = ""


@dataclass(frozen=True, slots=True)
class PgxPack:
    """A loaded release: genes by symbol, drugs by name, guidance by drug name, pairs. Deterministic order
    throughout.

    guidance_releases: every release that guidance came from; the first is the pack's own.

    review_state: shown wherever a recommendation is shown. licence: SPDX-like id of the facts.
    """

    release: Release
    licence: str
    owner: str
    review_state: str
    review_due: str
    genes: Mapping[str, Gene]
    drugs: Mapping[str, Drug]
    guidance: Mapping[str, tuple[Guidance, ...]]
    pairs: tuple[GeneDrugPair, ...]
    guidelines: Mapping[str, Citation]
    guidance_releases: tuple[GuidanceRelease, ...] = ()

    def release_of(self, source: str) -> GuidanceRelease:
        """The release that guidance of this source (`CPIC`, `DPWG`) came from; the pack's own when no other
        did.
        """
        own = GuidanceRelease(self.release, self.licence, self.review_state)
        return next((one for one in self.guidance_releases if one.release.name.upper() == source), own)
