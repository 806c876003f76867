"""Where genes lie: the shipped table, a site's own, and symbols nobody knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedside.errors import InputError, PackError
from bedside.genome.region import Region
from bedside.knowledge.gene_regions import load_gene_regions

HEADER = """kind = "gene_regions"
name = "own"
title = "A site's own spans"
owner = "the site"
licence = "CC0-1.0"
source = "the site's laboratory"
retrieved = 2026-11-25
review_due = 2027-11-25
review_state = "checked by the laboratory"
evidence_level = "standard"
approval = { state = "awaiting", role = "laboratory director" }
table = "own.tsv"
"""


def own_table(folder: Path, *rows: str) -> Path:
    kind = folder / "gene_regions"
    kind.mkdir(parents=True)
    (kind / "own.toml").write_text(HEADER)
    (kind / "own.tsv").write_text("gene\tchromosome\tstart\tend\tstrand\tensembl\n" + "\n".join(rows) + "\n")
    return folder


def test_a_gene_is_found_by_its_current_symbol() -> None:
    assert load_gene_regions().of(["BRCA1", "HFE"]) == (
        Region("chr17", 43044295, 43125364),
        Region("chr6", 26087429, 26098343),
    )


def test_every_unknown_symbol_is_named_at_once() -> None:
    with pytest.raises(InputError) as refused:
        load_gene_regions().of(["BRAC1", "HFE", "LYNCH"])
    assert [problem.reason for problem in refused.value.problems] == [
        "'BRAC1' is not a gene of mane",
        "'LYNCH' is not a gene of mane",
    ]


def test_a_sites_own_span_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    root = own_table(tmp_path, "BRCA1\tchr17\t43000000\t43200000\t-\tENSG00000012048")
    assert load_gene_regions(root).of(["BRCA1", "TTN"]) == (
        Region("chr17", 43000000, 43200000),
        load_gene_regions().regions["TTN"],
    )


def test_a_span_that_ends_before_it_starts_is_refused_with_its_line(tmp_path: Path) -> None:
    root = own_table(tmp_path, "BRCA1\tchr17\t9\t5\t-\tE", "BRCA2\tchr99\t1\t5\t-\tE")
    with pytest.raises(PackError) as refused:
        load_gene_regions(root)
    assert [problem.line for problem in refused.value.problems] == [2, 3]
