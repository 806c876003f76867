"""What is composed for every row of guidance reads as English to somebody tired, and fits a card."""

from __future__ import annotations

import re

import pytest

from bedside.decide.evidence import MEANING_UNKNOWN, NO_RESULT, Evidence, Standing
from bedside.decide.recommend import build, recommend
from bedside.decide.recommendation import Recommendation
from bedside.decide.tables import tables_of
from bedside.interpret.gene_call import GeneCall
from tests.unit.decide.people import called, pack, rules, unknown

AWKWARD = re.compile(
    r"not yet taking|without a usable result|alone on|CPIC alone|as dose|\(\)|  |\.\.|: :|\bn/a\b"
)


def evidence(gene: str, key: str) -> Evidence:
    """A person's gene that answers exactly what a row asks."""
    if key == NO_RESULT:
        return Evidence(gene, Standing.NOT_TESTED, (frozenset({key}),))
    if key in MEANING_UNKNOWN:
        return Evidence(gene, Standing.INDETERMINATE, (MEANING_UNKNOWN,), unknown(gene))
    return Evidence(gene, Standing.KNOWN, (frozenset({key}),), called(gene, key, diplotype="*1/*2"))


@pytest.mark.parametrize("drug", sorted(pack().guidance))
def test_every_row_makes_a_summary_that_fits_and_sentences_that_read(drug: str) -> None:
    said = [
        build(
            pack(),
            rules().phrases,
            pack().drugs[drug],
            table,
            row,
            {g: evidence(g, k) for g, k in row.criteria.items()},
        )
        for table in tables_of(pack(), drug)
        for row in table.rows
    ]
    assert [one.summary for one in said if len(one.summary) >= 140 or AWKWARD.search(one.summary)] == []
    assert [one.text for one in said if AWKWARD.search(one.text)] == []
    assert [one.summary for one in said if any(gene not in one.summary for gene in one.unknown_genes)] == []


@pytest.mark.parametrize(
    ("drug", "calls", "summary"),
    [
        ("oxcarbazepine", {"HLA-B": "*15:02 positive"},
         "Oxcarbazepine when newly started: avoid; choose another drug (HLA-B *15:02 present)"),
        ("clopidogrel", {"CYP2C19": "Poor Metabolizer"},
         "Clopidogrel after stroke or TIA: avoid; choose another drug (CYP2C19 poor metabolizer)"),
        ("voriconazole", {"CYP2C19": "Poor Metabolizer"},
         "Voriconazole in children: avoid; choose another drug (CYP2C19 poor metabolizer)"),
        ("efavirenz", {"CYP2B6": "Poor Metabolizer"},
         "Efavirenz in adults and children above 40 kg: reduce the dose (CYP2B6 poor metabolizer)"),
    ],
)  # fmt: skip
def test_for_whom_advice_is_stands_before_it(drug: str, calls: dict[str, str], summary: str) -> None:
    known: dict[str, GeneCall] = {gene: called(gene, key) for gene, key in calls.items()}
    answers = recommend(pack(), rules().phrases, known, pack().drugs[drug])
    assert summary in {one.summary for one in answers if isinstance(one, Recommendation)}


def test_a_guideline_without_advice_claims_to_rest_on_nothing() -> None:
    calls = {gene: unknown(gene) for gene in ("CYP2C19", "CYP2D6")}
    (one,) = recommend(pack(), rules().phrases, calls, pack().drugs["amitriptyline"])
    assert isinstance(one, Recommendation)
    assert one.text == (
        "The guideline gives no advice on amitriptyline for this result. CYP2C19: meaning not known; "
        "CYP2D6: meaning not known. CPIC: no strength given."
    )
