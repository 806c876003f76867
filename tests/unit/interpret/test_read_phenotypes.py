"""Notes become features: what is stated, denied, uncertain or a relative's, and why."""

from __future__ import annotations

from functools import cache

import pytest

from bedside.genome.case import FeatureStatus
from bedside.interpret.phenotype_find import How
from bedside.interpret.phenotype_index import PhenotypeIndex, build_index
from bedside.interpret.read_phenotypes import Mention, read_phenotypes
from bedside.knowledge.hpo import load_hpo
from bedside.knowledge.phenotype_words import load_phenotype_words

OBSERVED, EXCLUDED = FeatureStatus.OBSERVED, FeatureStatus.EXCLUDED
UNCERTAIN, FAMILY = FeatureStatus.UNCERTAIN, FeatureStatus.FAMILY


@cache
def index() -> PhenotypeIndex:
    return build_index(load_hpo(), load_phenotype_words())


def read(text: str, **options: bool) -> tuple[Mention, ...]:
    found = read_phenotypes(text, index(), **options)
    assert all(text[one.start : one.end] == one.text for one in found)
    return found


def said(text: str) -> dict[str, FeatureStatus]:
    return {one.label: one.status for one in read(text)}


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("She has seizures.", "Seizure"),
        ("SEIZURES AND FEVER", "Seizure"),
        ("low-set ears were noted", "Low-set ears"),
        ("low set ears", "Low-set ears"),
        ("ears are low set", "Low-set ears"),
        ("renal agenesis", "Renal agenesis"),
        ("agenesis of the kidney", "Renal agenesis"),
        ("anaemia", "Anemia"),
        ("oesophageal atresia", "Esophageal atresia"),
        ("tumour of the skin", "Neoplasm of the skin"),
        ("hypotonic infant", "Hypotonia"),
        ("kidneys are enlarged", "Enlarged kidney"),
        ("clinodactyly of the fifth finger", "Clinodactyly of the 5th finger"),
        ("a small head", "Microcephaly"),
    ],
)
def test_a_term_is_met_by_its_names_in_other_forms(text: str, label: str) -> None:
    found = said(text)
    assert label in found or any(label.lower() in one.lower() for one in found), found
    assert set(found.values()) == {OBSERVED}


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("No seizures.", "No"),
        ("There were no signs of ataxia.", "no signs of"),
        ("Denies headache or vomiting.", "Denies"),
        ("Cleft palate was not seen.", "was not seen"),
        ("Cleft palate and microcephaly were not seen.", "were not seen"),
        ("Without hypotonia, seizures or ataxia", "Without"),
        ("Microcephaly has been ruled out.", "has been ruled out"),
        ("She has never had seizures.", "never had"),
        ("Seizures: none", ": none"),
        ("negative for hearing loss", "negative for"),
        ("No absence of speech", "No"),
    ],
)
def test_what_is_denied_is_excluded_with_the_words_that_deny_it(text: str, cue: str) -> None:
    found = read(text)
    assert found
    assert {one.status for one in found} == {EXCLUDED}
    assert {one.cue for one in found} == {cue}
    assert cue in found[0].why


@pytest.mark.parametrize(
    "text",
    [
        "Possible microcephaly.",
        "rule out seizures",
        "Microcephaly cannot be excluded.",
        "Seizures not ruled out",
        "?ataxia",
        "She may have hearing loss.",
        "Hearing loss was not tested.",
        "at risk for hypoglycemia",
        "Call if seizures occur.",
        "Differential diagnosis:\nmicrocephaly, ataxia",
        "Unclear whether seizures occurred",
    ],
)
def test_what_is_not_certain_is_never_observed(text: str) -> None:
    found = read(text)
    assert found
    assert {one.status for one in found} == {UNCERTAIN}


@pytest.mark.parametrize(
    "text",
    [
        "His mother has epilepsy.",
        "Family history of seizures.",
        "No family history of seizures.",
        "Two maternal uncles had hearing loss.",
        "FAMILY HISTORY:\nseizures in a cousin; hearing loss",
        "Hearing loss runs in the family.",
        "Family history: negative for ataxia",
    ],
)
def test_what_is_said_of_relatives_is_not_the_patients(text: str) -> None:
    found = read(text)
    assert found
    assert {one.status for one in found} == {FAMILY}


