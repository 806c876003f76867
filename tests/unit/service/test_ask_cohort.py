"""Who carries what, who was tested and how often, asked of everybody who may be counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bedside.errors import InputError, StoreError
from bedside.genome.consent import Decision, Purpose, Refusal, Scope
from bedside.genome.person import Person
from bedside.genome.presence import Absent, NotTested, Present, Zygosity
from bedside.genome.region import Region
from bedside.genome.variant import Variant, parse_variant
from bedside.service.ask_cohort import (
    NOT_RECORDED,
    Carriers,
    carriers_of,
    carriers_within,
    counts_by_ancestry,
    regions_tested,
    variants_tested,
)
from bedside.service.ask_findings import carriers_with, read_finding
from bedside.service.cohort_lake import Asking
from bedside.service.erase_genome import erase_stored_genome
from bedside.service.house import House, lake_of
from bedside.service.record_consent import record_consent
from bedside.service.register_person import register_person
from bedside.store.lake.parquet_lake import ParquetLake
from tests.unit.service.made_up_biobank import (
    BRCA2,
    MUTYH,
    ONE_STAR,
    SAME_KEY,
    UNCERTAIN,
    Record,
    Somebody,
    biobank,
    enrol,
    release,
)

HET, HOM = Zygosity.HETEROZYGOUS, Zygosity.HOMOZYGOUS
LONG = "chr13-32340300-ACGTACGTACGTAC-A"
GENE = Region("chr13", 32315086, 32400268)
VARIANTS = [parse_variant(text) for text in (BRCA2, LONG)]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Anna and Bert carry a pathogenic variant, Cora one of long alleles, Dora a one-star one."""
    house = biobank(tmp_path)
    release(
        house,
        "2026-01-05",
        [Record(BRCA2, "BRCA2"), Record(LONG, "BRCA2", UNCERTAIN), Record(MUTYH, "MUTYH", review=ONE_STAR)],
    )
    enrol(
        house,
        Somebody("anna", [(BRCA2, HET)]),
        Somebody("bert", [(BRCA2, HOM)]),
        Somebody("cora", [(LONG, HET)]),
        Somebody("dora", [(MUTYH, HET)]),
    )
    yield house
    house.close()


def said(answer: Carriers) -> list[tuple[str, str, str, str]]:
    return [
        (
            row.person,
            str(row.variant),
            row.zygosity.value,
            ";".join(c.classification.value for c in row.classified),
        )
        for row in answer.rows
    ]


ALL = [
    ("anna", BRCA2, "het", "pathogenic"),
    ("bert", BRCA2, "hom", "pathogenic"),
    ("cora", LONG, "het", "uncertain-significance"),
]


def test_carriers_of_named_variants_come_with_what_the_release_says(house):
    answer = carriers_of(house, VARIANTS, Asking())
    assert said(answer) == ALL
    runs = {run.person: run.run for run in lake_of(house).runs()}
    assert [row.run for row in answer.rows] == [runs[row.person] for row in answer.rows]
    assert answer.basis.release.startswith("clinvar@2026-01-05")
    assert (answer.basis.people, answer.basis.not_counted) == (4, {})


def test_a_gene_shows_the_same_people_before_and_after_merging(house):
    assert said(carriers_within(house, [GENE], Asking())) == ALL
    lake_of(house).compact()
    assert said(carriers_within(house, [GENE], Asking())) == ALL


def test_who_withdrew_or_was_erased_is_left_out_and_counted_as_left_out(house):
    record_consent(house, "anna", Scope.CLINICAL, Decision.WITHDRAWN)
    erase_stored_genome(house, "bert", "asked for it")
    answer = carriers_of(house, VARIANTS, Asking())
    assert said(answer) == ALL[2:]
    assert answer.basis.not_counted == {Refusal.WITHDRAWN: 1, Refusal.ERASED: 1}


def test_research_counts_only_who_gave_it_for_that_use(house):
    research = Asking(Purpose.RESEARCH, "DUO:0000006")
    assert said(carriers_of(house, VARIANTS, research)) == []
    record_consent(house, "anna", Scope.RESEARCH, Decision.GIVEN)
    answer = carriers_of(house, VARIANTS, research)
    assert said(answer) == ALL[:1]
    assert (answer.basis.people, answer.basis.not_counted) == (1, {Refusal.NOT_ASKED: 3})
    with pytest.raises(InputError):
        carriers_of(house, VARIANTS, replace(research, use="DUO:9"))


def test_another_variant_that_shares_the_key_is_not_the_one_asked_for(house, monkeypatch):
    other = Variant("chr13", 32340300, "ACGTACGTACGTACG", "A")
    monkeypatch.setattr(Variant, "key", property(lambda self: parse_key(self)))
    assert other.key == parse_variant(LONG).key
    assert said(carriers_of(house, [other], Asking())) == []


def parse_key(variant: Variant) -> int:
    from bedside.genome.variant import allele_bits, position_key

    reference = variant.reference[:14] if len(variant.reference) == 15 else variant.reference
    return position_key(13, variant.position) | allele_bits(reference, variant.alternate)


