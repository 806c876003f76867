"""Whatever happens to a message on its way, nothing is half-stored, nobody else's chart is touched, and there
is a reason."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest

from bedside.genome.event import EventKind
from bedside.genome.person import Identifier, Person, Sex
from bedside.service.house import House, open_house
from bedside.service.register_person import register_person
from bedside.settings import Settings
from bedside.web.mllp import reply

SENT = "\r".join(
    (
        r"MSH|^~\&|LIS|LAB|EHR|H|20260301||ORU^R01^ORU_R01|C1|P|2.5.1",
        "PID|1||M1^^^HOSP^MR||Osei^Ada||19800101|F",
        "ORC|RE|O1|F1",
        "OBR|1|O1|F1|81247-9^Panel^LN|||20260228|||||||20260228||||||||20260301|||F",
        "OBX|1|CWE|48018-6^Gene studied^LN|1a|HGNC:2621^CYP2C19^HGNC||||||F",
        "OBX|2|ST|84413-4^Genotype^LN|1a|*1/*2||||||F",
        "OBX|3|CWE|53040-2^Metabolism^LN|1a|LA10317-8^Intermediate metabolizer^LN||||||F",
        "",
    )
).encode()


def mutated(choice: random.Random, sent: bytes = SENT) -> bytes:
    """The message with a bit flipped, a piece cut out, doubled or swapped, the end gone, or another
    encoding."""
    content = bytearray(sent)
    for _ in range(choice.randint(1, 3)):
        start = choice.randrange(len(content)) if content else 0
        end = min(len(content), start + choice.randint(1, 12))
        match choice.randrange(7):
            case 0:
                content[start : start + 1] = (
                    bytes([content[start] ^ (1 << choice.randrange(8))]) if content else b""
                )
            case 1:
                del content[start:end]
            case 2:
                content[start:start] = content[start:end] * choice.randint(1, 50)
            case 3:
                del content[start:]
            case 4:
                content[start:end] = bytes(choice.randrange(256) for _ in range(end - start))
            case 5:
                content[start:start] = choice.choice([b"|", b"^", b"\r", b"\\", b"~", b"\x1c\r", b"\x0b"])
            case _:
                content = bytearray(
                    bytes(content).decode("latin-1").encode(choice.choice(["utf-16", "utf-8"]))
                )
    return bytes(content)


def survives(folder: Path, messages: int, seed: int) -> dict[bytes, int]:
    """Send mutated messages; how many had which answer."""
    choice = random.Random(seed)
    house = open_house(Settings(store_url=f"sqlite:///{folder}/ledger.db"))
    for person, given, born in (("p1", "Ada", 1), ("p2", "Ida", 1), ("p3", "Ada", 2)):
        number = Identifier("HOSP", f"M{person[1]}")
        register_person(house, Person(person, given, "Osei", date(1980, 1, born), Sex.FEMALE, (number,)))
    answers: dict[bytes, int] = {}
    for _ in range(messages):
        before = house.ledger.checkpoint().sequence
        said = reply(house, mutated(choice))
        code = said.split(b"\rMSA|", 1)[1][:2]
        answers[code] = answers.get(code, 0) + 1
        if code != b"AA" and code != b"CA":
            assert house.ledger.checkpoint().sequence == before
            assert b"ERR|" in said
    check(house)
    house.close()
    return answers


def check(house: House) -> None:
    """Every result in the record is whole, of the one person who fits, and of a message that is there."""
    assert house.ledger.results("p2") == house.ledger.results("p3") == ()
    results = {one.result for one in house.ledger.results("p1")}
    received = list(house.ledger.events(kinds=(EventKind.MESSAGE_RECEIVED,)))
    assert {one.payload["result"] for one in received} - {""} == results
    derived = {one.payload["result"] for one in house.ledger.events(kinds=(EventKind.MEANINGS_DERIVED,))}
    assert derived == results
    for one in (*received, *house.ledger.events(kinds=(EventKind.MESSAGE_QUARANTINED,))):
        assert house.documents.has(one.payload["document"])
    house.ledger.verify()


def test_mutated_messages_are_answered_and_never_half_stored(tmp_path):
    answers = survives(tmp_path, 400, seed=7)
    assert answers.keys() >= {b"AA", b"AE"}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [8, 9, 10, 11])
def test_ten_thousand_mutated_messages_are_answered_and_never_half_stored(tmp_path, seed, record_property):
    """Four records with 2,500 messages each."""
    answers = survives(tmp_path, 2_500, seed)
    assert sum(answers.values()) == 2_500
    for code, times in sorted(answers.items()):
        record_property(
            "case", f"changed HL7 v2 messages, seed {seed}: answered {code.decode()}\tpassed\t{times}\t"
        )
