"""The tumour board: the packet says what was looked at, a recommendation has an owner and a day, and the
pathway moves."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bedside.act.board_cases import CaseStage
from bedside.act.board_packet import PanelState
from bedside.act.board_report import reading_grade, two_lines
from bedside.errors import IntakeError, NotFound, RequestError
from bedside.genome.board import AdviceKind, BoardAdvice, UseType
from bedside.genome.code import Code, System
from bedside.genome.event import EventKind
from bedside.genome.person import Medication, Person, Sex
from bedside.interpret.tumour.poisson import poisson_interval
from bedside.knowledge.board_policy import load_board_policy, load_board_words, load_expected
from bedside.knowledge.care_pathways import load_care_pathways, load_therapy_classes
from bedside.knowledge.therapies import Direction, Status, load_therapies
from bedside.service.board import (
    attend,
    followed,
    put_on,
    recommend,
    schedule,
    sign,
    the_board,
    withdraw,
)  # fmt: skip
from bedside.service.board_packet import TrialsAsked, packet_bytes, packet_digest, packet_of_person
from bedside.service.board_text import packet_text
from bedside.service.consult_steps import Writer
from bedside.service.pathway_signals import record_signal, signals_of
from bedside.service.pathway_worklist import worklist
from bedside.service.register_person import register_person
from bedside.service.tumours_held import accept_tumours, tumours_of_record
from bedside.service.verify_record import verify_record
from tests.made_up_tumours import L858R, T790M, lung, write_tumour

ADA = Person("p1", "Ada", "Osei", date(1960, 1, 1), Sex.FEMALE)
CHAIR = Writer("Dr Lind", "chair of the board")
DUE = date(2026, 3, 9)
GOOD = BoardAdvice(
    AdviceKind.TREATMENT, "Osimertinib", "targeted", UseType.IN_LABEL, ("1721560",), evidence=("T013",),
    why="label for this change", owner="oncologist", due=DUE,
)  # fmt: skip


@pytest.fixture
def house(house):
    register_person(house, ADA)
    return house


@pytest.fixture
def stored(house, tmp_path):
    accept_tumours(house, "p1", write_tumour(tmp_path, lung()), laboratory="Lab A")
    return house


def states(packet):
    return {(one.name, one.kind): one.state for one in packet.panel}


def test_a_sample_is_stored_once_and_a_changed_one_is_a_new_version(stored, tmp_path):
    (again,) = accept_tumours(stored, "p1", write_tumour(tmp_path, lung()))
    assert (again.version, again.new) == (1, False)
    changed = lung(small_variants=[L858R, T790M])
    (second,) = accept_tumours(stored, "p1", write_tumour(tmp_path, changed))
    (back,) = accept_tumours(stored, "p1", write_tumour(tmp_path, lung()))
    assert (second.version, back.version, back.new) == (2, 3, True)
    (held,) = tumours_of_record(stored, "p1")
    assert held.version == 3
    assert len(held.earlier) == 2
    assert held.earlier[0] == held.content
    assert verify_record(stored).contents == 2


def test_a_misspelt_field_or_an_unknown_person_stores_nothing(house, tmp_path):
    with pytest.raises(IntakeError, match="'fusion'"):
        accept_tumours(house, "p1", write_tumour(tmp_path, lung(fusion=[])))
    with pytest.raises(NotFound):
        accept_tumours(house, "nobody", write_tumour(tmp_path, lung()))
    assert tumours_of_record(house, "p1") == ()


def test_the_packet_says_found_none_and_not_tested_and_never_one_for_the_other(stored):
    packet = packet_of_person(stored, "p1")
    found = states(packet)
    assert found["EGFR", "small-variants"] is PanelState.FOUND
    assert found["KRAS", "small-variants"] is PanelState.NONE
    assert found["ALK", "fusions"] is PanelState.NONE
    assert found["RET", "fusions"] is PanelState.NOT_TESTED
    assert found["MET", "small-variants"] is PanelState.NOT_TESTED
    assert found["msi", "marker"] is PanelState.UNDETERMINED
    assert found["tmb", "marker"] is PanelState.NOT_TESTED
    assert {name for gap in packet.missing for name in gap.names} >= {"RET fusions", "tmb", "msi"}
    assert packet.header.age == 66
    assert packet.header.stage == "IV"
    assert packet.header.oncotree == "LUAD"


def test_options_carry_line_tier_and_warnings_and_resistance_stands_apart(house, tmp_path):
    markers = [
        {"name": "msi", "value": "high"}, {"name": "mmr", "value": "proficient"},
        {"name": "tmb", "number": 10, "unit": "mutations/Mb", "size": 0.8},
    ]  # fmt: skip
    accept_tumours(house, "p1", write_tumour(tmp_path, lung(small_variants=[L858R, T790M], markers=markers)))
    drug = Medication(Code(System.RXNORM, "337525", "erlotinib"), since=date(2025, 1, 1))
    register_person(house, ADA, [drug])
    packet = packet_of_person(house, "p1")
    first = packet.options[0]
    assert (first.regimen, first.tier, first.status) == ("Osimertinib", "I-A", "approved")
    erlotinib = next(one for one in packet.options if one.regimen == "Erlotinib")
    assert "resistance: EGFR T790M speaks against Erlotinib" in erlotinib.warnings
    assert any("is on the list of medicines" in text for text in erlotinib.warnings)
    assert {one.regimen for one in packet.resistance} == {"Erlotinib", "Gefitinib", "Afatinib"}
    later = next(one for one in packet.options if one.biomarker == "EGFR T790M")
    assert any("part of the tumour" in text for text in later.warnings)
    assert any("is not said" in text for text in later.warnings)
    assert any("do not agree" in text for text in packet.warnings)
    (tmb,) = [one for one in packet.panel if one.name == "tmb"]
    assert "lies between 4.3 and 19.7" in tmb.warnings[0]
    assert packet.unchecked > 0
    assert packet.given[0].treatment == "targeted"
    text = packet_text(packet)
    assert "AGAINST | Erlotinib" in text
    assert "NOT TESTED" in text
    assert "awaiting sign-off" in text


def test_poisson_intervals_are_the_exact_ones():
    assert poisson_interval(8, 0.95) == pytest.approx((3.4538, 15.7632), abs=1e-3)
    assert poisson_interval(0, 0.95) == pytest.approx((0, 3.6889), abs=1e-3)


def test_the_same_record_and_day_give_the_same_packet_byte_for_byte(stored):
    day = date(2026, 3, 1)
    one = packet_of_person(stored, "p1", on=day)
    assert packet_bytes(one) == packet_bytes(packet_of_person(stored, "p1", on=day))
    assert json.loads(packet_bytes(one))["header"]["oncotree"] == "LUAD"


def test_stale_trials_are_said_and_a_fitting_arm_shows(stored, tmp_path):
    trial = {
        "trial_id": "MADE-UP-1", "protocol_no": "MADE-UP-1", "long_title": "A made-up trial", "phase": "II",
        "status": "Open to Accrual", "_updated": "2026-02-20",
        "treatment_list": {"step": [{"step_code": "1", "arm": [{
            "arm_code": "A", "arm_description": "arm A", "match": [{"and": [
                {"genomic": {"hugo_symbol": "EGFR", "protein_change": "p.L858R",
                             "variant_category": "Mutation"}},
                {"clinical": {"age_numerical": ">=70"}}]}]}]}]},
    }  # fmt: skip
    (tmp_path / "trials").mkdir()
    (tmp_path / "trials" / "one.json").write_text(json.dumps(trial))
    asked = TrialsAsked(tmp_path / "trials", date(2026, 3, 1))
    (line,) = packet_of_person(stored, "p1", trials=asked).trials.lines
    assert not line.fits
    assert "age_numerical" in line.blocker
    assert line.as_of == "2026-02-20"
    late = packet_of_person(stored, "p1", trials=TrialsAsked(tmp_path / "trials", date(2026, 9, 1))).trials
    assert late.standing.startswith("refused")
    assert not late.lines


def ready(house, advice=GOOD):
    case = put_on(house, "p1", "Which therapy after progression?", CHAIR, for_whom="Dr Berg")
    case = schedule(house, case.case, date(2026, 3, 2), 1, CHAIR)
    packet = packet_bytes(packet_of_person(house, "p1"))
    return recommend(house, case.case, advice, CHAIR, packet)


@pytest.mark.parametrize("lack", [{"owner": ""}, {"due": None}, {"owner": " ", "due": None}, {"why": ""}])
def test_no_recommendation_is_signed_without_owner_and_day(stored, lack):
    case = ready(stored, replace(GOOD, **lack))
    with pytest.raises(RequestError) as refused:
        sign(stored, case.case, 1, CHAIR)
    assert {one.source for one in refused.value.problems} == set(lack)
    assert the_board(stored).cases[case.case].stage is CaseStage.DRAFTED
    assert not stored.ledger.tasks("p1")


def test_a_signature_moves_the_pathway_opens_the_task_and_is_closed_by_what_was_done(stored):
    at = datetime(2026, 2, 1, tzinfo=UTC)
    for name, said in (
        ("diagnosed", {"disease": "nsclc-advanced"}), ("specimen-collected", {"kind": "tissue"}),
        ("specimen-adequate", {"kind": "tissue"}), ("test-ordered", {"test": "panel"}),
        ("specimen-received", {"kind": "tissue"}), ("result-reported", {"finding": "actionable"}),
        ("result-opened", {}),
    ):  # fmt: skip
        record_signal(stored, "p1", name, by="test", at=at, attributes=said)
        at = at.replace(day=at.day + 1)
    assert {one.move.step for one in worklist(stored, pathway="nsclc").items} == {"decided"}
    case = ready(stored)
    assert {one.move.step for one in worklist(stored, pathway="nsclc").items} == {"decided"}
    signed = sign(stored, case.case, 1, CHAIR)
    assert signed.stage is CaseStage.SIGNED
    assert signed.in_force.signed.role == CHAIR.role
    assert {one.move.step for one in worklist(stored, pathway="nsclc").items} == {"ordered"}
    (task,) = stored.ledger.tasks("p1")
    assert (task.owner, task.due, task.kind) == ("oncologist", DUE, "board-recommendation")
    done = followed(stored, case.case, CHAIR)
    assert done.stage is CaseStage.FOLLOWED
    assert not stored.ledger.tasks("p1")
    told = [one.name for one in signals_of(stored, "p1")]
    assert told[-2:] == ["board-decided", "decision-made"]
    assert "board-requested" in told


def test_an_amendment_is_signed_anew_and_takes_back_what_the_first_had_set_in_motion(stored):
    case = ready(stored)
    sign(stored, case.case, 1, CHAIR)
    other = replace(GOOD, kind=AdviceKind.FURTHER_TEST, what="RNA fusion test", treatment="", rxnorm=())
    with pytest.raises(RequestError, match="amended"):
        recommend(stored, case.case, other, CHAIR, b"{}")
    recommend(stored, case.case, other, CHAIR, b"{}", "the RNA was never looked at")
    with pytest.raises(RequestError, match="amended meanwhile"):
        sign(stored, case.case, 1, CHAIR)
    held = sign(stored, case.case, 2, CHAIR)
    assert [one.signed is not None for one in held.versions] == [True, True]
    assert held.current.amended == "the RNA was never looked at"
    (task,) = stored.ledger.tasks("p1")
    assert task.about["version"] == 2
    retracted = {one.retracts for one in signals_of(stored, "p1") if one.retracts}
    assert f"board:{case.case}:1:board-decided" in retracted


def test_what_is_not_followed_has_a_coded_reason_that_the_pathway_hears(stored):
    case = ready(stored)
    sign(stored, case.case, 1, CHAIR)
    with pytest.raises(RequestError, match="no coded reason"):
        followed(stored, case.case, CHAIR, reason="did not feel like it")
    with pytest.raises(RequestError, match="why in words"):
        followed(stored, case.case, CHAIR, reason="other")
    held = followed(stored, case.case, CHAIR, reason="patient-wish")
    assert held.stage is CaseStage.NOT_FOLLOWED
    assert held.outcome.reason == "patient-wish"
    assert signals_of(stored, "p1")[-1].attributes["reason"] == "patient-wish"
    with pytest.raises(RequestError):
        withdraw(stored, case.case, "late", CHAIR)


def test_a_form_sent_twice_is_one_case(stored):
    several = [put_on(stored, "p1", "What next?", CHAIR, form="a word").case for _ in range(2)]
    assert several[0] == several[1]
    assert len(the_board(stored).cases) == 1
    assert [one.name for one in signals_of(stored, "p1")] == ["result-reported", "board-requested"]


def test_the_agenda_is_in_its_order_and_says_who_was_there(stored):
    day = date(2026, 3, 2)
    several = [put_on(stored, "p1", f"Question {number}?", CHAIR) for number in range(3)]
    for place, one in zip((3, 1, 2), several, strict=True):
        schedule(stored, one.case, day, place, CHAIR)
    assert [one.question for one in the_board(stored).agenda(day)] == [
        "Question 1?",
        "Question 2?",
        "Question 0?",
    ]
    attend(stored, day, [("Dr Lind", "chair"), ("Dr Amaya", "pathologist")], CHAIR)
    assert the_board(stored).meetings[day].attendees[1] == ("Dr Amaya", "pathologist")
    with pytest.raises(RequestError, match="name and a role"):
        attend(stored, day, [("Dr Lind", "")], CHAIR)


def test_the_packet_of_a_recommendation_is_kept_and_can_be_replayed(stored):
    case = ready(stored)
    kept = stored.documents.get(case.current.packet)
    assert packet_digest(packet_of_person(stored, "p1")) == case.current.packet
    assert kept == packet_bytes(packet_of_person(stored, "p1", on=date(2026, 3, 1)))


def test_the_two_lines_say_what_was_found_and_what_to_do_in_plain_words(stored):
    packet, words = packet_of_person(stored, "p1"), load_board_words()
    report = two_lines(packet, GOOD, words, "the coordinator")
    assert report.found.startswith("Found: EGFR p.L858R, 31% of reads")
    assert report.next == "Next: start Osimertinib. Oncologist does this by 9 March 2026."
    assert reading_grade(f"{report.found} {report.next} {report.contact}", report.names) <= 8
    assert "has not signed" in two_lines(packet, None, words, "x").next


def test_what_the_board_weighed_is_not_forbidden_in_the_same_breath(house, tmp_path):
    accept_tumours(house, "p1", write_tumour(tmp_path, lung(small_variants=[L858R, T790M])))
    packet, words = packet_of_person(house, "p1"), load_board_words()
    told = two_lines(packet, replace(GOOD, what="Erlotinib + Ramucirumab"), words, "x").next
    assert "The board weighed that a found change speaks against Erlotinib." in told
    assert "Do not use Gefitinib, Afatinib" in told


def test_the_expected_panel_asks_for_all_that_approved_statements_ask_for():
    listed = {name for one in load_expected().rows for name in (*one.statements, *one.unchecked)}
    for one in load_therapies().rows:
        approved = one.status in (Status.APPROVED, Status.ACCELERATED)
        if approved and one.direction is Direction.SENSITIVITY and one.written != "true":
            assert one.name in listed, f"{one.name} asks for something that is not expected"
        if one.name in {name for row in load_expected().rows for name in row.statements}:
            assert one.checked


def test_coded_reasons_and_classes_are_those_of_the_pathways():
    policy, pathway = load_board_policy(), load_care_pathways()["nsclc"]
    assert set(policy.not_followed) <= set(pathway.reasons)
    assert set(load_therapy_classes().values()) <= set(policy.treatments)


def test_nothing_of_a_tumour_in_the_record_is_said_and_not_an_empty_packet(house):
    with pytest.raises(NotFound):
        packet_of_person(house, "p1")
    packet = packet_of_person(house, "p1", oncotree="LUAD")
    assert not packet.lines(PanelState.NONE)
    assert not packet.lines(PanelState.FOUND)
    assert EventKind.TUMOUR_RECORDED not in {event.kind for event in house.ledger.events(person="p1")}
