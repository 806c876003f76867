"""A panel's genotypes: copies of each effect allele, and no answer where a strand is not sure."""

from __future__ import annotations

import pytest

from bedside.errors import IntakeError
from bedside.intake.polygenic_panel_vcf import is_variant_file, read_panel_copies
from tests.unit.interpret.polygenic_people import score_of

HEAD = "##fileformat=VCFv4.2\n##FORMAT=<ID=GT,Number=1,Type=String,Description=x>\n"
HEAD += "##contig=<ID=1>\n##contig=<ID=alt>\n"
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb\tc\n"


def test_copies_are_counted_by_allele_and_what_is_unsure_is_no_answer(tmp_path):
    rows = (
        "1\t100\t.\tG\tA\t.\t.\t.\tGT\t0/1\t1|1\t./1",
        "1\t200\t.\tA\tG\t.\t.\t.\tGT\t0/1\t1|1\t0/0",
        "1\t300\t.\tG\tA,T\t.\t.\t.\tGT\t0/1\t1/2\t0/0",
        "1\t400\t.\tG\tC\t.\t.\t.\tGT\t0/1\t1/1\t0/0",
        "1\t500\t.\tG\tA\t.\t.\t.\tGT\t0/1\t1/1\t0/0",
        "1\t500\t.\tG\tT\t.\t.\t.\tGT\t0/1\t0/0\t0/0",
        "alt\t100\t.\tG\tA\t.\t.\t.\tGT\t1/1\t1/1\t1/1",
    )
    path = tmp_path / "panel.vcf"
    path.write_text(HEAD + COLUMNS + "".join(f"{row}\n" for row in rows))
    score = score_of(tmp_path, *(f"1\t{at}\tA\tG\t1" for at in (100, 200, 300, 400, 500, 600)))
    people, copies = read_panel_copies(path, score)
    assert people == ("a", "b", "c")
    assert copies.T.tolist() == [
        [1, 2, -1],
        [1, 0, 2],
        [1, -1, 0],
        [-1, -1, -1],
        [-1, -1, -1],
        [-1, -1, -1],
    ]
    assert is_variant_file(path)
    assert not is_variant_file(tmp_path / "score.txt")


def test_a_file_without_people_is_refused(tmp_path):
    path = tmp_path / "panel.vcf"
    path.write_text(HEAD + COLUMNS.replace("\tFORMAT\ta\tb\tc", ""))
    with pytest.raises(IntakeError, match="nobody's genotypes"):
        read_panel_copies(path, score_of(tmp_path, "1\t100\tA\tG\t1"))
