"""Patients whose genotypes name a pair of alleles, or nearly do."""

from __future__ import annotations

import pytest

from bedside.interpret.call_gene import call_gene
from bedside.interpret.gene_call import CallSource, CallStatus, MissingPosition
from bedside.interpret.options import CallOptions
from tests.unit.interpret.patients import advised, call, codes, gene, pairs


def test_a_patient_who_is_reference_everywhere_in_cyp2c19_carries_38_not_1() -> None:
    found = call("CYP2C19")
    assert pairs(found) == ["*38/*38"]
    assert (found.status, found.source, found.lookup_key) == (
        CallStatus.CALLED,
        CallSource.MATCHER,
        "Normal Metabolizer",
    )


def test_cyp2c19_1_needs_its_own_base_and_ties_with_38_while_that_is_unseen() -> None:
    assert pairs(call("CYP2C19", {"rs3758581": "G/G"})) == ["*1/*1"]
    unseen = call("CYP2C19", {"rs3758581": "-"})
    assert pairs(unseen) == ["*1/*1", "*1/*38", "*38/*38"]
    assert unseen.lookup_key == "Normal Metabolizer"
    assert unseen.missing_positions == (
        MissingPosition("chr10:94842866", "rs3758581", "not tested", could_change_phenotype=False),
    )
    assert "tier1-position-missing" in codes(unseen)


def test_two_unphased_variants_of_tpmt_are_one_allele_by_score() -> None:
    found = call("TPMT", {"rs1142345": "T/C", "rs1800460": "C/T"})
    assert pairs(found) == ["*1/*3A"]
    every = call("TPMT", {"rs1142345": "T/C", "rs1800460": "C/T"}, options=CallOptions(all_candidates=True))
    assert pairs(every) == ["*1/*3A", "*3B/*3C"]


def test_phase_decides_between_two_alleles_and_a_strand_that_nobody_named() -> None:
    genotypes = {"rs1799853": "C/T", "rs1057910": "A/C"}
    assert pairs(call("CYP2C9", genotypes)) == ["*2/*3"]
    apart = call("CYP2C9", {"rs1799853": "C|T", "rs1057910": "C|A"})
    assert (pairs(apart), apart.lookup_key, apart.phased) == (["*2/*3"], "0.5", True)
    together = call("CYP2C9", {"rs1799853": "C|T", "rs1057910": "A|C"})
    assert (together.status, pairs(together), together.lookup_key) == (CallStatus.NO_CALL, [], None)
    assert together.partial == ("*1/[*2 + *3]",)
    assert together.settle_with == ("sequencing of the whole of CYP2C9 with phase",)


def test_phase_sets_bind_only_what_is_inside_them() -> None:
    one_set = call("CYP2C9", {"rs1799853": "C|T@1", "rs1057910": "A|C@1"})
    two_sets = call("CYP2C9", {"rs1799853": "C|T@1", "rs1057910": "A|C@2"})
    assert (pairs(one_set), pairs(two_sets)) == ([], ["*2/*3"])


def test_tied_pairs_with_one_meaning_have_one_key() -> None:
    found = call("CYP2B6", {"rs3745274": "G/T", "rs2279343": "A/G", "rs28399499": "T/C"})
    assert pairs(found) == ["*6/*18", "*9/*18"]
    assert (found.phenotypes, found.lookup_key) == (("Poor Metabolizer",), "Poor Metabolizer")
    assert found.settle_with == ()


def test_tied_pairs_with_different_meanings_show_the_range_and_what_would_settle_it() -> None:
    found = call("SLCO1B1", {"rs2306283": "A/G", "rs4149056": "T/C", "rs11045819": "C/A"})
    assert pairs(found) == ["*4/*15", "*5/*14"]
    assert found.phenotypes == ("Possible Decreased Function", "Decreased Function")
    assert found.lookup_key is None
    assert found.settle_with == ("phase of rs2306283, rs11045819 and rs4149056",)


def test_a_missing_repeat_in_ugt1a1_leaves_three_pairs_that_its_genotype_would_settle() -> None:
    found = call("UGT1A1", {"rs887829": "C/T", "rs3064744": "-"})
    assert pairs(found) == ["*1/*80", "*1/*80+*28", "*1/*80+*37"]
    assert (found.lookup_key, found.settle_with) == (None, ("genotype at rs3064744",))
    assert found.uncallable_alleles == ("*28", "*36", "*37")
    assert [one.could_change_phenotype for one in found.missing_positions] == [True]


