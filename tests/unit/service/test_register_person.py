"""Who people are and what they take; and who of them a finding concerns."""

from __future__ import annotations

from datetime import date

import pytest

from bedside.errors import InputError, RequestError
from bedside.genome.code import Code, System
from bedside.genome.person import Identifier, ItemStatus, Medication, Person, Problem, Sex
from bedside.service.accept_result import accept_files
from bedside.service.register_person import (
    Registration,
    people_with,
    record_medication,
    record_problem,
    register_people,
    register_person,
)
from bedside.service.withdraw_result import withdraw_result

CLOPIDOGREL = Code(System.RXNORM, "32968", "clopidogrel")
ADA = Person("ada", "Ada", "Okafor", date(1961, 4, 2), Sex.FEMALE, (Identifier("urn:mrn", "77"),))
POOR = {"rs12769205": "1/1", "rs4244285": "1/1"}


def test_what_is_known_already_is_not_written_again(house):
    for _ in range(3):
        register_person(house, ADA, [Medication(CLOPIDOGREL)])
    assert (house.ledger.person("ada"), house.ledger.checkpoint().sequence) == (ADA, 2)


def test_a_drug_may_be_stopped_and_a_problem_recorded(house):
    stopped = Medication(CLOPIDOGREL, ItemStatus.ENDED)
    stent = Problem(Code(System.SNOMED_CT, "429559004", "stent"), since=date(2026, 1, 1))
    register_person(house, ADA, [Medication(CLOPIDOGREL)])
    record_medication(house, "ada", stopped)
    record_problem(house, "ada", stent)
    assert (house.ledger.medications("ada"), house.ledger.problems("ada")) == ((stopped,), (stent,))


@pytest.mark.parametrize("first", ["ada", "bo"])
def test_two_people_do_not_share_a_number(house, first):
    other = Person("bo" if first == "ada" else "ada", "Bo", "Abara", identifiers=ADA.identifiers)
    mine = Person(first, "Ada", identifiers=ADA.identifiers)
    with pytest.raises(InputError, match="1 identifier"):
        register_people(house, [Registration(mine), Registration(other)])
    assert house.ledger.count_people() == 0
    register_person(house, mine)
    with pytest.raises(InputError, match="already belong to another person"):
        register_person(house, other)


def test_everybody_of_a_phenotype_on_a_drug_is_found(house, write_vcf):
    people = {"ada": POOR, "bo": POOR, "cy": {}, "di": POOR}
    accept_files(house, [write_vcf("cohort.vcf", people)])
    for person, status in (("ada", ItemStatus.ACTIVE), ("bo", ItemStatus.ENDED), ("cy", ItemStatus.ACTIVE)):
        register_person(house, Person(person), [Medication(CLOPIDOGREL, status)])
    assert people_with(house, "CYP2C19", "Poor Metabolizer") == ("ada", "bo", "di")
    assert people_with(house, "CYP2C19", "Poor Metabolizer", "clopidogrel") == ("ada",)
    assert people_with(house, "CYP2C19", "Poor Metabolizer", "codeine") == ()
    assert people_with(house, "TPMT", "Poor Metabolizer") == ()


def test_somebody_whose_results_disagree_or_were_withdrawn_counts_for_nothing(house, write_vcf, clock):
    accept_files(house, [write_vcf("first.vcf", {"ada": POOR, "bo": POOR, "cy": POOR})])
    clock.turn(days=1)
    accept_files(house, [write_vcf("second.vcf", {"ada": {}})])
    withdraw_result(house, house.ledger.results("bo")[0].result, "mix-up", actor="laboratory")
    accept_files(house, [write_vcf("same.vcf", {"cy": POOR}, genes=("CYP2C19", "TPMT"))])
    assert people_with(house, "CYP2C19", "Poor Metabolizer") == ("cy",)
    assert people_with(house, "CYP2C19", "Normal Metabolizer") == ()


def test_a_gene_or_drug_that_the_release_does_not_know_is_an_error_and_not_nobody(house):
    with pytest.raises(RequestError, match="not a gene of this knowledge release"):
        people_with(house, "CYP9Z9", "Poor Metabolizer")
    with pytest.raises(RequestError, match="not a drug of this knowledge release"):
        people_with(house, "CYP2C19", "Poor Metabolizer", "aspirinol")
