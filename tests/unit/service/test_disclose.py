"""A finding from the screen to the problem list, through the ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bedside.errors import RequestError
from bedside.genome.code import Code, System
from bedside.genome.consent import Decision, Scope
from bedside.genome.event import EventKind, NewEvent
from bedside.genome.person import ItemStatus, Person, Problem
from bedside.genome.result import Confirmation
from bedside.service.disclose import (
    Positive,
    bring_in,
    findings,
    record_for_person,
    record_step,
    shown_findings,
    worklist,
)
from bedside.service.disclose_letters import enter_problem, write_finding_letter
from bedside.service.disclose_metrics import disclosure_metrics
from bedside.service.house import House
from bedside.service.record_consent import record_consent
from bedside.service.register_person import record_problem, register_person
from tests.unit.service.conftest import HandClock

FOUND = Positive(
    "ann", "BRCA1", ("chr17-43045682-T-TG",), "cdc-tier1", "clinvar@2026-01-01", Confirmation.RESEARCH
)
DAY = date(2026, 3, 2)


def agreed(person: str, scope: Scope, day: date) -> Decision:
    return Decision.GIVEN


def step(house: House, name: str, outcome: str, **details: object) -> str:
    return record_step(
        house, "ann", FOUND.finding, name, outcome, actor="somebody", may=agreed, details=details
    ).state.name


def test_a_research_finding_waits_for_the_clinical_laboratory_before_anybody_is_told(house: House) -> None:
    assert (bring_in(house, [FOUND], actor="screen"), bring_in(house, [FOUND], actor="screen")) == (1, 0)
    assert step(house, "sign-off", "signed-off") == "second-sample"
    with pytest.raises(RequestError, match="nobody may be told: finding-not-confirmed"):
        step(house, "disclosure", "disclosed")
    assert shown_findings(house, "ann") == ()
    assert [step(house, "second-sample", "sent"), step(house, "confirmation", "confirmed")] == [
        "confirmation",
        "primary-care",
    ]
    assert [one.finding.gene for one in shown_findings(house, "ann")] == ["BRCA1"]


def test_the_worklist_says_whose_move_it_is_and_goes_higher_when_nobody_moves(
    house: House, clock: HandClock
) -> None:
    bring_in(house, [FOUND], actor="screen")
    (line,) = worklist(house, DAY)
    assert (line.state, line.owner, line.due, line.urgency.value) == (
        "sign-off",
        "variant scientist",
        date(2026, 3, 6),
        "open",
    )
    (late,) = worklist(house, date(2026, 3, 20))
    assert (late.owner, late.urgency.value, late.days) == ("laboratory director", "escalated", 19)
    assert findings(house, "ann")[0].finding.finding == FOUND.finding


CODE = Code(System.ICD10CM, "Z15.01")
JOURNEY = (
    ("sign-off", "signed-off"),
    ("second-sample", "sent"),
    ("confirmation", "confirmed"),
    ("primary-care", "told"),
    ("contact", "reached"),
    ("disclosure", "disclosed"),
    ("letter", "sent"),
    ("visit", "attended"),
)


def walk(house: House, clock: HandClock, until: str = "", **details: object) -> str:
    """One step a day up to a step, then stop; the state at the end."""
    state = "sign-off"
    for name, outcome in JOURNEY:
        if name == until:
            break
        clock.turn(days=1)
        state = step(house, name, outcome, laboratory="Northern Clinical Laboratory")
    return state


def test_a_finding_has_arrived_when_it_stands_in_the_problem_list_and_is_over_after_a_year(
    house: House, clock: HandClock
) -> None:
    bring_in(house, [FOUND], actor="screen")
    assert walk(house, clock) == "problem-list"
    with pytest.raises(RequestError, match="proved by the problem-list entry itself"):
        step(house, "problem-list", "entered")
    clock.turn(days=1)
    entered = enter_problem(house, "ann", FOUND.finding, CODE, actor="doctor", may=agreed)
    assert (entered.state.name, step(house, "family", "no-relatives")) == ("family", "risk-management")
    (line,) = worklist(house, date(2027, 3, 10), may=agreed)
    assert (line.owner, line.due, line.urgency.value) == (
        "primary care clinician",
        date(2027, 3, 10),
        "open",
    )
    clock.turn(days=370)
    assert step(house, "risk-management", "done") == "returned"
    assert (
        worklist(house, date(2027, 3, 20), may=agreed),
        len(worklist(house, DAY, may=agreed, over=True)),
    ) == (
        (),
        1,
    )
    measured = disclosure_metrics(house, date(2027, 3, 20))
    shares = [
        measured.confirmed,
        measured.disclosed,
        measured.visited,
        measured.problem_list,
        measured.cared_for,
    ]
    assert [share.percent for share in shares] == [100.0] * 5
    assert measured.days["confirmation"] == (1.0, 1)


def test_a_problem_entered_in_error_has_not_arrived(house: House, clock: HandClock) -> None:
    bring_in(house, [FOUND], actor="screen")
    walk(house, clock)
    clock.turn(days=1)
    enter_problem(house, "ann", FOUND.finding, CODE, actor="doctor", may=agreed)
    clock.turn(days=1)
    record_problem(house, "ann", Problem(CODE, ItemStatus.ENTERED_IN_ERROR))
    assert findings(house, "ann")[0].state.name == "problem-list"


def test_a_confirmation_that_is_taken_back_hides_the_finding_and_what_followed_waits(
    house: House, clock: HandClock
) -> None:
    bring_in(house, [FOUND], actor="screen")
    walk(house, clock, until="letter")
    confirmed = next(e for e in house.ledger.events(person="ann") if e.payload["step"] == "confirmation")
    record_step(
        house, "ann", FOUND.finding, "correction", "", actor="lab", corrects=confirmed.key, may=agreed
    )
    (line,) = worklist(house, DAY, may=agreed)
    assert (line.state, line.early, shown_findings(house, "ann")) == (
        "confirmation",
        ("contact", "disclosure", "primary-care"),
        (),
    )
    assert step(house, "confirmation", "confirmed") == "letter"


def test_a_sample_that_failed_is_taken_again_and_one_that_differs_goes_to_the_scientist(
    house: House, clock: HandClock
) -> None:
    bring_in(house, [FOUND], actor="screen")
    walk(house, clock, until="confirmation")
    seen = []
    for name, outcome in (
        ("confirmation", "sample-failed"),
        ("recollect", "collected"),
        ("confirmation", "not-confirmed"),
        ("discrepancy", "false-positive"),
    ):
        clock.turn(days=1)
        seen.append(step(house, name, outcome))
    assert seen == ["recollect", "confirmation", "discrepancy", "not-confirmed"]
    assert findings(house, "ann")[0].state.final == "not-confirmed-in-clinical-laboratory"


def test_nobody_is_lost_before_three_attempts_on_two_channels_over_two_weeks(
    house: House, clock: HandClock
) -> None:
    bring_in(house, [FOUND], actor="screen")
    walk(house, clock, until="contact")
    states = []
    for days, channel in (
        (1, "telephone"),
        (0, "telephone"),
        (3, "telephone"),
        (4, "telephone"),
        (8, "letter"),
    ):
        clock.turn(days=days, minutes=1)
        states.append(step(house, "contact", "no-answer", channel=channel))
    assert states == ["contact"] * 4 + ["contact-lost"]
    clock.turn(days=1)
    assert step(house, "contact-lost", "lost") == "lost-to-follow-up"
    clock.turn(days=100)
    assert step(house, "lost-to-follow-up", "returned") == "contact"


def test_who_does_not_want_to_know_is_asked_no_more_and_may_ask_after_all(
    house: House, clock: HandClock
) -> None:
    bring_in(house, [FOUND], actor="screen")
    walk(house, clock, until="contact")
    clock.turn(days=1)
    assert step(house, "contact", "declined") == "declined-to-know"
    clock.turn(days=400)
    assert step(house, "declined-to-know", "asked-after-all") == "primary-care"


def test_when_the_person_died_somebody_decides_about_the_relatives(house: House, clock: HandClock) -> None:
    bring_in(house, [FOUND], actor="screen")
    walk(house, clock, until="contact")
    clock.turn(days=1)
    assert [one.state.name for one in record_for_person(house, "ann", "died", actor="registry")] == [
        "family-review"
    ]
    clock.turn(days=1)
    assert step(house, "family-review", "nobody-to-tell") == "person-died"


def test_without_consent_to_contact_a_finding_waits_outside_the_contact_queue(
    house: House, clock: HandClock
) -> None:
    """The consent in force in the ledger, by the site's policy."""
    register_person(house, Person("ann", "Ann", "Archer", date(1970, 1, 1)))
    bring_in(house, [FOUND], actor="screen")
    walk(house, clock, until="contact")
    (held,) = worklist(house, clock().date())
    assert (held.state, held.waits_for, held.owner) == (
        "contact",
        "recontact-not-consented",
        "programme lead",
    )
    with pytest.raises(RequestError, match="recontact-not-consented"):
        record_step(house, "ann", FOUND.finding, "contact", "reached", actor="counsellor")
    with pytest.raises(RequestError, match="recontact-not-consented"):
        write_finding_letter(house, "ann", FOUND.finding, "finding", actor="counsellor")
    record_consent(house, "ann", Scope.RECONTACT, Decision.GIVEN)
    (free,) = worklist(house, clock().date())
    assert (free.waits_for, free.owner) == ("", "genetic counsellor")


