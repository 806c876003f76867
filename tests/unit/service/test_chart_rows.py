"""What a row of the chart says of one gene, and what it leaves to another gene."""

from __future__ import annotations

from bedside.decide.recommend import recommend_all
from bedside.genome.result import Result
from bedside.interpret.gene_call import CallStatus, GeneCall
from bedside.service.chart import GeneRow, Look
from bedside.service.chart_rows import gene_rows
from bedside.service.show_person import GeneLine
from bedside.service.write_person import _cells
from tests.unit.decide.people import called, pack, rules, unknown

HLA = ("*15:02 positive", "*57:01 negative", "*58:01 negative")


def row(gene: str, *calls: GeneCall) -> GeneRow:
    """The row of one gene on the chart of somebody with these calls."""
    known = {call.gene: call for call in calls}
    told = recommend_all(pack(), rules().phrases, known)
    return next(one for one in gene_rows(pack(), rules().phrases, known, told) if one.gene == gene)


def test_answers_about_several_hla_alleles_are_true_together_and_not_in_doubt() -> None:
    seen = row("HLA-B", called("HLA-B", *HLA))
    assert (seen.look, seen.together, seen.joint.join(seen.phenotypes)) == (
        Look.ACTIONABLE,
        True,
        "*15:02 positive; *57:01 negative; *58:01 negative",
    )


def test_two_answers_about_one_hla_allele_stay_in_doubt() -> None:
    seen = row("HLA-B", called("HLA-B", "*15:02 positive", "*15:02 negative"))
    assert (seen.look, seen.joint) == (Look.INDETERMINATE, " or ")


def test_why_names_the_allele_that_decides_and_no_other() -> None:
    seen = row("HLA-B", called("HLA-B", *HLA))
    assert {drug.why for drug in seen.drugs if drug.drug == "oxcarbazepine"} == {"HLA-B: *15:02 present"}


def test_a_gene_without_a_call_claims_no_standard_treatment_that_another_gene_decides() -> None:
    uncalled, decides = unknown("CYP2C9", CallStatus.NO_CALL), called("SLCO1B1", "Normal Function")
    assert row("CYP2C9", uncalled, decides).standard_drugs == ()
    assert "fluvastatin" in row("SLCO1B1", uncalled, decides).standard_drugs


def test_a_terminal_joins_facts_by_semicolons_and_names_an_unknown_meaning() -> None:
    assert cells(called("HLA-B", *HLA))[2] == "*15:02 positive; *57:01 negative; *58:01 negative"
    assert cells(called("CYP2D6", "1.0", "n/a"))[2] == (
        "Intermediate Metabolizer or meaning not known (activity score 1.0)"
    )


def cells(call: GeneCall) -> tuple[str, str, str, str]:
    result: Result | None = None
    return _cells(GeneLine(call, result))


def test_a_dose_beside_a_drug_to_avoid_says_that_it_is_for_those_who_need_it_all_the_same() -> None:
    seen = row("SLCO1B1", called("SLCO1B1", "Decreased Function"))
    (lovastatin,) = (drug for drug in seen.drugs if drug.drug == "lovastatin")
    assert lovastatin.dose == "if it has to be used: at most 20 mg/day"


def test_a_population_that_only_narrows_another_is_not_said_twice() -> None:
    seen = row("HLA-B", called("HLA-B", *HLA), called("HLA-A", "*31:01 negative"))
    first = next(drug for drug in seen.drugs if drug.drug == "carbamazepine")
    assert first.summary == "Carbamazepine when newly started: avoid; choose another drug"


def test_guidance_that_is_held_back_says_why_in_the_row() -> None:
    seen = row("CFTR", called("CFTR", "ivacaftor non-responsive in CF patients"))
    assert [drug.held_back for drug in seen.drugs] == [
        "Matters only in cystic fibrosis; no such problem is recorded."
    ]
