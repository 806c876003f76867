"""A PDF inside an HL7 v2 message becomes a draft for the message's person, and never a result by itself."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from bedside.errors import RequestError
from bedside.exchange.hl7v2_text import read_message
from bedside.genome.draft import Verdict
from bedside.service.attached_reports import pdfs_in
from bedside.service.drafts import decide, list_drafts, open_draft
from bedside.service.house import House, open_house
from bedside.service.owed_drafts import make_owed, owed
from bedside.service.receive_hl7 import keep_message, receive_message
from bedside.service.receive_result import Fate, receive_together
from bedside.service.register_person import register_person
from bedside.settings import Settings
from tests.made_up_reports import Says, report
from tests.unit.service.test_reports import ANNA, TWIN, confirm_all, sign

PDF = report("classic", Says(calls=(("CYP2C19", "*2/*2", "Poor Metabolizer"),)))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = open_house(Settings(store_url=f"sqlite:///{tmp_path}/ledger.db"))
    register_person(opened, ANNA)
    register_person(opened, TWIN)
    yield opened
    opened.close()


def message(pdf: bytes, number: str = "A-1001", given: str = "Anna") -> bytes:
    coded = base64.b64encode(pdf).decode()
    lines = (
        "MSH|^~\\&|LIS|LAB|EHR|HOSP|20260214100000||ORU^R01^ORU_R01|M1|P|2.5.1",
        f"PID|1||{number}^^^urn:made-up^MR||Example^{given}||19610312|F",
        "ORC|RE||L1",
        "OBR|1||L1|81247-9^Panel^LN||||||||||||||||||20260214||||F",
        f"OBX|1|ED|REPORT^Report^L||^application^pdf^Base64^{coded}||||||F",
    )
    return ("\r".join(lines) + "\r").encode()


def test_it_becomes_a_draft_of_the_messages_person(house: House) -> None:
    sent = message(PDF)
    received = receive_message(house, sent)
    assert (received.fate, received.person, received.unread) == (Fate.ACCEPTED, "p1", 1)
    assert (list_drafts(house), len(owed(house))) == ((), 1)
    assert (make_owed(house), make_owed(house)) == (1, 0)
    (line,) = list_drafts(house)
    assert line.person == "p1"
    assert open_draft(house, line.draft).source == received.document
    assert house.ledger.person_calls("p1") == {}
    assert not receive_message(house, sent).new
    assert owed(house) == ()
    assert len(list_drafts(house, ended=True)) == 1
    confirm_all(house, line.draft)
    sign(house, line.draft)
    assert house.ledger.person_calls("p1")["CYP2C19"].phenotypes == ("Poor Metabolizer",)


def test_the_message_does_not_answer_for_whose_report_it_is(house: House) -> None:
    """The message is Berta's, the report inside it Anna's: it is not signed for either."""
    receive_message(house, message(PDF, "A-1002", "Berta"))
    make_owed(house)
    (line,) = list_drafts(house)
    assert line.person == "p2"
    decide(house, line.draft, "status", Verdict.ACCEPTED, by="reader")
    confirm_all(house, line.draft)
    with pytest.raises(RequestError, match="another"):
        sign(house, line.draft)
    assert house.ledger.person_calls("p2") == {}


def test_messages_that_wait_together_bring_their_drafts(house: House) -> None:
    several = [keep_message(house, read_message(one), one) for one in (message(PDF), message(PDF, "A-9"))]
    first, second = receive_together(house, several)
    assert (first.fate, second.fate) == (Fate.ACCEPTED, Fate.QUARANTINED)  # type: ignore[union-attr]
    assert make_owed(house) == 1
    assert [line.person for line in list_drafts(house)] == ["p1"]


def test_one_that_is_cut_short_leaves_the_message_to_be_read(house: House) -> None:
    received = receive_message(house, message(PDF[:500]))
    assert (received.fate, received.unread) == (Fate.ACCEPTED, 1)
    assert make_owed(house) == 1
    assert (list_drafts(house), owed(house)) == ((), ())
    assert [task.kind for task in house.ledger.tasks("p1")] == ["read-uncoded-result"]


def test_a_real_message_carries_one_whatever_its_data_type_says(shared: Path) -> None:
    """North West's: coded as CE, with a version of 2.3, and its PDF cut off where it was published."""
    sent = (shared / "hl7v2" / "nw_ORU_R01_PDF_NWGMSA.txt").read_bytes()
    (found,) = pdfs_in(sent)
    assert found.startswith(b"%PDF-1.4")
    assert len(found) > 2_000


def test_line_breaks_inside_the_base64_do_not_matter() -> None:
    coded = base64.encodebytes(PDF).replace(b"\n", b"\\.br\\")
    assert list(pdfs_in(b"OBX|1|ED|x||^^PDF^Base64^" + coded + b"||||||F")) == [PDF]