def test_not_seen_is_not_the_same_as_absent(house):
    (answer,), _ = variants_tested(house, VARIANTS[:1], Asking())
    assert dict(answer.answers) == {
        "anna": Present(HET),
        "bert": Present(HOM),
        "cora": NotTested(),
        "dora": NotTested(),
    }
    assert Absent() not in dict(answer.answers).values()


def test_a_region_tells_whose_runs_saw_all_of_it(house):
    place = Region("chr13", 32338763, 32338763)
    (one, whole), basis = regions_tested(house, [place, GENE], Asking())
    assert (one.tested, one.others) == (("anna", "bert"), ("cora", "dora"))
    assert (whole.tested, basis.people) == ((), 4)


def test_small_counts_are_not_shown_and_large_ones_are(tmp_path):
    house = biobank(tmp_path)
    names = [f"p{number:02d}" for number in range(12)]
    enrol(house, *(Somebody(name, [(BRCA2, HET)] if name < "p10" else [(MUTYH, HET)]) for name in names))
    for name in names[:10]:
        held = house.ledger.person(name)
        register_person(house, replace(held or Person(name), ancestry="north"))
    answer = counts_by_ancestry(house, [GENE], Asking())
    house.close()
    assert [(row.group, row.copies, row.strands, row.frequency) for row in answer.rows] == [
        ("north", 10, 20, 0.5),
        (NOT_RECORDED, 0, 0, None),
    ]
    assert answer.smallest_group == 5


def test_a_count_that_could_stand_for_few_people_is_hidden(house):
    answer = counts_by_ancestry(house, [GENE], Asking())
    assert [(str(row.variant), row.group, row.copies, row.strands) for row in answer.rows] == [
        (BRCA2, NOT_RECORDED, None, None),
        (LONG, NOT_RECORDED, None, None),
    ]


def test_a_finding_lists_who_is_to_be_told_or_looked_at(house):
    found = carriers_with(house, read_finding("acmg-sf", house), Asking())
    assert [(row.person, row.answer.gene, row.answer.outcome) for row in found.rows] == [
        ("anna", "BRCA2", "report"),
        ("bert", "BRCA2", "report"),
    ]
    assert house.ledger.tasks("anna") == ()


def test_a_finding_for_research_counts_only_who_gave_research(house):
    record_consent(house, "bert", Scope.RESEARCH, Decision.GIVEN)
    finding = read_finding("cdc-tier1:BRCA2", house)
    found = carriers_with(house, finding, Asking(Purpose.RESEARCH, "DUO:0000006"))
    assert [row.person for row in found.rows] == ["bert"]


@pytest.mark.parametrize("wrong", ["acmg", "acmg-sf:", "acmg-sf:NOGENE", "", ":BRCA2"])
def test_a_finding_nobody_knows_is_refused(house, wrong):
    with pytest.raises(InputError) as caught:
        read_finding(wrong, house)
    assert "--finding" in str(caught.value)


def test_an_engine_counts_the_same_people_as_the_lake(house):
    pytest.importorskip("ibis")
    from bedside.service.consented_lake import consented
    from bedside.store.lake.expressed import ExpressedLake
    from bedside.store.lake.expressed_duckdb import DuckDBEngine

    record_consent(house, "anna", Scope.CLINICAL, Decision.WITHDRAWN)
    lake = lake_of(house)
    assert isinstance(lake, ParquetLake)
    other = ExpressedLake(lake, DuckDBEngine(lake.folder))
    keys = np.array([variant.key for variant in VARIANTS], np.int64)
    asked = [consented(house, one, Purpose.SCREENING).carriers(keys) for one in (lake, other)]
    assert asked[0].equals(asked[1])
    assert set(asked[1]["person"].to_pylist()) == {"bert", "cora"}


def test_variants_whose_alleles_hash_to_one_key_are_each_told_of_who_carries_them(house):
    hers, his = map(parse_variant, SAME_KEY)
    enrol(
        house,
        Somebody("eva", [(SAME_KEY[0], HOM)]),
        Somebody("finn", [(SAME_KEY[1], HET)]),
        Somebody("gil", [(SAME_KEY[0], HET), (SAME_KEY[1], HOM)]),
    )
    assert said(carriers_of(house, [hers], Asking())) == [
        ("eva", SAME_KEY[0], "hom", ""),
        ("gil", SAME_KEY[0], "het", ""),
    ]
    assert said(carriers_of(house, [his], Asking())) == [
        ("finn", SAME_KEY[1], "het", ""),
        ("gil", SAME_KEY[1], "hom", ""),
    ]
    found = [row for row in said(carriers_within(house, [GENE], Asking())) if row[1] in SAME_KEY]
    assert sorted(found) == sorted(
        said(carriers_of(house, [hers], Asking())) + said(carriers_of(house, [his], Asking()))
    )
    with pytest.raises(StoreError, match="share a key"):
        counts_by_ancestry(house, [GENE], Asking())