def test_a_letter_is_kept_by_digest_and_says_what_the_record_says(house: House, clock: HandClock) -> None:
    told = replace(FOUND, disease="breast cancer")
    register_person(house, Person("ann", "Ann", "Archer", date(1970, 1, 1)))
    bring_in(house, [told], actor="screen")
    with pytest.raises(RequestError, match="finding-not-confirmed"):
        write_finding_letter(house, "ann", FOUND.finding, "finding", actor="counsellor", may=agreed)
    walk(house, clock, until="letter")
    letter = write_finding_letter(house, "ann", FOUND.finding, "finding", actor="counsellor", may=agreed)
    kept = [e.payload["document"] for e in house.ledger.events(person="ann") if "document" in e.payload]
    assert (kept, house.documents.get(kept[0])) == ([letter.sha256], letter.content)
    for fact in (
        "Ann Archer",
        "BRCA1",
        "chr17-43045682-T-TG",
        "breast cancer",
        "Northern Clinical Laboratory",
    ):
        assert (fact in letter.text, fact in letter.envelope + letter.subject) == (True, False)
    assert ("clinvar@2026-01-01" in letter.text, "awaiting sign-off" in letter.text) == (True, True)
    assert findings(house, "ann")[0].state.name == "letter"


def test_a_lowered_classification_is_looked_at_before_anybody_is_told_anything(
    house: House, clock: HandClock
) -> None:
    bring_in(house, [FOUND], actor="screen")
    walk(house, clock, until="contact")
    clock.turn(days=1)
    about = {"variants": list(FOUND.variants), "gene": "BRCA1", "from": "Pathogenic", "to": "Uncertain"}
    task = {
        "task": "variant-downgraded:1", "kind": "variant-downgraded", "summary": "s", "owner": "o",
        "due": "2026-04-01", "about": about,
    }  # fmt: skip
    house.ledger.append([NewEvent(EventKind.TASK_OPENED, "knowledge", clock(), "ann", task, "t1")])
    lines = {
        line.finding: (line.state, line.waits_for) for line in worklist(house, clock().date(), may=agreed)
    }
    assert lines == {
        FOUND.finding: ("contact", "reclassification-under-review"),
        "variant-downgraded:1": ("change-review", ""),
    }
    clock.turn(days=1)
    change = record_step(
        house, "ann", "variant-downgraded:1", "change-review", "never-told", actor="scientist", may=agreed
    )
    assert (change.state.final, house.ledger.tasks("ann")) == ("no-message-needed", ())
    (line,) = worklist(house, clock().date(), may=agreed)
    assert (line.state, line.waits_for) == ("contact", "")


