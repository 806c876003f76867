"""Releases are stored whole or not at all, once, and asked by key; two are compared record by record."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedside.errors import PackError
from bedside.genome.variant import Variant, place_of
from bedside.knowledge import report
from bedside.knowledge.check import check
from bedside.knowledge.classification import Bucket, Classification
from bedside.knowledge.clinvar import keep
from bedside.knowledge.clinvar.allele_keys import keys_of
from bedside.knowledge.clinvar.diff import ChangeKind, diff_releases
from bedside.knowledge.clinvar.keep import add_clinvar, releases_root
from bedside.knowledge.clinvar.match import match
from bedside.knowledge.clinvar.read_file import Asked
from bedside.knowledge.clinvar.release import load_clinvar
from bedside.settings import Settings
from tests.unit.knowledge.clinvar_files import official, record

ALLELES = st.text("ACGTN", min_size=1, max_size=9)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 25), st.integers(1, 2**28 - 1), ALLELES, ALLELES), min_size=1))
def test_keys_of_many_alleles_are_those_of_each_variant(rows: list[tuple[int, int, str, str]]) -> None:
    chromosomes, positions, references, alternates = (list(column) for column in zip(*rows, strict=True))
    keys = keys_of(
        np.array(chromosomes), np.array(positions), pl.Series(references), pl.Series(alternates)
    ).tolist()
    for key, (_, position, reference, alternate) in zip(keys, rows, strict=True):
        chromosome = place_of(key)[0]
        if reference != alternate:
            assert key == Variant(chromosome, position, reference, alternate).key


def test_the_same_file_again_is_the_same_release_and_another_of_that_date_is_refused(tmp_path: Path) -> None:
    path = official(tmp_path / "c.vcf", record("1 100", 1, "A G", "Benign"))
    first, again = add_clinvar(path, tmp_path, Asked()), add_clinvar(path, tmp_path, Asked())
    assert (first.new, again.new, first.folder) == (True, False, again.folder)
    other = official(tmp_path / "d.vcf", record("1 100", 1, "A G", "Pathogenic"))
    with pytest.raises(PackError, match="a release of this date is there, made of another file"):
        add_clinvar(other, tmp_path, Asked())
    (found,) = load_clinvar("clinvar", tmp_path).at(Variant("chr1", 100, "A", "G"))
    assert found.classification is Classification.BENIGN


def test_the_same_file_makes_the_same_bytes_in_another_place(tmp_path: Path) -> None:
    path = official(tmp_path / "c.vcf", record("1 100", 1, "A G", "Benign"))
    releases = []
    for name in ("one", "two"):
        add_clinvar(path, tmp_path / name, Asked())
        releases.append(load_clinvar("clinvar", tmp_path / name).release)
    assert releases[0] == releases[1]


@pytest.mark.parametrize("step", ["write_parquet", "source.draft", "rename"])
def test_a_release_whose_writing_was_interrupted_is_not_there_and_can_be_added_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = official(tmp_path / "c.vcf", record("1 100", 1, "A G", "Benign"))

    class Killed(BaseException):
        """The process ends here."""

    def fail(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as broken:
        if step == "write_parquet":
            broken.setattr(pl.DataFrame, "write_parquet", fail)
        elif step == "source.draft":
            broken.setattr(keep, "_description", fail)
        else:
            renamed = Path.rename

            def second(self: Path, target: Path) -> Path:
                if self.name == "source.draft":
                    raise Killed
                return renamed(self, target)

            broken.setattr(Path, "rename", second)
        with pytest.raises(Killed):
            add_clinvar(path, tmp_path, Asked())
    with pytest.raises(PackError, match="no such source"):
        load_clinvar("clinvar", tmp_path)
    assert report.list_lines(tmp_path) == ()
    assert add_clinvar(path, tmp_path, Asked()).new
    assert len(load_clinvar("clinvar", tmp_path)) == 1


def test_a_release_that_was_changed_answers_nothing(tmp_path: Path) -> None:
    kept = add_clinvar(official(tmp_path / "c.vcf", record("1 100", 1, "A G", "Benign")), tmp_path, Asked())
    with (kept.folder / "records.parquet").open("ab") as file:
        file.write(b" ")
    with pytest.raises(PackError, match="does not equal its digest"):
        load_clinvar("clinvar", tmp_path)


def test_it_is_listed_and_checked_with_the_other_knowledge(tmp_path: Path) -> None:
    root = tmp_path / "knowledge"
    add_clinvar(official(tmp_path / "c.vcf", record("1 100", 1, "A G", "Benign")), root, Asked())
    release = load_clinvar("clinvar", root).release
    assert report.list_lines(root)[0] == f"{release}  clinvar  public domain"
    assert check(root) == ()


def test_releases_are_beside_the_ledger_unless_a_site_says_where() -> None:
    assert releases_root(Settings()) == Path("bedside-data/knowledge")
    assert releases_root(Settings(knowledge_root="/srv/packs")) == Path("/srv/packs")


def test_a_release_is_asked_by_key_and_by_gene(tmp_path: Path) -> None:
    rows = [record(f"1 {100 + place}", place + 1, "A G", "Benign") for place in range(5)]
    rows.append("2 7 99 C T CLNSIG=Pathogenic;CLNREVSTAT=practice_guideline;GENEINFO=OTHER:3")
    add_clinvar(official(tmp_path / "c.vcf", *rows), tmp_path, Asked())
    release = load_clinvar("clinvar", tmp_path)
    asked = np.array([Variant("chr2", 7, "C", "T").key, Variant("chr1", 9, "A", "G").key, release.keys[2]])
    assert release.find(asked).tolist() == [2, 5]
    which, found = release.locate(asked)
    assert (which.tolist(), found.tolist()) == ([0, 2], [5, 2])
    assert release.in_genes({"MADEUP2"}).tolist() == release.keys[:5].tolist()
    assert release.at(Variant("chr2", 7, "C", "A")) == ()
    assert release.variation_ids[release.find(asked)].tolist() == [3, 99]


def test_many_records_at_once_are_those_of_each_row_in_the_order_asked(tmp_path: Path) -> None:
    rows = [record(f"1 {100 + place // 2}", place + 1, "A G", "Benign") for place in range(200)]
    add_clinvar(official(tmp_path / "c.vcf", *rows), tmp_path, Asked())
    release = load_clinvar("clinvar", tmp_path)
    asked = [*range(150, 20, -1), 7, 7]
    assert release.records(asked) == tuple(release.records([row])[0] for row in asked)


def test_every_kind_of_change_is_told_apart(tmp_path: Path) -> None:
    one, two = "criteria_provided,_single_submitter", "criteria_provided,_multiple_submitters,_no_conflicts"
    before = official(
        tmp_path / "a.vcf",
        record("1 100", 1, "A G", "Pathogenic"),
        record("1 200", 2, "A G", "Pathogenic"),
        record("1 300", 3, "A G", "Likely_pathogenic"),
        record("1 400", 4, "A G", "Uncertain_significance", one),
        record("1 500", 5, "A G", "Uncertain_significance"),
        record("1 600", 6, "A G", "Pathogenic"),
        record("1 700", 7, "A G", "Pathogenic"),
        record("1 800", 8, "A G", "Benign"),
        date="2026-01-01",
    )
    after = official(
        tmp_path / "b.vcf",
        record("1 200", 2, "A G", "Conflicting_classifications_of_pathogenicity"),
        record("1 300", 3, "A G", "Pathogenic"),
        record("1 400", 4, "A G", "Uncertain_significance", two),
        record("1 500", 5, "A G", "VUS-high"),
        record("1 650", 6, "A G", "Pathogenic"),
        record("1 700", 77, "A G", "Benign"),
        record("1 800", 8, "A G", "Benign"),
        record("1 900", 9, "A G", "Pathogenic"),
        date="2026-02-01",
    )
    for path in (before, after):
        add_clinvar(path, tmp_path, Asked())
    old, new = load_clinvar("2026-01-01", tmp_path), load_clinvar("2026-02-01", tmp_path)
    found = diff_releases(old, new)
    told = [
        (
            change.kind,
            change.variation_before,
            change.variation_after,
            change.bucket_before,
            change.bucket_after,
        )
        for change in found.changes()
    ]
    plp, vus = Bucket.PLP, Bucket.VUS
    assert told == [
        (ChangeKind.DISAPPEARED, 1, None, plp, None),
        (ChangeKind.RECLASSIFIED, 2, 2, plp, Bucket.CONFLICT),
        (ChangeKind.REFINED, 3, 3, plp, plp),
        (ChangeKind.STARS, 4, 4, vus, vus),
        (ChangeKind.REWORDED, 5, 5, vus, vus),
        (ChangeKind.MOVED, 6, 6, plp, plp),
        (ChangeKind.RENUMBERED, 7, 77, plp, Bucket.BLB),
        (ChangeKind.NEW, None, 9, None, plp),
    ]
    assert found.unchanged == 1
    assert found.fates[plp] == {plp: 2, Bucket.CONFLICT: 1, Bucket.BLB: 1, None: 1}
    assert found.share(plp, None) == 0.2
    assert diff_releases(old, new, frozenset({"NOBODY"})).table.is_empty()
    assert diff_releases(new, new).counts() == {}
    assert report.diff_lines("clinvar@2026-01-01", "clinvar@2026-02-01", tmp_path)[:3] == (
        f"{old.release} → {new.release}",
        "new: 1",
        "disappeared: 1",
    )
    assert report.diff_table("clinvar@2026-01-01", "clinvar@2026-02-01", tmp_path)[2] == (
        "reclassified\tchr1-200-A-G\tchr1-200-A-G\t2\t2\tMADEUP1|MADEUP2\tpathogenic"
        "\tconflicting-classifications-of-pathogenicity\t4\t4\tPathogenic"
        "\tConflicting_classifications_of_pathogenicity"
    )
    with pytest.raises(PackError, match="different kinds: clinvar and pgx"):
        report.diff_lines("clinvar@2026-01-01", "cpic", tmp_path)


IDS = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 4)), max_size=12).map(sorted)


@settings(deadline=None)
@given(IDS, IDS)
def test_every_record_is_in_one_pair_and_no_pair_contradicts_itself(
    before: list[tuple[int, int]], after: list[tuple[int, int]]
) -> None:
    sides = [
        (np.array([key for key, _ in rows], np.int64), np.array([number for _, number in rows], np.int32))
        for rows in (before, after)
    ]
    pairs = match(*sides[0], *sides[1])
    assert sorted(pairs.before[pairs.before >= 0].tolist()) == list(range(len(before)))
    assert sorted(pairs.after[pairs.after >= 0].tolist()) == list(range(len(after)))
    for old, new, moved, renumbered in zip(
        pairs.before.tolist(), pairs.after.tolist(), pairs.moved, pairs.renumbered, strict=True
    ):
        if old < 0 or new < 0:
            continue
        (key, number), (key_after, number_after) = before[old], after[new]
        assert key == key_after or (moved and number == number_after > 0)
        assert renumbered or moved or number == number_after or 0 in (number, number_after)
