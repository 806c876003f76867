"""One person, one variant, a new class: what is owed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bedside.act.reanalysis import (
    Action,
    Case,
    Gate,
    Judgement,
    Kind,
    Standing,
    Told,
    follow,
    judge,
)
from bedside.interpret.germline.screened import Outcome
from bedside.knowledge.classification import Classification
from bedside.knowledge.reanalysis_policy import FindingTask, load_reanalysis_policy

POLICY = load_reanalysis_policy()
JANUARY, MARCH, JULY = date(2026, 1, 5), date(2026, 3, 2), date(2026, 7, 6)
PATHOGENIC, CONFLICT = Classification.PATHOGENIC, Classification.CONFLICTING
UNCERTAIN, BENIGN = Classification.UNCERTAIN, Classification.BENIGN
REPORTED, HELD = Gate(Outcome.REPORT, "reportable"), Gate(Outcome.HOLD, "conflict")
NOTHING = Gate(Outcome.NO_ACTION, "class-not-reportable")
CARRIER = Gate(Outcome.NO_ACTION, "carrier-only")


def standing(day: date, classification: Classification | None, stars: int = 2) -> Standing:
    return Standing(day, classification, stars)


def case(
    *history: Standing,
    before: Gate = REPORTED,
    after: Gate = NOTHING,
    told: Told = Told.UNKNOWN,
    tasks: frozenset[FindingTask] = frozenset(),
) -> Case:
    return Case(history, before, after, told, tasks)


def test_a_variant_that_becomes_pathogenic_is_confirmed_and_disclosed():
    found = judge(
        case(standing(JANUARY, UNCERTAIN), standing(MARCH, PATHOGENIC), before=NOTHING, after=REPORTED),
        POLICY,
    )
    assert found == Judgement(Kind.UPGRADE, Action.DISCLOSE, "reportable", FindingTask.UPGRADED)


def test_a_record_that_is_new_in_the_release_is_its_own_kind():
    found = judge(
        case(standing(JANUARY, None), standing(MARCH, PATHOGENIC), before=NOTHING, after=REPORTED), POLICY
    )
    assert found == Judgement(Kind.NEW, Action.DISCLOSE, "reportable", FindingTask.NEW)


def test_with_one_star_a_person_looks_before_anybody_is_told():
    found = judge(
        case(
            standing(JANUARY, UNCERTAIN),
            standing(MARCH, PATHOGENIC, 1),
            before=NOTHING,
            after=Gate(Outcome.REVIEW, "one-star"),
        ),
        POLICY,
    )
    assert found == Judgement(Kind.UPGRADE, Action.REVIEW, "one-star", FindingTask.TO_REVIEW)


def test_a_healthy_carrier_of_a_recessive_condition_is_a_recorded_no_op():
    found = judge(
        case(standing(JANUARY, UNCERTAIN), standing(MARCH, PATHOGENIC), before=CARRIER, after=CARRIER), POLICY
    )
    assert found == Judgement(Kind.NO_OP, Action.NONE, "carrier-only")


def test_a_conflict_holds_and_recontacts_nobody():
    found = judge(
        case(standing(JANUARY, PATHOGENIC), standing(MARCH, CONFLICT), after=HELD, told=Told.TOLD), POLICY
    )
    assert found == Judgement(Kind.CONFLICT, Action.HOLD, "conflict-holds", FindingTask.CONFLICT)


def test_a_conflict_over_what_was_never_a_finding_is_a_no_op():
    found = judge(
        case(standing(JANUARY, UNCERTAIN), standing(MARCH, CONFLICT), before=NOTHING, after=HELD), POLICY
    )
    assert found == Judgement(Kind.NO_OP, Action.NONE, "conflict")


def test_a_flip_back_closes_the_hold_and_contacts_nobody():
    held = frozenset({FindingTask.CONFLICT})
    history = (standing(JANUARY, PATHOGENIC), standing(MARCH, CONFLICT), standing(JULY, PATHOGENIC))
    found = judge(case(*history, before=HELD, after=REPORTED, told=Told.TOLD, tasks=held), POLICY)
    assert found == Judgement(Kind.RETURNED, Action.CLOSE, "returned-as-before", None, held)


@pytest.mark.parametrize("task", [FindingTask.VALIDITY_LOWERED, FindingTask.VALIDITY_RAISED])
@pytest.mark.parametrize("told", Told)
@pytest.mark.parametrize(
    "now", [standing(MARCH, PATHOGENIC, 3), standing(MARCH, CONFLICT), standing(MARCH, BENIGN)]
)
def test_what_is_asked_about_the_gene_is_settled_by_no_release_of_variants(task, told, now):
    after = {PATHOGENIC: REPORTED, CONFLICT: HELD, BENIGN: NOTHING}[now.classification]
    history = (standing(JANUARY, PATHOGENIC), now)
    found = judge(case(*history, after=after, told=told, tasks=frozenset({task})), POLICY)
    assert found == judge(case(*history, after=after, told=told), POLICY)
    assert found.closes == frozenset()


def test_an_upgrade_nobody_was_told_of_is_closed_when_it_turns():
    waiting = frozenset({FindingTask.UPGRADED})
    history = (standing(JANUARY, PATHOGENIC), standing(MARCH, UNCERTAIN))
    found = judge(case(*history, told=Told.NEVER, tasks=waiting), POLICY)
    assert found == Judgement(Kind.DOWNGRADE, Action.CLOSE, "never-told", None, waiting)


def test_an_untold_upgrade_in_conflict_waits_with_the_laboratory_and_is_opened_anew_when_it_returns():
    waiting = frozenset({FindingTask.UPGRADED})
    history = (standing(JANUARY, PATHOGENIC), standing(MARCH, CONFLICT))
    held = judge(case(*history, after=HELD, told=Told.NEVER, tasks=waiting), POLICY)
    assert held == Judgement(Kind.CONFLICT, Action.HOLD, "conflict-holds", FindingTask.CONFLICT, waiting)
    hold = frozenset({FindingTask.CONFLICT})
    back = judge(
        case(
            *history,
            standing(JULY, PATHOGENIC),
            before=HELD,
            after=REPORTED,
            told=Told.NEVER,
            tasks=hold,
        ),
        POLICY,
    )
    assert back == Judgement(
        Kind.RETURNED, Action.DISCLOSE, "returned-never-told", FindingTask.UPGRADED, hold
    )


@pytest.mark.parametrize("between", [standing(MARCH, CONFLICT), standing(MARCH, None)])
def test_a_hold_somebody_closed_does_not_lose_the_downgrade_of_what_may_have_been_told(between):
    before = HELD if between.classification else NOTHING
    history = (standing(JANUARY, PATHOGENIC), between, standing(JULY, BENIGN, 3))
    found = judge(case(*history, before=before), POLICY)
    assert found == Judgement(Kind.DOWNGRADE, Action.REVIEW, "unknown-whether-told", FindingTask.DOWNGRADED)


def test_a_healthy_carrier_is_owed_no_correction():
    found = judge(case(standing(JANUARY, PATHOGENIC), standing(MARCH, BENIGN), before=CARRIER), POLICY)
    assert found == Judgement(Kind.NO_OP, Action.NONE, NOTHING.reason)


def test_a_downgrade_is_reviewed_while_it_settles_and_then_the_family_hears():
    history = (standing(JANUARY, PATHOGENIC), standing(MARCH, UNCERTAIN))
    first = judge(case(*history, told=Told.TOLD), POLICY)
    assert first == Judgement(Kind.DOWNGRADE, Action.REVIEW, "settling", FindingTask.DOWNGRADED)
    reviewed = frozenset({FindingTask.DOWNGRADED})
    later = judge(
        case(*history, standing(JULY, UNCERTAIN), before=NOTHING, told=Told.TOLD, tasks=reviewed), POLICY
    )
    assert later == Judgement(Kind.DOWNGRADE, Action.RECONTACT, "settled", FindingTask.RECONTACT, reviewed)


def test_one_star_does_not_overturn_three_however_long_it_stands():
    history = (standing(JANUARY, PATHOGENIC, 3), standing(MARCH, BENIGN, 1), standing(JULY, BENIGN, 1))
    found = judge(case(*history, before=NOTHING, told=Told.TOLD), POLICY)
    assert found == Judgement(
        Kind.DOWNGRADE, Action.REVIEW, "fewer-stars-than-overturned", FindingTask.DOWNGRADED
    )


def test_an_expert_panel_need_not_wait():
    history = (standing(JANUARY, PATHOGENIC, 2), standing(MARCH, BENIGN, 3))
    found = judge(case(*history, told=Told.TOLD), POLICY)
    assert found == Judgement(Kind.DOWNGRADE, Action.RECONTACT, "settled", FindingTask.RECONTACT)


def test_a_downgrade_through_a_conflict_counts_from_the_day_the_conflict_ended():
    history = (standing(JANUARY, PATHOGENIC), standing(MARCH, CONFLICT), standing(JULY, UNCERTAIN))
    held = frozenset({FindingTask.CONFLICT})
    found = judge(case(*history, before=HELD, told=Told.TOLD, tasks=held), POLICY)
    assert found == Judgement(Kind.DOWNGRADE, Action.REVIEW, "settling", FindingTask.DOWNGRADED, held)


def test_nobody_is_recontacted_whose_telling_is_not_known():
    history = (standing(JANUARY, PATHOGENIC), standing(MARCH, BENIGN, 3))
    found = judge(case(*history), POLICY)
    assert found == Judgement(Kind.DOWNGRADE, Action.REVIEW, "unknown-whether-told", FindingTask.DOWNGRADED)


def test_a_variant_that_is_gone_is_not_a_downgrade():
    found = judge(case(standing(JANUARY, PATHOGENIC), standing(MARCH, None), told=Told.TOLD), POLICY)
    assert found == Judgement(Kind.DISAPPEARED, Action.HOLD, "no-longer-in-release", FindingTask.DISAPPEARED)


def test_a_family_that_was_corrected_is_not_told_again_without_a_person():
    history = (standing(JANUARY, PATHOGENIC), standing(MARCH, BENIGN, 3), standing(JULY, PATHOGENIC))
    found = judge(case(*history, before=NOTHING, after=REPORTED, told=Told.CORRECTED), POLICY)
    assert found == Judgement(Kind.UPGRADE, Action.REVIEW, "was-corrected-before", FindingTask.TO_REVIEW)


def test_what_was_decided_not_to_be_told_stays_so_until_it_is_surer():
    history = (standing(JANUARY, PATHOGENIC, 1), standing(MARCH, PATHOGENIC, 2))
    one_star = Gate(Outcome.REVIEW, "one-star")
    kept = judge(case(*history, before=one_star, after=one_star, told=Told.DECIDED), POLICY)
    assert kept == Judgement(Kind.NO_OP, Action.NONE, "decided-not-to-tell")
    surer = judge(case(*history, before=one_star, after=REPORTED, told=Told.DECIDED), POLICY)
    assert surer == Judgement(Kind.UPGRADE, Action.DISCLOSE, "reportable", FindingTask.UPGRADED)


def test_what_was_judged_with_one_star_is_asked_anew_when_a_conflict_ends_with_two():
    history = (standing(JANUARY, PATHOGENIC, 1), standing(MARCH, CONFLICT, 1), standing(JULY, PATHOGENIC))
    declined = case(*history, before=HELD, after=REPORTED, told=Told.DECIDED)
    assert judge(declined, POLICY) == Judgement(Kind.NO_OP, Action.NONE, "decided-not-to-tell")
    found = judge(replace(declined, judged=True), POLICY)
    assert found == Judgement(Kind.UPGRADE, Action.DISCLOSE, "reportable", FindingTask.UPGRADED)


@pytest.mark.parametrize("other", [Classification.OTHER, Classification.NOT_PROVIDED])
def test_no_family_hears_of_a_class_that_only_went_missing(other: Classification):
    history = (standing(JANUARY, PATHOGENIC, 0), standing(MARCH, other, 3), standing(JULY, other, 3))
    found = judge(case(*history, told=Told.TOLD), POLICY)
    assert found == Judgement(Kind.DOWNGRADE, Action.REVIEW, "no-longer-a-class", FindingTask.DOWNGRADED)


def test_a_history_keeps_when_a_class_began_and_when_it_was_last_seen():
    history: tuple[Standing, ...] = ()
    for day in (JANUARY, MARCH, JULY):
        history = follow(history, standing(day, PATHOGENIC))
    assert history == (standing(JANUARY, PATHOGENIC), standing(JULY, PATHOGENIC))
