"""Points of the ACMG/AMP criteria: what is met, how strongly, and what was not assessed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bedside.genome.presence import Zygosity
from bedside.genome.result import Confirmation
from bedside.genome.variant import Variant
from bedside.interpret.germline.coding import NO_BASES, translate
from bedside.interpret.germline.consequence import consequence
from bedside.interpret.germline.points import Comparators, Computed, Points, comparators, points
from bedside.interpret.germline.screen import screen
from bedside.interpret.germline.screened import Carried, Outcome, ReasonCode
from bedside.knowledge.acmg_points import Leaning, Strength, load_points
from bedside.knowledge.classification import Classification
from bedside.knowledge.findings_panel import Mechanism
from bedside.knowledge.findings_reader import load_panel
from tests.unit.interpret.germline.genes import FIRST, coded, reader, sequence, swap, transcript
from tests.unit.interpret.germline.people import WOMAN, record

RULES = load_points()
TEXT = sequence(True, 1)
GENE = transcript(True)
BASES = reader(TEXT)
LOSS = (Mechanism.LOSS,)


def assessed(
    variant: Variant,
    *,
    known: bool = True,
    against: Comparators | None = None,
    frequencies: dict[str, float] | None = None,
    mechanisms: tuple[Mechanism, ...] = LOSS,
) -> Points:
    bases = BASES if known else NO_BASES
    what = consequence(variant, GENE, bases)
    return points(variant, GENE, what, mechanisms, RULES, bases, against, frequencies)


def met(found: Points) -> dict[str, Strength]:
    return {one.code: one.strength for one in found.evidence}


def codon_at(residue: int) -> tuple[int, str]:
    """The place of a codon of the second exon, and its bases."""
    start = 1_201 + 3 * (residue - 21)
    return start, TEXT[start - FIRST : start - FIRST + 3]


def missense(residue: int, acid: str) -> Variant:
    """Some change of bases that turns a residue into another."""
    start, codon = codon_at(residue)
    spelled = {translate(a + b + c): a + b + c for a in "ACGT" for b in "ACGT" for c in "ACGT"}
    wanted = spelled[acid]
    assert wanted != codon
    return swap(TEXT, start, 3, wanted)


def test_an_early_shift_of_the_frame_where_loss_is_the_mechanism_is_very_strong() -> None:
    found = assessed(swap(TEXT, 1_230, 2, TEXT[1_230 - FIRST]))
    assert met(found) == {"PVS1": Strength.VERY_STRONG}
    assert (found.total, found.leaning) == (8, Leaning.LIKELY_PATHOGENIC)


def test_no_mechanism_no_pvs1() -> None:
    """A loss of function in a gene whose altered product causes the disease."""
    found = assessed(swap(TEXT, 1_230, 2, TEXT[1_230 - FIRST]), mechanisms=(Mechanism.ALTERED,))
    assert met(found) == {}
    assert "does not say that losing" in dict(found.not_assessed)["PVS1"]


@pytest.mark.parametrize(
    ("position", "strength"),
    [(1_230, Strength.VERY_STRONG), (1_410, Strength.STRONG), (1_492, Strength.MODERATE)],
)
def test_a_stop_in_the_last_exon_escapes_decay(position: int, strength: Strength) -> None:
    start = position - (position - (1_201 if position < 1_300 else 1_403)) % 3
    found = assessed(swap(TEXT, start, 3, "TAG"))
    assert met(found) == {"PVS1": strength}


def test_a_stop_in_the_last_fifty_bases_of_the_exon_before_the_last_escapes_decay() -> None:
    start, _ = codon_at(21 + 30)
    assert start > 1_300 - 50
    assert met(assessed(swap(TEXT, start, 3, "TAG"))) == {"PVS1": Strength.STRONG}


def test_a_lost_start_is_supporting_and_says_what_is_open() -> None:
    found = assessed(swap(TEXT, 1_051, 1, "C"))
    (only,) = found.evidence
    assert (only.code, only.strength) == ("PVS1", Strength.SUPPORTING)
    assert any("next start codon" in part for part in only.parts)


def test_a_lost_splice_site_of_an_exon_that_shifts_the_frame_counts_and_says_what_is_open() -> None:
    """The second exon has 100 bases: left out, the frame shifts."""
    found = assessed(Variant("chr1", 1_302, "N", "A"), known=False)
    (only,) = found.evidence
    assert only.strength is Strength.VERY_STRONG
    assert "not known: whether another splice site is used instead" in only.parts


def test_pm5_is_not_awarded_from_a_nonsense_change_at_the_same_codon() -> None:
    """AutoGVP issue 307: TP53 p.Glu339Lys became likely pathogenic because of p.Glu339Ter."""
    start, _ = codon_at(30)
    nonsense = record(swap(TEXT, start, 3, "TAG"), "MADE", variation_id=339, stars=3)
    other = missense(30, "W")
    against = comparators([nonsense], GENE, BASES, RULES)
    assert against.by_residue == {}
    assert met(assessed(other, against=against)) == {}


def test_pm5_names_the_records_it_was_compared_with() -> None:
    old = coded(TEXT, True)
    acids = [acid for acid in "WKDE" if acid != translate(old)[29]][:2]
    first = record(missense(30, acids[0]), "MADE", variation_id=77, stars=2)
    found = assessed(missense(30, acids[1]), against=comparators([first], GENE, BASES, RULES))
    (only,) = found.evidence
    assert (only.code, only.strength, only.compared) == ("PM5", Strength.MODERATE, (77,))
    assert only.parts[0].startswith("VariationID 77")


def test_pm5_is_weaker_when_the_other_change_is_likely_pathogenic_and_absent_below_the_stars() -> None:
    acids = [acid for acid in "WKDE" if acid != translate(coded(TEXT, True))[29]][:2]
    likely = record(missense(30, acids[0]), "MADE", Classification.LIKELY_PATHOGENIC, stars=2)
    weak = replace(likely, stars=1)
    variant = missense(30, acids[1])
    assert met(assessed(variant, against=comparators([likely], GENE, BASES, RULES))) == {
        "PM5": Strength.SUPPORTING
    }
    assert met(assessed(variant, against=comparators([weak], GENE, BASES, RULES))) == {}


def test_a_variant_is_not_compared_with_itself() -> None:
    itself = record(missense(30, "W"), "MADE", stars=3)
    assert met(assessed(missense(30, "W"), against=comparators([itself], GENE, BASES, RULES))) == {}


def test_ps1_asks_for_the_same_residue_by_other_bases() -> None:
    residue = next(one for one in range(25, 45) if translate(codon_at(one)[1]) != "L")
    start, _ = codon_at(residue)
    established = record(swap(TEXT, start, 3, "CTG"), "MADE", variation_id=5, stars=2)
    found = assessed(swap(TEXT, start, 3, "TTA"), against=comparators([established], GENE, BASES, RULES))
    assert [(one.code, one.strength, one.compared) for one in found.evidence] == [
        ("PS1", Strength.STRONG, (5,))
    ]


def test_a_frequency_that_nobody_looked_up_is_not_a_rare_variant() -> None:
    found = assessed(missense(30, "W"))
    assert met(found) == {}
    assert "not the same as rare" in dict(found.not_assessed)["PM2"]


@pytest.mark.parametrize(
    ("frequency", "expected", "leaning"),
    [
        (0.2, {"BA1": Strength.STAND_ALONE}, Leaning.BENIGN),
        (0.01, {}, Leaning.NEITHER),
        (0.000_001, {"PM2": Strength.SUPPORTING}, Leaning.NEITHER),
    ],
)
def test_frequencies_where_the_gene_has_no_limits_of_its_own(
    frequency: float, expected: dict[str, Strength], leaning: Leaning
) -> None:
    found = assessed(missense(30, "W"), frequencies={"AF_EXAC": frequency, "AF_OTHER": 0.9})
    assert (met(found), found.leaning) == (expected, leaning)


@pytest.mark.parametrize(
    ("frequency", "expected"),
    [
        (0.002, {"BA1": Strength.STAND_ALONE}),
        (0.0005, {"BS1": Strength.STRONG}),
        (0.00005, {"BS1": Strength.SUPPORTING}),
        (0.00003, {}),
    ],
)
def test_a_gene_with_an_expert_panel_has_its_limits(frequency: float, expected: dict[str, Strength]) -> None:
    gene = replace(GENE, gene="BRCA1")
    variant = missense(30, "W")
    what = consequence(variant, gene, BASES)
    found = points(variant, gene, what, LOSS, RULES, BASES, None, {"AF_EXAC": frequency})
    assert met(found) == expected


def test_one_allele_among_few_is_no_frequency() -> None:
    """One of 5,008 alleles is 0.0002; two expert-panel pathogenic BRCA2 variants leaned to benign by it."""
    gene = replace(GENE, gene="BRCA2")
    variant = missense(30, "W")
    what = consequence(variant, gene, BASES)
    assert met(points(variant, gene, what, LOSS, RULES, BASES, None, {"AF_TGP": 0.0002})) == {}


def test_every_answer_lists_what_was_not_assessed_and_disclaims_being_a_classification() -> None:
    found = assessed(missense(30, "W"))
    assert {"PS3", "PS4", "PP1", "PM3", "PS2", "PP3", "BP4"} <= {code for code, _ in found.not_assessed}
    assert "not a complete classification" in found.statement


def test_without_sequence_pvs1_is_not_assessed_rather_than_unmet() -> None:
    found = assessed(Variant("chr1", 1_240, "N", "A"), known=False)
    assert "reference sequence" in dict(found.not_assessed)["PVS1"]


def computed(variant: Variant, gene: str) -> Computed:
    """Points of a made-up variant as if it stood in a gene of the panel."""
    return Computed(gene, consequence(variant, GENE, BASES), assessed(variant))


def test_computed_points_bring_an_unclassified_truncation_to_a_person_and_never_to_a_report() -> None:
    variant = swap(TEXT, 1_230, 2, TEXT[1_230 - FIRST])
    person = Carried(variant, Zygosity.HETEROZYGOUS, None, 0, (), Confirmation.CLINICAL)
    (answer,) = screen(load_panel("acmg-sf"), [person], WOMAN, {variant: computed(variant, "BRCA1")})
    assert (answer.outcome, answer.reason) == (Outcome.REVIEW, ReasonCode.COMPUTED_EVIDENCE)
    assert answer.evidence[0].startswith("computed, not a classification: PVS1 very-strong")


def test_computed_points_do_not_lift_what_somebody_classified() -> None:
    variant = swap(TEXT, 1_230, 2, TEXT[1_230 - FIRST])
    uncertain = record(variant, "BRCA1", Classification.UNCERTAIN)
    person = Carried(variant, Zygosity.HETEROZYGOUS, None, 0, (uncertain,), Confirmation.CLINICAL)
    (answer,) = screen(load_panel("acmg-sf"), [person], WOMAN, {variant: computed(variant, "BRCA1")})
    assert (answer.outcome, answer.reason) == (Outcome.NO_ACTION, ReasonCode.UNCERTAIN)


def test_a_truncation_of_pcsk9_stays_protective_however_many_points_it_has() -> None:
    variant = swap(TEXT, 1_230, 2, TEXT[1_230 - FIRST])
    person = Carried(variant, Zygosity.HETEROZYGOUS, None, 0, (), Confirmation.CLINICAL)
    (answer,) = screen(load_panel("acmg-sf"), [person], WOMAN, {variant: computed(variant, "PCSK9")})
    assert (answer.outcome, answer.reason) == (Outcome.NO_ACTION, ReasonCode.PROTECTIVE_DIRECTION)
