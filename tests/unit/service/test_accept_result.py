"""A laboratory's file enters the record once, whole, for the right person, or not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bedside.errors import IntakeError, RequestError, StoreError
from bedside.genome.event import EventKind
from bedside.genome.locus import Build
from bedside.genome.observation import GenotypePattern, OutsideCall
from bedside.interpret.gene_call import CallSource
from bedside.service.accept_result import accept_files
from bedside.service.show_person import show
from bedside.service.withdraw_result import withdraw_result
from bedside.store.current_view import RESULTS_CONFLICT
from bedside.store.encode import decode, decode_assay, decode_observation

POOR = {"rs12769205": "1/1", "rs4244285": "1/1"}
CARRIER = {"rs12769205": "0|1", "rs4244285": "0|1"}


def diplotypes(house, person, gene="CYP2C19") -> tuple[str, ...]:
    return tuple(str(pair) for pair in house.ledger.person_calls(person)[gene].source_diplotypes)


def nothing_is_stored(house) -> bool:
    return house.ledger.checkpoint().sequence == 0 and not house.documents.folder.exists()


def test_a_file_becomes_a_result_with_its_document_assay_observation_and_meaning(house, write_vcf):
    path = write_vcf("ada.vcf", {"ada": POOR})
    (accepted,) = accept_files(house, [path], laboratory="Northside")
    assert (accepted.person, accepted.new, accepted.genes) == ("ada", True, ("CYP2C19",))
    assert [house.documents.get(name) for name in accepted.documents] == [path.read_bytes()]
    (result,) = house.ledger.results("ada")
    assert (result.result, result.laboratory, result.release) == (
        accepted.result,
        "Northside",
        str(house.pgx.release),
    )
    assay = decode_assay(decode(house.ledger.content([result.assay])[result.assay]))
    positions = sum(len(gene.positions) for gene in house.pgx.genes.values())
    assert (assay.method, assay.build) == ("variant file", Build.GRCH38)
    assert assay.positions_tested + len(assay.positions_not_tested) == positions
    (digest,) = result.observations["CYP2C19"]
    assert isinstance(decode_observation(decode(house.ledger.content([digest])[digest])), GenotypePattern)
    assert diplotypes(house, "ada") == ("*2/*2",)
    assert house.ledger.release("cpic") == str(house.pgx.release)


def test_the_same_file_a_hundred_times_is_one_result(house, write_vcf, tmp_path):
    path = write_vcf("ada.vcf", {"ada": POOR})
    copy = tmp_path / "same-bytes-other-name.vcf"
    copy.write_bytes(path.read_bytes())
    first = accept_files(house, [path])
    written = house.ledger.checkpoint()
    for each in [path, copy] * 50:
        (again,) = accept_files(house, [each])
        assert again == replace(first[0], new=False, genes=(), notices=again.notices)
    assert house.ledger.checkpoint() == written
    assert len(house.ledger.results("ada")) == 1


def test_calls_made_elsewhere_stand_beside_the_genotypes_and_before_them(house, write_vcf, tmp_path):
    calls = tmp_path / "calls.tsv"
    calls.write_text("CYP2D6\t*4/*4\nCYP2C19\t*1/*17\n")
    (accepted,) = accept_files(house, [write_vcf("ada.vcf", {"ada": POOR}), calls])
    (result,) = house.ledger.results("ada")
    kept = {
        gene: [decode_observation(decode(house.ledger.content([name])[name])) for name in names]
        for gene, names in result.observations.items()
    }
    assert kept["CYP2D6"] == [OutsideCall("CYP2D6", "*4/*4")]
    assert [type(each) for each in kept["CYP2C19"]] == [GenotypePattern, OutsideCall]
    assert diplotypes(house, "ada") == ("*1/*17",)
    assert house.ledger.person_calls("ada")["CYP2D6"].source is CallSource.OUTSIDE
    assert len(accepted.documents) == 2


def test_calls_made_elsewhere_may_come_alone(house, tmp_path):
    calls = tmp_path / "calls.tsv"
    calls.write_text("HLA-B\t*57:01/*07:02\n")
    (accepted,) = accept_files(house, [calls], "ada")
    assert accepted.genes == ("HLA-B",)
    assert "*57:01 positive" in house.ledger.person_calls("ada")["HLA-B"].phenotypes


def test_a_call_of_a_gene_the_release_does_not_know_is_kept_without_a_meaning(house, tmp_path):
    calls = tmp_path / "calls.tsv"
    calls.write_text("CYP2D6\t*1/*1\nNEWGENE\t*2/*2\n")
    (accepted,) = accept_files(house, [calls], "ada")
    assert [notice.code for notice in accepted.notices] == ["gene-unknown"]
    (result,) = house.ledger.results("ada")
    assert (sorted(result.observations), sorted(result.calls)) == (["CYP2D6", "NEWGENE"], ["CYP2D6"])


def test_each_sample_of_a_cohort_file_is_a_person(house, write_vcf):
    accepted = accept_files(house, [write_vcf("cohort.vcf", {"ada": POOR, "bo": CARRIER, "cy": {}})])
    assert [each.person for each in accepted] == ["ada", "bo", "cy"]
    assert [diplotypes(house, each.person) for each in accepted] == [("*2/*2",), ("*1/*2",), ("*1/*1",)]


def test_files_of_one_sample_by_chromosome_are_one_result(house, write_vcf):
    parts = [write_vcf("chr10.vcf", {"ada": POOR}), write_vcf("chr6.vcf", {"ada": {}}, genes=("TPMT",))]
    (accepted,) = accept_files(house, parts)
    (again,) = accept_files(house, parts[::-1])
    assert (accepted.genes, len(accepted.documents), again.result, again.new) == (
        ("CYP2C19", "TPMT"),
        2,
        accepted.result,
        False,
    )


def test_a_file_with_one_sample_may_be_said_to_be_somebodys(house, write_vcf):
    (accepted,) = accept_files(house, [write_vcf("s1.vcf", {"S1": POOR})], "ada")
    assert (accepted.person, accepted.sample, diplotypes(house, "ada")) == ("ada", "S1", ("*2/*2",))


def test_every_problem_of_every_file_is_told_at_once_and_nothing_is_stored(house, write_vcf, tmp_path):
    broken, calls = tmp_path / "broken.vcf", tmp_path / "calls.tsv"
    broken.write_text("not a VCF at all\n")
    calls.write_text("*4/*4\n")
    with pytest.raises(IntakeError) as refused:
        accept_files(house, [write_vcf("fine.vcf", {"ada": POOR}), broken, calls, tmp_path / "absent.vcf"])
    assert {problem.source for problem in refused.value.problems} == {"broken.vcf", "calls.tsv", "absent.vcf"}
    assert nothing_is_stored(house)


@pytest.mark.parametrize(
    ("samples", "said", "reason"),
    [
        (("ada", "bo"), "CYP2D6\t*1/*1\n", "names no sample, and there is not exactly one"),
        (
            ("ada",),
            "sample\tgene\tdiplotype\nzoe\tCYP2D6\t*1/*1\n",
            "names 1 sample(s) that the genotype files do not hold",
        ),
    ],
)
def test_calls_that_could_be_anybodys_are_refused(house, write_vcf, tmp_path, samples, said, reason):
    calls = tmp_path / "calls.tsv"
    calls.write_text(said)
    with pytest.raises(IntakeError) as refused:
        accept_files(house, [write_vcf("people.vcf", dict.fromkeys(samples, POOR)), calls])
    assert [problem.reason for problem in refused.value.problems] == [reason]
    assert nothing_is_stored(house)


def test_a_blank_name_is_nobody(house, write_vcf):
    with pytest.raises(IntakeError, match="--person: is blank"):
        accept_files(house, [write_vcf("one.vcf", {"a": {}})], " ")
    assert nothing_is_stored(house)


def test_several_samples_are_not_taken_for_one_person(house, write_vcf):
    with pytest.raises(IntakeError, match="2 samples cannot all be one person's"):
        accept_files(house, [write_vcf("two.vcf", {"a": {}, "b": {}})], "ada")
    assert nothing_is_stored(house)


def test_a_file_given_to_the_wrong_person_must_be_withdrawn_before_it_goes_to_the_right_one(house, write_vcf):
    path = write_vcf("s1.vcf", {"S1": POOR})
    (wrong,) = accept_files(house, [path], "bo")
    with pytest.raises(IntakeError) as refused:
        accept_files(house, [path], "ada")
    assert "bo" not in str(refused.value).split()
    withdraw_result(house, wrong.result, "wrong patient", actor="laboratory")
    (right,) = accept_files(house, [path], "ada")
    (again,) = accept_files(house, [path], "ada")
    assert (right.new, again.new, again.result) == (True, False, right.result)
    assert house.ledger.person_calls("bo") == {}
    assert diplotypes(house, "ada") == ("*2/*2",)


def test_what_a_newer_panel_did_not_test_stays_visible_from_the_older_result(house, write_vcf, clock):
    accept_files(house, [write_vcf("wide.vcf", {"ada": CARRIER}, genes=("CYP2C19", "TPMT"))])
    clock.turn(days=30)
    accept_files(house, [write_vcf("narrow.vcf", {"ada": CARRIER})])
    older, newer = house.ledger.results("ada")
    view = {line.call.gene: line.result for line in show(house, "ada").genes if line.result}
    assert view == {"CYP2C19": newer, "TPMT": older}


def test_results_that_contradict_one_another_are_flagged_and_not_chosen_between(house, write_vcf, clock):
    accept_files(house, [write_vcf("first.vcf", {"ada": POOR})])
    clock.turn(days=30)
    accept_files(house, [write_vcf("second.vcf", {"ada": {}})])
    call = house.ledger.person_calls("ada")["CYP2C19"]
    assert call.phenotypes == ("Normal Metabolizer", "Poor Metabolizer")
    assert (call.lookup_key, call.warnings[-1]) == (None, RESULTS_CONFLICT)


def test_a_newer_file_that_saw_more_and_agrees_supersedes_the_older(house, write_vcf, clock):
    accept_files(house, [write_vcf("narrow.vcf", {"ada": {}}, leave_out=tuple(CARRIER))])
    assert diplotypes(house, "ada") == ("*1/*1",)
    clock.turn(days=30)
    accept_files(house, [write_vcf("wide.vcf", {"ada": CARRIER})])
    assert diplotypes(house, "ada") == ("*1/*2",)
    assert RESULTS_CONFLICT not in house.ledger.person_calls("ada")["CYP2C19"].warnings


def test_a_house_that_missed_an_adoption_accepts_nothing(house, write_vcf, clock):
    accept_files(house, [write_vcf("one.vcf", {"ada": {}})])
    stale = replace(house, pgx=replace(house.pgx, release=replace(house.pgx.release, date="2020-01-01")))
    with pytest.raises(StoreError, match="open it again under that release"):
        accept_files(stale, [write_vcf("two.vcf", {"bo": {}})])
    assert house.ledger.results("bo") == ()


def test_a_result_is_withdrawn_for_a_reason_and_once(house, write_vcf):
    (accepted,) = accept_files(house, [write_vcf("one.vcf", {"ada": {}})])
    with pytest.raises(RequestError, match="for a stated reason"):
        withdraw_result(house, accepted.result, " ", actor="laboratory")
    with pytest.raises(RequestError, match="no such result"):
        withdraw_result(house, "r-unknown", "mix-up", actor="laboratory")
    for _ in range(2):
        withdraw_result(house, accepted.result, "mix-up", actor="laboratory")
    assert len(list(house.ledger.events(kinds=[EventKind.RESULT_WITHDRAWN]))) == 1
    assert house.ledger.results("ada")[0].withdrawn == "mix-up"


def test_no_file_is_an_error(house):
    with pytest.raises(IntakeError, match="no file was given"):
        accept_files(house, [])
    with pytest.raises(IntakeError, match="cannot be read: No such file"):
        accept_files(house, [Path("nowhere.vcf")])
