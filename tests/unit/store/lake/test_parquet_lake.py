"""What the lake says about people, told case by case."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pyarrow.parquet as pq
import pytest

from bedside.errors import StoreError, Tampered
from bedside.genome.evidence import Seen
from bedside.genome.presence import Absent, NotCallable, NotTested, Present, Uncalled, Zygosity
from bedside.genome.region import Region
from bedside.genome.variant import Variant
from bedside.store.lake import packed
from bedside.store.lake.compaction import Shape
from bedside.store.lake.lake import Among, Snapshot
from bedside.store.lake.parquet_lake import ParquetLake, open_lake
from tests.made_up_genomes import Row, genome

COMMON = Variant("chr1", 150, "A", "G")
RARE = Variant("chr2", 300, "C", "T")
LONG = Variant("chr1", 400, "A", "ACCCCCCCCCCCCCCCC")
DELETION = Variant("chr1", 500, "ACGT", "A")
KIT = [
    (Region("chr1", 100, 1_000), Seen.REFERENCE),
    (Region("chr2", 100, 1_000), Seen.REFERENCE),
    (Region("chrX", 100, 1_000), Seen.REFERENCE),
]


@pytest.fixture
def lake(tmp_path):
    with ParquetLake(tmp_path / "lake", shape=Shape(common_share=0.3, common_least=2)) as lake:
        yield lake


def keys(*variants: Variant) -> np.ndarray:
    return np.array([variant.key for variant in variants], np.int64)


def accept(lake, person, rows, regions=KIT, **more):
    run = lake.store(genome(rows, regions), person, f"result of {person}", **more)
    lake.admit([run], lake.snapshot().ledger_sequence + 1)
    return run


def test_a_lake_nobody_is_in_knows_nobody(lake):
    assert lake.snapshot() == Snapshot(0, 0, 0, 0, 0)
    assert lake.presence("ada", [COMMON]) == (NotTested(),)
    assert (lake.runs(), lake.tested(Region("chr1", 1, 2)), dict(lake.presence_of(COMMON))) == (
        (),
        frozenset(),
        {},
    )
    assert len(lake.carriers(keys(COMMON))) == len(lake.variants("ada", [Region("chr1", 1, 2)])) == 0
    assert lake.verify() == 0


def test_a_stored_genome_is_invisible_until_the_ledger_says_that_it_exists(lake):
    run = lake.store(genome([Row(COMMON)], KIT), "ada", "r")
    assert lake.presence("ada", [COMMON]) == (NotTested(),)
    assert lake.admit([run], 7) == Snapshot(1, 7, 1, 1, 0, fresh=1)
    assert lake.presence("ada", [COMMON]) == (Present(Zygosity.HETEROZYGOUS),)


def test_the_same_genome_twice_is_the_same_run_and_admitting_it_again_changes_nothing(lake):
    first = accept(lake, "ada", [Row(COMMON)])
    before = lake.snapshot()
    assert lake.store(genome([Row(COMMON)], KIT), "ada", "result of ada") == first
    assert lake.admit([first, first], 1) == before
    assert lake.runs("ada") == (first,)


def test_absence_is_said_only_where_the_test_looked(lake):
    accept(lake, "ada", [Row(COMMON)], [*KIT, (Region("chr3", 10, 20), Seen.LOW_QUALITY)])
    asked = {
        RARE: Absent(),
        Variant("chr1", 150, "A", "T"): Absent(),
        Variant("chr2", 1_001, "A", "T"): NotTested(),
        Variant("chr2", 999, "ACGT", "A"): NotTested(),
        Variant("chr3", 9, "AC", "A"): NotCallable(Uncalled.LOW_QUALITY),
        Variant("chr3", 20, "A", "C"): NotCallable(Uncalled.LOW_QUALITY),
        Variant("chr3", 21, "A", "C"): NotTested(),
    }
    assert dict(zip(asked, lake.presence("ada", list(asked)), strict=True)) == asked


def test_a_filtered_record_is_not_callable_and_never_absent_or_present(lake):
    accept(lake, "ada", [Row(COMMON, passed=False)])
    assert lake.presence("ada", [COMMON, Variant("chr1", 150, "A", "T")]) == (
        NotCallable(Uncalled.FILTERED),
        NotCallable(Uncalled.FILTERED),
    )
    assert len(lake.carriers(keys(COMMON))) == 0
    assert lake.tested(Region("chr1", 150, 150)) == frozenset()


def test_a_half_call_that_carries_is_present_and_leaves_other_alleles_unknown(lake):
    accept(lake, "ada", [Row(COMMON, missing=1)])
    assert lake.presence("ada", [COMMON, Variant("chr1", 150, "A", "T")]) == (
        Present(Zygosity.HETEROZYGOUS),
        NotCallable(Uncalled.HALF_CALL),
    )
    counts = lake.allele_counts(Region("chr1", 150, 150), {"ada": "all"})
    assert counts.to_pylist() == [{"key": COMMON.key, "group": "all", "copies": 1, "strands": 1}]


def test_a_deletion_spoils_what_lies_in_it_only_when_it_is_not_usable(lake):
    accept(lake, "ada", [Row(DELETION)])
    accept(lake, "ben", [Row(DELETION, passed=False)])
    inside = Variant("chr1", 502, "G", "C")
    assert lake.presence("ada", [inside]) == (Absent(),)
    assert lake.presence("ben", [inside]) == (NotCallable(Uncalled.FILTERED),)
    assert lake.variants("ada", [Region("chr1", 503, 600)])["position"].to_pylist() == [500]
    assert len(lake.variants("ada", [Region("chr1", 504, 600)])) == 0


def test_zygosity_and_phase_come_back_as_they_were_stored(lake):
    rows = [
        Row(COMMON, copies=2),
        Row(RARE, phase_set=0, strands=2),
        Row(LONG, phase_set=17, strands=1),
        Row(Variant("chrX", 200, "A", "C"), ploidy=1),
    ]
    accept(lake, "ada", rows)
    assert lake.presence("ada", [row.variant for row in rows]) == (
        Present(Zygosity.HOMOZYGOUS),
        Present(Zygosity.HETEROZYGOUS, 0, 2),
        Present(Zygosity.HETEROZYGOUS, 17, 1),
        Present(Zygosity.HEMIZYGOUS),
    )


@pytest.mark.parametrize("merge", ["fresh", "batch", "base"])
def test_the_newest_run_that_has_an_answer_is_believed(lake, merge):
    first = accept(lake, "ada", [Row(COMMON), Row(RARE)])
    hole = [(Region("chr2", 290, 310), Seen.NO_CALL), (Region("chr1", 100, 1_000), Seen.REFERENCE)]
    accept(lake, "ada", [], hole)
    if merge != "fresh":
        lake.compact(whole=merge == "base")
    assert lake.presence("ada", [COMMON, RARE]) == (Absent(), Present(Zygosity.HETEROZYGOUS))
    carrying = lake.carriers(keys(COMMON, RARE)).to_pylist()
    assert carrying == [{"key": RARE.key, "person": "ada", "run": first.run, "zygosity": 1}]


def test_an_unconfirmed_run_is_not_counted_in_the_clinic(lake):
    accept(lake, "ada", [Row(COMMON)], confirmed=False)
    clinic = Among(clinical_only=True)
    assert lake.presence("ada", [COMMON], clinic) == (NotTested(),)
    assert len(lake.carriers(keys(COMMON), clinic)) == len(lake.presence_of(COMMON, clinic)) == 0
    assert lake.presence("ada", [COMMON]) == (Present(Zygosity.HETEROZYGOUS),)


def test_people_who_may_not_be_counted_are_in_no_answer(lake):
    for person in ("ada", "ben", "cleo"):
        accept(lake, person, [Row(COMMON)])
    some = Among({"ben", "somebody else"})
    assert lake.carriers(keys(COMMON), some)["person"].to_pylist() == ["ben"]
    assert lake.presence_of(COMMON, some) == {"ben": Present(Zygosity.HETEROZYGOUS)}
    assert lake.tested(Region("chr1", 200, 210), some) == {"ben"}
    counts = lake.allele_counts(Region("chr1", 1, 999), dict.fromkeys(("ada", "ben", "cleo"), "g"), some)
    assert counts.to_pylist() == [{"key": COMMON.key, "group": "g", "copies": 1, "strands": 2}]


def test_two_variants_whose_alleles_hash_to_one_key_are_told_apart(lake, monkeypatch):
    other = Variant("chr1", 400, "A", "ATTTTTTTTTTTTTTTT")
    monkeypatch.setattr("bedside.genome.variant.blake2b", lambda *a, **k: _Same())
    assert LONG.key == other.key
    accept(lake, "ada", [Row(LONG)])
    accept(lake, "ben", [Row(other)])
    for _ in range(2):
        assert lake.presence_of(LONG) == {"ada": Present(Zygosity.HETEROZYGOUS), "ben": Absent()}
        assert lake.presence("ben", [LONG, other]) == (Absent(), Present(Zygosity.HETEROZYGOUS))
        lake.compact(whole=True)


class _Same:
    def digest(self) -> bytes:
        return bytes(8)


@pytest.mark.parametrize("merge", [False, True])
def test_the_alleles_behind_a_hashed_key_are_named_once_each_and_no_others(lake, merge):
    longer = Variant("chr1", 400, "A", LONG.alternate + "C")
    for person in ("ada", "bea"):
        accept(lake, person, [Row(COMMON), Row(LONG), Row(longer)])
    if merge:
        lake.compact()
    known = lake.hashed_alleles(keys(COMMON, LONG))
    assert known.to_pylist() == [{"key": LONG.key, "reference": "A", "alternate": LONG.alternate}]
    assert len(lake.hashed_alleles(keys(COMMON))) == 0


def test_one_kits_stretches_are_kept_once_and_a_persons_own_apart(lake):
    first = accept(lake, "ada", [Row(COMMON)])
    second = accept(lake, "ben", [Row(RARE)])
    third = accept(lake, "cleo", [Row(RARE), Row(Variant("chr9", 77, "A", "C"))])
    assert first.regions == second.regions != third.regions
    assert len(list(lake.folder.glob("regions/*/*.parquet"))) == 3
    assert lake.export("cleo")["regions"][third.run].to_pylist()[-1] == {
        "chromosome": 23, "start": 100, "end": 1_000, "state": 1,
    }  # fmt: skip
    assert lake.presence("cleo", [Variant("chr9", 77, "A", "T")]) == (Absent(),)
    assert lake.presence("ada", [Variant("chr9", 77, "A", "T")]) == (NotTested(),)


def test_a_withdrawn_person_is_gone_at_once_and_the_bytes_at_the_purge(lake):
    runs = {person: accept(lake, person, [Row(COMMON), Row(LONG)]) for person in ("ada", "ben", "cleo")}
    own = accept(lake, "ada", [Row(Variant("chr5", 5, "A", "ACCCCCCCCCCCC"))], [])
    lake.compact(whole=True)
    asked_meanwhile = open_lake(lake.folder)
    assert len(asked_meanwhile.carriers(keys(COMMON))) == 3
    assert lake.erase("ada", 50) == Snapshot(6, 50, 2, 2, 1)
    assert asked_meanwhile.carriers(keys(COMMON))["person"].to_pylist() == ["ben", "cleo"]
    assert asked_meanwhile.export("ada") == {"person": "ada", "runs": (), "evidence": {}, "regions": {}}
    waiting = lake.proof_of_erasure("ada", [runs["ada"], own])
    assert (waiting.waiting, waiting.complete) == (True, False)
    gone = lake.purge()
    proof = lake.proof_of_erasure("ada", [runs["ada"], own])
    assert proof.complete
    assert own.evidence in proof.gone
    assert own.evidence in gone
    assert runs["ada"].evidence in proof.shared  # ben's and cleo's files have the same bytes
    assert b'"ada"' not in b"".join(path.read_bytes() for path in lake.folder.rglob("*.json"))
    for part in lake.view().manifest.of("runs"):
        assert "ada" not in pq.read_table(lake.folder / part.path)["person"].to_pylist()
    for part in lake.view().manifest.of("alleles"):
        left = pq.read_table(lake.folder / part.path)["key"].to_pylist()
        assert Variant("chr5", 5, "A", "ACCCCCCCCCCCC").key not in left
    for part in lake.view().manifest.of("packed"):
        table = pq.read_table(lake.folder / part.path)
        carrying = packed.unpack(table["key"].to_numpy(), packed.matrix_of(table))
        assert set(carrying.run.tolist()) == {1, 2}
    assert lake.verify() > 0
    assert lake.purge() == ()


def test_an_erased_run_stays_erased_when_the_ledger_is_read_again(lake):
    run = accept(lake, "ada", [Row(COMMON)])
    lake.erase("ada", 2)
    assert lake.admit([run], 3).people == 0
    lake.purge()
    assert lake.admit([run], 4).people == 0
    assert lake.presence("ada", [COMMON]) == (NotTested(),)


def test_a_purge_leaves_the_files_of_a_run_that_waits_for_its_admission(lake):
    accept(lake, "ada", [Row(COMMON)])
    run = lake.store(genome([Row(COMMON)], KIT), "ben", "r")
    lake.erase("ada", 2)
    lake.purge()
    lake.admit([run], 3)
    assert lake.presence("ben", [COMMON]) == (Present(Zygosity.HETEROZYGOUS),)


def test_a_reader_keeps_the_generation_it_pinned(lake):
    accept(lake, "ada", [Row(COMMON)])
    pinned = lake.pin()
    accept(lake, "ben", [Row(COMMON)])
    lake.compact(whole=True)
    assert pinned.carriers(keys(COMMON))["person"].to_pylist() == ["ada"]
    assert lake.carriers(keys(COMMON))["person"].to_pylist() == ["ada", "ben"]
    with pytest.raises(StoreError, match="read only"):
        pinned.erase("ada", 9)


@pytest.mark.parametrize("spoil", ["delete", "truncate", "flip", "stale"])
def test_a_cache_that_is_gone_or_spoilt_is_never_wrong(lake, spoil):
    for number in range(30):
        accept(lake, f"p{number:02d}", [Row(COMMON), Row(Variant("chr2", 200 + number, "A", "C"))])
    lake.compact(whole=True)
    asked = keys(COMMON, Variant("chr2", 207, "A", "C"))
    before = lake.carriers(asked)
    lake.close()
    for path in (lake.folder / "cache").rglob("*.bin"):
        content = bytearray(path.read_bytes())
        content[len(content) // 3] ^= 0x41
        if spoil == "delete":
            path.unlink()
        elif spoil == "truncate":
            path.write_bytes(content[:-3])
        elif spoil == "flip":
            path.write_bytes(content)
        else:
            shutil.copy(path, path.with_name("about.json"))
    assert lake.carriers(asked) == before
    lake.rebuild_cache()
    assert lake.carriers(asked) == before
    assert lake.view().levels.has_cache("base")


@pytest.mark.parametrize("kind", ["evidence", "regions", "carriers", "common", "runs", "own", "alleles"])
@pytest.mark.parametrize("spoil", ["delete", "flip"])
def test_a_file_that_is_missing_or_changed_is_an_error_and_never_an_absence(lake, kind, spoil):
    hole = [*KIT, (Region("chr4", 1, 5), Seen.NO_CALL)]
    for person in ("ada", "ben", "cleo"):
        accept(lake, person, [Row(COMMON), Row(LONG)], hole)
    accept(lake, "dan", [Row(RARE)])
    lake.compact(whole=True)
    shutil.rmtree(lake.folder / "cache")
    lake.close()
    for path in (lake.folder / kind).rglob("*.parquet"):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 0x41
        path.unlink() if spoil == "delete" else path.write_bytes(content)
    with pytest.raises(Tampered):
        lake.verify()
    ask = {
        "evidence": lambda: lake.variants("ada", [Region("chr1", 1, 600)]),
        "regions": lambda: lake.presence_of(LONG),
        "carriers": lambda: lake.carriers(keys(RARE)),
        "common": lambda: lake.carriers(keys(COMMON)),
        "runs": lambda: lake.runs("ada"),
        "own": lambda: lake.presence_of(Variant("chr4", 3, "A", "C")),
        "alleles": lambda: lake.presence_of(LONG),
    }[kind]
    with pytest.raises(StoreError):
        ask()


def test_a_manifest_of_another_version_or_that_is_no_manifest_is_refused(lake):
    accept(lake, "ada", [Row(COMMON)])
    path = lake.folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 99}))
    with pytest.raises(StoreError, match="another version"):
        lake.snapshot()
    path.write_text("{")
    with pytest.raises(Tampered, match="not readable"):
        lake.snapshot()


def test_a_copy_of_x_counts_as_the_run_shows_it(lake):
    seen = Variant("chrX", 500, "A", "C")
    man = [Row(Variant("chrX", at, "G", "T"), ploidy=1) for at in (200, 900)]
    woman = [Row(Variant("chrX", 300, "G", "T"))]
    accept(lake, "adam", man)
    accept(lake, "bea", [*woman, Row(seen)])
    accept(lake, "no x", [Row(COMMON)])
    counts = lake.allele_counts(Region("chrX", 500, 500), dict.fromkeys(("adam", "bea", "no x"), "g"))
    assert counts.to_pylist() == [{"key": seen.key, "group": "g", "copies": 1, "strands": 3}]


def test_unsorted_evidence_is_refused(lake):
    good = genome([Row(COMMON), Row(RARE)], KIT)
    good.evidence.key[:] = good.evidence.key[::-1].copy()
    with pytest.raises(StoreError, match="sorted"):
        lake.store(good, "ada", "r")


def test_long_variants_of_every_chromosome_outlive_the_merge(lake):
    long = [Variant(name, 100, "ACGTACGTACGTAC", "A") for name in ("chr1", "chr17", "chrX", "chrM")]
    accept(lake, "ada", [Row(variant) for variant in long])
    before = [lake.presence_of(variant) for variant in long]
    lake.compact(whole=True)
    assert [lake.presence_of(variant) for variant in long] == before
    assert all(isinstance(answer["ada"], Present) for answer in before)


def test_counts_by_no_group_are_no_counts(lake):
    accept(lake, "ada", [Row(COMMON)])
    place = Region(COMMON.chromosome, COMMON.position, COMMON.position)
    assert lake.allele_counts(place, {}).num_rows == 0
