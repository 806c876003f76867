"""What a rule says of a tumour: four answers, and never a guess."""

from __future__ import annotations

import pytest

from bedside.genome.answer import Answer, all_of, any_of
from bedside.genome.locus import Build
from bedside.genome.tumour import (
    Aspect,
    CopyNumber,
    CopyState,
    Effect,
    Fusion,
    Marker,
    Origin,
    Scope,
    SmallVariant,
    Tumour,
)
from bedside.interpret.tumour.judge import judge
from bedside.interpret.tumour.place import located
from bedside.knowledge.tumour_genes import load_tumour_genes
from bedside.knowledge.tumour_rule import parse_rule

GENES = load_tumour_genes().by_name
YES, NO, SILENT, UNSURE = Answer.YES, Answer.NO, Answer.NOT_REPORTED, Answer.UNDETERMINED
PANEL = Scope({Aspect.SMALL: frozenset({"EGFR", "KRAS", "BRAF", "MET"})})


def unsure(variant, atom):
    return UNSURE


def egfr(start: int, end: int, reference: str, alternate: str, written: str = "") -> SmallVariant:
    made = SmallVariant(
        "EGFR", Effect.NOT_KNOWN, Build.GRCH37, "chr7", start, end, reference, alternate, written=written
    )
    return located(made, GENES["EGFR"])


DELETION = egfr(55242465, 55242479, "GGAATTAAGAGAAGC", "", "p.ELREA746del")
L858R = egfr(55259515, 55259515, "T", "G", "p.L858R")
NO_PLACE = located(SmallVariant("EGFR", Effect.NOT_KNOWN, written="exon 19 deletion"), GENES["EGFR"])


def ask(rule: str, *findings, scope: Scope = PANEL) -> Answer:
    return judge(parse_rule(rule), Tumour("s", "LUAD", findings, scope), unsure).answer


@pytest.mark.parametrize(
    ("rule", "findings", "answer"),
    [
        ("EGFR:exon19:inframe-deletion", (DELETION,), YES),
        ("EGFR:exon20:inframe-insertion", (DELETION,), NO),
        ("EGFR:p.L858R", (L858R,), YES),
        ("EGFR:p.L858*", (L858R,), YES),
        ("EGFR:p.L858R", (DELETION,), NO),
        ("EGFR:p.T790M", (), NO),
        ("ALK:p.G1202R", (), SILENT),
        ("fusion:ALK", (), SILENT),
        ("fusion:ALK", (Fusion("EML4", "ALK"),), YES),
        ("fusion:ALK", (Fusion("", "ALK"),), YES),
        ("fusion:BCR::ABL1", (Fusion("BCR", ""),), UNSURE),
        ("fusion:ALK", (Fusion("EML4", "ALK", in_frame=False),), UNSURE),
        ("amp:MET", (), SILENT),
        ("amp:MET", (CopyNumber("MET", CopyState.AMPLIFIED, 12),), YES),
        ("amp:MET", (CopyNumber("MET", CopyState.GAIN, 4),), NO),
        ("amp:MET:high", (CopyNumber("MET", CopyState.AMPLIFIED, 12),), UNSURE),
        ("marker:tmb>=10", (), SILENT),
        ("marker:tmb>=10", (Marker("tmb", number=10.0, size=1.1),), YES),
        ("marker:tmb>=10", (Marker("tmb", number=9.9, size=1.1),), NO),
        ("marker:tmb>=10", (Marker("tmb", "high"),), UNSURE),
        ("marker:msi=high | marker:mmr=deficient", (Marker("msi", "stable"),), SILENT),
        ("marker:msi=high", (Marker("msi", "high"), Marker("msi", "stable")), UNSURE),
        ("marker:msi=high", (Marker("msi", "indeterminate"),), UNSURE),
        ("!KRAS:any", (), YES),
        ("!ALK:any", (), SILENT),
        ("EGFR:exon19:inframe-deletion", (NO_PLACE,), UNSURE),
        ("EGFR:activating", (L858R,), UNSURE),
        ("true", (), YES),
    ],
)
def test_a_rule_is_answered_from_what_was_found_and_what_was_looked_at(rule, findings, answer) -> None:
    assert ask(rule, *findings) is answer


def test_a_variant_of_which_nobody_said_whether_it_is_inherited_is_not_taken_for_germline() -> None:
    known = lambda variant, atom: YES  # noqa: E731
    rule = parse_rule("germline:BRCA1:pathogenic")
    for origin, answer in ((Origin.GERMLINE, YES), (Origin.NOT_SAID, UNSURE), (Origin.SOMATIC, SILENT)):
        one = SmallVariant("BRCA1", Effect.FRAMESHIFT, origin=origin)
        assert judge(rule, Tumour("s", "BRCA", (one,)), known).answer is answer


@pytest.mark.parametrize("first", Answer)
@pytest.mark.parametrize("second", Answer)
def test_four_answers_are_joined_as_three_valued_logic_with_two_ways_of_not_knowing(first, second) -> None:
    both, either = all_of((first, second)), any_of((first, second))
    assert (NO in (first, second)) == (both is NO)
    assert (YES in (first, second)) == (either is YES)
    assert both is all_of((second, first))
    assert any_of((first.negated, second.negated)).negated in (both, SILENT, UNSURE)
    assert (both is YES) == (first is YES and second is YES)


@pytest.mark.parametrize(
    "text",
    ["", "EGFR", "EGFR:", "EGFR:p.L858", "amp:MET:low", "marker:tmb", "marker:tmb>=x", "(true", "true true",
     "& true", "EGFR:exon19:loud", "!"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_rule(text)
