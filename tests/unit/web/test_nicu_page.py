"""The page of a newborn with a rapid genome: what it says first, and what may be written down there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from bedside.errors import RequestError
from bedside.genome.consent import Decision, Scope
from bedside.genome.event import EventKind
from bedside.genome.nicu import Outcome, Yield
from bedside.genome.person import Person, Sex
from bedside.service.house import House
from bedside.service.nicu import notes_of, outcome_of, record_outcome
from bedside.service.nicu_summary import outcomes_of_record
from bedside.service.pathway_signals import record_signal, signals_of
from bedside.service.record_consent import record_consent
from bedside.service.register_person import register_person
from tests.made_up_newborn import CHILD, open_newborn
from tests.made_up_record import AMARA, NOW
from tests.unit.web.conftest import Pages
from tests.unit.web.read import rows, text


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = open_newborn(tmp_path)
    yield opened
    opened.close()


def send(pages: Pages, **said: str) -> object:
    address = pages.address(CHILD, "/nicu")
    return pages.post(address, on=address, **said)


def test_the_answer_comes_first_with_why_and_what_may_be_claimed(pages: Pages) -> None:
    page = pages.get(pages.address(CHILD, "/nicu")).text
    first, second, third = rows(page, "The first genes to look at")
    assert first[0].startswith("GENE1 Made-up disease one")
    assert "de novo" in first[1]
    assert "not seen in gnomAD" in first[1]
    assert "Provisional" in first[2]
    assert "in trans" in second[1]
    assert third[0].startswith("GENE3")
    assert "One parent was not tested" in third[2]
    said = text(page)
    assert "SIMULATION" in said
    assert "An order in which to look, not a classification" in said
    assert "awaiting sign-off" in said
    assert (
        said.index("First to look at: GENE1") < said.index("What to do now") < said.index("What is missing")
    )
    assert "There is no final report" in said


def test_the_clock_says_what_is_late(pages: Pages) -> None:
    said = text(pages.get(pages.address(CHILD, "/nicu")).text)
    assert "The first result is there" in said
    assert "A first result that nobody has acted on" in said


def test_a_note_moves_the_pathway_and_is_written_once(pages: Pages, house: House) -> None:
    for _ in range(2):
        send(pages, act="note", form="abc", change="treatment-started", text="as discussed")
    (note,) = notes_of(house, CHILD)
    assert (note.kind, note.text) == ("treatment-started", "as discussed")
    changes = [one for one in signals_of(house, CHILD) if one.name == "management-changed"]
    assert [one.attributes for one in changes] == [{"kind": "treatment-started"}]
    page = text(pages.get(pages.address(CHILD, "/nicu")).text)
    assert "A treatment was started : as discussed" in page.replace("started:", "started :")
    assert "nobody has acted on" not in page


def test_the_outcome_needs_a_word_about_care_first(pages: Pages, house: House) -> None:
    answer = send(pages, act="outcome", form="x", found="diagnosis")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert outcome_of(house, CHILD) is None
    with pytest.raises(RequestError, match="nobody has written down"):
        record_outcome(house, CHILD, Outcome(Yield.NONE, None), by="x", at=NOW)


def test_the_outcome_form_is_kept_as_entered_and_counted(pages: Pages, house: House) -> None:
    send(pages, act="note", form="n", change="none", text="")
    cost = {
        "testing-low": "9,000",
        "care-avoided-low": "1000",
        "care-avoided-high": "3000",
        "currency": "USD",
    }
    send(pages, act="outcome", form="o", found="diagnosis", avoided_procedures="2", **cost)
    (out,) = outcomes_of_record(house)
    assert (out.found, out.changed, out.hours_to_result) == (Yield.DIAGNOSIS, False, 36)
    assert (out.hospital_days, out.avoided_days, out.avoided) == (None, None, {"procedures": 2})
    assert [(one.kind.value, one.low, one.high) for one in out.costs] == [
        ("testing", 9000, 9000),
        ("care-avoided", 1000, 3000),
    ]
    assert [one.name for one in signals_of(house, CHILD)][-1] == "outcome-recorded"
    assert "not entered" in text(pages.get(pages.address(CHILD, "/nicu")).text)


@pytest.mark.parametrize(
    "said",
    [
        {"act": "note", "change": ""},
        {"act": "note", "change": "cured"},
        {"act": "outcome", "found": ""},
        {"act": "outcome", "found": "none", "hospital_days": "many"},
        {"act": "outcome", "found": "none", "testing-low": "5", "testing-high": "3"},
        {"act": "eligible", "answer": "perhaps"},
        {"act": ""},
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_kept(
    pages: Pages, house: House, said: dict[str, str]
) -> None:
    before = len(list(house.ledger.events(person=CHILD, kinds=(EventKind.SIGNAL_RECORDED,))))
    assert send(pages, form="f", **said).status_code == 422  # type: ignore[attr-defined]
    after = len(list(house.ledger.events(person=CHILD, kinds=(EventKind.SIGNAL_RECORDED,))))
    assert before == after


def test_somebody_not_on_the_pathway_is_said_not_to_be(pages: Pages) -> None:
    said = text(pages.get(pages.address(AMARA, "/nicu")).text)
    assert "Not on the pathway" in said
    assert "No answer yet" not in said


def test_consent_taken_back_takes_the_answer_away(pages: Pages, house: House) -> None:
    record_consent(house, CHILD, Scope.CLINICAL, Decision.WITHDRAWN, actor="counsellor")
    said = text(pages.get(pages.address(CHILD, "/nicu")).text)
    assert "GENE1" not in said
    assert "The answer may not be shown" in said


QUESTION = "Could a rapid genome change the care of this child?"


def newborn(house: House, born: date | None) -> str:
    register_person(house, Person("made-up-newborn", "Noor", "Example", born, Sex.FEMALE), valid_at=NOW)
    at = NOW - timedelta(hours=3)
    record_signal(house, "made-up-newborn", "admitted", by="unit", at=at, attributes={"unit": "nicu"})
    return "made-up-newborn"


@pytest.mark.parametrize(
    ("born", "asked"), [(date(2026, 9, 29), True), (date(2026, 8, 1), False), (None, True)]
)
def test_the_question_is_put_to_the_young_and_to_those_of_unknown_age(
    pages: Pages, house: House, born: date | None, asked: bool
) -> None:
    child = newborn(house, born)
    said = text(pages.get(pages.address(child, "/nicu")).text)
    assert (QUESTION in said) is asked
    assert ("the age was not checked" in said) is (born is None)
    assert "No answer is not a normal answer" in said
    assert "3 hours since admission" in said


@pytest.mark.parametrize(("answer", "then"), [("yes", "Order the rapid trio"), ("no", "Ended")])
def test_the_question_is_answered_once(pages: Pages, house: House, answer: str, then: str) -> None:
    child = newborn(house, date(2026, 9, 29))
    address = pages.address(child, "/nicu")
    pages.post(address, on=address, act="eligible", answer=answer, form="q")
    said = text(pages.get(address).text)
    assert then in said
    assert QUESTION not in said