@pytest.mark.parametrize(
    ("repeat", "expected"),
    [("CAT/CATAT", "*1/*28"), ("CATAT/CATATAT", "*28/*37"), ("C/CAT", "*1/*36"), ("CAT/CAT", "*1/*1")],
)
def test_ugt1a1_repeats_are_read_as_insertions_and_deletions(repeat: str, expected: str) -> None:
    assert pairs(call("UGT1A1", {"rs3064744": repeat})) == [expected]


def test_sub_alleles_of_slco1b1_45_are_reported_as_45() -> None:
    row = next(allele for allele in gene("SLCO1B1").alleles if allele.name == "*45.002")
    genotypes = {
        position.rsid: f"{position.reference}/{base}"
        for position, base in zip(gene("SLCO1B1").positions, row.bases, strict=True)
        if base and base != position.reference
    }
    found = call("SLCO1B1", genotypes)
    assert "*1/*45" in pairs(found)
    assert not any("45.00" in pair for pair in pairs(found))


def test_nat2_is_not_called_without_each_position_it_needs() -> None:
    needed = [position.rsid for position in gene("NAT2").positions if position.required]
    assert needed == ["rs1801279", "rs1801280", "rs1799930", "rs1208", "rs1799931"]
    for rsid in needed:
        found = call("NAT2", {rsid: "-"})
        assert (found.status, found.lookup_key) == (CallStatus.NO_CALL, None)
        assert found.settle_with == (f"genotype at {rsid}",)


def test_population_frequency_picks_among_nat2_pairs_only_when_unphased() -> None:
    unphased = call("NAT2", {"rs1799930": "G/A", "rs1208": "G/A"})
    assert pairs(unphased) == ["*1/*6"]
    assert [str(pair) for pair in unphased.possible_diplotypes] == ["*1/*6", "*4/*34"]
    assert "frequency-pick" in codes(unphased)
    phased = call("NAT2", {"rs1799930": "G|A", "rs1208": "A|G"})
    assert (pairs(phased), phased.possible_diplotypes) == (["*4/*34"], ())


def test_a_man_has_one_g6pd_allele_and_a_woman_two() -> None:
    man = call("G6PD", {"rs5030869": "T"}, copies=1)
    woman = call("G6PD", {"rs5030869": "C/T"})
    assert (pairs(man), man.lookup_key) == (["Chatham"], "Deficient")
    assert (pairs(woman), woman.lookup_key) == (["B (reference)/Chatham"], "Variable")


def test_one_diploid_record_among_haploid_ones_is_said() -> None:
    found = call("G6PD", {"rs5030868": "A/A"}, copies=1)
    assert "mixed-ploidy" in codes(found)
    assert found.lookup_key == "Deficient"


def test_one_allele_on_a_chromosome_that_everybody_has_twice_is_no_call() -> None:
    found = call("CYP2C9", {"rs1799853": "T"})
    assert (found.status, codes(found)[0]) == (CallStatus.NO_CALL, "half-call")


def test_a_variant_with_its_other_strand_unseen_stops_the_call_and_shows_what_is_known() -> None:
    found = call("CYP2B6", {"rs8192709": "T/."})
    assert (found.status, found.partial) == (CallStatus.NO_CALL, ("*2/g.40991369?",))
    assert found.settle_with == ("genotype of both strands at rs8192709",)


def test_a_half_call_of_the_reference_is_only_missing() -> None:
    found = call("CYP2B6", {"rs8192709": "C/."})
    assert pairs(found) == ["*1/*1"]
    assert [one.state for one in found.missing_positions] == ["half call: the other strand was not seen"]


def test_an_allele_the_release_does_not_define_is_reference_only_where_the_release_says_so() -> None:
    tpmt, cyp2c19 = call("TPMT", {"rs1800462": "C/T"}), call("CYP2C19", {"rs3758581": "G/T"})
    assert (pairs(tpmt), codes(tpmt)[0]) == (["*1/*1"], "undocumented-as-reference")
    assert (cyp2c19.status, codes(cyp2c19)[0]) == (CallStatus.NO_CALL, "undocumented-variant")
    assert cyp2c19.settle_with == ("confirmation of the variant at rs3758581",)


def test_slco1b1_without_a_call_still_has_the_one_position_that_statins_need() -> None:
    genotypes = {"rs2306283": "G/G", "rs4149056": "T/C", "rs11045853": "A/A", "rs72559748": "G/G"}
    found = call("SLCO1B1", genotypes)
    assert (found.status, pairs(found), advised(found)) == (CallStatus.NO_CALL, [], ["*1/*5"])
    assert (found.display, found.lookup_key) == (("rs4149056 C/rs4149056 T",), "Decreased Function")
    assert "single-position" in codes(found)
    unseen = call("SLCO1B1", genotypes | {"rs4149056": "-"})
    assert (advised(unseen), unseen.lookup_key) == ([], None)


