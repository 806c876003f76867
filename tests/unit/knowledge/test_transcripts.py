"""The transcript pack: what it holds, and what it refuses."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from bedside.errors import PackError
from bedside.knowledge.findings_reader import load_panel
from bedside.knowledge.provenance import DATA
from bedside.knowledge.transcripts import load_transcripts


@pytest.fixture
def site(tmp_path: Path) -> Path:
    shutil.copytree(DATA / "transcripts", tmp_path / "transcripts")
    return tmp_path


def with_line(root: Path, line: str) -> list[str]:
    path = root / "transcripts" / "transcripts.tsv"
    header = path.read_text(encoding="utf-8").split("\n")[0]
    path.write_text(f"{header}\n{line}\n", encoding="utf-8")
    with pytest.raises(PackError) as caught:
        load_transcripts(root)
    return [problem.reason for problem in caught.value.problems]


def test_every_gene_of_the_sf_list_has_a_mane_select_transcript_first() -> None:
    found = load_transcripts().by_gene
    assert found.keys() == load_panel("acmg-sf").by_gene.keys()
    assert {mine[0].status for mine in found.values()} == {"MANE Select"}
    assert sum(len(mine) for mine in found.values()) == 89


def test_the_exons_are_those_of_the_published_coordinates(shared: Path) -> None:
    with (shared / "coords" / "acmg_sf_v3.3_mane_coords_GRCh38.tsv").open(encoding="utf-8") as file:
        published = {
            row["nm"]: (row["chrom"], row["strand"] == "+", int(row["n_exons"]), int(row["end"]))
            for row in csv.DictReader(file, delimiter="\t")
        }
    found = {
        one.accession: (one.chromosome, one.forward, len(one.exons), one.end)
        for mine in load_transcripts().by_gene.values()
        for one in mine
    }
    assert found == published


def test_brca2_has_3418_residues() -> None:
    assert load_transcripts().by_gene["BRCA2"][0].coding_length == 3 * 3_419


def test_a_transcript_that_is_not_whole_codons_is_refused(site: Path) -> None:
    line = "G\tNM_1.1\tNP_1.1\tENST1\tMANE Select\tchr1\t+\t100\t199\t90-210"
    assert with_line(site, line) == ["the coding bases are not whole codons"]


def test_exons_out_of_order_are_refused(site: Path) -> None:
    line = "G\tNM_1.1\tNP_1.1\tENST1\tMANE Select\tchr1\t+\t100\t198\t300-400;90-210"
    assert with_line(site, line) == ["exons stand in genome order and do not overlap"]


def test_a_strand_or_place_that_is_not_written_as_it_should_be_is_refused(site: Path) -> None:
    line = "G\tNM_1.1\tNP_1.1\tENST1\tMANE Select\t1\tforward\t100\t198\t90-210"
    assert with_line(site, line) == ["strand is + or -, the chromosome one of chr1 … chrM"]
