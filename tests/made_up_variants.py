"""Made-up variants and families for tests of rare disease."""

from __future__ import annotations

from bedside.genome.pedigree import Member, pedigree
from bedside.genome.person import Sex
from bedside.genome.rare_variant import (
    Affected,
    Call,
    CallState,
    Classified,
    ClinicalClass,
    Effect,
    Frequency,
    FrequencyState,
    Place,
    RareFamily,
    RareVariant,
)

CHILD, MOTHER, FATHER, SISTER = "child", "mother", "father", "sister"
RARE = Frequency(FrequencyState.ABSENT, 0.0, "gnomAD", "v4.1")


def family(
    sex: Sex = Sex.FEMALE, mother: Affected = Affected.NO, father: Affected = Affected.NO,
    sister: Affected | None = None, sampled: frozenset[str] | None = None,
) -> RareFamily:  # fmt: skip
    """A child with parents, and a sister when her state is given."""
    members = [
        Member(MOTHER, Sex.FEMALE),
        Member(FATHER, Sex.MALE),
        Member(CHILD, sex, MOTHER, FATHER),
    ]
    affected = {CHILD: Affected.YES, MOTHER: mother, FATHER: father}
    if sister is not None:
        members.append(Member(SISTER, Sex.FEMALE, MOTHER, FATHER))
        affected[SISTER] = sister
    drawn = pedigree(members)
    return RareFamily(CHILD, drawn, affected, sampled or frozenset(drawn.members))


def called(copies: int | None, ploidy: int = 2, phase_set: str = "", strand: int = 0) -> Call:
    """A call; None for one that is not usable."""
    if copies is None:
        return Call(CallState.UNUSABLE)
    return Call(CallState.CALLED, copies, ploidy, phase_set, strand)


def variant(
    name: str = "chr1-100-A-G", gene: str = "GENE1", place: Place = Place.AUTOSOME,
    effect: Effect = Effect.LOSS, frequency: Frequency = RARE, kind: ClinicalClass = ClinicalClass.NONE,
    stars: int = 0, **calls: Call,
) -> RareVariant:  # fmt: skip
    """A variant with calls by member."""
    classified = Classified(kind, stars, "made up")
    return RareVariant(name, gene, place, effect, "", frequency, classified, None, calls)
