"""Letters to a person over the record: which there are, what each holds, release, change and withdrawal."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bedside.errors import InputError, NotFound, RequestError
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.letter import Facts, ResultClass, Standing
from bedside.service.letter_held import not_held
from bedside.service.patient_letters import Wish, kept_text, letters, preview, result_named
from bedside.service.release_letter import TASK, release, withdraw_letter
from bedside.service.results_inbox import items_of
from bedside.service.withdraw_result import withdraw_result
from tests.made_up_letters import ABSENT, NO_CALL, PERSON, UNCERTAIN, ada, medicines, receive, reported
from tests.unit.service.fhir_reports import document

CASES = {
    ResultClass.FINDING: reported(),
    ResultClass.UNCERTAIN: reported(UNCERTAIN),
    ResultClass.CARRIER: reported(inheritance="Autosomal recessive"),
    ResultClass.NOTHING: reported(presence=ABSENT),
    ResultClass.INCONCLUSIVE: reported(presence=NO_CALL),
    ResultClass.DRUGS: medicines(),
}
SEEN = {
    ResultClass.FINDING: "Changes like this one can cause hereditary breast and ovarian cancer.",
    ResultClass.UNCERTAIN: "Your care does not change because of this result alone.",
    ResultClass.CARRIER: "This makes you a carrier.",
    ResultClass.NOTHING: "The test did not look at everything.",
    ResultClass.INCONCLUSIVE: "No answer is not the same as a good result.",
    ResultClass.DRUGS: "Your gene CYP2C19 works much more slowly than in most people.",
}


@pytest.fixture
def house(house):
    return ada(house)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("about", list(CASES), ids=lambda about: about.value)
def test_each_kind_of_result_has_its_letter_and_the_record_holds_every_word(house, about, language):
    result = receive(house, CASES[about])
    letter = preview(house, PERSON, result, Wish(language))
    assert (letter.about, letter.faults, letter.standing) == (about, (), Standing.AWAITS_REVIEW)
    assert "Ada Osei" in letter.text
    if language == "en":
        assert SEEN[about] in letter.text
    assert letters(house, PERSON) == ()


def test_a_finding_is_secondary_only_where_a_clinician_says_so(house):
    result = receive(house, reported())
    assert preview(house, PERSON, result).about is ResultClass.FINDING
    letter = preview(house, PERSON, result, Wish(about=ResultClass.SECONDARY))
    assert "The test was done for another reason." in letter.text
    assert letter.faults == ()


def test_two_changes_in_a_recessive_gene_are_for_a_clinician_to_judge(house):
    content = json.loads(reported(inheritance="autosomal recessive"))
    report = next(one["resource"] for one in content["entry"] if one["resource"]["id"] == "report")
    for name in ("variant", "means"):
        entry = next(one for one in content["entry"] if one["resource"]["id"] == name)
        text = json.dumps(entry).replace(f'"{name}"', f'"{name}2"').replace("c.68_69del", "c.5266dup")
        second = json.loads(text.replace(f"Observation/{name}", f"Observation/{name}2"))
        if name == "means":
            second["resource"]["derivedFrom"] = [{"reference": "Observation/variant2"}]
        content["entry"].append(second)
        report["result"].append({"reference": f"Observation/{name}2"})
    result = receive(house, json.dumps(content).encode())
    with pytest.raises(RequestError, match="choose one of finding, carrier"):
        preview(house, PERSON, result)


def test_several_letters_about_one_result_have_to_be_chosen_between(house):
    result = receive(house, document())
    with pytest.raises(RequestError, match="finding, secondary, drugs"):
        preview(house, PERSON, result)
    letter = preview(house, PERSON, result, Wish(about=ResultClass.DRUGS))
    assert letter.others == (ResultClass.FINDING, ResultClass.SECONDARY)
    with pytest.raises(RequestError, match="nothing for a letter of carrier"):
        preview(house, PERSON, result, Wish(about=ResultClass.CARRIER))


def test_a_class_nobody_listed_leads_to_no_letter_and_is_named(house):
    result = receive(house, reported(("-", "Risk factor")))
    with pytest.raises(RequestError, match="Risk factor"):
        preview(house, PERSON, result)


def test_what_no_letter_tells_is_never_nothing_found(house):
    result = receive(house, reported(("", "")))
    material = result_named(house, PERSON, result)
    assert material.classes == ()
    assert material.sorted.untold[0][1] == "the report gives it no class"


def test_nobody_is_told_of_a_result_that_is_not_final(house):
    content = json.loads(reported())
    report = next(one["resource"] for one in content["entry"] if one["resource"]["id"] == "report")
    report["status"] = "preliminary"
    result = receive(house, json.dumps(content).encode())
    with pytest.raises(RequestError, match="nobody is told"):
        preview(house, PERSON, result)


def test_another_persons_result_is_not_found(house):
    result = receive(house, reported())
    with pytest.raises(NotFound):
        preview(house, "p2", result)


def test_facts_that_the_record_does_not_hold_are_caught(house):
    result = receive(house, document())
    for about in (ResultClass.FINDING, ResultClass.DRUGS):
        letter = preview(house, PERSON, result, Wish(about=about))
        passing = {"day", "contact"}
        for name, fact in letter.facts.single.items():
            if name in passing or fact.kind.value == "flag":
                continue
            wrong = Facts({name: replace(fact, value="1999-01-01", shown="x")}, {})
            assert not_held(house, PERSON, result, letter.template, wrong), name
        for rows in letter.facts.rows.values():
            for row in rows:
                for name, fact in row.items():
                    wrong = Facts({name: replace(fact, value="TP53")}, {})
                    assert not_held(house, PERSON, result, letter.template, wrong), name
    taken_back = replace(letter.facts.single["read"], name="taken_back")
    assert not_held(house, PERSON, result, letter.template, Facts({"taken_back": taken_back}, {}))


def test_a_release_is_kept_word_for_word_with_who_and_where_every_fact_stands(house):
    result = receive(house, reported(UNCERTAIN))
    seen = preview(house, PERSON, result)
    letter, held = release(house, PERSON, result, Wish(), by="dr.lee", seen=seen.document)
    assert (held.version, held.by, held.document) == (1, "dr.lee", letter.document)
    assert kept_text(house, held) == seen.text
    (event,) = house.ledger.events(person=PERSON, kinds=(EventKind.LETTER_RELEASED,))
    assert event.payload["review"].startswith("draft, awaiting")
    gene = next(one for one in event.payload["facts"] if one["name"] == "gene")
    assert gene["value"] == "BRCA1"
    assert gene["source"].startswith("content ")
    assert preview(house, PERSON, result).standing is Standing.RELEASED
    _again, same = release(house, PERSON, result, Wish(), by="dr.poe")
    assert same == held
    assert len(letters(house, PERSON)) == 1


def test_what_changed_since_it_was_read_is_not_released(house):
    result = receive(house, reported())
    with pytest.raises(RequestError, match="changed since it was read"):
        release(house, PERSON, result, Wish(), by="dr.lee", seen="0" * 64)
    with pytest.raises(RequestError, match="released by somebody"):
        release(house, PERSON, result, Wish(), by=" ")
    assert letters(house, PERSON) == ()


def test_a_letter_whose_facts_changed_awaits_review_again_and_becomes_the_next_version(house):
    result = receive(house, reported(UNCERTAIN))
    release(house, PERSON, result, Wish(), by="dr.lee")
    payload = {"given": "Ada", "family": "Osei-Mensah"}
    house.ledger.append([NewEvent(EventKind.PERSON_REGISTERED, "desk", house.clock(), PERSON, payload)])
    assert preview(house, PERSON, result).standing is Standing.CHANGED
    _, held = release(house, PERSON, result, Wish(), by="dr.lee")
    assert held.version == 2
    assert "Osei-Mensah" in kept_text(house, held)
    assert "Osei-Mensah" not in kept_text(house, letters(house, PERSON)[0])


def test_a_released_letter_is_shown_as_it_was_released_whatever_the_day(house):
    result = receive(house, reported(UNCERTAIN))
    seen, _ = release(house, PERSON, result, Wish(), by="dr.lee")
    later = replace(house, clock=lambda: house.clock() + timedelta(days=40))
    shown = preview(later, PERSON, result)
    assert (shown.standing, shown.text) == (Standing.RELEASED, seen.text)
    assert [one.text for one in shown.lines] == [one.text for one in seen.lines]
    other = preview(later, PERSON, result, Wish(contact="the other clinic"))
    assert other.standing is Standing.CHANGED
    assert "ask the other clinic." in other.text
    withdraw_result(house, result, "swapped", actor="lab")
    assert preview(later, PERSON, result).standing is Standing.AWAITS_REVIEW


def test_a_withdrawn_result_takes_its_letters_along_and_somebody_has_to_tell_the_person(house):
    result = receive(house, reported(UNCERTAIN))
    release(house, PERSON, result, Wish(), by="dr.lee")
    release(house, PERSON, result, Wish("es"), by="dr.lee")
    withdraw_result(house, result, "a sample was swapped", actor="lab")
    assert {one.withdrawn for one in letters(house, PERSON)} == {"its result was withdrawn"}
    (task,) = [one for one in house.ledger.tasks(PERSON) if one.kind == TASK]
    assert task.about["result"] == result
    assert "swap" not in task.summary
    letter = preview(house, PERSON, result)
    assert letter.about is ResultClass.WITHDRAWN
    assert "Please do not use the earlier result any more." in letter.text
    assert "BRCA1" not in letter.text
    assert letter.faults == ()
    _, held = release(house, PERSON, result, Wish(), by="dr.lee")
    assert not held.withdrawn


def test_a_corrected_report_takes_the_letters_of_the_earlier_one_along(house):
    earlier = receive(house, reported(UNCERTAIN))
    release(house, PERSON, earlier, Wish(), by="dr.lee")
    content = json.loads(reported())
    report = next(one["resource"] for one in content["entry"] if one["resource"]["id"] == "report")
    report["status"] = "corrected"
    later = receive(house, json.dumps(content).encode())
    assert later != earlier
    assert letters(house, PERSON)[0].withdrawn
    assert [one.kind for one in house.ledger.tasks(PERSON) if one.kind == TASK] == [TASK]
    assert "This letter tells of the corrected one." in preview(house, PERSON, later).text
    assert "There is a newer report" in preview(house, PERSON, earlier).text
    assert items_of(house, PERSON)[earlier].replaced_by == later


def test_a_withdrawal_without_letters_opens_no_task(house):
    result = receive(house, reported())
    withdraw_result(house, result, "swapped", actor="lab")
    assert [one for one in house.ledger.tasks(PERSON) if one.kind == TASK] == []


def test_a_letter_is_taken_back_for_a_reason(house):
    result = receive(house, reported())
    letter, _ = release(house, PERSON, result, Wish(), by="dr.lee")
    with pytest.raises(RequestError, match="stated reason"):
        withdraw_letter(house, PERSON, letter.letter, " ", by="dr.lee")
    withdraw_letter(house, PERSON, letter.letter, "wrong clinic", by="dr.lee")
    assert letters(house, PERSON)[0].withdrawn == "wrong clinic"
    assert preview(house, PERSON, result).standing is Standing.AWAITS_REVIEW
    with pytest.raises(RequestError, match="in force"):
        withdraw_letter(house, PERSON, letter.letter, "again", by="dr.lee")
    _, held = release(house, PERSON, result, Wish(), by="dr.lee")
    assert held.version == 2


def test_a_person_without_a_name_gets_no_letter(house):
    result = receive(house, reported())
    house.ledger.append([NewEvent(EventKind.PERSON_REGISTERED, "desk", house.clock(), PERSON, {})])
    with pytest.raises(InputError, match="does not hold name"):
        preview(house, PERSON, result)


def test_a_long_condition_stands_in_the_details_and_not_in_a_plain_sentence(house):
    long = "a very long made-up name of a condition that goes on and on for ever"
    letter = preview(house, PERSON, receive(house, reported(condition=long)))
    assert letter.faults == ()
    assert f"- Reported for: {long}." in letter.text
    assert f"can cause {long}" not in letter.text


def test_medicines_taken_now_come_first_and_another_result_is_never_told_as_no_warning(house):
    result = receive(house, medicines())
    letter = preview(house, PERSON, result)
    assert any(fact.value == "clopidogrel" for row in letter.facts.rows["advice"] for fact in row.values())
    content = json.loads(medicines().replace(b"*2/*2", b"*1/*1").replace(b"LA9657-3", b"LA25391-6"))
    report = next(one["resource"] for one in content["entry"] if one["resource"]["id"] == "report")
    report["identifier"][0]["value"], report["issued"] = "R2", "2026-03-09T10:00:00Z"
    receive(house, json.dumps(content).encode())
    old = preview(house, PERSON, result)
    assert old.faults == ()
    assert "we have no medicine to warn you about" not in old.text
    assert "For some of these genes another test also counts" in old.text


def test_a_layperson_reads_hpos_plain_name(house):
    content = reported().replace(
        b'"text": "hereditary breast and ovarian cancer"',
        b'"text": "Cataract", "coding": [{"system": "http://human-phenotype-ontology.org",'
        b' "code": "HP:0000518", "display": "Cataract"}]',
    )
    letter = preview(house, PERSON, receive(house, content))
    assert letter.faults == ()
    (row,) = letter.facts.rows["findings"]
    assert row["condition"].source.path == "layperson"
    assert f"can cause {row['condition'].shown}." in letter.text
    assert "Cataract" in letter.text.split("Technical details")[1]
