"""Patients whose gene another laboratory has called."""

from __future__ import annotations

import pytest

from bedside.genome.observation import OutsideCall
from bedside.interpret.gene_call import CallSource, CallStatus, GeneCall
from bedside.interpret.outside import call_outside
from tests.unit.interpret.patients import advised, codes, gene, pairs


def reported(symbol: str, diplotype: str = "", phenotype: str = "", score: str = "") -> GeneCall:
    return call_outside(gene(symbol), (OutsideCall(symbol, diplotype, phenotype, score),))


@pytest.mark.parametrize(
    ("diplotype", "written", "phenotype", "key"),
    [
        ("*2/*1", "*1/*2", "Normal Metabolizer", "2.0"),
        ("*4/*5", "*4/*5", "Poor Metabolizer", "0.0"),
        ("CYP2D6*4/CYP2D6*10", "*4/*10", "Intermediate Metabolizer", "0.25"),
        ("*1x2/*9", "*1x2/*9", "Normal Metabolizer", "2.25"),
        ("*1/*1x3", "*1/*1x3", "Ultrarapid Metabolizer", "≥4.0"),
        ("*1x7/*4x3", "*1x7/*4x3", "Ultrarapid Metabolizer", "≥3.0"),
        ("*13 + *1x2/*36 + *10", "*13 + *1x2/*36 + *10", "Normal Metabolizer", "2.25"),
        ("*10 + *36/*1", "*1/*10 + *36", "Normal Metabolizer", "1.25"),
    ],
)
def test_cyp2d6_diplotypes_are_read_with_copies_and_tandems(
    diplotype: str, written: str, phenotype: str, key: str
) -> None:
    found = reported("CYP2D6", diplotype)
    assert (found.source, found.status) == (CallSource.OUTSIDE, CallStatus.CALLED)
    assert (pairs(found), found.phenotypes, found.lookup_key) == ([written], (phenotype,), key)


def test_a_copy_number_without_its_number_is_no_call() -> None:
    found = reported("CYP2D6", "*1xN/*2")
    assert (found.status, codes(found), found.lookup_key) == (
        CallStatus.NO_CALL,
        ["copy-number-unknown"],
        None,
    )
    assert found.settle_with == ("the number of copies of CYP2D6, from the laboratory that made the call",)


def test_an_allele_nobody_knows_is_indeterminate_and_never_normal() -> None:
    found = reported("CYP2D6", "*1/*XXX")
    assert (found.status, found.phenotypes) == (CallStatus.INDETERMINATE, ("Indeterminate",))
    assert (pairs(found), found.lookup_key) == (["*1/*XXX"], None)


def test_a_score_alone_has_its_phenotype_and_is_printed_with_it() -> None:
    found = reported("CYP2D6", score="1.25")
    assert (found.phenotypes, found.lookup_key) == (("Normal Metabolizer",), "1.25")
    assert found.display == ("Normal Metabolizer (1.25)",)
    assert reported("CYP2D6", score=">=3").lookup_key == "≥3.0"


def test_a_phenotype_alone_stands_for_every_score_that_has_it() -> None:
    poor, intermediate = reported("CYP2D6", phenotype="PM"), reported("CYP2D6", phenotype="im")
    assert poor.lookup_key == "0.0"
    assert intermediate.lookup_keys == ("0.25", "0.5", "0.75", "1.0")
    assert reported("CYP2C19", phenotype="poor metabolizer").lookup_key == "Poor Metabolizer"


def test_a_laboratory_that_contradicts_its_own_diplotype_leaves_no_single_key() -> None:
    found = reported("CYP2D6", "*1/*1", "PM", "≥4.0")
    assert found.phenotypes == ("Poor Metabolizer", "Ultrarapid Metabolizer", "Normal Metabolizer")
    assert (found.lookup_key, codes(found)) == (None, ["outside-contradiction"])


def test_several_calls_of_one_gene_are_all_kept() -> None:
    calls = tuple(OutsideCall("CYP2D6", one) for one in ("*1/*1", "*4/*10", "*4/*4"))
    found = call_outside(gene("CYP2D6"), calls)
    assert (pairs(found), found.lookup_key) == (["*1/*1", "*4/*10", "*4/*4"], None)
    assert found.settle_with == ("one diplotype of CYP2D6, from the laboratory that made the call",)
    assert codes(found) == ["candidates-differ"]


def test_hla_alleles_are_cut_to_two_fields_and_answer_every_allele_asked_for() -> None:
    found = reported("HLA-B", "HLA-B*15:02:01/B*57:01:01:01")
    assert pairs(found) == ["*15:02/*57:01"]
    assert found.lookup_keys == ("*15:02 positive", "*57:01 positive", "*58:01 negative")


def test_hla_typed_too_coarsely_answers_neither_positive_nor_negative() -> None:
    found = reported("HLA-B", "*15/*57:01")
    assert found.lookup_keys == ("*57:01 positive", "*58:01 negative")
    assert codes(found) == ["typing-too-coarse"]


def test_one_hla_allele_alone_is_read_with_a_warning() -> None:
    found = reported("HLA-B", "*15:02")
    assert found.lookup_keys == ("*15:02 positive", "*57:01 negative", "*58:01 negative")
    assert codes(found) == ["one-allele-reported"]


def test_an_hla_answer_given_as_such_answers_only_itself() -> None:
    found = reported("HLA-A", phenotype="*31:01 positive")
    assert (found.lookup_key, found.display) == ("*31:01 positive", ("*31:01 positive",))


def test_mitochondria_have_one_allele() -> None:
    found = reported("MT-RNR1", "m.1555A>G")
    assert pairs(found) == ["m.1555A>G"]
    assert found.lookup_key == "increased risk of aminoglycoside-induced hearing loss"


