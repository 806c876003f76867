"""Lists of variants as people write them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from bedside.errors import InputError
from bedside.genome.region import Region
from bedside.genome.variant import Variant
from bedside.service.name_variants import read_variants, regions_of

C282Y = Variant("chr6", 26092913, "G", "A")


def test_one_variant_a_line_in_any_of_the_usual_spellings(tmp_path: Path) -> None:
    path = tmp_path / "wanted.txt"
    path.write_text("# HFE\nchr6-26092913-G-A\n6:26092913:g>a\twhy we ask\n\nX-100-AT-A\n")
    assert read_variants(path) == (C282Y, Variant("chrX", 100, "AT", "A"))


def test_a_vcf_is_split_by_allele(tmp_path: Path) -> None:
    path = tmp_path / "wanted.vcf.gz"
    with gzip.open(path, "wt") as file:
        file.write("##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\n6\t26092913\t.\tG\tA,T\n")
    assert read_variants(path) == (C282Y, Variant("chr6", 26092913, "G", "T"))


def test_every_line_that_is_no_variant_is_named(tmp_path: Path) -> None:
    path = tmp_path / "wanted.txt"
    path.write_text("chr6-26092913-G-A\nrs1800562\nchr6-5-G-<DEL>\n")
    with pytest.raises(InputError) as refused:
        read_variants(path)
    assert [problem.line for problem in refused.value.problems] == [2, 3]


@pytest.mark.parametrize("content", [b"", b"\x1f\x8bnot gzip", b"\xff\xfe\x00"])
def test_a_file_that_names_nothing_or_cannot_be_read_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "wanted.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"wanted\.txt"):
        read_variants(path)


def test_genes_and_spans_become_regions() -> None:
    assert regions_of(["HFE"], ["6:26,090,000-26,091,000", "chrM:5"]) == (
        Region("chr6", 26087429, 26098343),
        Region("chr6", 26090000, 26091000),
        Region("chrM", 5, 5),
    )


def test_all_that_is_wrong_with_a_question_is_said_at_once() -> None:
    with pytest.raises(InputError) as refused:
        regions_of(["HEF"], ["6:9-5", "chr99:1-2"])
    assert len(refused.value.problems) == 3
