"""The made-up laboratories' files: real VCF, saying what each person carries."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
from cyvcf2 import VCF

from bedside.demo.cast import Setting
from bedside.demo.cohort import write_cohort
from bedside.demo.laboratory import Delivery, deliveries
from bedside.demo.people import TODAY, MadeUpPerson
from bedside.demo.vcf import Sample, Sheet, sites_of, write_gvcf, write_vcf
from bedside.genome.locus import Build
from bedside.genome.person import Sex
from bedside.knowledge.frequencies import AncestryGroup, Change, Frequencies, Haplotype
from bedside.knowledge.pgx import PgxPack

SECOND = Haplotype("CYP2C19", (Change("chr10", 94781859, "G", "A"), Change("chr10", 94842866, "A", "G")))
FIRST = Haplotype("CYP2C19", (Change("chr10", 94842866, "A", "G"),))
WOMAN = Sample("demo-1", Sex.FEMALE, {"CYP2C19": (FIRST, SECOND)})


def test_the_same_seed_delivers_the_same_bytes(
    setting: Setting, people: tuple[MadeUpPerson, ...], pack: PgxPack
) -> None:
    assert deliveries(setting, people, pack, 1) == deliveries(setting, people, pack, 1)


def test_deliveries_come_in_order_before_the_story_is_told(
    setting: Setting, people: tuple[MadeUpPerson, ...], pack: PgxPack
) -> None:
    arrived = deliveries(setting, people, pack, 1)
    days = [delivery.day for delivery in arrived]
    assert days == sorted(days)
    assert date(2024, 9, 1) < days[0] < days[-1] < TODAY
    tested = [name for delivery in arrived for name in delivery.people]
    assert len(tested) - len(set(tested)) == 2
    assert set(tested) == {person.person for person in people if person.laboratory}


def test_hla_calls_say_positive_or_negative_for_every_allele_that_guidance_asks_for(
    setting: Setting, people: tuple[MadeUpPerson, ...], pack: PgxPack
) -> None:
    calls = _calls(deliveries(setting, people, pack, 1))
    assert calls["demo-000010"] == (
        ("HLA-A", "", "*31:01 negative"),
        ("HLA-B", "", "*15:02 positive"),
        ("HLA-B", "", "*57:01 negative"),
        ("HLA-B", "", "*58:01 negative"),
    )
    assert calls["demo-000024"][-1] == ("MT-RNR1", "m.1555A>G", "")


def test_a_grch38_file_says_which_strand_carries_what(pack: PgxPack, tmp_path: Path) -> None:
    content = write_vcf(_sheet(pack, Build.GRCH38, phased=True), [WOMAN])
    assert _genotypes(tmp_path, content, {94781859, 94842866}) == {
        (94781859, "G", "A"): "0|1",
        (94842866, "A", "G"): "1|1",
    }


def test_a_grch37_file_writes_the_other_assemblys_base_as_reference(pack: PgxPack, tmp_path: Path) -> None:
    content = write_vcf(_sheet(pack, Build.GRCH37, phased=False), [WOMAN])
    assert _genotypes(tmp_path, content, {96541616, 96602623}) == {
        (96541616, "G", "A"): "0/1",
        (96602623, "G", "."): "0/0",
    }


def test_a_gvcf_has_blocks_between_what_differs_and_every_position_is_in_one(
    pack: PgxPack, tmp_path: Path
) -> None:
    path = tmp_path / "one.vcf"
    path.write_bytes(write_gvcf(_sheet(pack, Build.GRCH38, phased=False), WOMAN))
    spans = [(record.POS, record.INFO.get("END") or record.POS + len(record.REF) - 1) for record in VCF(path)]
    assert (94781859, 94781859) in spans
    positions = [position.position for position in pack.genes["CYP2C19"].positions if not position.extra]
    assert [p for p in positions if not any(first <= p <= last for first, last in spans)] == []
    assert len(spans) < len(positions) / 3


def test_a_left_out_position_is_not_in_the_file(pack: PgxPack) -> None:
    all_sites = sites_of(pack, ["CYP2C19"], Build.GRCH38)
    fewer = sites_of(pack, ["CYP2C19"], Build.GRCH38, frozenset({"rs4244285"}))
    assert {site.rsid for site in all_sites} - {site.rsid for site in fewer} == {"rs4244285"}


def test_a_man_has_one_allele_of_g6pd(pack: PgxPack) -> None:
    sheet = Sheet(sites_of(pack, ["G6PD"], Build.GRCH38), Build.GRCH38, "Example")
    content = write_vcf(sheet, [Sample("m", Sex.MALE, {"G6PD": (Haplotype("G6PD", ()),)})])
    rows = [line.split("\t") for line in content.decode().splitlines() if not line.startswith("#")]
    assert {row[9] for row in rows} == {"0"}


def test_a_cohort_carries_alleles_as_often_as_published(
    tmp_path: Path, frequencies: Frequencies, pack: PgxPack
) -> None:
    path = tmp_path / "cohort.vcf"
    positions = write_cohort(path, 20_000, 7, pack=pack)
    reader = VCF(path)
    assert len(reader.samples) == 20_000
    seen, carriers = 0, 0.0
    for record in reader:
        seen += 1
        if record.POS == 94781859:
            carriers = float(np.sum(record.genotype.array()[:, :2] == 1))
    shares = {"AFR": 0.20, "AMR": 0.15, "EAS": 0.13, "EUR": 0.40, "SAS": 0.12}
    expected = sum(
        40_000 * shares[group.value] * row.count / row.total
        for group in AncestryGroup
        for row in frequencies.haplotypes["CYP2C19", group]
        if any(change.position == 94781859 for change in row.haplotype.changes)
    )
    assert seen == positions
    assert abs(carriers - expected) < 5 * expected**0.5


def test_the_same_seed_writes_the_same_cohort(tmp_path: Path, pack: PgxPack) -> None:
    write_cohort(tmp_path / "a.vcf.gz", 50, 3, pack=pack)
    write_cohort(tmp_path / "b.vcf.gz", 50, 3, pack=pack)
    assert (tmp_path / "a.vcf.gz").read_bytes() == (tmp_path / "b.vcf.gz").read_bytes()


def _sheet(pack: PgxPack, build: Build, *, phased: bool) -> Sheet:
    return Sheet(sites_of(pack, ["CYP2C19"], build), build, "Example", phased)


def _genotypes(folder: Path, content: bytes, positions: set[int]) -> dict[tuple[int, str, str], str]:
    rows = [line.split("\t") for line in content.decode().splitlines() if not line.startswith("#")]
    path = folder / "read.vcf"
    path.write_bytes(content)
    assert sum(1 for _ in VCF(path)) == len(rows)
    return {(int(row[1]), row[3], row[4]): row[9] for row in rows if int(row[1]) in positions}


def _calls(arrived: tuple[Delivery, ...]) -> dict[str, tuple[tuple[str, str, str], ...]]:
    return {person: calls for delivery in arrived for person, calls in delivery.calls.items()}