def test_who_tells_is_not_who_has_it() -> None:
    assert said("Mother reports seizures.") == {"Seizure": OBSERVED}
    assert said("Mother denies seizures.") == {"Seizure": EXCLUDED}
    assert said("Her mother is well and the patient has seizures.") == {"Seizure": OBSERVED}


def test_a_cue_ends_with_its_sentence_clause_or_section() -> None:
    assert said("No seizures. Microcephaly.") == {"Seizure": EXCLUDED, "Microcephaly": OBSERVED}
    assert said("No seizures but microcephaly") == {"Seizure": EXCLUDED, "Microcephaly": OBSERVED}
    text = "Family history: hearing loss\nExamination: microcephaly, no ataxia\n"
    assert said(text) == {"Hearing impairment": FAMILY, "Microcephaly": OBSERVED, "Ataxia": EXCLUDED}
    assert said("Without microcephaly\nAtaxia") == {"Microcephaly": EXCLUDED, "Ataxia": OBSERVED}
    assert said("not only ataxia") == {"Ataxia": OBSERVED}


def test_absence_of_seizures_is_no_absence_seizure() -> None:
    assert said("Absence of seizures.") == {"Seizure": EXCLUDED}
    assert "absence" in next(iter(said("typical absence seizures"))).lower()


def test_the_longest_name_stands_and_the_nested_are_marked() -> None:
    text = "bilateral sensorineural hearing impairment"
    assert [one.label for one in read(text)] == ["Bilateral sensorineural hearing impairment"]
    every = read(text, nested=True)
    assert {one.label for one in every if one.nested} >= {"Sensorineural hearing impairment"}


def test_names_that_share_a_word_are_both_read() -> None:
    found = read("There were skin and genital anomalies.")
    assert {one.how for one in found} == {How.NAME, How.SHARED}


def test_a_short_form_counts_where_the_text_explains_it_and_common_words_do_not() -> None:
    text = "Basal cell carcinoma (BCC) was removed. Further BCCs followed. All ears."
    assert [one.text for one in read(text) if one.how is How.SHORT_FORM] == ["BCC", "BCCs"]
    assert not read("all odds and an fall as upd")
    assert not read("ALL ODDS AND AN FALL")


def test_nothing_is_read_from_nothing() -> None:
    assert read("") == ()
    assert read("no\n\n!!! 🙂 \x00 )(") == ()


def test_short_forms_that_mean_more_than_one_thing_are_not_read_unless_the_text_explains_them() -> None:
    assert not read("Echo: small ASD. BPD on oxygen.")
    found = {one.text: one.label for one in read("Atrial septal defect (ASD). The ASD closed.")}
    assert found["ASD"] == "Atrial septal defect"


NEWBORN = """REASON FOR REFERRAL: Term male infant with hypotonia, r/o seizures.
HISTORY: Born to a 31-year-old mother. Pregnancy complicated by polyhydramnios. Mother has migraine.
Paternal uncle died of cardiomyopathy at 34. Parents deny any family history of hearing loss.
PHYSICAL EXAM: Eyes: no cataracts, no coloboma. Ears low set and posteriorly rotated. Micrognathia present.
Lungs clear without respiratory distress. GU: undescended testes. Jaundice: none observed.
IMAGING: thin corpus callosum and no evidence of hydrocephalus; cannot exclude mild ventriculomegaly. VSD.
ASSESSMENT: arthrogryposis? and possible myopathy. Monitor for apnea.
"""


def test_a_made_up_newborn_s_note_is_read_as_a_person_would() -> None:
    found = {one.text.lower(): one.status for one in read(NEWBORN)}
    by_status = {status: {text for text, one in found.items() if one is status} for status in FeatureStatus}
    assert by_status[FAMILY] == {"migraine", "cardiomyopathy", "hearing loss"}
    assert by_status[UNCERTAIN] == {"seizures", "ventriculomegaly", "arthrogryposis", "myopathy", "apnea"}
    excluded = {"cataracts", "coloboma", "respiratory distress", "jaundice", "hydrocephalus"}
    assert by_status[EXCLUDED] == excluded
    assert by_status[OBSERVED] >= {
        "polyhydramnios",
        "micrognathia",
        "undescended testes",
        "thin corpus callosum",
    }
    assert {"vsd", "ears low set", "posteriorly rotated"} <= by_status[OBSERVED]
    assert "ears low set and posteriorly rotated" not in found
