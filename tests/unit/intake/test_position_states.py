"""What a laboratory's record says about one position of one person."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedside.genome.state import (
    Called,
    Filtered,
    HalfCall,
    NoCall,
    Reason,
    ReferenceBlock,
    Undocumented,
)
from bedside.intake.policy import default_policy
from bedside.intake.vcf import read_genotypes
from tests.unit.intake.laboratory_files import pack, read, read_states, record, states, write_vcf

STAR2 = "chr10:94781859"


def star2(*samples: str, alternate: str = "A", **more: str) -> str:
    """CYP2C19 rs4244285, G>A."""
    return record("chr10", 94781859, "G", alternate, *samples, **more)


@pytest.mark.parametrize(
    ("genotype", "state"),
    [
        ("0/0", Called(("G", "G"))),
        ("0/1", Called(("G", "A"))),
        ("1/0", Called(("G", "A"))),
        ("1/1", Called(("A", "A"))),
        ("0|1", Called(("G", "A"), phased=True)),
        ("1|0", Called(("A", "G"), phased=True)),
        ("|0|1", Called(("G", "A"), phased=True)),
        ("1", Called(("A",))),
        ("0/1/1", Called(("G", "A"))),
        (".", NoCall(Reason.GENOTYPE_MISSING)),
        ("./.", NoCall(Reason.GENOTYPE_MISSING)),
        (".|.", NoCall(Reason.GENOTYPE_MISSING)),
        ("0/.", NoCall(Reason.HALF_CALL_REFERENCE)),
        ("./0", NoCall(Reason.HALF_CALL_REFERENCE)),
        ("1/.", HalfCall(("A", None))),
        ("1|.", HalfCall(("A", None), phased=True)),
        (".|1", HalfCall((None, "A"), phased=True)),
    ],
)
def test_a_genotype_becomes_bases(tmp_path: Path, genotype: str, state: object) -> None:
    assert read_states(tmp_path, [star2(genotype)]) == {STAR2: state}


@pytest.mark.parametrize(
    ("alternate", "genotype", "state"),
    [
        ("C", "0/1", Undocumented(("G", "C"))),
        ("A,C", "1|2", Undocumented(("A", "C"), phased=True)),
        ("A,C", "0/1", Called(("G", "A"))),
        ("<DEL>", "0/1", NoCall(Reason.SYMBOLIC_ALLELE)),
        ("A,<DEL>", "0/1", Called(("G", "A"))),
        ("A,*", "1/2", NoCall(Reason.SPANNING_DELETION)),
        ("A,*", "0/1", Called(("G", "A"))),
        ("N", "0/1", NoCall(Reason.NOT_A_BASE_SEQUENCE)),
        ("R", "1/1", NoCall(Reason.NOT_A_BASE_SEQUENCE)),
        ("A,<NON_REF>", "0/1", Called(("G", "A"))),
        ("A,<NON_REF>", "0/2", NoCall(Reason.SYMBOLIC_ALLELE)),
        ("a", "0/1", Called(("G", "A"))),
        (".", "0/0", Called(("G", "G"))),
        ("G]chr7:1000]", "0/1", NoCall(Reason.SYMBOLIC_ALLELE)),
    ],
)
def test_an_allele_that_is_no_base_is_not_used(
    tmp_path: Path, alternate: str, genotype: str, state: object
) -> None:
    assert read_states(tmp_path, [star2(genotype, alternate=alternate)]) == {STAR2: state}


def test_a_position_without_a_record_is_not_tested_and_never_reference(tmp_path: Path) -> None:
    assert read_states(tmp_path, [record("chr10", 94781860, "A", "G", "0/0")]) == {}


def test_a_record_that_failed_the_callers_filter_is_set_aside_by_name(tmp_path: Path) -> None:
    path = write_vcf(
        tmp_path / "laboratory.vcf",
        [
            star2("0/1", filters="LowQual;q10"),
        ],
    )
    assert states(read(path)) == {STAR2: Filtered(Reason.FILTER_FAILED, "LowQual;q10")}
    believed = read_genotypes([path], pack(), policy=default_policy().ignoring_filters())
    assert states(believed) == {STAR2: Called(("G", "A"))}


@pytest.mark.parametrize("filters", ["PASS", ".", "PCATxALT"])
def test_filters_that_count_as_passed(tmp_path: Path, filters: str) -> None:
    assert read_states(tmp_path, [star2("0/1", filters=filters)]) == {STAR2: Called(("G", "A"))}


@pytest.mark.parametrize(
    ("form", "sample", "state"),
    [
        ("GT:FT", "0/1:PASS", Called(("G", "A"))),
        ("GT:FT", "0/1:VQLOW", Filtered(Reason.FILTER_FAILED, "VQLOW")),
        ("GT:AD", "0/1:12,9", Called(("G", "A"))),
        ("GT:AD", "0/1:12,0", NoCall(Reason.DEPTH_CONTRADICTS)),
        ("GT:AD", "0/1:0,12", NoCall(Reason.DEPTH_CONTRADICTS)),
        ("GT:AD", "0/0:12,0", Called(("G", "G"))),
        ("GT:AD", "0/1:12", Called(("G", "A"))),
        ("GT:AD", "0/1:0,0", Called(("G", "A"))),
        ("GT:AD", "0/1:.", Called(("G", "A"))),
        ("GT:AD", "0/1", Called(("G", "A"))),
        ("GT:GQ", "0/1:3", Called(("G", "A"))),
        ("DP", "30", NoCall(Reason.NO_GENOTYPE_FIELD)),
        ("GT:PS", "0|1:94781859", Called(("G", "A"), phased=True, phase_set=1)),
        ("GT:PS", "0|1:.", Called(("G", "A"), phased=True)),
        ("GT:PS", "0/1:94781859", Called(("G", "A"))),
        ("GT:PS", "1|1:94781859", Called(("A", "A"), phased=True)),
    ],
)
def test_what_else_the_sample_says(tmp_path: Path, form: str, sample: str, state: object) -> None:
    other = record("chr10", 94780653, "G", "A", "0/0")
    assert read_states(tmp_path, [other, star2(sample, form=form)])[STAR2] == state


def test_depths_left_over_from_splitting_do_not_discard_a_real_heterozygote(tmp_path: Path) -> None:
    """A multi-allelic record split without its AD keeps three depths for two alleles."""
    found = read_states(tmp_path, [star2("0/1:9,0,8", form="GT:AD")])
    assert found == {STAR2: Called(("G", "A"))}


def test_phase_sets_are_numbered_in_the_order_met_within_a_gene(tmp_path: Path) -> None:
    records = [
        record("chr10", 94761900, "C", "T", "0|1:900", "0|1:7", form="GT:PS"),
        record("chr10", 94780653, "G", "A", "1|0:100", "1|0:7", form="GT:PS"),
        record("chr10", 94781859, "G", "A", "0|1:900", "0|1:8", form="GT:PS"),
    ]
    table = read(write_vcf(tmp_path / "laboratory.vcf", records, samples=("S1", "S2")))
    first = [state.phase_set for state in states(table, 0).values() if isinstance(state, Called)]
    second = [state.phase_set for state in states(table, 1).values() if isinstance(state, Called)]
    assert (first, second) == ([1, 2, 1], [1, 1, 2])


def test_two_people_with_the_same_phase_structure_share_their_codes(tmp_path: Path) -> None:
    records = [
        record("chr10", 94761900, "C", "T", "0|1:55", "0|1:900", form="GT:PS"),
        record("chr10", 94780653, "G", "A", "1|0:77", "1|0:100", form="GT:PS"),
    ]
    table = read(write_vcf(tmp_path / "laboratory.vcf", records, samples=("S1", "S2")))
    assert (table.codes[:, 0] == table.codes[:, 1]).all()


def test_a_man_has_one_g6pd_and_a_woman_two(tmp_path: Path) -> None:
    records = [record("chrX", 154535277, "T", "C", "1", "0/1")]
    table = read(write_vcf(tmp_path / "laboratory.vcf", records, samples=("S1", "S2")))
    assert states(table, 0) == {"chrX:154535277": Called(("C",))}
    assert states(table, 1) == {"chrX:154535277": Called(("T", "C"))}


def block(position: int, end: int, sample: str, **more: str) -> str:
    """A gVCF block over CYP2C19 *2 (reference bases as in GRCh38 where it begins on the position)."""
    reference = "G" if position == 94781859 else "T"
    more.setdefault("form", "GT:DP:GQ")
    return record("chr10", position, reference, "<NON_REF>", sample, info=f"END={end}", **more)


@pytest.mark.parametrize(
    ("line", "state"),
    [
        (block(94781800, 94781900, "0/0:30:60"), ReferenceBlock("G")),
        (block(94781859, 94781859, "0/0:30:60"), ReferenceBlock("G")),
        (block(94781800, 94781900, "0/0:30:19"), Filtered(Reason.LOW_QUALITY, "genotype quality below 20")),
        (block(94781800, 94781900, "0/0:9:60"), Filtered(Reason.LOW_QUALITY, "depth below 10")),
        (block(94781800, 94781900, "0/0:.:60"), ReferenceBlock("G")),
        (
            block(94781800, 94781900, "0/0:.:."),
            Filtered(Reason.LOW_QUALITY, "no genotype quality or depth"),
        ),
        (block(94781800, 94781900, "0/0:5:60:30", form="GT:DP:GQ:MIN_DP"), ReferenceBlock("G")),
        (block(94781800, 94781900, "./.:0:0"), NoCall(Reason.GENOTYPE_MISSING)),
        (block(94781800, 94781900, "0:30:60"), ReferenceBlock("G", ploidy=1)),
        (
            block(94781800, 94781900, "0/0:30:60", filters="LowQual"),
            Filtered(Reason.FILTER_FAILED, "LowQual"),
        ),
    ],
)
def test_a_reference_block_is_believed_when_it_spans_and_is_good_enough(
    tmp_path: Path, line: str, state: object
) -> None:
    assert read_states(tmp_path, [line])[STAR2] == state


def test_a_block_that_ends_before_the_position_says_nothing(tmp_path: Path) -> None:
    assert STAR2 not in read_states(tmp_path, [block(94781700, 94781858, "0/0:30:60")])


def test_a_reference_deletion_needs_a_block_over_all_its_bases(tmp_path: Path) -> None:
    """CFTR CCTT>C: two blocks that meet inside it are two statements, neither about the deletion."""
    whole = record("chr7", 117540150, "A", "<*>", "0/0:40", info="END=117540159", form="GT:GQ")
    parts = [
        record("chr7", 117540150, "A", "<*>", "0/0:40", info="END=117540157", form="GT:GQ"),
        record("chr7", 117540158, "T", "<*>", "0/0:40", info="END=117540170", form="GT:GQ"),
    ]
    site = "chr7:117540156"
    assert read_states(tmp_path, [whole])[site] == ReferenceBlock("CCTT")
    assert read_states(tmp_path, parts)[site] == NoCall(Reason.BLOCK_DOES_NOT_SPAN)


def test_consecutive_reference_rows_are_no_evidence_for_a_reference_deletion(tmp_path: Path) -> None:
    rows = [record("chr7", 117540156 + at, base, ".", "0/0") for at, base in enumerate("CCTT")]
    assert read_states(tmp_path, rows)["chr7:117540156"] == NoCall(Reason.BLOCK_DOES_NOT_SPAN)


def test_a_variant_inside_a_gvcf_is_called_and_the_blocks_around_it_do_not_speak_of_it(
    tmp_path: Path,
) -> None:
    lines = [
        block(94781800, 94781858, "0/0:30:60"),
        star2("0/1:30:60", alternate="A,<NON_REF>", form="GT:DP:GQ"),
        block(94781860, 94781900, "0/0:30:60").replace("\tT\t", "\tA\t"),
    ]
    assert read_states(tmp_path, lines)[STAR2] == Called(("G", "A"))