def test_a_gene_of_which_nothing_was_tested_is_not_tested_and_never_reference() -> None:
    found = call("CYP3A5", only=True)
    assert (found.status, found.source, found.lookup_keys) == (CallStatus.NOT_TESTED, CallSource.NONE, ())


def test_an_allele_without_a_published_function_is_indeterminate_never_normal() -> None:
    found = call("CYP4F2")
    assert (found.status, pairs(found), found.phenotypes) == (CallStatus.INDETERMINATE, ["*1/*1"], ())
    assert found.settle_with == ("a published function of CYP4F2 *1",)
    assert "function-not-assigned" in codes(found)


def test_ifnl3_is_called_but_guidance_has_no_key_for_it() -> None:
    found = call("IFNL3")
    assert found.status is CallStatus.CALLED
    assert pairs(found) == ["rs12979860 reference (C)/rs12979860 reference (C)"]
    assert (found.phenotypes, found.lookup_keys) == ((), ())


def test_cyp2d6_is_not_called_from_positions_that_cannot_show_its_copies() -> None:
    found = call("CYP2D6")
    assert (found.status, codes(found)) == (CallStatus.NOT_TESTED, ["copy-number-not-visible"])


def test_cyp2d6_called_for_research_says_so_and_leads_to_no_guidance() -> None:
    hemizygous_or_homozygous = call("CYP2D6", {"rs3892097": "T/T"}, options=CallOptions(call_cyp2d6=True))
    assert hemizygous_or_homozygous.lookup_key is None
    assert codes(hemizygous_or_homozygous)[0] == "copy-number-not-visible"


def test_heterozygous_variants_are_printed_by_the_variant_in_genes_shown_that_way() -> None:
    assert call("CACNA1S", {"rs772226819": "G/A"}).display == ("c.520C>T (heterozygous)",)
    assert call("CFTR", {"rs75527207": "G/A"}).display == ("G551D (heterozygous)",)
    assert call("CFTR").display == ("Reference/Reference",)
    assert call("CFTR", {"rs75527207": "G/A", "rs11971167": "G/A"}).display == ()


def test_states_of_another_gene_are_refused() -> None:
    with pytest.raises(ValueError, match="CYP3A5 has 5 positions"):
        call_gene(gene("CYP3A5"), (), CallOptions())


def test_combinations_are_named_only_when_asked_for_and_have_no_function() -> None:
    genotypes = {"rs12721655": "G|A", "rs35773040": "G|A", "rs3745274": "T|T", "rs2279343": "G|G"}
    assert call("CYP2B6", genotypes).status is CallStatus.NO_CALL
    found = call("CYP2B6", genotypes, options=CallOptions(combinations=True))
    assert (pairs(found), found.status) == (["*13/[*6 + *14]"], CallStatus.INDETERMINATE)
    assert (found.phenotypes, found.lookup_key) == (("n/a",), None)


def test_many_heterozygous_sites_do_not_make_a_call_slow_or_wrong() -> None:
    genotypes = {
        position.rsid or str(position.position): f"{position.reference}/{position.alternates[0]}"
        for position in gene("CYP2C9").positions
        if not position.extra
    }
    found = call("CYP2C9", genotypes)
    assert (found.status, len(found.partial)) == (CallStatus.NO_CALL, 16)
    assert found.partial[:3] == ("*1", "*2", "*3")


def test_pairs_that_differ_in_meaning_say_so_and_what_would_settle_it() -> None:
    found = call("CYP2C19", {"rs3758581": "G/G", "rs12248560": "C/T", "rs28399504": "-"})
    assert pairs(found) == ["*1/*4", "*1/*17"]
    assert found.lookup_key is None
    assert "candidates-differ" in codes(found)
    said = next(limit.text for limit in found.warnings if limit.code == "candidates-differ")
    assert "Intermediate Metabolizer or Rapid Metabolizer" in said
    assert "genotype at rs28399504" in said


def test_tied_nat2_pairs_of_which_only_some_have_a_phenotype_have_no_key() -> None:
    genotypes = {"rs1801279": "G/A", "rs1208": "A/A", "rs72466456": "-", "rs56054745": "-"}
    found = call("NAT2", genotypes)
    assert pairs(found) == ["*4/*14", "*14/*54", "*14/*74"]
    assert found.phenotypes == ("Intermediate Metabolizer", "Indeterminate", "n/a")
    assert (found.status, found.lookup_key) == (CallStatus.CALLED, None)
    assert "candidates-differ" in codes(found)
    assert found.settle_with == ("genotype at rs72466456", "genotype at rs56054745")