def test_a_single_allele_of_a_gene_on_an_autosome_is_not_a_diplotype() -> None:
    found = reported("CYP2C19", "*2")
    assert (found.status, codes(found)) == (CallStatus.NO_CALL, ["outside-not-a-diplotype"])
    assert reported("G6PD", "A").lookup_key == "Normal"


def test_an_outside_dpyd_combination_is_read_by_its_least_functional_allele() -> None:
    found = reported("DPYD", "c.85T>C (*9A)/[c.1627A>G (*5) + c.1905+1G>A (*2A)]")
    assert (advised(found), found.lookup_key) == (["c.85T>C (*9A)/c.1905+1G>A (*2A)"], "1.0")


def test_outside_cftr_reference_is_printed_as_reference() -> None:
    name = "ivacaftor non-responsive CFTR sequence"
    assert reported("CFTR", f"{name}/{name}").display == ("Reference/Reference",)


def test_calls_of_another_gene_are_refused() -> None:
    with pytest.raises(ValueError, match="not outside calls of CYP2D6"):
        call_outside(gene("CYP2D6"), (OutsideCall("CYP2C19", "*1/*1"),))


@pytest.mark.parametrize(
    "written",
    [
        "foo", "no call", "Unknown/Unknown", "Negative", "negative/positive", "*57:01 positive", "*57:1",
        "*57:XX/*07:02", "*57:01+*58:01", "HLA-B\\*57:01", "A*31:01", "57", "B5701", "not detected",
    ],
)  # fmt: skip
def test_what_is_no_hla_allele_is_never_negative(written: str) -> None:
    found = reported("HLA-B", written)
    assert not any(key.endswith("negative") for key in found.lookup_keys)
    assert not any(key.endswith("negative") for key in found.phenotypes)
    assert codes(found) in (["outside-not-an-allele"], ["outside-not-a-diplotype"])


@pytest.mark.parametrize(
    "written",
    ["57:01/58:01", "*5701/*5801", "B*5701/B*580101", "*57:01G/*58:01P", "HLA-B*57:01:01G/HLA-B*58:01:02"],
)
def test_an_hla_allele_written_in_an_older_or_shorter_way_is_the_same_allele(written: str) -> None:
    found = reported("HLA-B", written)
    assert (found.status, pairs(found)) == (CallStatus.CALLED, ["*57:01/*58:01"])
    assert found.lookup_keys == ("*15:02 negative", "*57:01 positive", "*58:01 positive")


def test_an_unreadable_hla_allele_beside_a_readable_one_leaves_only_what_is_positive() -> None:
    found = reported("HLA-B", "*57:01/foo")
    assert (found.status, found.lookup_keys) == (CallStatus.CALLED, ("*57:01 positive",))
    assert codes(found) == ["outside-not-an-allele"]
    assert reported("HLA-B", "*07:02/foo").status is CallStatus.NO_CALL


def test_an_hla_allele_that_may_not_be_expressed_leaves_its_question_open() -> None:
    found = reported("HLA-B", "*57:01N/*07:02")
    assert found.lookup_keys == ("*15:02 negative", "*58:01 negative")
    assert codes(found) == ["expression-uncertain"]


@pytest.mark.parametrize("stated", ["positive", "*99:99 positive", "foo"])
def test_an_hla_answer_to_no_question_asked_is_no_call(stated: str) -> None:
    found = reported("HLA-B", phenotype=stated)
    assert (found.status, found.lookup_keys, codes(found)) == (
        CallStatus.NO_CALL,
        (),
        ["outside-phenotype-unknown"],
    )


def test_an_hla_answer_against_the_typing_is_said() -> None:
    found = reported("HLA-B", "*57:01/*57:01", "*57:01 negative")
    assert {"*57:01 negative", "*57:01 positive"} < set(found.lookup_keys)
    assert codes(found) == ["outside-contradiction"]


@pytest.mark.parametrize("symbol", ["CYP2D6", "CYP2C19", "DPYD"])
def test_a_phenotype_that_the_release_does_not_have_is_indeterminate(symbol: str) -> None:
    found = reported(symbol, phenotype="Foo Metabolizer")
    assert (found.status, found.phenotypes) == (CallStatus.INDETERMINATE, ("Foo Metabolizer",))
    assert (found.lookup_key, codes(found)) == (None, ["outside-phenotype-unknown"])


def test_a_phenotype_that_the_release_does_not_have_against_the_diplotype_leaves_no_key() -> None:
    found = reported("CYP2D6", "*1/*1", "Possible Intermediate")
    assert found.phenotypes == ("Possible Intermediate", "Normal Metabolizer")
    assert (found.lookup_keys, found.lookup_key) == (("n/a", "2.0"), None)
    assert {"outside-phenotype-unknown", "outside-contradiction"} == set(codes(found))


def test_a_score_of_a_gene_without_scores_is_no_call_and_said() -> None:
    found = reported("CYP2C19", score="2.0")
    assert (found.status, codes(found)) == (CallStatus.NO_CALL, ["outside-score-unknown"])


def test_one_unknown_allele_of_two_is_not_read_as_a_man_s_single_allele() -> None:
    for written in ("B (reference)/foo", "foo/B (reference)"):
        found = reported("G6PD", written)
        assert (found.status, found.phenotypes, found.lookup_key) == (
            CallStatus.INDETERMINATE,
            ("n/a",),
            None,
        )
    assert codes(reported("G6PD", "B (reference)/")) == ["outside-not-a-diplotype"]


def test_outside_cftr_reference_may_be_written_as_it_is_printed() -> None:
    found = reported("CFTR", "G551D/Reference")
    assert (found.status, found.display) == (CallStatus.CALLED, ("G551D (heterozygous)",))
