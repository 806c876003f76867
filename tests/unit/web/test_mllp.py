"""HL7 v2 over MLLP: an answer for everything that arrives, and an ACK only for what is on disk."""

from __future__ import annotations

import asyncio
import socket
from datetime import date

import pytest

from bedside.errors import SettingsError, StoreError
from bedside.genome.event import EventKind
from bedside.genome.person import Identifier, Person, Sex
from bedside.service.house import open_house
from bedside.service.register_person import register_person
from bedside.settings import Settings
from bedside.web.mllp import Listening, MllpListener, listening, next_frame, reply

hl7 = pytest.importorskip("hl7", reason="python-hl7, another implementation, is the client here")
ONLY = "only results (ORU, R01) and answers to orders (ORL, O22) are taken here"
ORU = "\r".join(
    (
        r"MSH|^~\&|LIS|LAB|EHR|H|20260301||ORU^R01^ORU_R01|{control}|P|2.5.1|||{accept}",
        "PID|1||M1^^^HOSP^MR||Osei^{given}||19800101|F",
        "OBR|1||{control}|81247-9^Panel^LN||||||||||||||||||20260301|||F",
        "OBX|1|CWE|48018-6^Gene studied^LN|1a|HGNC:2621^CYP2C19^HGNC||||||F",
        "OBX|2|ST|84413-4^Genotype^LN|1a|*1/*2||||||F",
        "",
    )
)


def oru(control="C1", given="Ada", accept="") -> str:
    return ORU.format(control=control, given=given, accept=accept)


@pytest.fixture
def house(tmp_path):
    opened = open_house(Settings(store_url=f"sqlite:///{tmp_path}/ledger.db"))
    ada = Person("p1", "Ada", "Osei", date(1980, 1, 1), Sex.FEMALE, (Identifier("HOSP", "M1"),))
    register_person(opened, ada)
    yield opened
    opened.close()


def answer(house, content: bytes) -> tuple[str, str, str]:
    said = hl7.parse(reply(house, content).decode())
    msa = said.segment("MSA")
    return str(msa[1]), str(msa[2]), str(msa[3])


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (oru().encode(), ("AA", "C1", "stored")),
        (oru(accept="AL").encode(), ("CA", "C1", "stored")),
        (oru(given="Bda").encode(), ("AA", "C1", "kept; a person must look at it")),
        (oru().replace("ORU^R01^ORU_R01", "ADT^A01").encode(), ("AR", "C1", ONLY)),
        (oru().replace("PID|", "PIX|").encode(), ("AE", "C1", "is not one result of one patient")),
        (b"hello", ("AE", "", "cannot be read")),
        (b"", ("AE", "", "cannot be read")),
        (oru().encode("utf-16"), ("AE", "", "cannot be read")),
    ],
)  # fmt: skip
def test_every_message_has_its_answer(house, content, expected):
    assert answer(house, content) == expected


def test_a_second_delivery_is_acknowledged_and_stored_once(house):
    assert [answer(house, oru().encode())[2] for _ in range(2)] == ["stored", "was stored before"]
    assert len(house.ledger.results("p1")) == 1


def test_no_answer_holds_a_value_of_the_message(house):
    for content in (oru(given="Zuleika"), oru(given="Zuleika").replace("PID|", "PIX|")):
        assert b"Zuleika" not in reply(house, content.encode())


def test_a_store_that_fails_acknowledges_nothing(house, monkeypatch):
    def fails(*_: object, **__: object) -> None:
        raise StoreError("disk full")

    monkeypatch.setattr(type(house.ledger), "append", fails)
    assert answer(house, oru().encode())[:2] == ("AR", "C1")


async def converse(port: int, messages: list[str]) -> list[str]:
    from hl7.mllp import open_hl7_connection

    reader, writer = await open_hl7_connection("127.0.0.1", port)
    answers = []
    for one in messages:
        writer.writemessage(hl7.parse(one))
        await writer.drain()
        answers.append(str((await reader.readmessage()).segment("MSA")[1]))
    writer.close()
    return answers


def test_an_independent_client_sends_messages_and_reads_their_answers(house):
    with listening(house, Listening(port=0)) as listener:
        sent = [oru("A1"), oru("A2", given="Bda"), oru("A3")]
        assert asyncio.run(converse(listener.port, sent)) == ["AA", "AA", "AA"]
    assert len(house.ledger.results("p1")) == 2
    quarantined = list(house.ledger.events(kinds=(EventKind.MESSAGE_QUARANTINED,)))
    assert [one.payload["control_id"] for one in quarantined] == ["A2"]


def test_frames_may_arrive_in_pieces_and_with_noise_between(house):
    framed = b"noise\x0b" + oru().encode() + b"\x1c\rmore noise"
    with (
        listening(house, Listening(port=0)) as listener,
        socket.create_connection(("127.0.0.1", listener.port)) as client,
    ):
        for start in range(0, len(framed), 100):
            client.sendall(framed[start : start + 100])
        heard = b""
        while not heard.endswith(b"\x1c\r"):
            heard += client.recv(4096)
    assert b"MSA|AA|C1|stored" in heard


@pytest.mark.parametrize(
    ("waiting", "frame", "rest"),
    [
        (b"", None, b""),
        (b"noise", None, b""),
        (b"noise\x0bMSH", None, b"\x0bMSH"),
        (b"\x0bMSH\x1c\r\x0bPI", b"MSH", b"\x0bPI"),
    ],
)
def test_frames_are_cut_at_their_marks(waiting, frame, rest):
    assert next_frame(bytearray(waiting)) == (frame, bytearray(rest))


def test_off_loopback_it_does_not_listen_to_anybody(house):
    with pytest.raises(SettingsError, match="TLS or a list"):
        MllpListener(house, Listening(host="0.0.0.0", port=0))


def test_who_is_not_on_the_list_is_not_heard(house):
    where = Listening(port=0, peers=frozenset({"10.0.0.1"}))
    with (
        listening(house, where) as listener,
        socket.create_connection(("127.0.0.1", listener.port)) as client,
    ):
        client.sendall(b"\x0b" + oru().encode() + b"\x1c\r")
        try:
            heard = client.recv(100)
        except ConnectionResetError:
            heard = b""
    assert heard == b""
    assert house.ledger.results("p1") == ()
