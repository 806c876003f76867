"""Consent and erasure over the lake as it is on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bedside.genome.consent import Decision, NotConsented, Purpose, Refusal, Scope
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.evidence import AssayKind, Evidence, Genome, Regions, Seen
from bedside.genome.locus import Build
from bedside.genome.presence import Absent, Present, Zygosity
from bedside.genome.region import Region
from bedside.genome.texts import Texts
from bedside.genome.variant import Variant
from bedside.service.catch_up_lake import catch_up
from bedside.service.consented_lake import ConsentedLake, consented
from bedside.service.erase_genome import erase_stored_genome
from bedside.service.house import House, lake_folder, lake_of
from bedside.service.record_consent import record_consent
from bedside.store.lake.parquet_lake import open_lake

VARIANT = Variant("chr17", 43045682, "T", "TG")
COMMON = Variant("chr17", 43045700, "A", "C")
GENE = Region("chr17", 43044295, 43170245)
KEYS = np.array([VARIANT.key, COMMON.key], np.int64)


def genome(person: str, variants: list[Variant], depth: int) -> Genome:
    """A genome that looked at one gene; each person's reads differ, so that their files do."""
    count = len(variants)

    def filled(value: int, kind: type) -> np.ndarray:
        return np.full(count, value, kind)

    evidence = Evidence(
        key=np.array(sorted(variant.key for variant in variants), np.int64),
        reference=Texts.of([variant.reference for variant in variants]),
        alternate=Texts.of([variant.alternate for variant in variants]),
        copies=filled(1, np.int8),
        ploidy=filled(2, np.int8),
        missing=filled(0, np.int8),
        strands=filled(1, np.int8),
        phase_set=filled(-1, np.int32),
        passed=filled(1, np.bool_),
        depth=filled(depth, np.int32),
        alternate_depth=filled(depth // 2, np.int32),
        quality=filled(99, np.int16),
        line=filled(7, np.int32),
        moved=filled(0, np.bool_),
    )
    looked = Regions(
        np.array([GENE.number], np.int8),
        np.array([GENE.start], np.int32),
        np.array([GENE.end], np.int32),
        np.array([Seen.REFERENCE], np.int8),
    )
    return Genome(person, AssayKind.EXOME, Build.GRCH38, evidence, looked, max(1, count))


def store(house: House, person: str, variants: list[Variant], depth: int) -> None:
    run = lake_of(house).store(genome(person, variants, depth), person, f"r-{person}")
    payload = {"run": run.run, "result": run.result, "evidence": run.evidence, "records": run.records}
    payload |= {"assay": run.assay.value, "regions": run.regions, "confirmed": True}
    (event,) = house.ledger.append(
        [NewEvent(EventKind.GENOME_STORED, "laboratory", house.clock(), person, payload, run.run)]
    )
    lake_of(house).admit([run], event.sequence)


@pytest.fixture
def three(house: House) -> House:
    """Ada and Ben carry the rare variant, all three the common one."""
    for depth, (person, variants) in enumerate(
        {"ottoline": [VARIANT, COMMON], "ben": [VARIANT, COMMON], "cleo": [COMMON]}.items(), start=30
    ):
        store(house, person, variants, depth)
    return house


def care(house: House) -> ConsentedLake:
    return consented(house, lake_of(house), Purpose.CARE)


def carriers(lake: ConsentedLake) -> set[tuple[str, int]]:
    table = lake.carriers(KEYS)
    return set(zip(table["person"].to_pylist(), table["key"].to_pylist(), strict=True))


PEOPLE = ("ottoline", "ben", "cleo")
EVERY = {("ottoline", VARIANT.key), ("ben", VARIANT.key), *((person, COMMON.key) for person in PEOPLE)}


@pytest.mark.parametrize("merged", [False, True], ids=["fresh", "merged"])
def test_a_withdrawal_is_seen_by_every_question(three, merged):
    if merged:
        lake_of(three).compact()
    lens = care(three)
    assert carriers(lens) == EVERY
    record_consent(three, "ottoline", Scope.CLINICAL, Decision.WITHDRAWN)
    assert carriers(lens) == {row for row in EVERY if row[0] != "ottoline"}
    assert lens.presence_of(VARIANT) == {"ben": Present(Zygosity.HETEROZYGOUS), "cleo": Absent()}
    assert lens.tested(GENE) == {"ben", "cleo"}
    counts = lens.allele_counts(GENE, {"ottoline": "one", "ben": "one", "cleo": "two"}).to_pylist()
    assert {(row["key"], row["group"]): (row["copies"], row["strands"]) for row in counts} == {
        (VARIANT.key, "one"): (1, 2),
        (VARIANT.key, "two"): (0, 2),
        (COMMON.key, "one"): (1, 2),
        (COMMON.key, "two"): (1, 2),
    }
    assert {run.person for run in lens.runs()} == {"ben", "cleo"}


def test_a_caller_who_may_open_nobody_counts_nobody(three):
    lens = consented(three, lake_of(three), Purpose.CARE, principal_people=frozenset())
    assert (carriers(lens), lens.presence_of(VARIANT), lens.tested(GENE)) == (set(), {}, frozenset())


@pytest.mark.parametrize("merged", [False, True], ids=["fresh", "merged"])
def test_an_erased_genome_leaves_no_answer_and_no_byte(three, merged, tmp_path: Path):
    if merged:
        lake_of(three).compact()
    (run,) = lake_of(three).runs("ottoline")
    proof = erase_stored_genome(three, "ottoline", "asked for it")
    assert (proof.runs, proof.evidence) == ((run.run,), (run.evidence,))
    assert run.evidence in proof.gone
    assert run.evidence not in {path.parent.name + path.stem for path in files(three)}
    assert b"ottoline" not in b"".join(path.read_bytes() for path in files(three))
    assert carriers(care(three)) == {row for row in EVERY if row[0] != "ottoline"}
    assert care(three).refused("ottoline") == NotConsented("ottoline", Refusal.ERASED)
    assert erase_stored_genome(three, "ottoline", "asked again") == proof


def files(house: House) -> list[Path]:
    return [path for path in lake_folder(house.settings).rglob("*") if path.is_file()]


def test_a_lake_of_another_process_learns_of_an_erasure_it_missed(three):
    event = NewEvent(EventKind.GENOME_ERASED, "clerk", three.clock(), "ottoline", {"reason": "asked for it"})
    three.ledger.append([event])
    lens = care(three)
    assert carriers(lens) == {row for row in EVERY if row[0] != "ottoline"}
    other = open_lake(lake_folder(three.settings))
    try:
        assert catch_up(three.ledger, other).erased == ("ottoline",)
        assert not catch_up(three.ledger, other)
        assert {run.person for run in other.runs()} == {"ben", "cleo"}
    finally:
        other.close()


def test_a_run_whose_process_was_killed_before_it_was_admitted_is_not_lost(three):
    lake = lake_of(three)
    run = lake.store(genome("dan", [VARIANT], 44), "dan", "r-dan")
    payload = {"run": run.run, "result": run.result, "evidence": run.evidence, "records": run.records}
    payload |= {"assay": run.assay.value, "regions": run.regions, "confirmed": True}
    three.ledger.append(
        [NewEvent(EventKind.GENOME_STORED, "laboratory", three.clock(), "dan", payload, run.run)]
    )
    store(three, "eve", [VARIANT], 45)
    assert lake.runs("dan") == ()
    assert catch_up(three.ledger, lake).admitted == (run.run,)
    assert lake.runs("dan") == (run,)
