"""Damaged and hostile FHIR documents: each is taken for the right person, waits, or is refused with a
reason; none crashes a reader, none is half stored, none reaches another chart."""

from __future__ import annotations

import gzip
import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bedside.errors import IntakeError
from bedside.genome.event import EventKind
from bedside.intake.content_kind import ContentKind, content_kind
from bedside.service.house import House, open_house
from bedside.service.receive_document import READERS, Reader
from bedside.service.receive_result import Fate, Kept, receive_kept
from bedside.service.register_person import register_person
from bedside.service.verify_record import verify_record
from bedside.settings import Settings
from tests.conformance.fhir_examples_in import examples
from tests.unit.service.fhir_reports import PATIENT, document
from tests.unit.service.test_receive_hl7 import ADA, BEA

AT_ONCE = 250
"""Documents a house takes before it is looked over and left."""
XML = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;&b;">]><Bundle>&c;</Bundle>'
VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1e308,
    "",
    " ",
    "\x00",
    "x" * 5000,
    [],
    {},
    [[]],
    [None],
    {"": ""},
)
NUMBERS = ("1e99999", "-0", "9" * 4000, "0.1e+05", "NaN", "01")
Change = Callable[[bytes, random.Random], bytes]


def seeds() -> list[bytes]:
    """A report about Ada, alone and as a transaction; and every official Bundle, made to be about her."""
    every = [document(), document(type="transaction")]
    for name, content in examples().items():
        if name.startswith("Bundle-") and len(content) < 100_000:
            made = json.loads(content)
            for entry in made["entry"]:
                if entry["resource"]["resourceType"] == "Patient":
                    kept = {**PATIENT, "id": entry["resource"].get("id", "x")}
                    entry["resource"] = kept
            every.append(json.dumps(made).encode())
    return every


def flip(content: bytes, die: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(die.choice((1, 1, 1, 2, 8))):
        changed[die.randrange(len(changed))] ^= 1 << die.randrange(8)
    return bytes(changed)


def letter(content: bytes, die: random.Random) -> bytes:
    """One letter or digit for another: what a person would mistype."""
    places = [at for at in range(len(content)) if content[at : at + 1].isalnum()]
    at = die.choice(places)
    return content[:at] + die.choice(b"0123456789abcxyzABC").to_bytes(1, "big") + content[at + 1 :]


def cut(content: bytes, die: random.Random) -> bytes:
    return content[: die.randrange(len(content))]


def splice(content: bytes, die: random.Random) -> bytes:
    first, last = sorted(die.randrange(len(content)) for _ in range(2))
    return content[:last] + content[first:] if die.random() < 0.5 else content[:first] + content[last:]


def written_otherwise(content: bytes, die: random.Random) -> bytes:
    text = content.decode().replace("Ada", "Ad\u00e4" if die.random() < 0.5 else "Ada")
    return text.encode(die.choice(("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "cp1252", "utf-7", "cp037")))


def bomb(content: bytes, die: random.Random) -> bytes:
    deep = die.choice((65, 500, 20_000))
    made = (
        b"[" * deep + b"]" * deep,
        b'{"resourceType":"Bundle","type":"collection","entry":' + b'[{"a":' * deep,
        content[:-2] + b',"x":"' + b"y" * 300_000 + b'"}',
        content[:-2] + b',"x":' + die.choice(NUMBERS).encode() + b"}",
        content[:-2] + b',"type":"batch"}',
        XML,
        gzip.compress(content),
        b"PK\x03\x04" + content[:200],
        b"\x00" * 1000,
        content + content,
    )
    return die.choice(made)


def _nodes(value: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, one in list(inner):
        found.append((value, key))
        if isinstance(one, dict | list):
            found += _nodes(one)
    return found


def reshape(content: bytes, die: random.Random) -> bytes:
    """A value of the wrong kind, gone, or of another place."""
    made = json.loads(content)
    for _ in range(die.choice((1, 1, 3))):
        nodes = _nodes(made)
        if not nodes:
            break
        within, key = die.choice(nodes)
        how = die.random()
        if how < 0.4:
            within[key] = die.choice(VALUES)
        elif how < 0.6:
            del within[key]
        else:
            other, its = die.choice(nodes)
            if key in within if isinstance(within, dict) else key < len(within):
                within[key] = json.loads(json.dumps(other[its])) if _there(other, its) else None
    return json.dumps(made).encode()


def _there(within: Any, key: Any) -> bool:
    return key in within if isinstance(within, dict) else key < len(within)


CHANGES: tuple[Change, ...] = (flip, letter, letter, cut, splice, written_otherwise, bomb, reshape, reshape)


def opened(folder: Path) -> House:
    house = open_house(Settings(store_url=f"sqlite:///{folder}/ledger.db"))
    register_person(house, ADA)
    register_person(house, BEA)
    return house


def read(reader: Reader, house: House, content: bytes) -> tuple[Kept, ...] | IntakeError:
    try:
        return reader(house, content)
    except IntakeError as refused:
        return refused


def outcome(house: House, content: bytes) -> str:
    """What became of a document; asserts what may never be otherwise."""
    before = house.ledger.checkpoint()
    reader = READERS.get(content_kind(content), READERS[ContentKind.FHIR])
    several = read(reader, house, content)
    if isinstance(several, IntakeError):
        assert several.problems
        assert all(one.reason.strip() and "MRN12345" not in str(one) for one in several.problems)
        assert house.ledger.checkpoint() == before
        return "refused"
    (kept,) = several
    received = receive_kept(house, kept)
    if received.fate is Fate.ACCEPTED and not received.new:
        assert received.document
        return "taken before"
    assert house.documents.get(received.document) == content
    if received.fate is Fate.QUARANTINED:
        assert received.reasons
        return "waits"
    said = kept.said.patient
    assert (received.person, said.family.casefold(), said.given.casefold()) == ("p1", "osei", "ada")
    assert said.birth_date == ADA.birth_date
    assert "MRN12345" in {one.value for one in said.identifiers}
    return "taken"


def campaign(folder: Path, count: int, seed: int) -> Counter[tuple[str, str]]:
    """Outcomes by kind of change."""
    die, bases = random.Random(seed), seeds()
    found: Counter[tuple[str, str]] = Counter()
    house = opened(folder / "0")
    for number in range(count):
        if number and number % AT_ONCE == 0:
            look_over(house)
            house = opened(folder / str(number))
        change = die.choice(CHANGES)
        found[change.__name__, outcome(house, change(die.choice(bases), die))] += 1
    look_over(house)
    return found


def look_over(house: House) -> None:
    """The whole record holds, nobody else has anything, and every result has its document's event."""
    verify_record(house)
    assert house.ledger.results("p2") == ()
    told = {event.payload["result"] for event in house.ledger.events(kinds=(EventKind.MESSAGE_RECEIVED,))}
    assert {one.result for one in house.ledger.results("p1")} <= told
    house.close()


def test_damaged_documents_are_taken_wait_or_are_refused_with_a_reason(tmp_path: Path) -> None:
    found = campaign(tmp_path, 400, seed=20261126)
    outcomes = Counter[str]()
    for (_, what), times in found.items():
        outcomes[what] += times
    assert sum(outcomes.values()) == 400
    assert min(outcomes["taken"], outcomes["waits"], outcomes["refused"]) > 0


@pytest.mark.slow
def test_ten_thousand_damaged_documents(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    found = campaign(tmp_path, 10_000, seed=1)
    assert sum(found.values()) == 10_000
    for (change, what), times in sorted(found.items()):
        record_property("case", f"damaged FHIR documents, {change}: {what}\tpassed\t{times}\t")
