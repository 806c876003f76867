"""`bedside order`, `specimen` and `quarantine`, as a script calls them."""

from __future__ import annotations

import argparse
import json
from datetime import date

import pytest

from bedside.commands import order as commands
from bedside.errors import RequestError
from bedside.exchange.order_fhir import read_order_bundle
from bedside.exchange.order_hl7v2 import read_oml
from bedside.genome.code import Code, System
from bedside.genome.person import Identifier, Person, Problem, Sex
from bedside.service.house import open_house
from bedside.service.receive_hl7 import receive_message
from bedside.service.register_person import register_person
from bedside.settings import Settings

ADA = Person("p1", "Ada", "Osei", date(1980, 1, 1), Sex.FEMALE, (Identifier("HOSP", "M1"),))


@pytest.fixture
def store(tmp_path):
    url = f"sqlite:///{tmp_path}/ledger.db"
    house = open_house(Settings(store_url=url))
    cancer = Problem(Code(System.ICD10CM, "C50.9", "Breast cancer"))
    register_person(house, ADA, problems=[cancer])
    house.close()
    return url


def run(capfdbinary, add, store, *words):
    parser = argparse.ArgumentParser()
    add(parser)
    arguments = parser.parse_args([*words, "--store", store])
    assert arguments.run(arguments) == 0
    return capfdbinary.readouterr().out


def test_three_decisions_order_a_test_and_the_rest_comes_from_the_chart(store, capfdbinary):
    words = ("p1", "--test", "hereditary-cancer", "--answer", "transplant=no", "--format", "hl7v2")
    order = read_oml(run(capfdbinary, commands.order, store, *words))
    assert [one.code for one in order.reasons] == ["C50.9"]
    assert {one.question: one.source for one in order.answers} == {
        "reason": "chart",
        "transplant": "clinician",
    }
    again = ("p1", "--placed", order.order, "--format", "fhir")
    assert read_order_bundle(json.loads(run(capfdbinary, commands.order, store, *again))) == order


def test_what_is_missing_is_said_at_once_with_how_to_give_it(store, capfdbinary):
    with pytest.raises(RequestError) as caught:
        run(capfdbinary, commands.order, store, "p1", "--test", "hereditary-cancer", "--reason", "I10")
    assert [(one.source, one.remedy) for one in caught.value.problems] == [
        ("--reason", "fits: C, D05, D12, Z80, Z85, Z86.0, Z15.0"),
        ("order", "--answer transplant=no|yes"),
    ]


def test_ordering_twice_is_stopped_unless_somebody_says_why(store, capfdbinary):
    words = ("p1", "--test", "pgx-basic", "--answer", "transplant=no")
    run(capfdbinary, commands.order, store, *words)
    with pytest.raises(RequestError, match="already-ordered"):
        run(capfdbinary, commands.order, store, *words)
    assert b"Ordered BS" in run(capfdbinary, commands.order, store, *words, "--despite", "the tube broke")


def test_a_check_orders_nothing(store, capfdbinary):
    said = run(capfdbinary, commands.order, store, "p1", "--test", "pgx-full", "--check")
    assert b"Before ordering: order: nothing stored answers it" in said


def test_a_specimen_is_followed_and_a_message_given_to_its_person(store, capfdbinary):
    words = ("p1", "--test", "pgx-basic", "--answer", "transplant=no", "--format", "hl7v2")
    order = read_oml(run(capfdbinary, commands.order, store, *words)).order
    label = ("p1", order, "label", "--by", "nurse", "--tube", "T1")
    assert run(capfdbinary, commands.specimen, store, *label) == f"T1\t{order}\tlabelled\n".encode()
    house = open_house(Settings(store_url=store))
    message = (
        "MSH|^~\\&|LIS|LAB|EHR|H|20260301||ORU^R01|C1|P|2.5.1\rPID|1||M1^^^HOSP||Osei^Adah||19800101|F\r"
        "OBR|1||F1|81247-9^Panel^LN||||||||||||||||||20260301|||F\r"
    )
    kept = receive_message(house, message.encode())
    house.close()
    listed = run(capfdbinary, commands.quarantine, store, "list").decode()
    assert listed.endswith("LIS/LAB\tC1\tthe given name differs\n")
    number = listed.split("\t")[0]
    give = ("give", number, "p1", "--by", "registrar", "--why", "spelling on her card")
    assert run(capfdbinary, commands.quarantine, store, *give).startswith(b"p1\tr-")
    assert run(capfdbinary, commands.quarantine, store, "list") == b""
    assert kept.reasons == ("the given name differs",)


def test_orders_are_listed_and_taken_back_with_a_reason(store, capfdbinary):
    words = ("p1", "--test", "hereditary-cancer", "--answer", "transplant=no", "--format", "hl7v2")
    number = read_oml(run(capfdbinary, commands.order, store, *words)).order
    (line,) = run(capfdbinary, commands.order, store, "p1", "--list").decode().splitlines()
    assert line.split("\t")[0] == number
    assert line.split("\t")[2:5] == ["hereditary-cancer", "no specimen yet", "collecting ward or clinic"]
    with pytest.raises(RequestError, match="blank"):
        run(capfdbinary, commands.order, store, "p1", "--cancel", number)
    run(capfdbinary, commands.order, store, "p1", "--cancel", number, "--why", "moved away")
    (line,) = run(capfdbinary, commands.order, store, "p1", "--list").decode().splitlines()
    assert line.split("\t")[3:] == ["cancelled", "", "", "", "moved away"]
