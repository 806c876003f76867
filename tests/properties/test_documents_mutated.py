"""Variants by HL7 v2, documents inside messages, and laboratories' JSON, changed on their way: no crash,
nothing half-stored, nobody else's chart touched, and a reason for each."""

from __future__ import annotations

import base64
import io
import random
import zipfile
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from bedside.errors import IntakeError
from bedside.genome.person import Identifier, Person, Sex
from bedside.knowledge.laboratory_json import load_mappings
from bedside.service.house import House, open_house
from bedside.service.receive_laboratory_json import keep_laboratory_json
from bedside.service.receive_result import Fate, receive_kept
from bedside.service.register_person import register_person
from bedside.settings import Settings
from bedside.web.mllp import reply
from tests.properties.test_hl7v2_mutated import check, mutated

HOSPITAL = "urn:oid:2.16.840.1.113883.19.5"
HEAD = (
    r"MSH|^~\&|LIS|LAB|EHR|H|20260301||ORU^R01^ORU_R01|C1|P|2.5.1",
    "PID|1||M1^^^HOSP^MR||Osei^Ada||19800101|F",
    "OBR|1||F1|81247-9^Panel^LN||||||||||||||||||20260301|||F",
)
VARIANT = (
    "OBX|1|CWE|48018-6^Gene^LN|2a|HGNC:1^MADEUP1^HGNC||||||F",
    "OBX|2|CWE|48004-6^c.HGVS^LN|2a|NM_0001.1:c.5A>G||||||F",
    "OBX|3|CWE|53037-8^Significance^LN|2a|LA6668-3^Pathogenic^LN||||||F",
    "OBX|4|CWE|69548-6^Assessment^LN|2a|LA9633-4^Present^LN||||||F",
)
ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x" * 10}">' for n in range(12))
XML_BOMB = f"<!DOCTYPE b [{ENTITIES}]><b>&e11;</b>".encode()


def zip_bomb() -> bytes:
    """Small, and 8 MB when unpacked."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", bytes(8 << 20))
    return made.getvalue()


def carrying(content: bytes, kind: str) -> bytes:
    """A message with a document inside."""
    inside = base64.b64encode(content).decode()
    return said(*VARIANT, f"OBX|5|ED|1^Report^L|1|^application^{kind}^Base64^{inside}||||||F")


def said(*observed: str) -> bytes:
    return ("\r".join((*HEAD, *observed)) + "\r").encode()


def messages() -> list[bytes]:
    huge = f"OBX|5|TX|1^Comment^L|1|{'word ' * 400_000}||||||F"
    bombs = [carrying(zip_bomb(), "zip"), carrying(XML_BOMB, "xml"), said(*VARIANT, huge)]
    return [said(*VARIANT), *bombs]


def documents() -> list[bytes]:
    """The first example of each shipped mapping."""
    return [one.examples[0].document.encode() for one in load_mappings()]


def changed_json(choice: random.Random) -> bytes:
    """A document cut, doubled or flipped as messages are, or with a value that no reader should swallow."""
    content = choice.choice(documents())
    if choice.random() < 0.6:
        return mutated(choice, content)
    odd = choice.choice(
        [
            b"[" * 5_000,
            b"9" * 5_000,
            b"1e999",
            b"NaN",
            b"null",
            b"[]",
            b"{}",
            b"true",
            b'"\\ud800"',
            b'"' + b"x" * 300_000 + b'"',
        ]
    )
    at = choice.choice([place for place in range(len(content)) if content[place : place + 1] == b":"])
    end = min(place for place in (content.find(b",", at), content.find(b"}", at)) if place > 0)
    return content[: at + 1] + odd + content[end:]


@pytest.fixture
def house(tmp_path: Path):
    opened = open_house(Settings(store_url=f"sqlite:///{tmp_path}/ledger.db"))
    for person, given, born in (("p1", "Ada", 1), ("p2", "Ida", 1), ("p3", "Ada", 2)):
        numbers = (Identifier("HOSP", f"M{person[1]}"), Identifier(HOSPITAL, f"MRN1234{4 + int(person[1])}"))
        register_person(opened, Person(person, given, "Osei", date(1980, 1, born), Sex.FEMALE, numbers))
    yield opened
    opened.close()


def send(house: House, content: bytes) -> str:
    """What became of a message; what is not kept has changed nothing and has a reason."""
    before = house.ledger.checkpoint().sequence
    answer = reply(house, content)
    code = answer.split(b"\rMSA|", 1)[1][:2].decode()
    if code[1:] != "A":
        assert house.ledger.checkpoint().sequence == before
        assert b"ERR|" in answer
    return code


def give(house: House, content: bytes) -> str:
    """The same of a laboratory's JSON."""
    before = house.ledger.checkpoint().sequence
    reasons = None
    try:
        (kept,) = keep_laboratory_json(house, content)
    except IntakeError as error:
        reasons = error.problems
    if reasons is not None:
        assert reasons
        assert house.ledger.checkpoint().sequence == before
        return "refused"
    received = receive_kept(house, kept)
    if received.fate is Fate.QUARANTINED:
        assert received.reasons
    return received.fate.value


def storm(house: House, count: int, seed: int) -> Counter[str]:
    choice = random.Random(seed)
    variants, *bombs = messages()
    fates: Counter[str] = Counter()
    for number in range(count):
        if number % 2:
            fates[give(house, changed_json(choice))] += 1
        else:
            chosen = choice.choice(bombs) if number % 100 == 0 else variants
            fates[send(house, mutated(choice, chosen))] += 1
    check(house)
    return fates


def test_a_document_inside_a_message_is_kept_and_never_unpacked(house):
    for content in messages()[1:]:
        assert send(house, content) == "AA"
    check(house)


def test_changed_documents_have_a_fate_and_leave_nothing_half_stored(house):
    fates = storm(house, 300, seed=1)
    assert fates["AA"]
    assert fates["AE"]
    assert fates["refused"]
    assert fates["accepted"] + fates["quarantined"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 3, 4, 5])
def test_ten_thousand_changed_documents(house, seed, record_property):
    """Four records with 2,500 documents each."""
    fates = storm(house, 2_500, seed)
    assert sum(fates.values()) == 2_500
    for fate, times in sorted(fates.items()):
        record_property(
            "case",
            f"changed laboratory JSON and HL7 v2 with documents, seed {seed}: {fate}\tpassed\t{times}\t",
        )
