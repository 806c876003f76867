"""What came of sifting a case's variants: how genes fit an inheritance, and why the rest was put aside."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bedside.genome.rare_variant import RareVariant


class Mode(Enum):
    """A way in which a disease of a gene is inherited."""

    DOMINANT = "autosomal-dominant"
    RECESSIVE = "autosomal-recessive"
    X_LINKED = "x-linked"
    Y_LINKED = "y-linked"
    MITOCHONDRIAL = "mitochondrial"


class Standing(Enum):
    """How the child came to have the genotype, as far as the data say."""

    DE_NOVO = "de-novo"
    DE_NOVO_ONE_PARENT = "de-novo-one-parent"
    FROM_AFFECTED = "inherited-from-affected"
    HOMOZYGOUS = "homozygous"
    IN_TRANS = "in-trans"
    PHASE_UNKNOWN = "phase-unknown"
    HEMIZYGOUS = "hemizygous"
    X_HETEROZYGOUS = "x-heterozygous"
    ORIGIN_UNKNOWN = "dominant-origin-unknown"
    MITOCHONDRIAL = "mitochondrial"


class Doubt(Enum):
    """What is missing; each lowers what may be claimed."""

    PARENTS_NOT_TESTED = "parents-not-tested"
    ONE_PARENT_NOT_TESTED = "one-parent-not-tested"
    PHASE_UNKNOWN = "phase-unknown"
    FREQUENCY_NOT_GIVEN = "frequency-not-given"
    SEX_UNKNOWN = "sex-unknown"
    EFFECT_UNDETERMINED = "effect-undetermined"
    CLASSIFICATION_NOT_AT_HAND = "classification-not-at-hand"
    PHENOTYPE_NOT_GIVEN = "phenotype-not-given"
    PHENOTYPE_NOT_SCORED = "phenotype-not-scored"
    INHERITANCE_NOT_KNOWN = "inheritance-not-known"
    AFFECTED_NOT_KNOWN = "affected-not-known"
    PARENT_CALL_UNUSABLE = "parent-call-unusable"
    SAMPLES_DOUBTFUL = "samples-doubtful"


class Excluded(Enum):
    """Why a variant was put aside."""

    NOT_CARRIED = "not-carried"
    NOT_LOOKED_AT = "not-looked-at"
    LOW_QUALITY = "low-quality"
    NO_GENE = "no-gene"
    TOO_COMMON = "too-common"
    BENIGN = "benign"
    EFFECT_MILD = "effect-mild"
    ONE_COPY_ONLY = "one-copy-only"
    HEALTHY_CARRIER = "healthy-carrier"
    AFFECTED_LACKS = "affected-lacks-it"
    IN_CIS = "in-cis"
    CONTRADICTS_PARENTS = "contradicts-parents"
    WRONG_INHERITANCE = "wrong-inheritance"


@dataclass(frozen=True, slots=True)
class Fit:
    """One or two variants of a gene that together fit a way of inheritance."""

    gene: str
    mode: Mode
    standing: Standing
    variants: tuple[RareVariant, ...]
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class PutAside:
    """A variant that was put aside, with every reason that was met."""

    variant: RareVariant
    reasons: tuple[Excluded, ...]


@dataclass(frozen=True, slots=True)
class Sifted:
    """What fits and what was put aside: each variant is in one of them."""

    fits: tuple[Fit, ...]
    aside: tuple[PutAside, ...]
