"""Patients with variants in the genes where the least functional allele decides: DPYD and RYR1."""

from __future__ import annotations

import pytest

from bedside.interpret.gene_call import CallStatus
from bedside.interpret.options import CallOptions
from tests.unit.interpret.patients import advised, call, codes, gene, pairs

HAPB3 = "c.1129-5923C>G, c.1236G>A (HapB3)"
INTRON, EXON = "rs75017182", "rs56038477"


def test_strands_known_the_least_functional_allele_of_each_strand_decides() -> None:
    found = call("DPYD", {"rs3918290": "C|T", "rs1801159": "T|C", "rs1801265": "G|A"})
    assert pairs(found) == ["c.85T>C (*9A)/[c.1627A>G (*5) + c.1905+1G>A (*2A)]"]
    assert advised(found) == ["c.85T>C (*9A)/c.1905+1G>A (*2A)"]
    assert (found.activity_scores, found.lookup_key) == (("1.0",), "1.0")


def test_strands_unknown_the_two_least_functional_alleles_decide_and_no_diplotype_is_claimed() -> None:
    found = call("DPYD", {"rs3918290": "C/T", "rs1801159": "T/C", "rs1801265": "A/G"})
    assert pairs(found) == []
    assert found.component_alleles == ("c.85T>C (*9A)", "c.1627A>G (*5)", "c.1905+1G>A (*2A)")
    assert advised(found) == ["c.85T>C (*9A)/c.1905+1G>A (*2A)"]
    assert codes(found) == ["strands-unknown"]


def test_an_allele_on_both_strands_is_listed_twice_and_printed_once() -> None:
    found = call("DPYD", {"rs72547601": "C/C", "rs67376798": "T/A", "rs60139309": "T/C"})
    assert found.component_alleles == ("c.2582A>G", "c.2846A>T", "c.2933A>G", "c.2933A>G")
    assert found.display == ("c.2582A>G", "c.2846A>T", "c.2933A>G (homozygous)")
    assert (advised(found), found.lookup_key) == (["c.2933A>G/c.2933A>G"], "0.0")


@pytest.mark.parametrize(
    ("intron", "exon", "expected", "warned"),
    [
        ("G|C", "C|T", [f"Reference/{HAPB3}"], []),
        ("G|C", "C|C", ["Reference/c.1129-5923C>G"], []),
        ("G|G", "C|T", ["Reference/Reference"], ["dpyd-hapB3-intronic-mismatch-exonic"]),
        ("-", "C|T", [f"Reference/{HAPB3}"], ["dpyd-hapB3-exonic-only"]),
        ("-", "-", ["Reference/Reference"], []),
        ("C|C", "C|T", [f"c.1129-5923C>G/{HAPB3}"], []),
        ("C|G", "C|T", ["Reference/c.1129-5923C>G"], ["dpyd-hapB3-intronic-mismatch-exonic"]),
    ],
)
def test_the_intronic_variant_of_hapb3_rules_and_the_exonic_one_stands_in(
    intron: str, exon: str, expected: list[str], warned: list[str]
) -> None:
    found = call("DPYD", {INTRON: intron, EXON: exon})
    hapb3 = [code for code in codes(found) if code.startswith("dpyd-hapB3")]
    assert (pairs(found), hapb3) == (expected, warned)


@pytest.mark.parametrize(
    ("intron", "exon", "expected", "warned"),
    [
        ("G/C", "C/T", ("c.61C>T", HAPB3), []),
        ("G/C", "C/C", ("c.61C>T", "c.1129-5923C>G"), []),
        ("C/C", "C/T", ("c.61C>T", "c.1129-5923C>G", HAPB3), []),
        ("G/C", "T/T", ("c.61C>T", HAPB3), ["dpyd-hapB3-intronic-mismatch-exonic"]),
        ("G/G", "C/T", ("Reference", "c.61C>T"), ["dpyd-hapB3-intronic-mismatch-exonic"]),
        ("-", "C/T", ("c.61C>T", HAPB3), ["dpyd-hapB3-exonic-only"]),
    ],
)
def test_unphased_hapb3_is_counted_over_both_strands(
    intron: str, exon: str, expected: tuple[str, ...], warned: list[str]
) -> None:
    found = call("DPYD", {INTRON: intron, EXON: exon, "rs72549310": "G/A"})
    hapb3 = [code for code in codes(found) if code.startswith("dpyd-hapB3")]
    assert (found.component_alleles, hapb3) == (expected, warned)


def test_phase_sets_leave_several_diplotypes_and_the_worst_advises() -> None:
    found = call("DPYD", {"rs1801267": "C|T@1", "rs59086055": "G|A@2", "rs55886062": "A|C@2"})
    assert pairs(found) == [
        "Reference/[c.1679T>G (*13) + c.1774C>T + c.2657G>A (*9B)]",
        "c.2657G>A (*9B)/[c.1679T>G (*13) + c.1774C>T]",
    ]
    assert advised(found) == ["Reference/c.1679T>G (*13)"]


def test_ryr1_without_a_known_risk_allele_is_uncertain_and_never_not_at_risk() -> None:
    assert {rule.phenotype for rule in gene("RYR1").rules} == {
        "Malignant Hyperthermia Susceptibility",
        "Uncertain Susceptibility",
    }
    found = call("RYR1")
    assert (found.status, found.phenotypes) == (CallStatus.CALLED, ("Uncertain Susceptibility",))


def test_one_risk_allele_among_many_ryr1_variants_makes_susceptibility() -> None:
    genotypes = {"rs193922746": "A/G", "rs193922749": "C/A", "rs142474192": "G/A", "rs146876145": "C/T"}
    found = call("RYR1", genotypes)
    assert found.component_alleles == ("c.97A>G", "c.152C>A", "c.418G>A", "c.14918C>T")
    assert (advised(found), found.lookup_key) == (
        ["c.97A>G/c.14918C>T"],
        "Malignant Hyperthermia Susceptibility",
    )


def test_an_undefined_dpyd_allele_is_reference_even_when_combinations_are_asked_for() -> None:
    found = call("DPYD", {"rs114096998": "G|A"}, options=CallOptions(combinations=True))
    assert pairs(found) == ["Reference/Reference"]
