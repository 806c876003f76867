"""Messages in quarantine wait for a person, who has a name and gives a reason."""

from __future__ import annotations

import pytest

from bedside.errors import NotFound, RequestError
from bedside.exchange.hl7v2_text import read_message
from bedside.genome.event import EventKind
from bedside.service.quarantine import dismiss, give_to, waiting
from bedside.service.receive_hl7 import keep_message, receive_message
from bedside.service.receive_result import Fate, receive_together
from bedside.service.register_person import register_person
from tests.unit.service.test_receive_hl7 import ADA, BEA, MISCODED, PID, diplotypes, message

MISSPELT = message(pid=PID.replace("Osei", "Osej"))


@pytest.fixture
def house(house):
    register_person(house, ADA)
    register_person(house, BEA)
    return house


def test_somebody_says_whose_it_is_and_it_enters_that_chart(house):
    receive_message(house, MISSPELT)
    (one,) = waiting(house)
    assert one.reasons == ("the family name differs",)
    given = give_to(house, one.number[:16], "p1", by="registrar", why="spelling")
    assert (given.fate, given.person, diplotypes(house), waiting(house)) == (
        Fate.ACCEPTED, "p1", ("*2/*2",), (),
    )  # fmt: skip
    (settled,) = house.ledger.events(kinds=(EventKind.MESSAGE_SETTLED,))
    assert (settled.actor, settled.payload["why"]) == ("registrar", "spelling")


def test_what_was_dismissed_stays_dismissed_when_it_is_sent_again(house):
    receive_message(house, MISSPELT)
    dismiss(house, waiting(house)[0].number, by="registrar", why="not ours")
    register_person(house, ADA.__class__("p1", "Ada", "Osej", ADA.birth_date, ADA.sex, ADA.identifiers))
    again = receive_message(house, MISSPELT)
    assert (again.fate, again.reasons) == (Fate.QUARANTINED, ("somebody dismissed this message before",))
    assert (waiting(house), house.ledger.results("p1")) == ((), ())


def test_a_message_that_codes_wrongly_is_given_to_nobody(house):
    receive_message(house, message(*MISCODED))
    with pytest.raises(RequestError, match="another question"):
        give_to(house, waiting(house)[0].number, "p1", by="registrar", why="it is hers")
    assert len(waiting(house)) == 1


def test_a_decision_needs_a_name_a_reason_a_person_and_a_message(house):
    receive_message(house, MISSPELT)
    number = waiting(house)[0].number
    with pytest.raises(RequestError, match="--why"):
        give_to(house, number, "p1", by="registrar", why=" ")
    with pytest.raises(NotFound):
        give_to(house, number, "p9", by="registrar", why="x")
    with pytest.raises(NotFound):
        dismiss(house, "0" * 64, by="registrar", why="x")


def test_messages_taken_together_are_as_if_taken_one_by_one(house):
    """Two reports of one result, a person twice, the same twice, one unknown, one of another person."""
    bea = PID.replace("12345", "12346").replace("Ada", "Bea").replace("19800101", "19800111")
    sent = [
        message(minute=10),
        message(minute=12, filler="L2"),
        message(pid=bea, minute=13),
        message(minute=10),
        MISSPELT,
        message(status="C", minute=20),
    ]
    kept = [keep_message(house, read_message(one), one) for one in sent]
    said = receive_together(house, kept)
    assert [(one.fate, one.new, one.person) for one in said] == [
        (Fate.ACCEPTED, True, "p1"), (Fate.ACCEPTED, True, "p1"), (Fate.ACCEPTED, True, "p2"),
        (Fate.ACCEPTED, False, "p1"), (Fate.QUARANTINED, True, ""), (Fate.ACCEPTED, True, "p1"),
    ]  # fmt: skip
    assert [bool(one.withdrawn) for one in house.ledger.results("p1")] == [True, False, False]
    assert len(house.ledger.results("p2")) == 1
    house.ledger.verify()