def test_a_result_that_is_withdrawn_hides_the_finding_also_after_everything_was_done(
    house: House, clock: HandClock
) -> None:
    bring_in(house, [replace(FOUND, result="r-1", confirmation=Confirmation.CLINICAL)], actor="screen")
    step(house, "sign-off", "not-reportable")
    clock.turn(days=1)
    gone = {"result": "r-1", "reason": "mixed-up samples"}
    house.ledger.append([NewEvent(EventKind.RESULT_WITHDRAWN, "lab", clock(), "ann", gone)])
    assert (findings(house, "ann")[0].state.name, shown_findings(house, "ann")) == ("withdrawn-review", ())


def test_no_letter_tells_a_finding_before_somebody_did_or_after_the_person_said_no(
    house: House, clock: HandClock
) -> None:
    register_person(house, Person("ann", "Ann", "Archer", date(1970, 1, 1)))
    bring_in(house, [replace(FOUND, disease="breast cancer")], actor="screen")

    def letter() -> None:
        write_finding_letter(house, "ann", FOUND.finding, "finding", actor="counsellor", may=agreed)

    walk(house, clock, until="contact")
    with pytest.raises(RequestError, match="not-told-in-person-yet"):
        letter()
    clock.turn(days=1)
    step(house, "contact", "declined")
    with pytest.raises(RequestError, match="declined-to-know"):
        letter()
    with pytest.raises(RequestError, match="declined-to-know"):
        enter_problem(house, "ann", FOUND.finding, CODE, actor="doctor", may=agreed)
