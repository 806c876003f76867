"""Made-up people and records for the tests of hereditary findings."""

from __future__ import annotations

from bedside.genome.consent import Consent, Decision, Said, Scope
from bedside.genome.person import Sex
from bedside.genome.presence import Zygosity
from bedside.genome.result import Confirmation
from bedside.genome.variant import Variant, parse_variant
from bedside.interpret.germline.screened import Carried, Subject
from bedside.knowledge.classification import Classification, ClassifiedVariant

CONSENTED = Consent("nobody", {Scope.CLINICAL: Said(Decision.GIVEN)})
WOMAN = Subject(Sex.FEMALE, 40, None, CONSENTED)
MAN = Subject(Sex.MALE, 40, None, CONSENTED)
CHILD = Subject(Sex.FEMALE, 9, None, CONSENTED)


def record(
    variant: str | Variant,
    gene: str,
    classification: Classification = Classification.PATHOGENIC,
    stars: int = 2,
    consequences: tuple[str, ...] = ("SO:0001583",),
    variation_id: int = 1,
) -> ClassifiedVariant:
    """A record of a made-up release."""
    return ClassifiedVariant(
        variation_id=variation_id,
        allele_id=None,
        variant=variant if isinstance(variant, Variant) else parse_variant(variant),
        genes=(gene,),
        classification=classification,
        stars=stars,
        review_status="made up",
        conditions=(),
        consequences=consequences,
        raw=classification.value,
        release="clinvar@2026-01-01",
    )


def carried(
    *records: ClassifiedVariant,
    zygosity: Zygosity = Zygosity.HETEROZYGOUS,
    phase: tuple[int, int] | None = None,
    confirmation: Confirmation = Confirmation.CLINICAL,
) -> Carried:
    """A variant somebody carries; phase is the phase set and the strands."""
    phase_set, strands = phase if phase is not None else (None, 0)
    return Carried(records[0].variant, zygosity, phase_set, strands, records, confirmation)
