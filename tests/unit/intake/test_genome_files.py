"""A file as a whole: every wrapping reads alike, and one that cannot be accepted says why, by line."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from bedside.errors import IntakeError, Problem
from bedside.genome.evidence import AssayKind, Genome
from bedside.genome.locus import Build
from bedside.intake.genome.read import read_genomes
from tests.unit.intake.genome_files import CONTIGS, HEADER, alleles, genome, genomes, stretches, variants
from tests.unit.intake.laboratory_files import bgzip, record, vcf_text, write_bcf

AGAIN = "send the file again, and compare checksums on both sides"
REPAIR = "repair or re-export the file"
LINES = [
    record("chr1", 100, "A", "G", "0/1:3,4:7", form="GT:AD:DP"),
    record("chr1", 200, "AT", "A,<NON_REF>", "1/2:0,3,4:7", form="GT:AD:DP"),
    record("chr2", 300, "A", "<NON_REF>", "0/0:50:30", form="GT:GQ:DP", info="END=400"),
    record("chr3", 300, "A", "G", "1|0:7", form="GT:PS"),
    record("chrUn_9", 300, "A", "G", "1/1"),
]
FIRST = 1 + len(HEADER) + len(CONTIGS) + 1 + 1
TEXT = vcf_text(LINES, header=HEADER, contigs=(*CONTIGS, "chrUn_9"))


def read(path: Path, **more: Any) -> Genome:
    return read_genomes(path, assay=AssayKind.GENOME, **more)[0]


def said(found: Genome) -> tuple[object, ...]:
    evidence = found.evidence
    return (
        found.sample, found.build, found.records, alleles(found), stretches(found), evidence.depth.tolist(),
        evidence.alternate_depth.tolist(), evidence.phase_set.tolist(),
    )  # fmt: skip


def problems_of(path: Path, **more: Any) -> tuple[Problem, ...]:
    with pytest.raises(IntakeError) as caught:
        read(path, **more)
    return caught.value.problems


def wrong(
    tmp_path: Path, content: bytes | str, name: str = "laboratory.vcf", **more: Any
) -> tuple[Problem, ...]:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return problems_of(path, **more)


def lines_of(tmp_path: Path, *records: str) -> tuple[Problem, ...]:
    return wrong(tmp_path, vcf_text(records, header=HEADER, contigs=CONTIGS))


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(TEXT.encode()),
        gzip.compress(TEXT[:2_000].encode()) + gzip.compress(TEXT[2_000:].encode()),
        bgzip(TEXT.encode()),
        bgzip(TEXT.encode(), 60_000),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\nchr2", "\n\nchr2").encode(),
    ],
    ids=["gzip", "gzip of two members", "bgzip", "bgzip of large blocks", "CR LF", "an empty line"],
)
def test_every_wrapping_reads_alike(tmp_path: Path, content: bytes) -> None:
    plain, other = tmp_path / "plain.vcf", tmp_path / "other.vcf"
    plain.write_text(TEXT)
    other.write_bytes(content)
    assert said(read(other)) == said(read(plain))
    assert read(plain).records == 5


def test_a_bcf_reads_as_its_vcf(tmp_path: Path) -> None:
    path = tmp_path / "laboratory.vcf"
    path.write_text(TEXT)
    found = read(write_bcf(tmp_path / "laboratory.bcf", path))
    assert said(found) == said(read(path))
    assert found.evidence.line.tolist() == [1, 2, 4]


def test_a_last_line_without_its_end_is_read_and_noted(tmp_path: Path) -> None:
    path = tmp_path / "laboratory.vcf"
    path.write_text(TEXT.rstrip("\n"))
    found = read(path)
    assert next((one.code, one.line) for one in found.notices) == ("no-final-line-end", FIRST + 5)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"PK\x03\x04", "not a VCF: the first line is not ##fileformat=VCFv4.x"),
        (gzip.compress(TEXT.encode())[:-20], "the compressed file is cut short"),
        (bgzip(TEXT.encode())[:-28], "the bgzip file is cut short: its end marker is missing"),
        (bgzip(TEXT.encode())[:-40], "the bgzip file is cut short: its end marker is missing"),
        (
            bgzip(TEXT.encode())[:-28] + b"rubbish of thirty-two bytes here",
            "the bgzip file is cut short: its end marker is missing",
        ),
    ],
)
def test_a_file_that_is_cut_or_damaged_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    (problem,) = wrong(tmp_path, content, "laboratory.vcf.gz")
    assert (problem.source, problem.reason) == ("laboratory.vcf.gz", reason)


def test_a_file_without_a_record_is_no_normal_result(tmp_path: Path) -> None:
    assert lines_of(tmp_path) == (
        Problem(
            "laboratory.vcf",
            "the file has a header but no record",
            remedy="send the whole file; no record is not a normal result",
        ),
    )


def test_a_file_without_samples_or_with_one_twice(tmp_path: Path) -> None:
    sites_only = (
        "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\nchr1\t5\t.\tA\tG\t.\t.\t.\n"
    )
    assert [one.reason for one in wrong(tmp_path, sites_only)] == [
        "the file has no sample: no FORMAT column followed by a sample name"
    ]
    twice = vcf_text([record("chr1", 5, "A", "G", "0/1", "0/1")], ("S1", "S1"))
    assert [one.reason for one in wrong(tmp_path, twice)] == [
        "a sample name stands twice, in columns 10 and 11"
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("chr1\t100\t.\tA\tG\t.\tPASS\t.\tGT", "the line has 9 columns, the header 10"),
        (record("chr1", 100, "A", "G", "0/1") + "\t0/1", "the line has 11 columns, the header 10"),
        (record("chr1", 100, "A", "G", "0/x"), "the GT is no genotype"),
        (record("chr1", 100, "A", "G", "0/2"), "GT names allele 2, but the record has 1 in ALT"),
        (record("chr1", 100, "A", "G", "0/1:5", form="GT"), "a sample has 2 values, FORMAT names 1"),
        (record("chr1", 100, "", "G", "0/1"), "REF is empty"),
        ("chr1\t1e5\t.\tA\tG\t.\tPASS\t.\tGT\t0/1", "POS is not a number"),
        (record("chr21", 46_709_984, "A", "G", "0/1"), "POS lies beyond the chromosome's end in GRCh38"),
        (record("NC_000007.14", 5, "A", "G", "0/1"), "missing contig: NC_000007.14 is used, but the header "
            "declares other contigs and not this one"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, line: str, reason: str) -> None:
    good = record("chr1", 50, "A", "G", "0/1")
    found = lines_of(tmp_path, good, line, good)
    assert [(one.line, one.reason) for one in found] == [(FIRST + 1, reason)]


def test_every_bad_line_is_named_at_once(tmp_path: Path) -> None:
    found = lines_of(tmp_path, *(record("chr1", 100 + at, "A", "G", "0/7") for at in range(5)))
    assert [one.line for one in found] == [FIRST + at for at in range(5)]


def test_a_file_without_genotypes_is_refused(tmp_path: Path) -> None:
    found = lines_of(tmp_path, record("chr1", 100, "A", "G", "7", form="DP"))
    assert [one.reason for one in found] == ["no record has a GT in its FORMAT"]


def test_the_build_is_never_guessed(tmp_path: Path) -> None:
    text = vcf_text(LINES[:1], header=HEADER[1:], contigs=CONTIGS)
    assert wrong(tmp_path, text) == (
        Problem(
            "laboratory.vcf",
            "the reference assembly cannot be told: the header names none",
            remedy="pass --build GRCh38 or --build GRCh37 if you know which it is",
        ),
    )
    path = tmp_path / "told.vcf"
    path.write_text(text)
    assert read(path, build=Build.GRCH38).build is Build.GRCH38
    told_otherwise = wrong(tmp_path, TEXT, build=Build.GRCH37)
    assert "build mismatch: told GRCh37" in told_otherwise[0].reason


def test_a_file_on_grch37_needs_a_chain(tmp_path: Path) -> None:
    text = vcf_text(LINES[:1], header=("##reference=GRCh37", *HEADER[1:]), contigs=CONTIGS)
    assert wrong(tmp_path, text) == (
        Problem(
            "laboratory.vcf",
            "the file is on GRCh37, and genomes are kept on GRCh38",
            remedy="give --chain with a chain from GRCh37 to GRCh38",
        ),
    )


def test_a_bed_with_bad_lines_names_each(tmp_path: Path) -> None:
    bed = tmp_path / "kit.bed"
    bed.write_text("chr1\t5\nchr1\tx\t9\nchr1\t9\t9\nchr1\t0\t999999999\nchr1\t5\t9\n")
    path = tmp_path / "laboratory.vcf"
    path.write_text(TEXT)
    assert [(one.source, one.line, one.reason) for one in problems_of(path, covered=bed)] == [
        ("kit.bed", 1, "not an interval"),
        ("kit.bed", 2, "not an interval"),
        ("kit.bed", 3, "the interval ends before it begins"),
        ("kit.bed", 4, "the interval lies beyond the chromosome's end in GRCh38"),
    ]
    bed.write_text("track\n")
    assert [one.reason for one in problems_of(path, covered=bed)] == ["holds no interval"]


def test_no_message_holds_a_sample_name_or_a_genotype(tmp_path: Path) -> None:
    text = vcf_text([record("chr1", 100, "A", "G", "0/9:77")], ("Erika_Mustermann",), HEADER, CONTIGS)
    for problem in wrong(tmp_path, text):
        assert "Erika" not in str(problem)
        assert "77" not in problem.reason


def test_several_samples_and_a_large_file_come_in_pieces_that_fit_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [
        record("chr1", 100 + 7 * at, "A", "GT"[at % 2], ("0/1", "1/1", "./.")[at % 3], ("0/0", "1|0")[at % 2])
        for at in range(500)
    ]
    whole = genomes(tmp_path, lines, ("S1", "S2"))
    monkeypatch.setattr("bedside.intake.genome.read._PIECE", 1_000)
    pieces = genomes(tmp_path, lines, ("S1", "S2"))
    assert [said(one) for one in pieces] == [said(one) for one in whole]
    assert [one.evidence.line.tolist() for one in pieces] == [one.evidence.line.tolist() for one in whole]
    assert len(variants(whole[0])) == 334
    assert genome(tmp_path, [record("chr1", 5, "A", "G", "0/1")]).records == 1
