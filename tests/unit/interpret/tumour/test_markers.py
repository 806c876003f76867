"""Markers: contradictions, intervals, alleles by their fields; and what is said beside a call."""

from __future__ import annotations

import pytest

from bedside.genome.answer import Answer
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
from bedside.interpret.tumour.judge import Judgement, judge
from bedside.interpret.tumour.poisson import poisson_interval
from bedside.interpret.tumour.warnings import warnings_of
from bedside.knowledge.tumour_effects import Reading
from bedside.knowledge.tumour_rule import parse_rule

YES, NO, SILENT, UNSURE = Answer.YES, Answer.NO, Answer.NOT_REPORTED, Answer.UNDETERMINED
READING = Reading(0.05, 50)


def ask(rule: str, *findings, scope: Scope | None = None) -> Judgement:
    tumour = Tumour("s", "LUAD", findings, scope or Scope())
    return judge(parse_rule(rule), tumour, lambda one, atom: UNSURE)


@pytest.mark.parametrize(
    ("rule", "findings", "answer"),
    [
        ("marker:msi=high", (Marker("msi", "MSI-H"),), YES),
        ("marker:msi=high", (Marker("msi", "high"), Marker("mmr", "proficient")), UNSURE),
        ("marker:msi=high", (Marker("msi", "high"), Marker("mmr", "deficient")), YES),
        ("marker:mmr=deficient", (Marker("mmr", "deficient"), Marker("msi", "stable")), UNSURE),
        ("marker:mmr=deficient", (Marker("mmr", "pMMR"), Marker("msi", "MSS")), NO),
        ("marker:mmr=deficient", (Marker("mmr", "deficient"), Marker("msi", "indeterminate")), YES),
        ("marker:tmb>=10", (Marker("tmb", number=9.0), Marker("tmb", number=12.0)), UNSURE),
        ("marker:tmb>=10", (Marker("tmb", number=11.0), Marker("tmb", number=12.0)), YES),
        ("marker:HER2=3+/positive", (Marker("HER2", "Positive"),), YES),
        ("marker:HER2=3+/positive", (Marker("HER2", "2+"),), NO),
        ("marker:HER2=3+/positive", (Marker("HER2", "equivocal"),), UNSURE),
        ("marker:hla=A*02:01", (Marker("hla", "A*02:01"),), YES),
        ("marker:hla=A*02:01", (Marker("hla", "HLA-A*02:01:01:01"), Marker("hla", "A*24:02")), YES),
        ("marker:hla=A*02:01", (Marker("hla", "A*02:05"), Marker("hla", "A*24:02")), NO),
        ("marker:hla=A*02:01", (Marker("hla", "A*02"), Marker("hla", "A*24:02")), UNSURE),
        ("marker:hla=A*02:01", (Marker("hla", "A*24:02"),), UNSURE),
        ("marker:hla=A*02:01", (Marker("hla", "B*07:02"), Marker("hla", "B*08:01")), SILENT),
        ("marker:hla=A*02:01", (), SILENT),
    ],
)
def test_markers_answer_and_contradictions_are_undetermined(rule, findings, answer) -> None:
    assert ask(rule, *findings).answer is answer


def test_a_contradiction_says_between_what() -> None:
    found = ask("marker:msi=high", Marker("msi", "high"), Marker("mmr", "proficient"))
    assert "mmr proficient: two tests contradict" in found.why[0]


def test_a_burden_is_shown_with_its_exact_interval() -> None:
    assert poisson_interval(8) == pytest.approx((3.4538, 15.7632), abs=1e-3)
    assert poisson_interval(0) == pytest.approx((0.0, 3.6889), abs=1e-3)
    found = ask("marker:tmb>=10", Marker("tmb", number=10.0, size=0.8))
    assert (found.answer, found.why) == (YES, ("tmb 10 (on 0.8 Mb: 95% interval 4.3 to 19.7)",))
    assert "interval" not in ask("marker:tmb>=10", Marker("tmb", number=10.0)).why[0]


@pytest.mark.parametrize(
    ("origin", "answer"), [(Origin.GERMLINE, YES), (Origin.NOT_SAID, UNSURE), (Origin.SOMATIC, NO)]
)
def test_what_is_inherited_is_asked_of_what_is_said_to_be(origin, answer) -> None:
    one = SmallVariant("BRCA1", Effect.FRAMESHIFT, classification="pathogenic", origin=origin)
    scope = Scope({Aspect.GERMLINE: frozenset({"BRCA1"})})
    rule, tumour = parse_rule("germline:BRCA1:pathogenic"), Tumour("s", "OVT", (one,), scope)
    assert judge(rule, tumour, lambda variant, atom: YES).answer is answer


def test_low_shares_few_reads_and_joins_seen_in_dna_only_are_said() -> None:
    low = SmallVariant("KRAS", Effect.MISSENSE, vaf=0.03, depth=40)
    said = list(warnings_of((low, Fusion("EML4", "ALK", rna=False)), None, READING))
    assert said == [
        "in 3.0% of the reads: perhaps in a part of the tumour only",
        "40 reads only",
        "EML4::ALK was seen in DNA only",
    ]
    clonal = SmallVariant("KRAS", Effect.MISSENSE, vaf=0.1, depth=500)
    assert list(warnings_of((clonal,), None, READING)) == []
    assert "80% of the cells" in next(iter(warnings_of((clonal,), 0.8, READING)))


def test_a_tumour_that_stains_little_and_is_amplified_is_not_negative() -> None:
    rule = "(marker:HER2=0/1+ & !amp:ERBB2:reported) | (marker:HER2=2+ & !amp:ERBB2)"
    amplified = CopyNumber("ERBB2", CopyState.AMPLIFIED)
    assert ask(rule, Marker("HER2", "1+")).answer is YES
    assert ask(rule, Marker("HER2", "1+"), amplified).answer is NO
    assert ask(rule, Marker("HER2", "1+"), CopyNumber("ERBB2", CopyState.NOT_KNOWN)).answer is UNSURE
    assert ask(rule, Marker("HER2", "2+")).answer is SILENT
    assert ask(rule, Marker("HER2", "2+"), amplified).answer is NO
