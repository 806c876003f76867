"""What ClinVar says about a variant: the classes, the groups a change is judged by, and one record.

Which of ClinVar's words mean which class, and how many stars a review status earns, is data
(`data/clinvar_terms/`); here are only the classes themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from bedside.genome.variant import Variant


class Classification(Enum):
    """A class of ClinVar, written as ClinVar writes it, in lower case with hyphens.

    A record that joins several classes has the weakest that it claims ("Pathogenic/Likely pathogenic" is
    likely pathogenic); its own words stand beside it, in `ClassifiedVariant.raw`.
    """

    PATHOGENIC = "pathogenic"
    LIKELY_PATHOGENIC = "likely-pathogenic"
    PATHOGENIC_LOW_PENETRANCE = "pathogenic-low-penetrance"
    LIKELY_PATHOGENIC_LOW_PENETRANCE = "likely-pathogenic-low-penetrance"
    UNCERTAIN = "uncertain-significance"
    LIKELY_BENIGN = "likely-benign"
    BENIGN = "benign"
    CONFLICTING = "conflicting-classifications-of-pathogenicity"
    ESTABLISHED_RISK_ALLELE = "established-risk-allele"
    LIKELY_RISK_ALLELE = "likely-risk-allele"
    UNCERTAIN_RISK_ALLELE = "uncertain-risk-allele"
    RISK_FACTOR = "risk-factor"
    DRUG_RESPONSE = "drug-response"
    ASSOCIATION = "association"
    PROTECTIVE = "protective"
    AFFECTS = "affects"
    OTHER = "other"
    NOT_PROVIDED = "not-provided"

    @property
    def number(self) -> int:
        """The class in tables, from 1; it never changes, because stored releases use it."""
        return _NUMBER[self]

    @property
    def bucket(self) -> Bucket:
        """The group it belongs to."""
        return bucket_of(self)


class Bucket(Enum):
    """The group of classes that a change is judged by: a change within one moves nobody.

    OTHER is a statement that is not about pathogenicity (a risk allele, a drug response); NONE is no
    statement at all.
    """

    PLP = "P/LP"
    CONFLICT = "conflict"
    VUS = "VUS"
    BLB = "B/LB"
    OTHER = "other"
    NONE = "none"

    @property
    def number(self) -> int:
        """The group in tables, from 1."""
        return _BUCKET_NUMBER[self]


@dataclass(frozen=True, slots=True)
class ClassifiedVariant:
    """One record of a release about one allele.

    variation_id, allele_id: ClinVar's own; None where the file does not say. stars: 0 to 4, of the review
    status. conditions: ClinVar's names of the diseases. consequences: SO terms (`SO:0001587`). raw: the
    classification in the file's own words. release: `clinvar@2026-02-26#…`. frequencies: what the file says
    of each population's allele frequency (`AF_EXAC`).
    """

    variation_id: int | None
    allele_id: int | None
    variant: Variant
    genes: tuple[str, ...]
    classification: Classification
    stars: int
    review_status: str
    conditions: tuple[str, ...]
    consequences: tuple[str, ...]
    raw: str
    release: str
    frequencies: Mapping[str, float] = field(default_factory=dict)

    @property
    def bucket(self) -> Bucket:
        """The group its class belongs to."""
        return bucket_of(self.classification)


def bucket_of(classification: Classification) -> Bucket:
    """The group of a class."""
    return _BUCKETS[classification]


def classification_numbered(number: int) -> Classification:
    """The class with this number in tables; KeyError for any other."""
    return _OF_NUMBER[number]


_NUMBER = {one: place for place, one in enumerate(Classification, start=1)}
_OF_NUMBER = {place: one for one, place in _NUMBER.items()}
_BUCKET_NUMBER = {one: place for place, one in enumerate(Bucket, start=1)}
_BUCKETS: Mapping[Classification, Bucket] = {
    Classification.PATHOGENIC: Bucket.PLP,
    Classification.LIKELY_PATHOGENIC: Bucket.PLP,
    Classification.PATHOGENIC_LOW_PENETRANCE: Bucket.PLP,
    Classification.LIKELY_PATHOGENIC_LOW_PENETRANCE: Bucket.PLP,
    Classification.UNCERTAIN: Bucket.VUS,
    Classification.LIKELY_BENIGN: Bucket.BLB,
    Classification.BENIGN: Bucket.BLB,
    Classification.CONFLICTING: Bucket.CONFLICT,
    Classification.ESTABLISHED_RISK_ALLELE: Bucket.OTHER,
    Classification.LIKELY_RISK_ALLELE: Bucket.OTHER,
    Classification.UNCERTAIN_RISK_ALLELE: Bucket.OTHER,
    Classification.RISK_FACTOR: Bucket.OTHER,
    Classification.DRUG_RESPONSE: Bucket.OTHER,
    Classification.ASSOCIATION: Bucket.OTHER,
    Classification.PROTECTIVE: Bucket.OTHER,
    Classification.AFFECTS: Bucket.OTHER,
    Classification.OTHER: Bucket.OTHER,
    Classification.NOT_PROVIDED: Bucket.NONE,
}
