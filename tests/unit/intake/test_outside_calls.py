"""Calls that another laboratory made, as a table: what is read, and what is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedside.errors import IntakeError, Problem
from bedside.genome.observation import OutsideCall
from bedside.intake.outside_calls import read_outside_calls


def read(tmp_path: Path, text: str, encoding: str = "utf-8") -> dict[str, tuple[OutsideCall, ...]]:
    path = tmp_path / "outside.tsv"
    path.write_bytes(text.encode(encoding))
    return dict(read_outside_calls(path))


@pytest.mark.parametrize(
    ("line", "call"),
    [
        ("CYP2D6\t*1/*4", OutsideCall("CYP2D6", "*1/*4")),
        ("CYP2D6\t\t\t1.25", OutsideCall("CYP2D6", activity_score="1.25")),
        ("CYP2D6\t\tPoor Metabolizer", OutsideCall("CYP2D6", phenotype="Poor Metabolizer")),
        (
            "CYP2D6\t*2/*10\tIntermediate Metabolizer\t1.25",
            OutsideCall("CYP2D6", "*2/*10", "Intermediate Metabolizer", "1.25"),
        ),
        ("HLA-B\t*15:02/*57:01", OutsideCall("HLA-B", "*15:02/*57:01")),
        ("HLA-A\t\t*31:01 positive", OutsideCall("HLA-A", phenotype="*31:01 positive")),
        ("CYP2D6\t*13 + *68x2 + *4/*68 + *2", OutsideCall("CYP2D6", "*13 + *68x2 + *4/*68 + *2")),
        ("MT-RNR1\t1555A>G", OutsideCall("MT-RNR1", "1555A>G")),
        ("CYP2D6\t*1/*4\t\t\t0.6\t0.75\tp: 0.0\t\t\tv1.9-2017_02_09", OutsideCall("CYP2D6", "*1/*4")),
        (" CYP2D6 \t *1/*4 ", OutsideCall("CYP2D6", "*1/*4")),
        ("CYP2D6\t*1x3/*1\t\t≥3.0", OutsideCall("CYP2D6", "*1x3/*1", activity_score="≥3.0")),
    ],
)
def test_a_line_is_a_call(tmp_path: Path, line: str, call: OutsideCall) -> None:
    assert read(tmp_path, f"# from another laboratory\n\n{line}\n") == {"": (call,)}


def test_the_same_gene_on_several_lines_is_several_calls(tmp_path: Path) -> None:
    found = read(tmp_path, "CYP2D6\t*1x2/*9\nCYP2D6\t*1x2/*10\n")
    assert found == {"": (OutsideCall("CYP2D6", "*1x2/*9"), OutsideCall("CYP2D6", "*1x2/*10"))}


@pytest.mark.parametrize("header", ["sample\tgene\tdiplotype", "#Sample\tGene\tDiplotype"])
def test_a_header_may_name_samples(tmp_path: Path, header: str) -> None:
    found = read(tmp_path, f"{header}\nS1\tCYP2D6\t*1/*4\nS2\tCYP2D6\t*1/*1\nS1\tHLA-B\t*57:01\n")
    assert found == {
        "S1": (OutsideCall("CYP2D6", "*1/*4"), OutsideCall("HLA-B", "*57:01")),
        "S2": (OutsideCall("CYP2D6", "*1/*1"),),
    }


def test_a_header_may_bring_the_columns_in_another_order(tmp_path: Path) -> None:
    found = read(tmp_path, "Gene\tActivity score\tPhenotype\nDPYD\t1.5\tIntermediate Metabolizer\n")
    assert found == {"": (OutsideCall("DPYD", "", "Intermediate Metabolizer", "1.5"),)}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_files_of_a_spreadsheet_on_windows(tmp_path: Path, encoding: str) -> None:
    assert read(tmp_path, "CYP2D6\t*1/*4\r\n", encoding) == {"": (OutsideCall("CYP2D6", "*1/*4"),)}


def test_every_wrong_line_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(IntakeError) as caught:
        read(tmp_path, "# note\nCYP2D6\nCYP2D6 *1/*4\nCYP2D6\t*1/*4\t\thigh\nHLA-B\t*57:01\n\t*1/*1\n")
    columns = "columns are separated by tabs, gene first"
    assert caught.value.problems == (
        Problem(
            "outside.tsv", "neither diplotype, phenotype nor activity score is given", 2,
            "give at least one of the three",
        ),
        Problem("outside.tsv", "the first thing on the line is not a gene symbol", 3, columns),
        Problem("outside.tsv", "the activity score is not a number", 4, "write it like 1.5 or ≥3.0"),
        Problem("outside.tsv", "the first thing on the line is not a gene symbol", 6, columns),
    )  # fmt: skip


def test_a_blank_sample_under_a_sample_column(tmp_path: Path) -> None:
    with pytest.raises(IntakeError) as caught:
        read(tmp_path, "sample\tgene\tdiplotype\n\tCYP2D6\t*1/*4\n")
    assert caught.value.problems == (
        Problem("outside.tsv", "the sample is blank", 2, "name the sample as the genotype file does"),
    )


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "gene\tdiplotype\n"])
def test_a_file_without_a_call(tmp_path: Path, text: str) -> None:
    with pytest.raises(IntakeError) as caught:
        read(tmp_path, text)
    assert [problem.reason for problem in caught.value.problems] == ["no call in the file"]


def test_a_file_in_another_encoding_or_missing(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="not UTF-8 text"):
        read(tmp_path, "CYP2D6\t*1/*4\té", "latin-1")
    with pytest.raises(IntakeError, match=r"gone\.tsv: cannot be read"):
        read_outside_calls(tmp_path / "gone.tsv")


def test_a_gene_written_in_small_letters_is_that_gene(tmp_path: Path) -> None:
    assert read(tmp_path, "cyp2d6\t*1/*4\n") == {"": (OutsideCall("CYP2D6", "*1/*4"),)}


def test_columns_may_be_named_as_laboratories_name_them(tmp_path: Path) -> None:
    text = "Sample ID\tGene\tDiplotype\tPhenotype\tActivity\nanna\tCYP2D6\t*1/*4\t\t1.0\n"
    assert read(tmp_path, text) == {"anna": (OutsideCall("CYP2D6", "*1/*4", activity_score="1.0"),)}


@pytest.mark.parametrize(
    ("diplotype", "reason", "remedy"),
    [
        (
            "/",
            "a side of the diplotype is blank",
            "write both alleles, as in *1/*2, or a single allele alone",
        ),
        (
            "*1/",
            "a side of the diplotype is blank",
            "write both alleles, as in *1/*2, or a single allele alone",
        ),
        (
            "[*1 + *2",
            "a bracket of the diplotype is not closed",
            "write a combination as [*6 + *14]/*13",
        ),
    ],
)
def test_half_a_diplotype_is_refused_with_its_line(
    tmp_path: Path, diplotype: str, reason: str, remedy: str
) -> None:
    with pytest.raises(IntakeError) as caught:
        read(tmp_path, f"# from another laboratory\nCYP2D6\t{diplotype}\n")
    assert caught.value.problems == (Problem("outside.tsv", reason, 2, remedy),)
