"""The letter of medical necessity: what it says stands somewhere, and what stands nowhere it does not say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bedside.act.authorisation import Authorisation
from bedside.act.necessity_check import check_necessity
from bedside.act.necessity_letter import NecessityLetter, write_letter
from bedside.errors import PackError, RequestError
from bedside.genome.authorisation import Channel, DenialClass, Purpose, Verdict
from bedside.genome.code import System
from bedside.genome.event import EventKind, NewEvent
from bedside.knowledge.authorisation_policy import KIND
from bedside.knowledge.necessity_template import load_necessity_template, read_template
from bedside.knowledge.provenance import DATA, parse_rule_file
from bedside.service import necessity_letters
from bedside.service.authorisation_form import answer_form
from bedside.service.draft_authorisation import SaidByPayer, Wish, draft, record_word
from bedside.service.house import House
from bedside.service.necessity_letters import necessity_letter
from bedside.service.order_test import Wish as OrderWish
from bedside.service.order_test import order_test
from bedside.service.send_authorisation import Sending, send
from bedside.web.authorisation_print import letter_alone
from tests.made_up_record import INGRID, open_record

TEMPLATE = load_necessity_template()
HEART = {"system": System.ICD10CM.value, "code": "I25.10", "display": "Coronary heart disease"}
SAID = {"result-needed": "yes", "combinatorial-algorithm": "no", "condition-established": "yes"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Ingrid with her coronary disease."""
    opened = open_record(tmp_path)
    noted = HEART | {"status": "active", "since": "2026-02-01"}
    opened.ledger.append([NewEvent(EventKind.PROBLEM_RECORDED, "dr", opened.clock(), INGRID, noted)])
    yield opened
    opened.close()


def begun(house: House, **wish: object) -> Authorisation:
    """A panel for her, for Medicare."""
    how = OrderWish(
        "pgx-full", "Dr Who", reason="I25.10", answers={"transplant": "no"}, despite="her plan wants it"
    )
    order = order_test(house, INGRID, how).order.order
    said = Wish(**{"payer": "medicare-moldx", "member": "M-1", **wish})  # type: ignore[arg-type]
    held = draft(house, INGRID, order, said, actor="desk")
    answer_form(house, INGRID, order, SAID, by="Dr Who", payer=held.payer)
    return held


def said(letter: NecessityLetter) -> dict[str, list[str]]:
    """The sentences of a letter by id."""
    found: dict[str, list[str]] = {}
    for one in letter.sentences:
        found.setdefault(one.id, []).append(one.text)
    return found


def refused(house: House, held: Authorisation, denial: DenialClass) -> Authorisation:
    """The same, refused by telephone."""
    held, _ = send(house, held, Sending(Purpose.FIRST, channel=Channel.PORTAL), actor="desk")
    word = SaidByPayer(Verdict.DENIED, Channel.PHONE, "call 9", denial=denial, text="we do not think so")
    return record_word(house, held, word, actor="desk")


def test_the_parts_stand_in_the_order_of_payers_and_each_sentence_names_where_it_stands(house: House) -> None:
    letter = necessity_letter(house, begun(house, expedited=True, why="a stent was placed today"))
    headings = [line for line in letter.text.split("\n") if line in TEMPLATE.headings.values()]
    kept = [TEMPLATE.headings[one] for one in TEMPLATE.headings if one != "refusal"]
    assert headings == kept
    told = said(letter)
    assert told["person"] == ["Ingrid Holm, born 1961-03-12, is the patient."]
    assert told["reason"] == ["It is ordered for Coronary heart disease (I25.10)."]
    assert any("clopidogrel is on record (current medicine: clopidogrel" in one for one in told["changes"])
    assert any("CYP2C19" in one and "PMID" in one for one in told["guideline"])
    assert any("stated on the form by Dr Who, 2026-10-01" in one for one in told["criterion"])
    assert "said by desk on 2026-10-01" in told["urgent"][0]
    for one in letter.sentences:
        assert one.facts, one.id
        assert all(basis.stands for fact in one.facts for basis in fact.bases), one.id
    assert "AWAITS SIGNATURE" in letter.text


def test_what_is_not_known_or_not_met_is_not_in_the_letter_but_told_to_the_writer(house: House) -> None:
    letter = necessity_letter(house, begun(house))
    assert any("technical assessment" in gap for gap in letter.gaps)
    assert "technical assessment" not in letter.text
    assert "may diagnose the condition" not in letter.text, "nobody says that the orderer may prescribe"


