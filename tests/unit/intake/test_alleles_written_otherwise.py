"""The same change in another dress: split, joined, padded, trimmed, repeated, spanned."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedside.genome.genotypes import Notice
from bedside.genome.locus import Build, Locus
from bedside.genome.state import (
    Called,
    Filtered,
    HalfCall,
    NoCall,
    NotTested,
    Reason,
    ReferenceBlock,
    Undocumented,
)
from tests.unit.intake.laboratory_files import read, read_states, record, write_vcf

UGT1A1 = "chr2:233760233"
NUDT15 = "chr13:48037782"
CFTR = "chr7:117530974"


@pytest.mark.parametrize(
    ("reference", "alternate", "genotype", "alleles"),
    [
        ("CAT", "C,CATAT,CATATAT", "0/2", ("CAT", "CATAT")),
        ("C", "CAT", "0/1", ("CAT", "CATAT")),
        ("CAT", "C", "0/1", ("CAT", "C")),
        ("CATA", "CA", "1/1", ("C", "C")),
        ("CATAT", "CAT,CATATAT", "1/2", ("C", "CATAT")),
        ("CAT", "CATAT", "0/1", ("CAT", "CATAT")),
        ("CAT", "CATATAT,C", "2/1", ("C", "CATATAT")),
    ],
)
def test_ugt1a1_repeats_however_they_are_written(
    tmp_path: Path, reference: str, alternate: str, genotype: str, alleles: tuple[str, str]
) -> None:
    line = record("chr2", 233760233, reference, alternate, genotype)
    assert read_states(tmp_path, [line]) == {UGT1A1: Called(alleles)}


def test_an_insertion_written_with_the_base_before_it(tmp_path: Path) -> None:
    line = record("chr2", 233760232, "TC", "TCAT", "0/1")
    assert read_states(tmp_path, [line])[UGT1A1] == Called(("CAT", "CATAT"))


def test_a_substitution_of_two_bases_says_what_stands_at_each(tmp_path: Path) -> None:
    """CYP2C19 *2 inside a longer substitution, and a change beside it that leaves it alone."""
    changed = record("chr10", 94781859, "GG", "AT", "0/1")
    beside = record("chr10", 94781858, "CG", "TG", "0|1")
    assert read_states(tmp_path, [changed])["chr10:94781859"] == Called(("G", "A"))
    assert "chr10:94781859" not in read_states(tmp_path, [beside])


@pytest.mark.parametrize(
    ("split", "joined"),
    [
        (["0/1", "0/1"], Called(("G", "T"))),
        (["1/0", "0/1"], Called(("G", "T"))),
        (["1/.", "./1"], Called(("G", "T"))),
        (["1/1", "./."], Called(("G", "G"))),
        (["0/1", "0/."], Called(("C", "G"))),
        (["0/0", "0/0"], Called(("C", "C"))),
        (["0/0", "1/1"], Called(("T", "T"))),
        (["./.", "./."], NoCall(Reason.GENOTYPE_MISSING)),
        (["0/0", "./."], NoCall(Reason.GENOTYPE_MISSING)),
        (["1/.", "0/0"], HalfCall(("G", None))),
        (["0/.", "0/."], NoCall(Reason.HALF_CALL_REFERENCE)),
        (["0|1", "1|0"], Called(("T", "G"), phased=True)),
        (["0|1", "0|1"], NoCall(Reason.CONFLICTING_RECORDS)),
        (["1/1", "0/1"], NoCall(Reason.CONFLICTING_RECORDS)),
        (["1", "0/1"], NoCall(Reason.CONFLICTING_RECORDS)),
    ],
)
def test_a_split_record_gives_the_answer_of_the_whole_one(
    tmp_path: Path, split: list[str], joined: object
) -> None:
    """CFTR rs77834169, C>G,T: one line for each alternate allele."""
    lines = [
        record("chr7", 117530974, "C", base, genotype) for base, genotype in zip("GT", split, strict=True)
    ]
    assert read_states(tmp_path, lines) == {CFTR: joined}
    assert read_states(tmp_path, lines[::-1]) == {CFTR: joined}


def test_a_split_record_of_low_quality_is_not_read_as_reference(tmp_path: Path) -> None:
    lines = [
        record("chr7", 117530974, "C", "G", "0/0"),
        record("chr7", 117530974, "C", "T", "0/1", filters="LowQual"),
    ]
    assert read_states(tmp_path, lines) == {CFTR: Filtered(Reason.FILTER_FAILED, "LowQual")}


def test_of_two_records_of_the_same_change_the_first_valid_one_wins_and_it_is_said(tmp_path: Path) -> None:
    lines = [
        record("chr7", 117530974, "C", "G", "./.", "0/1"),
        record("chr7", 117530974, "C", "G", "0/1", "1/1"),
    ]
    table = read(write_vcf(tmp_path / "laboratory.vcf", lines, samples=("S1", "S2")))
    row = next(number for number, locus in enumerate(table.loci) if str(locus) == f"GRCh38:{CFTR}")
    assert [table.state(row, person) for person in (0, 1)] == [Called(("C", "G")), Called(("C", "G"))]
    reason = "a second record of the same change; the first valid one is used"
    locus = Locus(Build.GRCH38, "chr7", 117530974)
    assert table.notices[0] == Notice("duplicate-record", reason, "laboratory.vcf", 38, locus)


def test_a_change_of_one_base_inside_a_defined_deletion_leaves_the_deletion_to_its_own_record(
    tmp_path: Path,
) -> None:
    whole = record("chr13", 48037782, "AGGAGTC", "A,AGGAGTCGGAGTC", "0/2")
    inside = record("chr13", 48037782, "A", "C", "0/1")
    alone = NoCall(Reason.OTHER_VARIANT)
    assert read_states(tmp_path, [whole, inside])[NUDT15] == Called(("AGGAGTC", "AGGAGTCGGAGTC"))
    assert read_states(tmp_path, [inside, whole])[NUDT15] == Called(("AGGAGTC", "AGGAGTCGGAGTC"))
    assert read_states(tmp_path, [inside])[NUDT15] == alone


def test_an_unknown_deletion_over_a_position_is_never_reference(tmp_path: Path) -> None:
    star2, site = "chr10:94781859", record("chr10", 94781859, "G", "A", "0/1")
    deletion = record("chr10", 94781850, "CTTCTTTTCG", "C", "0/1")
    spanned = NoCall(Reason.SPANNING_DELETION)
    assert read_states(tmp_path, [deletion])[star2] == spanned
    assert read_states(tmp_path, [deletion, site])[star2] == spanned
    carried_by_nobody = deletion.replace("0/1", "0/0")
    assert read_states(tmp_path, [carried_by_nobody, site])[star2] == Called(("G", "A"))
    assert star2 not in read_states(tmp_path, [carried_by_nobody])


def test_a_symbolic_deletion_over_a_gene_takes_its_positions_away(tmp_path: Path) -> None:
    lines = [
        record("chr10", 94700000, "A", "<DEL>", "0/1", info="SVTYPE=DEL;END=94900000"),
        record("chr10", 94781859, "G", "A", "0/0"),
    ]
    found = read_states(tmp_path, lines)
    assert found["chr10:94781859"] == NoCall(Reason.SPANNING_DELETION)
    assert set(found.values()) == {NoCall(Reason.SPANNING_DELETION)}


def test_the_other_positions_of_a_defined_deletion_keep_their_reference(tmp_path: Path) -> None:
    """CYP2C9 *25 takes ten bases away; the definition holds the positions among them at reference."""
    deletion = record("chr10", 94942205, "CAATGGAAAGA", "C", "0/1")
    among = record("chr10", 94942213, "A", "G", "0/0")
    found = read_states(tmp_path, [deletion, among])
    assert found["chr10:94942205"] == Called(("CAATGGAAAGA", "C"))
    alone = read_states(tmp_path, [deletion])
    inside = {site: state for site, state in alone.items() if site != "chr10:94942205"}
    assert set(inside.values()) <= {NoCall(Reason.SPANNING_DELETION)}


def test_a_single_base_where_an_insertion_is_expected_is_compared_as_it_stands(tmp_path: Path) -> None:
    """TPMT C>CT: an unknown single base there may not be taken for reference, as undocumented alleles of
    TPMT are.
    """
    assert read_states(tmp_path, [record("chr6", 18149032, "C", "A", "0/1")]) == {
        "chr6:18149032": Called(("C", "A"))
    }
    undocumented = record("chr6", 18149032, "C", "CGG", "0/1")
    assert read_states(tmp_path, [undocumented]) == {"chr6:18149032": Undocumented(("C", "CGG"))}


def test_a_block_and_a_record_of_the_same_position(tmp_path: Path) -> None:
    block = record("chr10", 94781800, "T", "<NON_REF>", "0/0:60", info="END=94781900", form="GT:GQ")
    called = record("chr10", 94781859, "G", "A", "0/1")
    failed = record("chr10", 94781859, "G", "A", "0/1", filters="LowQual")
    site = "chr10:94781859"
    assert read_states(tmp_path, [block, called])[site] == Called(("G", "A"))
    assert read_states(tmp_path, [block, failed])[site] == Filtered(Reason.FILTER_FAILED, "LowQual")
    assert read_states(tmp_path, [block])[site] == ReferenceBlock("G")


def test_code_zero_of_every_position_is_not_tested(tmp_path: Path) -> None:
    table = read(write_vcf(tmp_path / "laboratory.vcf", [record("chr7", 117530974, "G", "T", "0/1")]))
    assert {row[0] for row in table.states} == {NotTested()}
