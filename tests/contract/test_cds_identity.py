"""No two patients share an answer, and each answer is an event of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from bedside.errors import Refused
from bedside.genome.event import EventKind
from bedside.genome.person import Identifier, Person
from bedside.service.access import Permission
from bedside.service.answer_hook import answer
from bedside.service.authorise import Principal
from bedside.service.register_person import register_person
from bedside.web.cds_hooks import opener
from tests.contract.site import ORDER_SIGN, Site, genotypes, medication, open_site, record, request


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = open_site(tmp_path)
    yield made
    made.house.close()


def test_two_patients_with_the_same_results_and_hook_instance_have_answers_of_their_own(site: Site) -> None:
    instance = str(uuid4())
    cards = []
    for patient in ("p1", "p2"):
        draft = medication("clopidogrel", "32968", subject={"reference": f"Patient/{patient}"})
        body = request(
            "order-sign", draft, prefetch={"genotypes": genotypes("CYP2C19 *2/*2")}, patientId=patient
        )
        (card,) = site.cards(ORDER_SIGN, {**body, "hookInstance": instance})
        cards.append(card["uuid"])
    answered = list(site.house.ledger.events(kinds=(EventKind.HOOK_ANSWERED,)))
    assert len(set(cards)) == len(answered) == 2


def test_discovery_asks_for_everything_the_services_read(site: Site) -> None:
    services = site.ask("GET", "/cds-services").json()["services"]
    for service in (one for one in services if "pgx" in one["id"]):
        prefetch = service["prefetch"]
        assert prefetch["genotypes"].split("code=")[1].split(",") == [
            "http://loinc.org|84413-4",
            "http://loinc.org|53040-2",
            "http://loinc.org|83009-1",
        ]
        assert prefetch["statements"].startswith("MedicationStatement?")


ELSEWHERE = "https://another-hospital.example/fhir"


def test_an_id_counted_at_another_hospital_opens_nobody_s_record(site: Site) -> None:
    record(site.house, "p1", {"CYP2C19": "*2/*2"})
    body = {**request("order-sign", medication("clopidogrel", "32968")), "fhirServer": ELSEWHERE}
    assert site.ask("POST", ORDER_SIGN, body).status_code == 412


def test_an_id_registered_for_that_hospital_opens_the_record_it_was_registered_for(site: Site) -> None:
    record(site.house, "p1", {"CYP2C19": "*1/*1"})
    record(site.house, "anna", {"CYP2C19": "*2/*2"})
    register_person(site.house, Person("anna", identifiers=(Identifier(ELSEWHERE, "p1"),)))
    body = {**request("order-sign", medication("clopidogrel", "32968")), "fhirServer": ELSEWHERE}
    (card,) = site.cards(ORDER_SIGN, body)
    assert card["indicator"] == "critical"


def test_the_own_ehr_s_ids_are_the_record_s_ids(tmp_path: Path) -> None:
    made = open_site(tmp_path, fhir_server=ELSEWHERE)
    try:
        record(made.house, "p1", {"CYP2C19": "*2/*2"})
        body = {**request("order-sign", medication("clopidogrel", "32968")), "fhirServer": ELSEWHERE + "/"}
        assert len(made.cards(ORDER_SIGN, body)) == 1
    finally:
        made.house.close()


def test_a_page_of_another_site_cannot_speak_in_the_operator_s_name(site: Site) -> None:
    record(site.house, "p1", {"CYP2C19": "*2/*2"})
    body = request("order-sign", medication("clopidogrel", "32968"))
    before = list(site.house.ledger.events())
    foreign = {"origin": "http://evil.example", "content-type": "text/plain"}
    assert site.ask("POST", ORDER_SIGN, body, foreign).status_code == 403
    assert site.ask("POST", ORDER_SIGN + "/feedback", {"feedback": []}, foreign).status_code == 403
    written = list(site.house.ledger.events())[len(before) :]
    assert {(event.kind, event.person) for event in written} == {(EventKind.ACCESS_REFUSED, None)}
    assert site.ask("POST", ORDER_SIGN, body, {"origin": "http://127.0.0.1"}).status_code == 200


def test_a_caller_limited_to_some_people_gets_no_card_about_anybody_else(tmp_path: Path) -> None:
    limited = Principal("clinic", frozenset(Permission), frozenset({"anna"}))
    made = open_site(tmp_path)
    try:
        record(made.house, "p1", {"CYP2C19": "*2/*2"})
        record(made.house, "anna", {"CYP2C19": "*2/*2"})
        body = request("order-sign", medication("clopidogrel", "32968"))
        permit = opener(limited, Permission.HOOK)
        with pytest.raises(Refused):
            answer(made.house, "bedside-pgx-order-sign", body, permit=permit)
        own = medication("clopidogrel", "32968", subject={"reference": "Patient/anna"})
        allowed = request("order-sign", own, patientId="anna")
        assert len(answer(made.house, "bedside-pgx-order-sign", allowed, permit=permit)["cards"]) == 1
    finally:
        made.house.close()
