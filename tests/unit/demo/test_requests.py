"""CDS Hooks requests about the made-up people, as an EHR would send them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bedside.demo.people import MadeUpPerson
from bedside.demo.requests import (
    genotype_observation,
    order_select,
    order_sign,
    patient_view,
    with_genotypes,
)
from bedside.knowledge.pgx import PgxPack
from bedside.service.answer_hook import answer
from bedside.service.house import House, open_house
from bedside.settings import Settings


@pytest.fixture
def empty(tmp_path: Path, pack: PgxPack) -> Iterator[House]:
    house = open_house(Settings(store_url=f"sqlite:///{tmp_path}/ledger.db"), pgx=pack)
    yield house
    house.close()


def test_a_request_names_the_person_the_orders_and_what_is_taken(
    people: tuple[MadeUpPerson, ...], pack: PgxPack
) -> None:
    request = order_sign(people[1], pack, people[1].planned)
    drafts = [entry["resource"] for entry in request["context"]["draftOrders"]["entry"]]
    taken = [entry["resource"] for entry in request["prefetch"]["medications"]["entry"]]
    problems = [entry["resource"]["code"]["text"] for entry in request["prefetch"]["problems"]["entry"]]
    assert request["context"]["patientId"] == "demo-000002"
    assert [draft["medicationCodeableConcept"]["text"] for draft in drafts] == ["fluorouracil"]
    assert [(one["status"], one["medicationCodeableConcept"]["text"]) for one in taken] == [
        ("active", "ondansetron")
    ]
    assert problems == ["Cancer of the colon"]


def test_a_selection_points_at_its_draft(people: tuple[MadeUpPerson, ...], pack: PgxPack) -> None:
    request = order_select(people[6], pack, "codeine")
    draft = request["context"]["draftOrders"]["entry"][0]["resource"]
    assert request["context"]["selections"] == [f"MedicationRequest/{draft['id']}"]


def test_two_requests_that_differ_have_different_instances(
    people: tuple[MadeUpPerson, ...], pack: PgxPack
) -> None:
    requests = [
        patient_view(people[0], pack),
        patient_view(people[1], pack),
        order_sign(people[1], pack, ["fluorouracil"]),
        order_sign(people[1], pack, ["capecitabine"]),
    ]
    assert len({request["hookInstance"] for request in requests}) == 4
    assert patient_view(people[0], pack)["hookInstance"] == requests[0]["hookInstance"]


def test_genotypes_in_the_prefetch_are_enough_where_nobody_has_a_record(
    empty: House, people: tuple[MadeUpPerson, ...], pack: PgxPack
) -> None:
    observation = genotype_observation("demo-000001", "CYP2C19", pack.genes["CYP2C19"].hgnc, "*2/*2")
    request = with_genotypes(order_sign(people[0], pack, ["clopidogrel"]), [observation])
    cards = answer(empty, "bedside-pgx-order-sign", request)["cards"]
    assert [card["indicator"] for card in cards] == ["critical"]
    assert "Clopidogrel" in cards[0]["summary"]
    assert "CYP2C19 *2/*2" in cards[0]["detail"]
