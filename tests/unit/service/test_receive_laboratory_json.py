"""A laboratory's JSON enters the right chart once, by the mapping that recognises it, or waits with its
reasons."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from bedside.errors import IntakeError
from bedside.exchange.said import SaidIdentifier
from bedside.genome.event import EventKind
from bedside.genome.person import Identifier, Person, Sex
from bedside.genome.reported import JsonPlace, ReportedPresence, SourceClass
from bedside.genome.result import Confirmation
from bedside.knowledge.laboratory_json import load_mappings
from bedside.service.quarantine import give_to
from bedside.service.receive_laboratory_json import keep_laboratory_json, said_by
from bedside.service.receive_result import Fate, Received, receive_kept
from bedside.service.register_person import register_person
from bedside.service.reported_findings import reported_of

HOSPITAL = "urn:oid:2.16.840.1.113883.19.5"
ADA = Person("p1", "Ada", "Osei", date(1980, 1, 1), Sex.FEMALE, (Identifier(HOSPITAL, "MRN12345"),))


def example(name: str) -> dict:
    (mapping,) = (one for one in load_mappings() if one.provenance.name == name)
    return json.loads(mapping.examples[0].document)


def take(house, document: object) -> Received:
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    (kept,) = keep_laboratory_json(house, content)
    return receive_kept(house, kept)


@pytest.fixture
def house(house):
    register_person(house, ADA)
    return house


def test_a_panel_answers_for_its_genes_with_pointer_and_bytes(house):
    received = take(house, example("made-up-pgx"))
    assert (received.fate, received.person, received.new, received.unread) == (Fate.ACCEPTED, "p1", True, 1)
    assert house.ledger.person_calls("p1")["CYP2C19"].phenotypes == ("Intermediate Metabolizer",)
    (event,) = house.ledger.events(person="p1", kinds=(EventKind.MESSAGE_RECEIVED,))
    content = house.documents.get(received.document)
    call = event.payload["calls"][0]
    pointer, start, end = call["from"][0]
    assert (pointer, call["mapping"].partition("#")[0]) == ("/genes/CYP2C19", "made-up-pgx")
    assert json.loads(content[start:end])["diplotype"] == "*1/*2"
    (left,) = event.payload["unread"]
    assert left["place"][0] == "/genes/SLCO1B1/comment"
    assert left["why"] == "the laboratory's mapping does not name it"


def test_the_same_result_sent_again_is_the_same_result(house):
    document = example("made-up-pgx")
    first = take(house, document)
    document["sent_at"] = "2027-01-01T00:00:00Z"
    again = take(house, json.dumps(document, indent=3).encode())
    assert (again.result, again.new) == (first.result, False)
    document["genes"]["CYP2C19"]["diplotype"] = "*2/*2"
    document["genes"]["CYP2C19"]["phenotype"] = "poor metabolizer"
    document["report"]["state"] = "AMENDED"
    corrected = take(house, document)
    assert corrected.new
    assert house.ledger.person_calls("p1")["CYP2C19"].phenotypes == ("Poor Metabolizer",)


def test_another_birth_date_waits_until_somebody_decides(house):
    document = example("made-up-pgx")
    document["patient"]["dob"] = "1980-01-02"
    waits = take(house, document)
    assert (waits.fate, waits.reasons) == (Fate.QUARANTINED, ("the birth date differs",))
    assert house.ledger.results("p1") == ()
    given = give_to(house, waits.number, "p1", by="registrar", why="the card was misread")
    assert (given.fate, given.person) == (Fate.ACCEPTED, "p1")


def test_a_test_of_the_interface_and_a_pending_result_reach_no_card(house):
    for number, change in enumerate((("environment", "validation"), ("state", "PENDING"))):
        document = example("made-up-pgx")
        document["report"]["accession"] = f"A-{number}"
        (document if change[0] == "environment" else document["report"])[change[0]] = change[1]
        take(house, document)
    assert {one.confirmation for one in house.ledger.results("p1")} == {Confirmation.UNCONFIRMED}
    assert house.ledger.person_calls("p1") == {}


@pytest.mark.parametrize(
    ("name", "presence", "source"),
    [
        ("made-up-hereditary", ReportedPresence.PRESENT, SourceClass.GERMLINE),
        ("made-up-tumour", ReportedPresence.PRESENT, SourceClass.SOMATIC),
    ],
)
def test_variants_are_the_laboratorys_statements(house, name, presence, source):
    received = take(house, example(name))
    reported = reported_of(house, house.ledger.results("p1"))
    first = reported[0].finding
    assert (first.presence, first.source) == (presence, source)
    (place,) = first.places
    assert isinstance(place, JsonPlace)
    content = house.documents.get(received.document)
    assert json.loads(content[place.start : place.end])["gene"] == first.gene


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"format": "something-else"}, "no mapping at this site recognises"),
        ({"report": {"state": "RELEASED"}}, "/report/accession: is not there"),
        ({"report": {"accession": "A", "state": "SENT"}}, "a word that the mapping does not know"),
        ({"report": {"accession": ["A"], "state": "RELEASED"}}, "where one value belongs"),
        ({"patient": {"name": {"last": "O", "first": "A"}, "dob": "1.1.80"}}, "is no time"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place_and_stored_nowhere(house, change, why):
    before = house.ledger.checkpoint()
    with pytest.raises(IntakeError, match=why):
        take(house, example("made-up-pgx") | change)
    assert house.ledger.checkpoint() == before


def test_two_mappings_for_one_document_are_refused_by_name():
    mappings = load_mappings()
    (one,) = (each for each in mappings if each.provenance.name == "made-up-pgx")
    other = replace(one, provenance=replace(one.provenance, name="another"))
    with pytest.raises(IntakeError, match="another and made-up-pgx both recognise it"):
        said_by(json.dumps(example("made-up-pgx")).encode(), (one, other))


def test_numbers_keep_their_authority():
    said, _ = said_by(json.dumps(example("made-up-pgx")).encode(), load_mappings())
    assert said.patient.identifiers == (SaidIdentifier("MRN12345", HOSPITAL),)
