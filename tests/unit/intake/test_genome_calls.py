"""What each kind of record makes of a genome: rows of alleles, and stretches seen or not callable."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedside.genome.evidence import Seen
from bedside.genome.person import Sex
from tests.unit.intake.genome_files import alleles, genome, genomes, stretches, variants
from tests.unit.intake.laboratory_files import record

SEEN, NO_CALL, HALF = Seen.REFERENCE, Seen.NO_CALL, Seen.HALF_CALL
FILTERED, LOW = Seen.FILTERED, Seen.LOW_QUALITY
ROW = "chr2-100-A-G"


@pytest.mark.parametrize(
    ("genotype", "row", "state"),
    [
        ("0/1", [(ROW, 1, 2, 2)], SEEN),
        ("1/0", [(ROW, 1, 2, 1)], SEEN),
        ("0|1", [(ROW, 1, 2, 2)], SEEN),
        ("1/1", [(ROW, 2, 2, 3)], SEEN),
        ("1", [(ROW, 1, 1, 1)], SEEN),
        ("0/0", [], SEEN),
        ("0", [], SEEN),
        ("./.", [], NO_CALL),
        (".", [], NO_CALL),
        ("0/.", [], HALF),
        ("./0", [], HALF),
        ("1/.", [(ROW, 1, 2, 1)], HALF),
        ("./1", [(ROW, 1, 2, 2)], HALF),
        ("/0/1", [(ROW, 1, 2, 2)], SEEN),
        ("0/0/1", [], NO_CALL),
    ],
)
def test_a_genotype(tmp_path: Path, genotype: str, row: list[object], state: Seen) -> None:
    found = genome(tmp_path, [record("chr2", 100, "A", "G", genotype)])
    assert (alleles(found), stretches(found)) == (row, [("chr2:100-100", state)])


@pytest.mark.parametrize(
    ("alternate", "genotype", "rows", "state"),
    [
        ("G,T", "1/2", [(ROW, 1, 2, 1), ("chr2-100-A-T", 1, 2, 2)], SEEN),
        ("G,T", "2|2", [("chr2-100-A-T", 2, 2, 3)], SEEN),
        ("G,*", "1/2", [(ROW, 1, 2, 1)], SEEN),
        ("*", "0/1", [], SEEN),
        ("G,<NON_REF>", "0/1", [(ROW, 1, 2, 2)], SEEN),
        ("G,<NON_REF>", "0/2", [], NO_CALL),
        ("<DEL>", "0/0", None, None),
        ("G]chr3:5]", "0/1", [], NO_CALL),
        ("g", "0/1", [(ROW, 1, 2, 2)], SEEN),
        ("N", "0/1", [("chr2-100-A-N", 1, 2, 2)], SEEN),
        ("R", "0/1", [], NO_CALL),
        ("A", "0/1", [], NO_CALL),
        ("G,<DEL>", "1/2", [(ROW, 1, 2, 1)], NO_CALL),
    ],
)
def test_an_alternate_allele(
    tmp_path: Path, alternate: str, genotype: str, rows: list[object] | None, state: Seen | None
) -> None:
    found = genome(
        tmp_path, [record("chr2", 100, "A", alternate, genotype), record("chr3", 7, "C", "T", "0/0")]
    )
    expected = [] if state is None else [("chr2:100-100", state)]
    assert (alleles(found), stretches(found)) == (rows or [], [*expected, ("chr3:7-7", SEEN)])


def test_a_deletion_of_unknown_bases_makes_its_whole_span_not_callable(tmp_path: Path) -> None:
    lines = [record("chr2", 100, "A", "<DEL>", "0/1", info="SVTYPE=DEL;END=300")]
    lines += [record("chr2", 200, "A", "G", "0/1")]
    found = genome(tmp_path, lines)
    assert (variants(found), stretches(found)) == (["chr2-200-A-G"], [("chr2:100-300", NO_CALL)])


def test_lower_case_bases_are_bases(tmp_path: Path) -> None:
    assert variants(genome(tmp_path, [record("chr2", 100, "acg", "a", "0/1")])) == ["chr2-100-ACG-A"]


@pytest.mark.parametrize(
    ("form", "filters", "sample", "passed", "state"),
    [
        ("GT", "LowQual", "0/1", False, FILTERED),
        ("GT", "LowQual", "1/.", False, FILTERED),
        ("GT", ".", "0/1", True, SEEN),
        ("GT:FT", "PASS", "0/1:LowQual", False, FILTERED),
        ("GT:FT", "PASS", "0/1:PASS", True, SEEN),
        ("GT:FT", "PASS", "0/1", True, SEEN),
        ("GT:AD", "PASS", "0/1:0,30", False, NO_CALL),
        ("GT:AD", "PASS", "0/1:15,15", True, SEEN),
        ("GT:AD", "PASS", "0/1:30", True, SEEN),
    ],
)
def test_a_record_that_is_not_believed_keeps_its_row_and_is_never_absent(
    tmp_path: Path, form: str, filters: str, sample: str, passed: bool, state: Seen
) -> None:
    found = genome(tmp_path, [record("chr2", 100, "A", "G", sample, form=form, filters=filters)])
    assert (variants(found), found.evidence.passed.tolist(), stretches(found)) == (
        [ROW], [passed], [("chr2:100-100", state)],
    )  # fmt: skip


def test_a_filtered_reference_call_is_not_reference(tmp_path: Path) -> None:
    found = genome(tmp_path, [record("chr2", 100, "AC", "G", "0/0", filters="LowQual")])
    assert stretches(found) == [("chr2:100-101", FILTERED)]


@pytest.mark.parametrize(
    ("sample", "state"),
    [
        ("0/0:30:40", SEEN),
        ("0/0:20:10", SEEN),
        ("0/0:19:40", LOW),
        ("0/0:30:9", LOW),
        ("0/0:.:.", LOW),
        ("0/0:30:.", SEEN),
        ("0/0", LOW),
        ("0/0:99.7:40", SEEN),
        ("./.:30:40", NO_CALL),
        ("0/.:30:40", HALF),
        ("0/1:30:40", NO_CALL),
    ],
)
def test_a_reference_block(tmp_path: Path, sample: str, state: Seen) -> None:
    line = record("chr2", 100, "A", "<NON_REF>", sample, form="GT:GQ:MIN_DP", info="DP=3;END=180")
    assert stretches(genome(tmp_path, [line])) == [("chr2:100-180", state)]


def test_blocks_side_by_side_are_one_stretch_and_what_is_not_callable_cuts_it(tmp_path: Path) -> None:
    block = {"form": "GT:GQ", "info": "END="}
    lines = [
        record("chr2", start, "A", "<*>", sample, form=block["form"], info=f"END={end}")
        for start, end, sample in ((100, 149, "0/0:50"), (150, 199, "0/0:60"), (120, 160, "0/0:3"))
    ]
    assert stretches(genome(tmp_path, lines)) == [
        ("chr2:100-119", SEEN),
        ("chr2:120-160", LOW),
        ("chr2:161-199", SEEN),
    ]


def test_a_reference_record_without_an_end_needs_no_quality(tmp_path: Path) -> None:
    found = genome(tmp_path, [record("chr2", 100, "ACG", ".", "0/0"), record("chr3", 7, "A", ".", "./.")])
    assert stretches(found) == [("chr2:100-102", SEEN), ("chr3:7-7", NO_CALL)]


def test_nothing_outside_the_records_was_tested_unless_the_laboratory_says_what_it_covered(
    tmp_path: Path,
) -> None:
    bed = tmp_path / "kit.bed"
    bed.write_text("track name=kit\nchr2\t99\t300\nchr2 250 400\n#\n2\t1000\t1001\nchrUn\t0\t5\n")
    lines = [record("chr2", 150, "A", "G", "./."), record("chr2", 160, "A", "G", "0/1")]
    assert stretches(genome(tmp_path, lines)) == [("chr2:150-150", NO_CALL), ("chr2:160-160", SEEN)]
    assert stretches(genome(tmp_path, lines, covered=bed)) == [
        ("chr2:100-149", SEEN),
        ("chr2:150-150", NO_CALL),
        ("chr2:151-400", SEEN),
        ("chr2:1001-1001", SEEN),
    ]


def test_depths_quality_phase_and_line_are_kept(tmp_path: Path) -> None:
    form = "GT:AD:DP:GQ:PS"
    lines = [
        record("chr2", 100, "A", "G,T", "1|2:1,20,22:43:99:777", form=form),
        record("chr2", 200, "A", "G", "0|1:.:.:.:.", form=form),
        record("chr2", 300, "A", "G", "0/1:7,8:15:40:777", form=form),
        record("chr2", 400, "A", "G", "0|1:7,8:15:40:block-a", form=form),
        record("chr2", 500, "A", "G", "1", form=form),
    ]
    found = genome(tmp_path, lines).evidence
    named = int(found.phase_set[4])
    assert found.phase_set.tolist() == [777, 777, 0, -1, named, -1]
    assert named >= 1 << 30
    assert found.depth.tolist() == [43, 43, -1, 15, 15, -1]
    assert found.alternate_depth.tolist() == [20, 22, -1, 8, 8, -1]
    assert found.quality.tolist() == [99, 99, -1, 40, 40, -1]
    first = int(found.line[0])
    assert (found.line - first).tolist() == [0, 0, 1, 2, 3, 4]
    path = (tmp_path / "laboratory.vcf").read_text().splitlines()
    assert path[first - 1].startswith("chr2\t100\t")


def test_alleles_are_written_in_their_shortest_form_and_say_that_the_file_wrote_otherwise(
    tmp_path: Path,
) -> None:
    lines = [
        record("chr2", 100, "ACGT", "ACG,TCGT", "1/2"),
        record("chr2", 200, "CAA", "CA", "0/1"),
        record("chr2", 300, "AC", "TG", "0/1"),
        record("chr2", 400, "A", "G", "0/1"),
    ]
    found = genome(tmp_path, lines)
    assert list(zip(variants(found), found.evidence.moved.tolist(), strict=True)) == [
        ("chr2-100-A-T", True),
        ("chr2-102-GT-G", True),
        ("chr2-200-CA-C", True),
        ("chr2-300-AC-TG", False),
        ("chr2-400-A-G", False),
    ]
    assert (found.left_aligned, found.checked_reference) == (False, "")


def test_rows_are_in_genome_order_whatever_the_order_of_the_file(tmp_path: Path) -> None:
    lines = [
        record(chromosome, position, "A", "G", "0/1")
        for chromosome, position in (("chrX", 5_000_000), ("chr10", 9), ("chr2", 50), ("chr2", 20))
    ]
    found = genome(tmp_path, lines)
    assert variants(found) == ["chr2-20-A-G", "chr2-50-A-G", "chr10-9-A-G", "chrX-5000000-A-G"]


def test_an_allele_in_two_records_is_there_once_and_a_contradiction_is_not_believed(tmp_path: Path) -> None:
    lines = [
        record("chr2", 100, "A", "G", "0/1"),
        record("chr2", 100, "A", "G", "0/1"),
        record("chr2", 200, "A", "G", "0/1"),
        record("chr2", 200, "AT", "GT", "1/1"),
        record("chr2", 300, "A", "G", "0/1", filters="LowQual"),
        record("chr2", 300, "A", "G", "0/1"),
    ]
    found = genome(tmp_path, lines)
    assert list(zip(variants(found), found.evidence.passed.tolist(), strict=True)) == [
        (ROW, True),
        ("chr2-200-A-G", False),
        ("chr2-300-A-G", False),
    ]
    assert ("chr2:200-200", NO_CALL) in stretches(found)
    assert [(one.code, one.source) for one in found.notices] == [("repeated-records", "laboratory.vcf")]


def test_a_man_has_one_x_outside_the_pseudoautosomal_regions(tmp_path: Path) -> None:
    lines = [
        record("chrX", 100_000, "A", "G", "0/1"),
        record("chrX", 5_000_000, "A", "G", "1/1"),
        record("chrX", 5_000_001, "A", "G", "1"),
        record("chrX", 5_000_002, "A", "G", "0/1"),
        record("chrY", 5_000_003, "A", "G", "1/1"),
    ]
    man = genome(tmp_path, lines, sex=Sex.MALE)
    assert alleles(man) == [
        ("chrX-100000-A-G", 1, 2, 2),
        ("chrX-5000000-A-G", 1, 1, 1),
        ("chrX-5000001-A-G", 1, 1, 1),
        ("chrX-5000002-A-G", 1, 1, 0),
        ("chrY-5000003-A-G", 1, 1, 1),
    ]
    assert man.evidence.passed.tolist() == [True, True, True, False, True]
    assert ("chrX:5000002-5000002", NO_CALL) in stretches(man)
    unknown = genome(tmp_path, lines)
    assert [row[1:3] for row in alleles(unknown)] == [(1, 2), (2, 2), (1, 1), (1, 2), (1, 1)]
    woman = genome(tmp_path, lines, sex={"S1": Sex.FEMALE})
    assert woman.evidence.passed.tolist() == [True, True, True, True, False]


def test_sex_is_never_told_from_the_calls_only_said_to_look_so(tmp_path: Path) -> None:
    lines = [record("chrX", 5_000_000 + at, "A", "G", "1/1") for at in range(60)]
    found = genome(tmp_path, lines)
    assert {row[1:3] for row in alleles(found)} == {(2, 2)}
    assert [one.code for one in found.notices] == ["sex-not-told"]
    contradicted = genome(tmp_path, lines, sex=Sex.FEMALE)
    assert [one.code for one in contradicted.notices] == ["sex-contradicted"]


def test_a_mixture_of_mitochondria_is_no_heterozygote(tmp_path: Path) -> None:
    form = "GT:AD:DP"
    lines = [
        record("chrM", 3243, "A", "G", "0/1:60,40:100", form=form),
        record("chrM", 8993, "T", "G", "1/1:0,90:90", form=form),
        record("chrM", 9000, "T", "G", "1:0,90:90", form=form),
    ]
    found = genome(tmp_path, lines)
    assert alleles(found) == [
        ("chrM-3243-A-G", 1, 1, 0),
        ("chrM-8993-T-G", 1, 1, 1),
        ("chrM-9000-T-G", 1, 1, 1),
    ]
    assert (found.evidence.alternate_depth / found.evidence.depth).tolist() == [0.4, 1.0, 1.0]
    assert [one.code for one in found.notices] == ["mixture"]


def test_every_sample_has_its_own_genome(tmp_path: Path) -> None:
    lines = [record("chr2", 100, "A", "G,T", "0/1", "2/2", "./.")]
    found = genomes(tmp_path, lines, ("child", "mother", "father"))
    assert [(one.sample, variants(one), stretches(one)) for one in found] == [
        ("child", [ROW], [("chr2:100-100", SEEN)]),
        ("mother", ["chr2-100-A-T"], [("chr2:100-100", SEEN)]),
        ("father", [], [("chr2:100-100", NO_CALL)]),
    ]


def test_records_of_other_contigs_are_counted_not_kept(tmp_path: Path) -> None:
    lines = [record("chr2", 100, "A", "G", "0/1"), record("chr2_KI270_alt", 100, "A", "G", "0/1")]
    found = genome(tmp_path, lines)
    assert (found.records, variants(found), [one.code for one in found.notices]) == (
        2,
        [ROW],
        ["other-contigs"],
    )
