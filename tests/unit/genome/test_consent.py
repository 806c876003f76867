"""What a consent permits, by layer, age and use."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bedside.genome.consent import (
    Consent,
    Decision,
    Giver,
    NotConsented,
    Purpose,
    Refusal,
    Said,
    Scope,
    Stage,
    ask_again,
    comes_of_age,
    consent_of,
    refusal_of,
    stage_of,
)
from bedside.genome.event import Event, EventKind
from bedside.genome.person import Person
from bedside.genome.task import Task
from bedside.knowledge.consent_policy import load_consent_policy

POLICY = load_consent_policy()
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
GROWN_UP = Person("p-1", birth_date=date(1961, 4, 2))
GIVEN, WITHDRAWN, NOT_ASKED = Decision.GIVEN, Decision.WITHDRAWN, Decision.NOT_ASKED


def said(sequence, decision="given", scope="research", by="self", at=NOON, known=None, person="p-1", **more):
    payload = {"scope": scope, "decision": decision, "by": by, **more}
    return Event(
        sequence, EventKind.CONSENT_RECORDED, "clerk", at, known or at, person, payload, None, "h" * 64
    )


def refused(person: Person, purpose: Purpose, *events: Event, on=NOON, use="", policy=POLICY):
    found = refusal_of(consent_of(events, on, person, policy), purpose, policy, use)
    return None if found is None else found.refusal


def test_who_was_never_asked_is_cared_for_and_nothing_else():
    open_to = {purpose for purpose in Purpose if refused(GROWN_UP, purpose) is None}
    assert open_to == {Purpose.CARE, Purpose.SCREENING, Purpose.OPERATIONS}
    assert consent_of((), NOON, GROWN_UP, POLICY).of(Scope.CLINICAL) == Said(GIVEN)
    assert refusal_of(consent_of((), NOON, GROWN_UP, POLICY), Purpose.RESEARCH, POLICY) == NotConsented(
        "p-1", Refusal.NOT_ASKED, Scope.RESEARCH
    )


def test_research_withdrawn_leaves_care_as_it_was():
    events = said(1), said(2, "withdrawn", at=NOON + timedelta(hours=1))
    later = NOON + timedelta(hours=1)
    assert refused(GROWN_UP, Purpose.RESEARCH, *events, on=later) is Refusal.WITHDRAWN
    assert refused(GROWN_UP, Purpose.CARE, *events, on=later) is None


def test_clinical_withdrawn_closes_everything_but_the_keeping_of_the_record():
    events = [said(n, scope=scope.value) for n, scope in enumerate(Scope)]
    events.append(said(9, "withdrawn", "clinical"))
    open_to = {purpose for purpose in Purpose if refused(GROWN_UP, purpose, *events) is None}
    assert open_to == {Purpose.OPERATIONS}


def test_a_withdrawal_that_arrives_late_on_paper_holds_from_the_day_it_was_said():
    given, withdrawn = NOON - timedelta(days=30), NOON - timedelta(days=20)
    events = said(1, at=given), said(2, "withdrawn", at=withdrawn, known=NOON)
    before_it_was_known = NOON - timedelta(days=1)
    assert consent_of(events, NOON, GROWN_UP, POLICY).of(Scope.RESEARCH).decision is WITHDRAWN
    assert consent_of(events, withdrawn, GROWN_UP, POLICY).of(Scope.RESEARCH).decision is WITHDRAWN
    assert consent_of(events, NOON, GROWN_UP, POLICY, before_it_was_known).of(Scope.RESEARCH).why is None
    assert consent_of(events, given, GROWN_UP, POLICY).of(Scope.RESEARCH) == Said(GIVEN, given)


def test_a_consent_that_arrives_late_on_paper_does_not_undo_a_later_withdrawal():
    events = said(1, "withdrawn"), said(2, at=NOON - timedelta(days=3), known=NOON + timedelta(days=1))
    assert refused(GROWN_UP, Purpose.RESEARCH, *events) is Refusal.WITHDRAWN


def test_events_about_somebody_else_decide_nothing():
    assert refused(GROWN_UP, Purpose.RESEARCH, said(1, person="p-2")) is Refusal.NOT_ASKED


@pytest.mark.parametrize(
    ("born", "day", "stage"),
    [
        (date(2008, 3, 2), date(2026, 3, 1), Stage.CHILD),
        (date(2008, 3, 1), date(2026, 3, 1), Stage.ADULT),
        (date(2008, 2, 29), date(2026, 2, 28), Stage.CHILD),
        (date(2008, 2, 29), date(2026, 3, 1), Stage.ADULT),
        (date(2010, 3, 1), date(2028, 2, 29), Stage.CHILD),
        (date(2008, 12, 31), date(2026, 12, 31), Stage.ADULT),
        (date(2027, 1, 1), date(2026, 3, 1), Stage.UNKNOWN),
        (None, date(2026, 3, 1), Stage.UNKNOWN),
    ],
)
def test_somebody_comes_of_age_on_the_birthday_itself(born, day, stage):
    assert stage_of(born, day, 18) is stage


def test_a_guardian_s_consent_stands_to_the_eve_of_the_18th_birthday():
    child = Person("p-1", birth_date=date(2008, 3, 2))
    events = [said(n, scope=s.value, by="guardian", at=NOON - timedelta(999)) for n, s in enumerate(Scope)]
    eve, birthday = NOON, NOON + timedelta(days=1)
    assert all(refused(child, purpose, *events, on=eve) is None for purpose in Purpose)
    assert {p: refused(child, p, *events, on=birthday) for p in Purpose} == {
        Purpose.CARE: None,
        Purpose.SCREENING: None,
        Purpose.OPERATIONS: None,
        **dict.fromkeys((Purpose.RETURN, Purpose.RESEARCH, Purpose.FAMILY), Refusal.LAPSED),
        Purpose.COMMERCIAL: Refusal.LAPSED,
    }
    lapsed = consent_of(events, birthday, child, POLICY).of(Scope.FAMILY)
    assert (lapsed.decision, lapsed.by, lapsed.why) == (NOT_ASKED, Giver.GUARDIAN, Refusal.LAPSED)


def test_what_the_person_says_at_18_stands_and_a_guardian_s_withdrawal_does_not_lapse():
    child = Person("p-1", birth_date=date(2008, 3, 2))
    long_after = NOON + timedelta(days=400)
    asked = said(1, by="guardian"), said(2, at=NOON + timedelta(days=2))
    withdrawn = said(1, "withdrawn", "clinical", "guardian")
    assert refused(child, Purpose.RESEARCH, *asked, on=long_after) is None
    assert refused(child, Purpose.CARE, withdrawn, on=long_after) is Refusal.WITHDRAWN


def test_a_minor_does_not_consent_alone_and_coming_of_age_does_not_make_it_so():
    child = Person("p-1", birth_date=date(2008, 3, 2))
    assert refused(child, Purpose.RESEARCH, said(1)) is Refusal.SAID_BY_MINOR
    grown = NOON + timedelta(days=30)
    assert refused(child, Purpose.RESEARCH, said(1), on=grown) is Refusal.SAID_BY_MINOR
    assert refused(child, Purpose.RESEARCH, said(1, "withdrawn")) is Refusal.WITHDRAWN


def test_an_emancipated_minor_s_word_counts_only_where_the_policy_says_so():
    child = Person("p-1", birth_date=date(2010, 1, 1))
    event = said(1, emancipated=True)
    assert refused(child, Purpose.RESEARCH, event) is Refusal.SAID_BY_MINOR
    allowing = replace(POLICY, emancipation=True)
    assert refused(child, Purpose.RESEARCH, event, policy=allowing) is None
    assert refused(child, Purpose.RESEARCH, said(1), policy=allowing) is Refusal.SAID_BY_MINOR


@pytest.mark.parametrize("by", ["self", "guardian"])
def test_without_a_birth_date_somebody_is_taken_for_neither_adult_nor_child(by):
    unknown = Person("p-1")
    assert refused(unknown, Purpose.RESEARCH, said(1, by=by)) is Refusal.AGE_UNKNOWN
    assert consent_of([said(1, by=by)], NOON, unknown, POLICY).of(Scope.RESEARCH).decision is NOT_ASKED
    assert refused(unknown, Purpose.CARE, said(1, by=by)) is None
    assert refused(unknown, Purpose.RESEARCH, said(1, "withdrawn", by=by)) is Refusal.WITHDRAWN


CANCER, DIABETES = "DUO:0000007:MONDO:0007254", "DUO:0000007:MONDO:0005148"
GRU, HMB, POA, NPUNCU, NCU, NPU = (f"DUO:00000{n}" for n in ("42", "06", "11", "18", "46", "45"))
NPOA, ETHICS = "DUO:0000044", "DUO:0000021"
NOT_PERMITTED, NOT_STATED = Refusal.USE_NOT_PERMITTED, Refusal.USE_NOT_STATED


@pytest.mark.parametrize(
    ("limits", "asked", "answer"),
    [
        ([], "", None),
        ([], GRU, None),
        ([GRU], "", None),
        ([GRU], HMB, None),
        ([GRU], CANCER, None),
        ([GRU], POA, None),
        ([HMB], HMB, None),
        ([HMB], CANCER, None),
        ([HMB], "", NOT_STATED),
        ([HMB], GRU, NOT_PERMITTED),
        ([HMB], POA, NOT_PERMITTED),
        ([CANCER], CANCER, None),
        ([CANCER], DIABETES, NOT_PERMITTED),
        ([CANCER], HMB, NOT_PERMITTED),
        ([CANCER, DIABETES], DIABETES, None),
        (["DUO:0000004"], POA, None),
        ([POA], POA, None),
        ([POA], HMB, NOT_PERMITTED),
        ([HMB, NPUNCU], HMB, None),
        ([NPUNCU], HMB, None),
        ([GRU, NPOA], HMB, None),
        ([GRU, NPOA], POA, NOT_PERMITTED),
        ([GRU, NPOA], GRU, NOT_PERMITTED),
        ([GRU, NPOA], "", NOT_STATED),
        ([GRU, ETHICS], HMB, Refusal.USE_CONDITION),
        (["DUO:9999999"], HMB, Refusal.USE_UNKNOWN),
        (["research please"], HMB, Refusal.USE_UNKNOWN),
        ([GRU, "DUO:0000005"], HMB, Refusal.USE_UNKNOWN),
        ([GRU], "DUO:0000007", Refusal.USE_UNKNOWN),
        ([GRU], "DUO:9999999", Refusal.USE_UNKNOWN),
    ],
)
def test_the_use_asked_for_must_be_one_that_the_person_s_limits_permit(limits, asked, answer):
    assert refused(GROWN_UP, Purpose.RESEARCH, said(1, uses=limits), use=asked) is answer


@pytest.mark.parametrize("modifier", [NPUNCU, NCU, NPU])
@pytest.mark.parametrize("layer", ["research", "commercial"])
def test_non_commercial_limits_close_commercial_use_in_whichever_layer_they_were_set(modifier, layer):
    limits = {"research": [GRU], "commercial": [GRU]}
    limits[layer].append(modifier)
    events = [said(n, scope=scope, uses=uses) for n, (scope, uses) in enumerate(limits.items())]
    assert refused(GROWN_UP, Purpose.COMMERCIAL, *events) is NOT_PERMITTED
    assert refused(GROWN_UP, Purpose.RESEARCH, *events) is None


def test_limits_of_research_do_not_limit_care():
    assert refused(GROWN_UP, Purpose.CARE, said(1, scope="clinical", uses=[CANCER])) is None


def test_the_day_somebody_comes_of_age():
    assert comes_of_age(date(2008, 2, 29), 18) == date(2026, 3, 1)
    assert comes_of_age(date(2008, 7, 9), 18) == date(2026, 7, 9)


def test_who_came_of_age_is_asked_again_once_and_from_the_birthday_on():
    born = date(2008, 3, 2)
    child = Person("p-1", birth_date=born)
    events = [
        said(1, by="guardian"),
        said(2, scope="family", by="guardian"),
        said(3, "withdrawn", "recontact"),
    ]

    def due(on: date) -> list[Task]:
        moment = datetime.combine(on, NOON.time(), UTC)
        return list(ask_again([(consent_of(events, moment, child, POLICY), born)], on, POLICY))

    assert due(date(2026, 3, 1)) == []
    (task,) = due(date(2026, 3, 2))
    assert due(date(2026, 9, 9)) == [task]
    assert (task.task, task.owner, task.due) == (
        "ask-consent-at-majority:p-1",
        "genomics-coordinator",
        date(2026, 4, 1),
    )
    assert task.about["scopes"] == ["research", "family"]


def test_a_layer_missing_from_a_consent_is_not_asked():
    assert Consent("p-1").of(Scope.RESEARCH) == Said(NOT_ASKED, why=Refusal.NOT_ASKED)
