"""Patients whom no pair of named alleles fits, when combinations and partial alleles are asked for."""

from __future__ import annotations

from bedside.interpret.gene_call import CallStatus, GeneCall
from bedside.interpret.options import CallOptions
from tests.unit.interpret.patients import call, codes, gene, name, pairs

COMBINATIONS = CallOptions(combinations=True)


def combined(symbol: str, genotypes: dict[str, str], copies: int = 2) -> GeneCall:
    return call(symbol, genotypes, copies=copies, options=COMBINATIONS)


def g6pd_site(position: int) -> str:
    return next(name(one) for one in gene("G6PD").positions if one.position == position)


def test_a_woman_with_three_unphased_g6pd_variants_has_every_combination_and_no_key() -> None:
    unphased = {g6pd_site(154532990): "C/T", g6pd_site(154533592): "T/C", g6pd_site(154535261): "C/A"}
    found = combined("G6PD", unphased)
    assert pairs(found)
    assert all("[" in pair or "g." in pair for pair in pairs(found))
    assert (found.status, found.phenotypes, found.lookup_key) == (CallStatus.INDETERMINATE, ("n/a",), None)


def test_a_combination_on_one_strand_is_never_read_as_if_the_other_strand_were_alone() -> None:
    together = {"rs5030868": "G|A", "rs1050828": "C|T", "rs5030869": "C|T"}
    found = combined("G6PD", together)
    assert [pair.split("/")[0] for pair in pairs(found)] == ["B (reference)"]
    assert (found.status, found.phenotypes, found.lookup_key) == (CallStatus.INDETERMINATE, ("n/a",), None)


def test_sub_alleles_of_slco1b1_45_are_reported_as_45_inside_combinations_too() -> None:
    genotypes = {"rs71581941": "C|T", "rs2306283": "G|G", "rs4149056": "T|C", "rs11045853": "G|A"}
    found = combined("SLCO1B1", genotypes)
    said = " ".join((*pairs(found), *found.partial, *found.display, *found.uncallable_alleles))
    assert "*45" in said
    assert "*45." not in said
    unseen = call("SLCO1B1", {"rs71581941": "-", "rs2306283": "-", "rs4149056": "-"})
    assert "*45" in unseen.uncallable_alleles
    assert not any(one.startswith("*45.") for one in unseen.uncallable_alleles)


def test_cyp2c19_1_is_its_one_own_base_and_is_named_beside_another_allele() -> None:
    found = combined("CYP2C19", {"rs3758581": "G|G", "rs145328984": "C|T"})
    assert pairs(found) == ["*1/[*1 + *30]"]


def test_a_position_where_an_allele_accepts_the_reference_neither_hides_it_nor_keeps_it_from_another() -> (
    None
):
    genotypes = {"rs3745274": "G|T", "rs2279343": "A|G", "rs28399499": "T|C"}
    assert pairs(combined("CYP2B6", genotypes)) == ["*1/[*6 + *18]"]
    assert pairs(combined("CYP2B6", genotypes | {"rs2279343": "A|A"})) == ["*1/[*9 + *18]"]


def test_an_allele_that_restates_the_reference_is_named_on_a_strand_that_departs_from_it_there() -> None:
    found = combined("SLCO1B1", {"rs71581941": "C|T", "rs2306283": "A|G"})
    assert pairs(found) == ["*1/[*37 + *45]"]


def test_more_heterozygous_sites_than_can_be_listed_are_no_call_and_said() -> None:
    positions = [one for one in gene("CYP2B6").positions if not one.extra][:13]
    genotypes = {name(one): f"{one.reference}/{one.alternates[0]}" for one in positions}
    found = combined("CYP2B6", genotypes)
    assert (found.status, pairs(found)) == (CallStatus.NO_CALL, [])
    assert "too-many-strands" in codes(found)


def test_a_variant_seen_on_one_strand_only_is_partial_and_leads_to_no_guidance() -> None:
    found = combined("VKORC1", {"rs9923231": "T/."})
    assert pairs(found) == ["g.31096368?/rs9923231 variant (T)"]
    assert (found.status, found.lookup_key) == (CallStatus.INDETERMINATE, None)


def test_nat2_needs_its_positions_also_when_combinations_are_asked_for() -> None:
    for position in (one for one in gene("NAT2").positions if one.required):
        for written in ("-", f"{position.reference}/."):
            found = combined("NAT2", {position.rsid: written})
            assert (found.status, pairs(found), found.lookup_key) == (CallStatus.NO_CALL, [], None)
