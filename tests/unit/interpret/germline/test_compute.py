"""Variants that nobody classified, worked out in the genes of a panel."""

from __future__ import annotations

from bedside.genome.presence import Zygosity
from bedside.genome.result import Confirmation
from bedside.genome.variant import parse_variant
from bedside.interpret.germline.compute import AtHand, coding_regions, compute
from bedside.interpret.germline.consequence import Term
from bedside.interpret.germline.screen import screen
from bedside.interpret.germline.screened import Carried
from bedside.knowledge.acmg_points import load_points
from bedside.knowledge.findings_reader import load_panel
from bedside.knowledge.transcripts import load_transcripts
from tests.unit.interpret.germline.people import WOMAN

SF = load_panel("acmg-sf")
GENES = load_transcripts().by_gene
AT_HAND = AtHand(GENES, load_points())
LDLR_SHIFT = parse_variant("chr19-11105450-GA-G")
INTERGENIC = parse_variant("chr19-1000-G-A")


def test_an_unclassified_shift_of_the_frame_reaches_a_person_without_any_sequence() -> None:
    found = compute(SF, [LDLR_SHIFT, INTERGENIC], AT_HAND)
    assert {variant: one.consequence.terms for variant, one in found.items()} == {
        LDLR_SHIFT: (Term.FRAMESHIFT,)
    }
    person = Carried(LDLR_SHIFT, Zygosity.HETEROZYGOUS, None, 0, (), Confirmation.CLINICAL)
    (answer,) = screen(SF, [person], WOMAN, found)
    assert (answer.gene, answer.outcome.value, answer.reason.value) == (
        "LDLR",
        "review",
        "computed-evidence",
    )


def test_without_sequence_a_single_base_is_not_called_harmless() -> None:
    variant = parse_variant("chr19-11105450-G-A")
    one = compute(SF, [variant], AT_HAND)[variant]
    assert (one.consequence.truncating, "PVS1" in dict(one.points.not_assessed)) == (None, True)


def test_the_places_to_look_at_are_the_coding_exons_and_their_edges() -> None:
    regions = coding_regions(SF, GENES)
    assert list(regions) == sorted(regions)
    assert any(one.chromosome == "chr19" and one.start <= 11_105_450 <= one.end for one in regions)
    assert not any(one.chromosome == "chr19" and one.start <= 1_000 <= one.end for one in regions)
