"""The shipped findings panels hold what their lists say, and do what their examples say."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from bedside.genome.presence import Zygosity
from bedside.genome.result import Confirmation
from bedside.interpret.germline.screen import screen
from bedside.interpret.germline.screened import Carried, Outcome, ReasonCode, Subject
from bedside.knowledge.findings_panel import Copies, Example, Mechanism, Onset, Panel
from bedside.knowledge.findings_reader import load_panels
from tests.unit.interpret.germline.people import CONSENTED, WOMAN, carried, record

PANELS = load_panels()
SF = PANELS["acmg-sf"]
EXAMPLES = [
    pytest.param(panel, example, id=f"{panel.name}-{example.gene}-{example.says}")
    for panel in PANELS.values()
    for example in panel.examples
]


@pytest.mark.parametrize(("panel", "example"), EXAMPLES)
def test_each_example_of_a_panel_is_what_it_says(panel: Panel, example: Example) -> None:
    people = [
        Carried(
            one.variant,
            one.zygosity,
            one.phase_set,
            one.strands,
            (record(one.variant, example.gene, one.classification, one.stars, one.consequences),),
            Confirmation.CLINICAL,
        )
        for one in example.carried
    ]
    answers = screen(panel, people, Subject(example.sex, example.age, None, CONSENTED))
    found = [
        (one.outcome.value, one.reason.value, one.variants)
        for one in answers
        if one.disease == example.disease
    ]
    assert found == [(example.outcome, example.reason, tuple(sorted(one.variant for one in example.carried)))]


def test_every_outcome_and_reason_in_an_example_is_a_word_of_the_screen() -> None:
    for panel in PANELS.values():
        for example in panel.examples:
            outcome, reason = Outcome(example.outcome), ReasonCode(example.reason)
            assert (outcome.value, reason.value) == (example.outcome, example.reason)


def test_the_sf_list_has_its_84_genes_and_the_published_exceptions() -> None:
    recessive = {row.gene for row in SF.rows if row.copies is Copies.TWO}
    special = {
        row.gene: row.mechanism for row in SF.rows if row.mechanism not in (Mechanism.LOSS, Mechanism.ALTERED)
    }
    assert len(SF.by_gene) == 84
    assert recessive == {"ATP7B", "BTD", "CASQ2", "CYP27A1", "GAA", "MUTYH", "RPE65", "TRDN"}
    assert special == {
        "APOB": Mechanism.LOSS_PROTECTS,
        "HFE": Mechanism.NAMED_ONLY,
        "PCSK9": Mechanism.LOSS_PROTECTS,
        "TTN": Mechanism.TRUNCATING_ONLY,
    }
    assert {row.gene for row in SF.rows if row.copies in (Copies.X_ANY, Copies.X_TWO)} == {
        "ABCD1",
        "GLA",
        "OTC",
    }


def test_the_sf_list_equals_the_published_table_row_by_row(shared: Path) -> None:
    """The table's cells hold line breaks; a reader by lines loses rows."""
    with (shared / "acmg_sf" / "acmg_sf_v3.3_talos_af.tsv").open(newline="", encoding="utf-8") as file:
        table = [
            (row["Gene"].strip(), row["Inheritance"].strip(), " ".join(row["Variants to report"].split()))
            for row in csv.DictReader(file, delimiter="\t")
        ]
    assert [(row.gene, row.inheritance.value, row.published) for row in SF.rows] == table


def test_lists_of_genes_that_are_not_of_the_sf_are_not_taken_for_it() -> None:
    """Two lists found in public that call themselves ACMG SF hold these genes; the real one does not."""
    assert {"ATM", "CHEK2", "NBN", "BAP1", "HOXB13"} & set(SF.by_gene) == set()


def test_cdc_tier1_is_three_conditions_and_says_that_epcam_deletion_is_not_assessed() -> None:
    tier1 = PANELS["cdc-tier1"]
    found = {
        disease: {r.gene for r in tier1.rows if r.disease == disease}
        for disease in {r.disease for r in tier1.rows}
    }
    assert found == {
        "Hereditary breast and ovarian cancer": {"BRCA1", "BRCA2"},
        "Lynch syndrome": {"MLH1", "MSH2", "MSH6", "PMS2"},
        "Familial hypercholesterolemia": {"LDLR", "APOB", "PCSK9"},
    }
    assert "EPCAM" in {one.gene for one in tier1.not_assessed}


def test_the_trdn_rows_carry_the_inconsistency_of_the_table() -> None:
    rows = SF.by_gene["TRDN"]
    assert [(row.published, row.copies) for row in rows] == [("All P and LP", Copies.TWO)] * 2
    assert all("though the inheritance is AR" in row.note for row in rows)


@pytest.mark.parametrize("panel", PANELS.values(), ids=list(PANELS))
def test_no_panel_claims_a_sign_off_it_does_not_have(panel: Panel) -> None:
    assert "awaiting sign-off" in panel.provenance.review_state


def test_a_newborn_finding_only_ever_asks_for_a_second_test() -> None:
    newborn = PANELS["newborn"]
    assert {row.onset for row in newborn.rows} == {Onset.CHILDHOOD}
    outcomes = {example.outcome for example in newborn.examples}
    assert Outcome.REPORT.value not in outcomes
    answer = screen(
        newborn, [carried(record("chr12-102840493-G-A", "PAH"), zygosity=Zygosity.HOMOZYGOUS)], WOMAN
    )
    assert [(one.outcome, one.reason) for one in answer] == [(Outcome.REVIEW, ReasonCode.CONFIRMATORY_TEST)]
