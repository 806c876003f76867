"""A laboratory's file whose whole genotypes are kept: stored once, visible at once, asked again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bedside.errors import InputError, IntakeError, RequestError
from bedside.genome.consent import Decision, Purpose, Said, Scope
from bedside.genome.event import EventKind
from bedside.genome.evidence import AssayKind
from bedside.genome.person import Person, Sex
from bedside.genome.presence import Absent, NotCallable, NotTested, Present, Uncalled, Zygosity
from bedside.genome.region import Region
from bedside.genome.result import Confirmation
from bedside.genome.variant import parse_variant
from bedside.knowledge.pgx import PgxPack
from bedside.service.accept_genome import GenomeRequest
from bedside.service.accept_result import accept_files
from bedside.service.ask_genome import LookedAt, ask_regions, ask_variants
from bedside.service.consented_lake import NotPermitted, asked
from bedside.service.erase_genome import erase_stored_genome
from bedside.service.house import House, lake_of, open_house
from bedside.service.record_consent import record_decisions
from bedside.service.register_person import Registration, register_people
from bedside.service.withdraw_result import withdraw_result
from bedside.settings import Settings
from tests.unit.service.conftest import Write

HEADER = """##fileformat=VCFv4.2
##contig=<ID=chr13,length=114364328,assembly=GRCh38>
##contig=<ID=chrX,length=156040895,assembly=GRCh38>
##FILTER=<ID=LowQual,Description="low">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tNina
"""
RECORDS = (
    "chr13\t32316508\t.\tGA\tG\t50\tPASS\t.\tGT:DP:GQ\t0/1:30:99",
    "chr13\t32319000\t.\tC\tT\t50\tLowQual\t.\tGT:DP:GQ\t0/1:30:99",
    "chr13\t32319100\t.\tC\tT\t50\tPASS\t.\tGT:DP:GQ\t./.:0:0",
    "chrX\t154000000\t.\tG\tA\t50\tPASS\t.\tGT:DP:GQ\t1/1:30:99",
)
BRCA2 = "chr13\t32315085\t32400268\n"
EXOME = GenomeRequest(AssayKind.EXOME)
ASKED = [
    parse_variant(text)
    for text in (
        "chr13-32316508-GA-G",
        "chr13-32319000-C-T",
        "chr13-32319100-C-T",
        "chr13-32320000-A-C",
        "chr17-43045682-T-TG",
        "chrX-154000000-G-A",
    )
]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    vcf, bed = tmp_path / "nina.vcf", tmp_path / "kit.bed"
    vcf.write_text(HEADER + "\n".join(RECORDS) + "\n")
    bed.write_text(BRCA2)
    return vcf, bed


def accepted(house: House, files: tuple[Path, Path], **given: object) -> tuple[tuple[str, int], ...]:
    request = replace(EXOME, covered=files[1])
    return accept_files(house, [files[0]], genome=request, **given)[0].runs  # type: ignore[arg-type]


def test_each_place_gets_one_of_four_answers(house: House, files: tuple[Path, Path]) -> None:
    register_people(house, [Registration(Person("Nina", sex=Sex.FEMALE))])
    accepted(house, files)
    assert [one.presence for one in ask_variants(house, "Nina", ASKED).answers] == [
        Present(Zygosity.HETEROZYGOUS, strands=2),
        NotCallable(Uncalled.FILTERED),
        NotCallable(Uncalled.NO_CALL),
        Absent(),
        NotTested(),
        Present(Zygosity.HOMOZYGOUS, strands=3),
    ]


def test_a_mans_x_is_a_single_copy_when_his_sex_is_on_record(house: House, files: tuple[Path, Path]) -> None:
    register_people(house, [Registration(Person("Nina", sex=Sex.MALE))])
    accepted(house, files)
    (found,) = ask_regions(house, "Nina", [Region("chrX", 154000000, 154000000)]).lines
    assert found.zygosity is Zygosity.HEMIZYGOUS


def test_a_region_says_how_much_of_it_was_looked_at(house: House, files: tuple[Path, Path]) -> None:
    accepted(house, files)
    region = Region("chr13", 32315080, 32400268)
    answer = ask_regions(house, "Nina", [region])
    assert [str(line.variant) for line in answer.lines] == ["chr13-32316508-GA-G", "chr13-32319000-C-T"]
    assert [line.passed for line in answer.lines] == [True, False]
    assert answer.looked_at == (LookedAt(region, seen=85181, not_callable=2),)
    assert answer.looked_at[0].not_tested == 6


def test_the_genome_of_a_withdrawn_result_answers_no_question(house: House, files: tuple[Path, Path]) -> None:
    given = accept_files(house, [files[0]], genome=replace(EXOME, covered=files[1]))[0]
    withdraw_result(house, given.result, "the tubes were swapped", actor="laboratory")
    with pytest.raises(RequestError, match="a result that was withdrawn"):
        ask_regions(house, "Nina", [Region("chr13", 32315080, 32400268)])
    with pytest.raises(RequestError, match="a result that was withdrawn"):
        ask_variants(house, "Nina", ASKED)


def test_the_same_file_again_is_the_same_run(house: House, files: tuple[Path, Path]) -> None:
    first, second = accepted(house, files), accepted(house, files)
    assert (first, len(lake_of(house).runs("Nina"))) == (second, 1)
    assert len(list(house.ledger.events(kinds=[EventKind.GENOME_STORED]))) == 1


def test_a_genome_can_be_kept_of_a_file_whose_result_was_there_before(
    house: House, files: tuple[Path, Path]
) -> None:
    (before,) = accept_files(house, [files[0]])
    (run,) = accepted(house, files)
    (event,) = house.ledger.events(kinds=[EventKind.GENOME_STORED])
    assert (event.payload["result"], event.payload["run"], event.payload["records"]) == (before.result, *run)
    assert set(event.payload["read_with"]) == {"covered"}
    assert house.documents.has(event.payload["read_with"]["covered"])


def test_what_the_ledger_acknowledged_is_visible_after_a_crash_before_the_lake_knew(
    house: House, files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("bedside.service.accept_result.admit_runs", dies)
    with pytest.raises(KeyboardInterrupt):
        accepted(house, files)
    monkeypatch.undo()
    again = open_house(house.settings)
    try:
        assert [run.person for run in lake_of(again).runs()] == ["Nina"]
    finally:
        again.close()


def test_nothing_is_stored_when_the_genome_cannot_be_read(house: House, files: tuple[Path, Path]) -> None:
    files[1].write_text("chr13\tfive\t6\nchr13\t9\t2\n")
    with pytest.raises(IntakeError) as refused:
        accepted(house, files)
    assert [(problem.source, problem.line) for problem in refused.value.problems] == [
        ("kit.bed", 1),
        ("kit.bed", 2),
    ]
    assert list(house.ledger.events()) == []


def test_a_person_who_withdrew_is_not_stored_again(house: House, files: tuple[Path, Path]) -> None:
    register_people(house, [Registration(Person("Nina"))])
    record_decisions(house, "Nina", {Scope.CLINICAL: Decision.WITHDRAWN}, Said(Decision.WITHDRAWN))
    with pytest.raises(IntakeError, match="withdrew their consent"):
        accepted(house, files)
    assert list(house.ledger.events(kinds=[EventKind.GENOME_STORED, EventKind.RESULT_ACCEPTED])) == []


def test_a_withdrawal_closes_the_genome_at_once(house: House, files: tuple[Path, Path]) -> None:
    register_people(house, [Registration(Person("Nina"))])
    accepted(house, files)
    record_decisions(house, "Nina", {Scope.CLINICAL: Decision.WITHDRAWN}, Said(Decision.WITHDRAWN))
    with pytest.raises(NotPermitted, match="withdrawn"):
        ask_variants(house, "Nina", ASKED)


def test_an_erased_genome_does_not_come_back_with_the_same_file(
    house: House, files: tuple[Path, Path]
) -> None:
    register_people(house, [Registration(Person("Nina"))])
    ((run, _),) = accepted(house, files)
    proof = erase_stored_genome(house, "Nina", "asked for it")
    with pytest.raises(IntakeError, match="were erased because the person wished it"):
        accepted(house, files)
    assert proof.runs == (run,)
    assert not list((Path(house.settings.store_url[10:]).parent / "lake" / "evidence").rglob("*.parquet"))


def test_what_research_did_not_see_takes_nothing_from_the_clinical_genome(
    house: House, files: tuple[Path, Path]
) -> None:
    accepted(house, files)
    research = files[0].with_name("research.vcf")
    research.write_text(HEADER + RECORDS[3] + "\n")
    accepted(house, (research, files[1]), confirmation=Confirmation.RESEARCH)
    everything = asked(house, Purpose.CARE).presence("Nina", ASKED[:1])
    assert everything == (Absent(),)
    (answer,) = ask_variants(house, "Nina", ASKED[:1]).answers
    assert answer.presence == Present(Zygosity.HETEROZYGOUS, strands=2)


def test_somebody_without_a_genome_is_told_so_and_not_called_negative(house: House) -> None:
    register_people(house, [Registration(Person("Nina"))])
    with pytest.raises(RequestError, match="no genome of this person is stored"):
        ask_variants(house, "Nina", ASKED)


def test_all_that_is_wrong_with_both_readings_is_told_at_once(house: House, tmp_path: Path) -> None:
    vcf, bed = tmp_path / "x.vcf", tmp_path / "kit.bed"
    vcf.write_text(HEADER.replace(",assembly=GRCh38", "").replace("114364328", "7") + RECORDS[0] + "\n")
    bed.write_text("nonsense\n")
    with pytest.raises(InputError) as refused:
        accept_files(house, [vcf], genome=replace(EXOME, covered=bed))
    assert len({str(problem) for problem in refused.value.problems}) == len(refused.value.problems) >= 1


def test_the_pharmacogenes_are_the_same_whether_the_genome_is_kept_or_not(
    tmp_path: Path, pack: PgxPack, write_vcf: Write
) -> None:
    genes = ("CYP2C19", "DPYD", "SLCO1B1", "UGT1A1", "VKORC1", "CYP3A5")
    path = write_vcf("two.vcf", {"A": {"rs4244285": "0/1"}, "B": {"rs776746": "./."}}, genes, ("rs3918290",))
    observed = []
    for name, genome in (("alone", None), ("whole", GenomeRequest(AssayKind.GENOME))):
        opened = open_house(Settings(store_url=f"sqlite:///{tmp_path}/{name}/ledger.db"), pgx=pack)
        try:
            accept_files(opened, [path], genome=genome)
            events = opened.ledger.events(kinds=[EventKind.RESULT_ACCEPTED, EventKind.MEANINGS_DERIVED])
            observed.append([(event.person, event.payload) for event in events])
        finally:
            opened.close()
    assert observed[0] == observed[1]
    assert set(observed[0][0][1]["observations"]) == set(genes)
