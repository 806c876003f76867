"""The words of a hereditary screen: who is screened, with what, and the answer with the gate that gave it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bedside.genome.consent import Consent
from bedside.genome.person import Sex
from bedside.genome.presence import Zygosity
from bedside.genome.result import Confirmation
from bedside.genome.variant import Variant
from bedside.knowledge.classification import Classification, ClassifiedVariant


@dataclass(frozen=True, slots=True)
class Carried:
    """A variant a person carries, with the records about it. phase_set and strands as in `Present`."""

    variant: Variant
    zygosity: Zygosity
    phase_set: int | None
    strands: int
    classified: tuple[ClassifiedVariant, ...]
    confirmation: Confirmation


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is screened. age in whole years; majority None works it out from the age and the panel's policy."""

    sex: Sex
    age: int | None
    majority: bool | None
    consent: Consent


class Gate(Enum):
    """The four gates, in the order they are passed."""

    ALLELE = "allele"
    CLASSIFICATION = "classification"
    MECHANISM = "mechanism"
    RETURN = "return"


class Outcome(Enum):
    """What becomes of a finding, from the freest to the strictest."""

    REPORT = "report"
    REVIEW = "review"
    HOLD = "hold"
    NO_ACTION = "no-action"

    @property
    def strictness(self) -> int:
        """0 for a report, 3 for no action: of several verdicts the strictest stands."""
        return _STRICTNESS[self]


_STRICTNESS = {one: place for place, one in enumerate(Outcome)}


class ReasonCode(Enum):
    """Why: one code for each verdict a gate can give."""

    ALLELE_MATCH = "allele-match"
    BLOCKLISTED = "blocklisted"
    PATHOGENIC = "pathogenic"
    ONE_STAR = "one-star"
    ZERO_STAR = "zero-star"
    CONFLICT = "conflict"
    RECORDS_DISAGREE = "records-disagree"
    BENIGN = "benign"
    UNCERTAIN = "uncertain"
    LOW_PENETRANCE = "low-penetrance"
    RISK_ALLELE = "risk-allele"
    NOT_ABOUT_DISEASE = "not-about-disease"
    UNKNOWN_TERM = "unknown-term"
    NOT_CLASSIFIED = "not-classified"
    COMPUTED_EVIDENCE = "computed-evidence"
    DISAPPEARED = "disappeared"
    NAMED_VARIANT = "named-variant"
    NOT_THE_NAMED_VARIANT = "not-the-named-variant"
    FITS_MECHANISM = "fits-mechanism"
    NOT_TRUNCATING = "not-truncating"
    CONSEQUENCE_UNKNOWN = "consequence-unknown"
    PROTECTIVE_DIRECTION = "protective-direction"
    MECHANISM_UNPROVEN = "mechanism-unproven"
    REPORTABLE = "reportable"
    CARRIER_ONLY = "carrier-only"
    BIALLELIC_HOM = "biallelic-hom"
    BIALLELIC_IN_TRANS = "biallelic-in-trans"
    IN_CIS = "in-cis"
    PHASE_UNKNOWN = "phase-unknown"
    HEMIZYGOUS = "hemizygous"
    HETEROZYGOUS_X_LINKED = "heterozygous-x-linked"
    SEX_UNKNOWN = "sex-unknown"
    IMPLAUSIBLE_ZYGOSITY = "implausible-zygosity"
    RETURNABLE = "returnable"
    ADULT_ONSET_MINOR = "adult-onset-minor"
    AGE_UNKNOWN = "age-unknown"
    CONSENT_MISSING = "consent-missing"
    CONSENT_WITHDRAWN = "consent-withdrawn"
    UNCONFIRMED = "unconfirmed"
    CONFIRMATORY_TEST = "confirmatory-test"
    RESEARCH_NEEDS_CONFIRMATION = "research-needs-confirmation"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one gate says."""

    gate: Gate
    outcome: Outcome
    reason: ReasonCode


@dataclass(frozen=True, slots=True)
class Screened:
    """The answer about one variant, or the variants of a recessive gene together, and one disease.

    zygosity runs beside variants. classification and stars are those of the weakest of the variants; None and
    0 where nothing classifies it. gate and reason are those that decided; passed holds every gate that was
    reached, with what it said. evidence names the records and the panel row it rests on. confirmation is how
    far the least sure of the variants may go, whatever reason decided.
    """

    gene: str
    variants: tuple[Variant, ...]
    zygosity: tuple[Zygosity, ...]
    classification: Classification | None
    stars: int
    disease: str
    inheritance: str
    outcome: Outcome
    gate: Gate
    reason: ReasonCode
    release: str
    panel: str
    evidence: tuple[str, ...]
    passed: tuple[tuple[Gate, ReasonCode], ...]
    confirmation: Confirmation
