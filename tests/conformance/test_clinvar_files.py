"""The public ClinVar files of ten years, read whole: what is in them, and what changed between them.

The figures of reclassification are those of an independent count by VariationID (2016-11-02 and
2026-02-26, seven genes). The rule that gives them: a record of 2016 is in the seven genes when SYMBOL names
one; a VariationID counts once; it is looked for by VariationID alone in the file of 2026, where one of those
found is left out of the release with its reason.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from bedside.genome.locus import Build
from bedside.genome.variant import Variant, place_of
from bedside.knowledge.classification import Bucket, Classification, classification_numbered
from bedside.knowledge.clinvar.diff import ChangeKind, diff_releases
from bedside.knowledge.clinvar.keep import Kept, add_clinvar
from bedside.knowledge.clinvar.read_file import Asked
from bedside.knowledge.clinvar.release import ClinvarRelease, load_clinvar

SEVEN = frozenset({"BRCA1", "BRCA2", "APC", "TP53", "PALB2", "MUTYH", "MLH1"})
SUBSET = "clinvar_2026-02-26_GRCh38_HBOC_Lynch_subset.vcf.gz"
OLDER = {
    "2012-06-16": "monthly_b37/clinvar_2012-06-16.tsv.gz",
    "2014-04-01": "monthly_b37/clinvar_2014-04-01.tsv.gz",
    "2015-01-06": "monthly_b37/clinvar_2015-01-06.tsv.gz",
    "2016-05-20": "clinvar_2016-05-20.vcf.gz",
    "2016-11-02": "clinvar_2016-11-02.vcf.gz",
    "2017-01-04": "monthly_b37/clinvar_2017-01-04.tsv.gz",
    "2017-04-04": "monthly_b37/clinvar_2017-04-04.tsv.gz",
}
LINES = {
    "2012-06-16": 33_271, "2014-04-01": 69_776, "2015-01-06": 91_179, "2016-05-20": 117_389,
    "2016-11-02": 132_815, "2017-01-04": 204_730, "2017-04-04": 224_300, "2026-02-26": 69_302,
}  # fmt: skip


@pytest.fixture(scope="module")
def kept(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Kept]:
    """Every file added to one root."""
    root = tmp_path_factory.mktemp("knowledge")
    folder = shared / "clinvar"
    chain = shared / "liftover" / "hg19ToHg38.over.chain.gz"
    if not (folder / SUBSET).is_file() or not chain.is_file():
        pytest.skip("the ClinVar files are absent")
    added = {"2026-02-26": add_clinvar(folder / SUBSET, root, Asked())}
    for date, name in OLDER.items():
        added[date] = add_clinvar(folder / name, root, Asked(date, Build.GRCH37, chain))
    return added


def release_of(kept: dict[str, Kept], date: str) -> ClinvarRelease:
    return load_clinvar(date, kept[date].folder.parents[2])


def test_every_record_is_stored_or_left_out_with_its_reason(kept: dict[str, Kept]) -> None:
    assert {date: one.records + sum(one.left_out.values()) for date, one in kept.items()} == LINES
    assert dict(kept["2026-02-26"].left_out) == {
        "no germline classification": 2_199,
        "only a somatic or oncogenicity classification": 95,
        "no alleles given": 9,
    }
    assert {date: sum(one.left_out.values()) for date, one in kept.items() if date != "2026-02-26"} == {
        "2012-06-16": 0, "2014-04-01": 4, "2015-01-06": 21, "2016-05-20": 14, "2016-11-02": 11,
        "2017-01-04": 5, "2017-04-04": 5,
    }  # fmt: skip


def test_every_key_is_that_of_its_alleles_in_genome_order(kept: dict[str, Kept]) -> None:
    for date in ("2016-11-02", "2026-02-26"):
        release = release_of(kept, date)
        rows = release.table.select("key", "reference", "alternate").collect()
        assert bool((np.diff(release.keys) >= 0).all())
        wrong = 0
        for key, reference, alternate in rows.iter_rows():
            chromosome, position = place_of(key)
            wrong += Variant(chromosome, position, reference, alternate).key != key
        assert wrong == 0


def test_conflicting_is_not_pathogenic_in_the_file_of_2026(kept: dict[str, Kept]) -> None:
    release = release_of(kept, "2026-02-26")
    found = Counter(classification_numbered(number).value for number in release.classifications.tolist())
    assert found == {
        "uncertain-significance": 21_594,
        "likely-benign": 15_688,
        "pathogenic": 12_427,
        "conflicting-classifications-of-pathogenicity": 11_114,
        "likely-pathogenic": 2_864,
        "pathogenic-low-penetrance": 1,
        "benign": 2_339,
        "other": 885,
        "not-provided": 86,
        "drug-response": 1,
    }


@pytest.mark.parametrize("date", ["2016-05-20", "2016-11-02"])
def test_hfe_c282y_of_2016_is_a_conflict_on_grch38(kept: dict[str, Kept], date: str) -> None:
    (found,) = release_of(kept, date).at(Variant("chr6", 26092913, "G", "A"))
    assert (found.classification, found.variation_id, found.genes) == (
        Classification.CONFLICTING,
        9,
        ("HFE",),
    )


def test_ten_years_of_seven_genes_by_variation_id(kept: dict[str, Kept]) -> None:
    before, after = release_of(kept, "2016-11-02"), release_of(kept, "2026-02-26")
    rows = before.rows_in_genes(SEVEN)
    old = dict(zip(before.variation_ids[rows].tolist(), before.classifications[rows].tolist(), strict=True))
    new = dict(zip(after.variation_ids.tolist(), after.classifications.tolist(), strict=True))
    found: Counter[tuple[str, str]] = Counter()
    for number, classification in old.items():
        bucket = classification_numbered(classification).bucket.value
        found[bucket, classification_numbered(new[number]).bucket.value if number in new else "gone"] += 1
    assert len(old) == 13_875
    without = {
        line.split("\t")[2]
        for line in (after.folder / "left_out.tsv").read_text(encoding="utf-8").splitlines()
    }
    gone = [number for number in old if number not in new]
    assert (len(gone), sum(str(number) in without for number in gone)) == (1_605, 1)
    pairs = {
        ("P/LP", "P/LP"): 3_097, ("VUS", "P/LP"): 158, ("conflict", "P/LP"): 75, ("P/LP", "VUS"): 31,
        ("P/LP", "conflict"): 36, ("P/LP", "B/LB"): 1, ("VUS", "B/LB"): 341, ("VUS", "conflict"): 2_956,
    }  # fmt: skip
    assert {pair: found[pair] for pair in pairs} == pairs


def test_matching_alleles_too_finds_what_was_renumbered(kept: dict[str, Kept]) -> None:
    """Records that VariationID alone loses, 38 of them P/LP, are the same allele under another number."""
    found = diff_releases(release_of(kept, "2016-11-02"), release_of(kept, "2026-02-26"), SEVEN)
    assert found.counts()[ChangeKind.MOVED] == 158
    assert found.counts()[ChangeKind.RENUMBERED] == 63
    assert found.fates[Bucket.PLP] == {
        Bucket.PLP: 3_135, Bucket.CONFLICT: 36, Bucket.VUS: 31, Bucket.BLB: 1, Bucket.NONE: 2, None: 492,
    }  # fmt: skip


def test_a_quarter_of_2017_turns_pathogenic_records_into_other(kept: dict[str, Kept]) -> None:
    found = diff_releases(release_of(kept, "2017-01-04"), release_of(kept, "2017-04-04"))
    assert found.fates[Bucket.PLP] == {
        Bucket.PLP: 31_912, Bucket.CONFLICT: 78, Bucket.VUS: 75, Bucket.BLB: 3, Bucket.OTHER: 136,
        Bucket.NONE: 24, None: 504,
    }  # fmt: skip
