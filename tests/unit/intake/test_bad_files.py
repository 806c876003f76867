"""A file that cannot be accepted: what is said about it, and that nothing of it is used."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from bedside.errors import IntakeError, Problem
from bedside.genome.locus import Build
from bedside.intake.vcf import read_genotypes
from tests.unit.intake.laboratory_files import (
    CHROMOSOMES,
    DECLARED,
    bgzip,
    pack,
    read,
    record,
    states,
    vcf_text,
    write_bcf,
    write_vcf,
)

STAR2 = record("chr10", 94781859, "G", "A", "0/1")
LAST_HEADER_LINE = 1 + len(DECLARED) + len(CHROMOSOMES) + 1
AGAIN = "send the file again, and compare checksums on both sides"


def problems_of(*paths: Path, build: Build | None = None) -> tuple[Problem, ...]:
    with pytest.raises(IntakeError) as caught:
        read_genotypes(paths, pack(), build=build)
    return caught.value.problems


def wrong(tmp_path: Path, content: bytes, name: str = "laboratory.vcf") -> tuple[Problem, ...]:
    path = tmp_path / name
    path.write_bytes(content)
    return problems_of(path)


def test_an_empty_file(tmp_path: Path) -> None:
    assert wrong(tmp_path, b"") == (
        Problem("laboratory.vcf", "the file is empty", remedy="send the file again"),
    )


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert problems_of(tmp_path / "gone.vcf") == (
        Problem("gone.vcf", "cannot be read: No such file or directory", remedy="check the path and rights"),
    )


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (one,) = problems_of(tmp_path)
    assert one.reason == "cannot be read: Is a directory"


@pytest.mark.parametrize(
    "content",
    [b"%PDF-1.7\n...", b"rsid\tchromosome\tposition\tgenotype\n", b"\x89PNG\r\n\x1a\n\0\0\0", b"\n\n\n"],
)
def test_a_file_that_is_no_vcf(tmp_path: Path, content: bytes) -> None:
    assert wrong(tmp_path, content) == (
        Problem(
            "laboratory.vcf", "not a VCF: the first line is not ##fileformat=VCFv4.x", 1,
            "send a VCF 4, BCF or gVCF file",
        ),
    )  # fmt: skip


def test_a_vcf_in_another_encoding(tmp_path: Path) -> None:
    content = vcf_text([STAR2])
    assert wrong(tmp_path, content.encode("utf-16")) == (
        Problem("laboratory.vcf", "the file is UTF-16 text", 1, "save it as UTF-8"),
    )
    assert wrong(tmp_path, content.encode("utf-8-sig")) == (
        Problem(
            "laboratory.vcf", "the file begins with a byte-order mark", 1, "save it as UTF-8 without one"
        ),
    )
    latin = vcf_text([STAR2], samples=("Müller",)).encode("latin-1")
    assert wrong(tmp_path, latin) == (
        Problem("laboratory.vcf", "the header is not UTF-8 text", LAST_HEADER_LINE, "save the file as UTF-8"),
    )


@pytest.mark.parametrize("wrap", [gzip.compress, bgzip])
def test_a_compressed_file_cut_anywhere_is_refused(tmp_path: Path, wrap: object) -> None:
    whole = wrap(vcf_text([STAR2]).encode())  # type: ignore[operator]
    for length in range(20, len(whole), 7):
        (one,) = wrong(tmp_path, whole[:length], "laboratory.vcf.gz")
        assert one.source == "laboratory.vcf.gz"
        assert one.reason.startswith(("the compressed file is cut short", "the bgzip file is cut short"))
        assert one.remedy == AGAIN


def test_a_damaged_byte_inside_a_compressed_file(tmp_path: Path) -> None:
    whole = bytearray(gzip.compress(vcf_text([STAR2] * 50).encode()))
    whole[len(whole) // 2] ^= 0x55
    assert wrong(tmp_path, bytes(whole)) == (
        Problem("laboratory.vcf", "the compressed data are damaged", remedy=AGAIN),
    )


def test_a_bcf_cut_short(tmp_path: Path) -> None:
    whole = write_bcf(tmp_path / "whole.bcf", write_vcf(tmp_path / "whole.vcf", [STAR2] * 30)).read_bytes()
    (one,) = wrong(tmp_path, whole[:-40], "laboratory.bcf")
    assert (one.source, one.remedy) == ("laboratory.bcf", AGAIN)


def test_a_header_without_samples(tmp_path: Path) -> None:
    content = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    assert wrong(tmp_path, content.encode()) == (
        Problem(
            "laboratory.vcf", "the file has no sample: no FORMAT column followed by a sample name", 2,
            "send a file with genotypes, not a sites-only file",
        ),
    )  # fmt: skip


def test_a_header_that_never_ends(tmp_path: Path) -> None:
    assert wrong(tmp_path, b"##fileformat=VCFv4.2\n##reference=GRCh38\n") == (
        Problem("laboratory.vcf", "the header has no #CHROM line", 2, "send a complete VCF 4 file"),
    )


def test_a_sample_name_that_cannot_be_printed(tmp_path: Path) -> None:
    (problem,) = wrong(tmp_path, vcf_text([STAR2], samples=("S1\x00",)).encode())
    assert problem == Problem(
        "laboratory.vcf", "the sample name in column 10 holds a character that cannot be printed",
        LAST_HEADER_LINE, "name samples with letters, digits and signs",
    )  # fmt: skip


def test_a_sample_name_twice_in_one_file(tmp_path: Path) -> None:
    path = write_vcf(tmp_path / "laboratory.vcf", [], samples=("S1", "S2", "S1", "S1"))
    assert problems_of(path) == tuple(
        Problem(
            "laboratory.vcf", f"a sample name stands twice, in columns 10 and {column}", LAST_HEADER_LINE,
            "give every sample its own name",
        )
        for column in (12, 13)
    )  # fmt: skip


def test_the_same_sample_with_the_same_positions_in_two_files(tmp_path: Path) -> None:
    one, two = (write_vcf(tmp_path / name, [STAR2]) for name in ("one.vcf", "two.vcf"))
    assert problems_of(one, two) == (
        Problem(
            "two.vcf", "the same sample names stand in one.vcf, with 1 of the same positions",
            remedy="give each sample once, or files split by chromosome",
        ),
    )  # fmt: skip


def test_files_that_share_only_some_samples(tmp_path: Path) -> None:
    one = write_vcf(tmp_path / "one.vcf", [], samples=("S1", "S2"))
    two = write_vcf(tmp_path / "two.vcf", [], samples=("S2", "S3"))
    assert problems_of(one, two) == (
        Problem(
            "two.vcf", "shares a sample name with one.vcf, but the two files hold different samples",
            remedy="give files of the same samples, or of different ones",
        ),
    )  # fmt: skip


def test_every_malformed_line_is_named_at_once(tmp_path: Path) -> None:
    lines = [
        STAR2,
        "chr10\t94781859\t.\tG\tA\t.\tPASS\t.\tGT",
        "chr10\tabc\t.\tG\tA\t.\tPASS\t.\tGT\t0/1",
        record("chr10", 94781859, "G", "A", "yes"),
        record("chr10", 94781859, "G", "A", "0/1", "0/1"),
        "free text",
        record("chr10", 94781859, "G", "A", "0/5"),
    ]
    path = write_vcf(tmp_path / "laboratory.vcf", lines)
    first = LAST_HEADER_LINE + 1
    cut = "the file may be cut; send it again"
    repair = "repair or re-export the file"
    assert problems_of(path) == (
        Problem("laboratory.vcf", "the line has 9 columns, the header 10", first + 1, cut),
        Problem("laboratory.vcf", "POS is not a number", first + 2, repair),
        Problem("laboratory.vcf", "the GT in column 10 is no genotype", first + 3, repair),
        Problem("laboratory.vcf", "the line has 11 columns, the header 10", first + 4, cut),
        Problem("laboratory.vcf", "the line has 1 columns, the header 10", first + 5, cut),
        Problem("laboratory.vcf", "GT names allele 5, but the record has 1 in ALT", first + 6, repair),
    )


def test_a_record_on_a_contig_that_the_header_does_not_declare(tmp_path: Path) -> None:
    path = write_vcf(tmp_path / "laboratory.vcf", [STAR2, STAR2], contigs=("chr1", "chr2"))
    assert problems_of(path) == (
        Problem(
            "laboratory.vcf",
            "missing contig: chr10 is used, but the header declares other contigs and not this one",
            1 + len(DECLARED) + 2 + 2,
            "add the ##contig line, or re-export the file",
        ),
    )


def test_a_file_without_any_contig_line_is_read(tmp_path: Path) -> None:
    path = write_vcf(tmp_path / "laboratory.vcf", [STAR2], contigs=())
    assert list(states(read(path))) == ["chr10:94781859"]


def test_records_without_any_genotype(tmp_path: Path) -> None:
    path = write_vcf(tmp_path / "laboratory.vcf", [record("chr10", 94781859, "G", "A", "30", form="DP")])
    assert problems_of(path) == (
        Problem("laboratory.vcf", "no record has a GT in its FORMAT", remedy="send a file with genotypes"),
    )


def test_the_problems_of_all_files_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "empty.vcf").write_bytes(b"")
    (tmp_path / "letter.vcf").write_bytes(b"Dear colleague\n")
    good = write_vcf(tmp_path / "good.vcf", [STAR2])
    told = problems_of(tmp_path / "empty.vcf", good, tmp_path / "letter.vcf")
    assert [problem.source for problem in told] == ["empty.vcf", "letter.vcf"]


def test_no_message_names_a_sample(tmp_path: Path) -> None:
    path = write_vcf(tmp_path / "laboratory.vcf", [record("chr10", 94781859, "G", "A", "?", "x")],
                     samples=("DOE_JANE", "DOE_JANE"))  # fmt: skip
    assert "DOE" not in "\n".join(str(problem) for problem in problems_of(path))
