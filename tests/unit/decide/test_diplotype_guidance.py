"""Guidance that speaks of a phenotype or of one diplotype of a gene that is looked up by score."""

from __future__ import annotations

from functools import cache

import pytest

from bedside.decide.phenoconversion import convert
from bedside.decide.recommend import recommend
from bedside.decide.recommendation import Recommendation, Silence
from bedside.knowledge.catalogue import load_pgx
from bedside.knowledge.pgx import PgxPack
from tests.unit.decide.people import called, pack, rules


@cache
def both() -> PgxPack:
    return load_pgx(guidance_from=("dpwg",))


def dutch(drug: str, gene: str, key: str, diplotype: str = "") -> list[str]:
    """The action and the asked key of every DPWG row that speaks."""
    calls = {gene: called(gene, key, diplotype=diplotype)}
    found = recommend(both(), rules().phrases, calls, both().drugs[drug])
    return [
        f"{one.action.value} for {one.basis[0].lookup_key}"
        for one in found
        if isinstance(one, Recommendation) and one.source == "DPWG"
    ]


@pytest.mark.parametrize(
    ("drug", "gene", "key", "diplotype"),
    [
        (row.drug, gene, rule.lookup_key, key)
        for rows in both().guidance.values()
        for row in rows
        if row.source == "DPWG" and len(row.criteria) == 1
        for gene, key in row.criteria.items()
        if "/" in key and key.split("/")[0][0] == "*"
        for rule in pack().genes[gene].rules[:1]
    ],
)
def test_a_row_for_one_diplotype_speaks_and_stands_before_its_phenotype(
    drug: str, gene: str, key: str, diplotype: str
) -> None:
    assert [told.partition(" for ")[2] for told in dutch(drug, gene, key, diplotype)] == [diplotype]


def test_a_phenotype_row_speaks_about_a_gene_that_is_looked_up_by_score() -> None:
    drugs = [drug for drug in sorted(both().guidance) if dutch(drug, "CYP2C9", "0.5", "*2/*13")]
    assert drugs == ["phenytoin", "siponimod", "warfarin"]
    for drug in drugs:
        (told,) = dutch(drug, "CYP2C9", "0.5", "*2/*13")
        assert told.endswith("for Poor Metabolizer")


def test_two_decreased_alleles_of_dpyd_are_told_from_one_without_function() -> None:
    """Both have the activity score 1.0; the guideline names the first `0.5 + 0.5`."""
    assert dutch("capecitabine", "DPYD", "1.0", "c.2846A>T/c.2846A>T") == ["FURTHER_TESTING for 0.5 + 0.5"]
    assert dutch("capecitabine", "DPYD", "1.0", "Reference/c.1905+1G>A (*2A)") == ["REDUCE_DOSE for 1.0"]


def test_an_inhibited_enzyme_is_looked_up_as_inhibited_and_says_by_what() -> None:
    calls = {"CYP2D6": called("CYP2D6", "2.0", diplotype="*1/*1")}
    (paroxetine,) = rules().drugs.in_words("paroxetine")
    done = convert(both(), rules().inhibitors, calls, [paroxetine])
    answers = recommend(both(), rules().phrases, calls, both().drugs["codeine"], conversions=done)
    (dpwg,) = (one for one in answers if isinstance(one, Recommendation) and one.source == "DPWG")
    assert (dpwg.basis[0].lookup_key, dpwg.basis[0].converted_by) == ("0.0", ("paroxetine",))


def test_rival_diplotypes_of_one_phenotype_are_silent_where_one_has_a_row_of_its_own() -> None:
    calls = {"CYP2C9": called("CYP2C9", "0.0", "1.0")}
    answers = recommend(both(), rules().phrases, calls, both().drugs["phenytoin"])
    assert not [one for one in answers if isinstance(one, Recommendation)]
    assert {one.reason.name for one in answers if isinstance(one, Silence)} >= {"CANDIDATES_DISAGREE"}