def test_no_more_of_the_person_than_the_payer_needs_stands_in_it(house: House) -> None:
    text = necessity_letter(house, begun(house)).text
    for kept in ("100-23", "metformin", "Poor Metabolizer", "*2/*2", INGRID):
        assert kept not in text, kept


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        ("medicine ended", "clopidogrel is on record", None),
        ("problem ended", "It is ordered for Coronary heart disease", None),
        ("person renamed", "Ingrid Holm", "Ingrid Berg"),
        ("form answered otherwise", "the result is needed to choose or dose", None),
    ],
)
def test_a_fact_that_changes_changes_or_removes_its_sentence(
    house: House, change: str, before: str, after: str | None
) -> None:
    held = begun(house)
    letter = necessity_letter(house, held)
    assert before in letter.text
    drug = next(one.drug for one in house.ledger.medications(INGRID) if one.drug.display == "clopidogrel")
    event = {
        "medicine ended": (
            EventKind.MEDICATION_RECORDED,
            {"system": drug.system.value, "code": drug.code, "display": drug.display, "status": "ended"},
        ),
        "problem ended": (EventKind.PROBLEM_RECORDED, HEART | {"status": "ended"}),
        "person renamed": (
            EventKind.PERSON_REGISTERED,
            {"given": "Ingrid", "family": "Berg", "birth_date": "1961-03-12", "sex": "female"},
        ),
    }.get(change)
    if event is None:
        answer_form(house, INGRID, held.order, {"result-needed": "no"}, by="Dr Who", payer=held.payer)
    else:
        kind, payload = event
        house.ledger.append([NewEvent(kind, "dr", house.clock(), INGRID, payload)])
    again = necessity_letter(house, held).text
    assert before not in again
    assert (after is None) or after in again


def material(house: House, held: Authorisation) -> tuple[NecessityLetter, object]:
    """A letter, and the facts it was made of."""
    held_material = necessity_letters._material(house, held)
    facts, gaps = necessity_letters._facts(held_material, None)
    return write_letter(TEMPLATE, facts, gaps), facts


def test_the_check_refuses_a_word_more_a_word_less_and_a_sentence_that_stands_nowhere(house: House) -> None:
    held = begun(house)
    letter, facts = material(house, held)
    places = {one.sequence for one in house.ledger.events(person=INGRID)}

    def faults(
        text: str = letter.text, told: NecessityLetter = letter, events: set[int] = places
    ) -> list[str]:
        found = check_necessity(text, told.sentences, TEMPLATE, facts, events)  # type: ignore[arg-type]
        return [str(one) for one in found]

    assert faults() == []
    assert any("no fact stands for" in one for one in faults(letter.text + "She smokes.\n"))
    assert any("is missing" in one for one in faults(letter.text.replace(letter.sentences[-1].text, "")))
    assert any("otherwise" in one for one in faults(letter.text.replace("Ingrid Holm", "Inger Holm")))
    assert any("awaits a signature" in one for one in faults(letter.text.replace(letter.awaits, "Signed.")))
    assert any("not this person's" in one for one in faults(events=set()))
    first = letter.sentences[0]
    nowhere = replace(first, facts=tuple(replace(one, bases=()) for one in first.facts))
    floating = replace(letter, sentences=(nowhere, *letter.sentences[1:]))
    assert any("stands nowhere" in one for one in faults(told=floating))


@pytest.mark.parametrize("denial", [one for one in DenialClass if one.value in (
    "not-medically-necessary", "investigational", "not-a-benefit", "missing-information", "duplicate",
    "out-of-network", "not-eligible")])  # fmt: skip
def test_an_appeal_answers_the_reason_that_was_given(house: House, denial: DenialClass) -> None:
    held = refused(house, begun(house), denial)
    told = said(necessity_letter(house, held, appeal=True))
    against = [one for one in told if one.startswith("against-")]
    assert len(against) == 1
    assert "you refused request" in told["refused"][0]
    assert told["refused-words"] == ["Your words were: “we do not think so”."]


def test_there_is_no_appeal_without_a_refusal(house: House) -> None:
    with pytest.raises(RequestError, match="no refusal to appeal"):
        necessity_letter(house, begun(house), appeal=True)


def test_the_examples_of_the_pack_hold(house: House) -> None:
    letters = {
        ("first", ""): said(necessity_letter(house, begun(house))),
    }
    for denial in (DenialClass.INVESTIGATIONAL, DenialClass.NOT_CLASSED):
        possible = {one.id for one in TEMPLATE.said_in("appeal", denial)}
        letters["appeal", denial.value] = {one: [""] for one in possible}
    for one in TEMPLATE.examples:
        told = letters[one["letter"], one["denial"]]
        sections = {each.section for each in TEMPLATE.sentences if each.id in told}
        assert one["with"] in {*told, *sections}, one["says"]
        assert one["without"] not in {*told, *sections}, one["says"]


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ('text = "The plan is $plan."', 'text = "This test is needed."', "rests on no fact"),
        ('text = "The plan is $plan."', 'text = "90 of 100 with $plan agree."', "a number that is no fact"),
        ('id = "plan"\nsection = "who"', 'id = "plan"\nsection = "nowhere"', "in a section that is none"),
        ('id = "plan"', 'id = "member"', "two sentences have one id"),
    ],
)
def test_words_that_rest_on_nothing_do_not_load(before: str, after: str, why: str) -> None:
    text = (DATA / KIND / "letter.toml").read_text(encoding="utf-8")
    assert before in text
    with pytest.raises(PackError, match=why):
        read_template(parse_rule_file("letter", text.replace(before, after).encode(), KIND))


def test_the_page_shows_where_each_sentence_stands_to_whoever_signs(house: House) -> None:
    page = letter_alone(necessity_letter(house, begun(house)))
    assert "AWAITS SIGNATURE" in page
    assert "Not in the letter" in page
    assert "<td>event " in page
