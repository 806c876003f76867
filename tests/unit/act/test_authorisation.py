"""Where a prior authorisation stands: late, double, reordered and contradictory answers; silence, failure."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bedside.act.authorisation import Authorisation, authorisations
from bedside.act.authorisation_clock import Pace, needs, pace
from bedside.genome.authorisation import (
    Channel,
    DenialClass,
    Move,
    Purpose,
    Reason,
    Status,
    Verdict,
    plain_heard,
)
from tests.made_up_authorisation import AUTHORISATION, OTHER, START, Log, heard

SOON = timedelta(hours=24)


def held(log: Log) -> Authorisation:
    """The authorisation of a log."""
    return authorisations(log.events)[AUTHORISATION]


def status(log: Log) -> Status:
    """Where it stands."""
    return held(log).status


def submitted() -> Log:
    """Drafted and sent."""
    return Log().drafted().sent()


def test_each_step_of_the_way_has_its_standing() -> None:
    log = Log().drafted()
    assert status(log) is Status.DRAFTED
    assert status(log.sending()) is Status.SENDING
    assert status(log.add(Move.SENT, claim="C1")) is Status.SUBMITTED
    assert status(log.heard(Verdict.ACKNOWLEDGED)) is Status.ACKNOWLEDGED
    assert status(log.heard(Verdict.PENDED, asked=("the family history",))) is Status.PENDED
    assert held(log).asked == ("the family history",)
    assert status(log.sent("C2", Purpose.MORE)) is Status.MORE_SENT
    assert held(log).asked == ()
    missing = Reason("urn:bedside:denial", "missing-information")
    log.heard(Verdict.DENIED, claim="C2", reason=missing, denial=DenialClass.MISSING_INFORMATION)
    assert status(log) is Status.DENIED
    assert status(log.sent("C3", Purpose.APPEAL, 1)) is Status.APPEALED
    assert held(log).refusal is not None, "an appealed refusal can still be read"
    assert status(log.heard(Verdict.DENIED, claim="C3")) is Status.UPHELD
    assert status(log.sent("C4", Purpose.APPEAL, 2)) is Status.APPEALED
    assert status(log.heard(Verdict.APPROVED, claim="C4")) is Status.OVERTURNED
    agreement = held(log).agreement
    assert agreement is not None
    assert (agreement.number, held(log).refusal) == ("AUTH-7", None)
    assert (held(log).holds_on(date(2026, 12, 31)), held(log).holds_on(date(2027, 1, 1))) == (True, False)


def test_a_request_that_got_no_answer_is_neither_denied_nor_approved_and_may_be_asked_after() -> None:
    log = Log().drafted().sending().add(Move.NO_ANSWER, claim="C1", reason="it did not answer in time")
    assert status(log) is Status.TIMED_OUT
    assert needs(held(log), log.now, SOON) == ("unsent",)
    assert status(log.heard(Verdict.PENDED)) is Status.PENDED, "an answer after all"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"person": OTHER}, "it is about another person"),
        ({"claim": "C9"}, "it names a request that was not sent for this authorisation"),
        ({"service": "exome"}, "it is about another service"),
        ({"number": " "}, "it agrees without an authorisation number"),
        ({"valid_until": date(2020, 1, 1)}, "it ends before it begins"),
        ({"message": ""}, "it cannot be told apart from another answer"),
        ({"units": 0}, "it agrees to nothing"),
        ({"channel": Channel.PHONE}, "nobody says who heard it and where it can be looked up"),
    ],
)
def test_an_agreement_that_is_not_to_this_very_request_is_kept_with_its_reason_and_not_believed(
    change: dict[str, object], why: str
) -> None:
    log = submitted().heard(Verdict.APPROVED, **change)
    assert (status(log), [one.why for one in held(log).doubts]) == (Status.UNKNOWN, [(why,)])
    assert held(log).agreement is None
    assert needs(held(log), log.now, SOON) == ("doubt",)


def test_an_agreement_to_a_part_says_to_how_much() -> None:
    assert status(submitted().heard(Verdict.PARTLY_APPROVED, units=None)) is Status.UNKNOWN
    assert status(submitted().heard(Verdict.PARTLY_APPROVED, units=1)) is Status.PARTLY_APPROVED


def test_an_agreement_before_anything_was_sent_is_not_believed() -> None:
    log = Log().drafted().heard(Verdict.APPROVED)
    assert (status(log), len(held(log).doubts)) == (Status.DRAFTED, 1)


def test_a_payers_word_on_the_telephone_counts_with_who_heard_it_and_a_reference() -> None:
    log = submitted().heard(Verdict.APPROVED, channel=Channel.PHONE, by="desk", reference="call 4711")
    assert status(log) is Status.APPROVED


@pytest.mark.parametrize("first", [Verdict.APPROVED, Verdict.DENIED])
def test_a_denial_and_an_agreement_to_one_request_cannot_both_hold_whichever_came_first(
    first: Verdict,
) -> None:
    second = Verdict.DENIED if first is Verdict.APPROVED else Verdict.APPROVED
    log = submitted().heard(first).heard(second)
    assert (status(log), held(log).agreement) == (Status.UNKNOWN, None)
    assert needs(held(log), log.now, SOON) == ("doubt",)


def test_two_agreements_with_two_numbers_cannot_both_hold() -> None:
    assert (
        status(submitted().heard(Verdict.APPROVED).heard(Verdict.APPROVED, number="AUTH-8")) is Status.UNKNOWN
    )


def test_the_same_answer_twice_changes_nothing() -> None:
    one = plain_heard(heard(Verdict.APPROVED, created=START + timedelta(hours=9)))
    log = submitted().add(Move.HEARD, heard=one)
    before = held(log)
    assert held(log.add(Move.HEARD, heard=one)) == before
    again = {**one, "message": "another number for the same words"}
    assert status(log.add(Move.HEARD, heard=again)) is Status.APPROVED


def test_what_settles_two_answers_is_a_person_who_asked_and_says_where_that_can_be_looked_up() -> None:
    one = plain_heard(heard(Verdict.APPROVED, message="yes"))
    other = plain_heard(heard(Verdict.DENIED, message="no"))
    log = submitted().add(Move.HEARD, heard=one).add(Move.HEARD, heard=other)
    assert status(log.add(Move.SETTLED, message="yes", reference=" ")) is Status.UNKNOWN
    assert status(log.add(Move.SETTLED, message="never said", reference="call 1")) is Status.UNKNOWN
    assert status(log.add(Move.SETTLED, message="no", reference="call 2")) is Status.DENIED


def test_a_pend_that_comes_late_does_not_undo_a_decision() -> None:
    log = submitted().heard(Verdict.DENIED).heard(Verdict.PENDED)
    assert status(log) is Status.DENIED
    early = plain_heard(heard(Verdict.ACKNOWLEDGED, created=START))
    assert status(submitted().heard(Verdict.PENDED).add(Move.HEARD, heard=early)) is Status.PENDED


def test_an_old_denial_that_comes_again_during_an_appeal_does_not_end_the_appeal() -> None:
    log = submitted().heard(Verdict.DENIED).sent("C2", Purpose.APPEAL, 1)
    again = plain_heard(heard(Verdict.DENIED, created=START + timedelta(hours=3)))
    assert status(log.add(Move.HEARD, heard=again)) is Status.APPEALED


def test_an_old_agreement_that_surfaces_during_an_appeal_contradicts_the_refusal() -> None:
    log = submitted().heard(Verdict.DENIED).sent("C2", Purpose.APPEAL, 1)
    late = plain_heard(heard(Verdict.APPROVED, created=START + timedelta(hours=3)))
    assert status(log.add(Move.HEARD, heard=late)) is Status.UNKNOWN


def test_a_payer_that_goes_on_naming_the_first_request_answers_what_was_sent_before_it_decided() -> None:
    log = submitted().heard(Verdict.PENDED).sent("C2", Purpose.MORE)
    assert status(log.heard(Verdict.APPROVED, claim="C1")) is Status.APPROVED


def test_what_was_taken_back_stays_so_whatever_the_payer_says_afterwards() -> None:
    log = submitted().add(Move.CANCELLED, reason="the order was cancelled").heard(Verdict.APPROVED)
    assert (status(log), held(log).agreement) == (Status.CANCELLED, None)


def test_what_is_written_about_another_person_under_this_number_is_not_part_of_it() -> None:
    log = submitted()
    before = held(log)
    log.add(Move.HEARD, person=OTHER, heard=plain_heard(heard(Verdict.APPROVED)))
    assert held(log) == before


@pytest.mark.parametrize("broken", [{}, {"heard": None}, {"heard": {"verdict": "maybe"}}])
def test_an_event_that_says_nothing_a_payer_can_say_is_a_doubt(broken: dict[str, object]) -> None:
    assert status(submitted().add(Move.HEARD, **broken)) is Status.UNKNOWN


def test_the_time_of_a_payer_runs_from_the_sending_and_a_clock_that_went_back_says_so() -> None:
    log = Log().drafted().sending()
    due = (START + timedelta(hours=72)).isoformat()
    log.add(Move.SENT, claim="C1", due=due)
    one = held(log)
    assert pace(one, START + timedelta(hours=40), SOON) is Pace.RUNNING
    assert pace(one, START + timedelta(hours=48), SOON) is Pace.SOON
    assert pace(one, START + timedelta(hours=72), SOON) is Pace.OVER
    assert pace(one, START, SOON) is Pace.CLOCK_BACK
    assert needs(one, START + timedelta(hours=73), SOON) == ("overdue",)
    assert pace(held(log.heard(Verdict.DENIED)), START + timedelta(days=9), SOON) is Pace.NONE
