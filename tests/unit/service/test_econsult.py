"""A question goes from the spoke to the hub and an opinion comes back; what leaves is what was shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bedside.act.consults import Stage
from bedside.errors import RequestError
from bedside.genome.consent import Decision, Scope
from bedside.genome.consult import Closing, Section, StepKind
from bedside.genome.event import EventKind
from bedside.service.answer_econsult import answer, close, say, sign
from bedside.service.ask_econsult import ask, draft, drafts, give_information, throw_away
from bedside.service.consult_steps import consult_named, consults
from bedside.service.econsult_view import lines, told
from bedside.service.record_consent import record_consent
from bedside.service.site_messages import State, outbox
from tests.made_up_record import AMARA, INGRID
from tests.two_sites import HUB, SPOKE, WISH, Two, open_two


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    both = open_two(tmp_path)
    yield both
    both.close()


def at_hub(two: Two, consult: str):
    return consult_named(two.hub, two.hub_sites, consult)


def at_spoke(two: Two, consult: str):
    return consult_named(two.spoke, two.spoke_sites, consult)


def open_tasks(two: Two) -> list[str]:
    return [task.kind for task in two.spoke.ledger.tasks(INGRID) if task.kind.startswith("econsult")]


def test_a_question_is_asked_answered_signed_and_closed_and_both_sites_agree(two: Two) -> None:
    consult = two.ask().consult.consult
    assert open_tasks(two) == ["econsult-follow"]
    done = two.meet()
    assert (done.sent, len(done.taken), done.failed) == ([consult], 1, "")
    assert at_spoke(two, consult).consult.stage is Stage.RECEIVED

    say(two.hub, two.hub_sites, consult, "assign", "Dr Hub", HUB)
    say(two.hub, two.hub_sites, consult, "want", "Which weight?", HUB)
    two.meet()
    assert "econsult-read" in open_tasks(two)
    held = at_spoke(two, consult)
    give_information(
        two.spoke, two.spoke_sites, held, "70 kg", frozenset({"problems:SNOMED_CT|53741008"}), SPOKE
    )
    two.meet()
    given = at_hub(two, consult)
    assert given.consult.stage is Stage.ASSIGNED

    opined = answer(two.hub, two.hub_sites, consult, "Another drug.", ["CPIC guideline"], HUB)
    two.meet()
    assert "awaits sign-off" in told(at_spoke(two, consult))
    sign(two.hub, two.hub_sites, consult, opined.consult.opinion.step, replace(HUB, name="Prof Hub"))
    two.meet()
    shown = told(at_spoke(two, consult))
    assert "signed off by Prof Hub (clinical geneticist)" in shown
    assert f"CPIC guideline; knowledge {two.hub.pgx.release}" in shown

    close(two.spoke, two.spoke_sites, consult, Closing.ACTED, "", SPOKE)
    two.meet()
    assert at_hub(two, consult).consult == at_spoke(two, consult).consult
    assert at_hub(two, consult).consult.stage is Stage.CLOSED
    assert open_tasks(two) == []
    two.spoke.ledger.verify()
    two.hub.ledger.verify()


def test_what_arrives_is_exactly_what_the_draft_showed_and_nothing_else_of_the_person(two: Two) -> None:
    written = draft(two.spoke, two.spoke_sites, INGRID, WISH, actor="x")
    ask(two.spoke, two.spoke_sites, INGRID, written.consult, written.digest, SPOKE)
    two.meet()
    question = at_hub(two, written.consult).consult.question
    assert question == written.question
    person, genotypes = question.packet.sections
    assert (person.columns, person.rows) == (("Age", "Sex"), (("65", "female"),))
    assert [row[:4] for row in genotypes.rows] == [
        ("CYP2C19", "changes treatment", "*2/*2", "Poor Metabolizer")
    ]
    whole = "".join(str(event.payload) for event in two.hub.ledger.events())
    for secret in ("Ingrid", "Holm", "1961", "100-23", INGRID, "Amara", "TPMT", "clopidogrel", "Example Lab"):
        assert secret not in whole
    assert two.hub.ledger.people() == ()


def test_identity_goes_along_only_with_a_reason(two: Two) -> None:
    consult = two.ask(replace(WISH, identified="the hub saw her before")).consult.consult
    two.meet()
    (row,) = at_hub(two, consult).consult.question.packet.sections[0].rows
    assert row[:3] == ("Ingrid Holm", "100-23 (urn:bedside:demo:record-number)", "1961-03-12")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"text": " "}, "is blank"),
        ({"reason": ""}, "is blank"),
        ({"text": "Which dose for Mrs Holm?"}, "the person's name"),
        ({"text": "Born 12.03.1961: which dose?"}, "the person's birth date"),
        ({"reason": "see 100-23"}, "the person's number"),
        ({"days": 0}, "working days"),
        ({"chosen": frozenset({"genotypes:NONE"})}, "not in the record"),
        ({"to": "elsewhere"}, "no such site"),
    ],
)
def test_a_question_that_cannot_be_asked_says_why_and_nothing_is_written(two: Two, change, reason) -> None:
    before = two.spoke.ledger.checkpoint()
    with pytest.raises(RequestError, match=reason):
        draft(two.spoke, two.spoke_sites, INGRID, replace(WISH, **change), actor="x")
    assert two.spoke.ledger.checkpoint() == before


def test_without_consent_to_care_nothing_leaves_also_when_it_was_taken_back_after_the_draft(two: Two) -> None:
    written = draft(two.spoke, two.spoke_sites, INGRID, WISH, actor="x")
    record_consent(two.spoke, INGRID, Scope.CLINICAL, Decision.WITHDRAWN)
    with pytest.raises(RequestError, match="took back the consent"):
        ask(two.spoke, two.spoke_sites, INGRID, written.consult, written.digest, SPOKE)
    with pytest.raises(RequestError, match="took back the consent"):
        two.ask()
    assert outbox(two.spoke) == ()


def test_a_draft_whose_record_changed_is_looked_at_again(two: Two) -> None:
    written = draft(two.spoke, two.spoke_sites, INGRID, WISH, actor="x")
    with pytest.raises(RequestError, match="not the one that was shown"):
        ask(two.spoke, two.spoke_sites, INGRID, written.consult, "0" * 64, SPOKE)
    result = next(iter(two.spoke.ledger.results(INGRID))).result
    from bedside.service.withdraw_result import withdraw_result

    withdraw_result(two.spoke, result, "wrong person", actor="x")
    with pytest.raises(RequestError, match="not in the record"):
        ask(two.spoke, two.spoke_sites, INGRID, written.consult, written.digest, SPOKE)
    throw_away(two.spoke, INGRID, written.consult, actor="x")
    assert drafts(two.spoke, INGRID) == ()


def test_each_side_takes_only_its_own_steps_and_only_in_their_place(two: Two) -> None:
    consult = two.ask().consult.consult
    two.meet()
    with pytest.raises(RequestError, match="the other site's to take"):
        answer(two.spoke, two.spoke_sites, consult, "Half.", [], SPOKE)
    with pytest.raises(RequestError, match="does not follow"):
        sign(two.hub, two.hub_sites, consult, "", HUB)
    with pytest.raises(RequestError, match="does not follow"):
        close(two.spoke, two.spoke_sites, consult, Closing.ACTED, "", SPOKE)
    answer(two.hub, two.hub_sites, consult, "Half.", [], HUB)
    first = at_hub(two, consult).consult.opinion.step
    answer(two.hub, two.hub_sites, consult, "A quarter.", [], HUB)
    with pytest.raises(RequestError, match="changed meanwhile"):
        sign(two.hub, two.hub_sites, consult, first, HUB)


def test_what_was_not_followed_needs_a_reason(two: Two) -> None:
    consult = two.ask().consult.consult
    two.meet()
    say(two.hub, two.hub_sites, consult, "return", "Ask cardiology.", HUB)
    two.meet()
    with pytest.raises(RequestError, match="blank"):
        close(two.spoke, two.spoke_sites, consult, Closing.DECLINED, " ", SPOKE)
    held = close(two.spoke, two.spoke_sites, consult, Closing.DECLINED, "Asked elsewhere.", SPOKE)
    assert held.consult.stage is Stage.CLOSED


def test_an_opinion_corrected_after_it_was_acted_on_comes_back_as_a_task(two: Two) -> None:
    consult = two.ask().consult.consult
    two.meet()
    opined = answer(two.hub, two.hub_sites, consult, "Half.", [], HUB)
    sign(two.hub, two.hub_sites, consult, opined.consult.opinion.step, HUB)
    two.meet()
    close(two.spoke, two.spoke_sites, consult, Closing.ACTED, "", SPOKE)
    two.meet()
    again = answer(two.hub, two.hub_sites, consult, "None at all.", [], HUB)
    sign(two.hub, two.hub_sites, consult, again.consult.opinion.step, HUB)
    two.meet()
    held = at_spoke(two, consult)
    assert (held.consult.stage, held.consult.opinion.said.text) == (Stage.SIGNED, "None at all.")
    assert open_tasks(two) == ["econsult-read"]
    assert [one.step.kind for one in held.consult.history].count(StepKind.ANSWERED) == 2


def test_withdrawing_while_the_hub_answers_ends_the_same_on_both_sides_and_keeps_the_answer(two: Two) -> None:
    consult = two.ask().consult.consult
    two.meet()
    answer(two.hub, two.hub_sites, consult, "Half.", [], HUB)
    say(two.spoke, two.spoke_sites, consult, "withdraw", "She moved away.", SPOKE)
    two.meet()
    here, there = at_spoke(two, consult).consult, at_hub(two, consult).consult
    assert here == there
    assert here.stage is Stage.WITHDRAWN
    assert any(one.step.kind is StepKind.ANSWERED for one in here.history)
    assert open_tasks(two) == []


def test_the_queue_is_by_due_day_and_an_unanswered_question_goes_to_the_next_role(two: Two) -> None:
    late = two.ask(replace(WISH, days=1)).consult.consult
    two.ask(replace(WISH, days=20), AMARA)
    two.meet()
    first, second = lines(two.hub, two.hub_sites, ours=False)
    assert (first.consult, first.whose, first.late) == (late, "coordinator of eConsults", False)
    assert second.due > first.due
    two.hub.clock.now = two.hub.clock.now.replace(day=6)
    (first, _) = lines(two.hub, two.hub_sites, ours=False)
    assert (first.late, first.escalated, first.whose) == (True, True, "head of the genetics service")
    (task,) = [t for t in two.spoke.ledger.tasks(INGRID) if t.kind == "econsult-follow"]
    assert (task.due.isoformat(), task.about["escalate_on"], task.about["escalate_to"]) == (
        "2026-10-02",
        "2026-10-06",
        "medical director",
    )


def test_a_section_of_a_kind_nobody_knows_here_arrives_and_is_shown(two: Two, monkeypatch) -> None:
    from bedside.service import ask_econsult

    slides = Section("tumour-slides", "Slides", ("Block", "Stain"), (("A1", "HE"),))
    whole = ask_econsult.packet_of

    def with_slides(*given, **named):
        packet = whole(*given, **named)
        return replace(packet, sections=(*packet.sections, slides))

    monkeypatch.setattr(ask_econsult, "packet_of", with_slides)
    consult = two.ask().consult.consult
    two.meet()
    assert at_hub(two, consult).consult.question.packet.sections[-1] == slides
    assert "A1 | HE" in told(at_hub(two, consult))


def test_nothing_of_a_message_is_in_the_chart_of_the_hub_and_the_steps_are_the_person_s_at_the_spoke(
    two: Two,
) -> None:
    two.ask()
    two.meet()
    assert two.hub.ledger.count_people() == 0
    kinds = [event.kind for event in two.spoke.ledger.events(person=INGRID)][-5:]
    assert kinds == [
        EventKind.CONSULT_DRAFTED,
        EventKind.SITE_QUEUED,
        EventKind.TASK_OPENED,
        EventKind.SITE_SETTLED,
        EventKind.SITE_RECEIVED,
    ]
    assert [letter.state for letter in outbox(two.spoke)] == [State.DELIVERED]
    assert len(consults(two.hub, two.hub_sites)) == 1
