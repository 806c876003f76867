"""Patient and Coverage over FHIR: the language and the payer that a programme counts a person by."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bedside.errors import IntakeError
from bedside.genome.event import EventKind
from bedside.genome.programme import Programme, programmes_from
from bedside.service.areas import fifth_of
from bedside.service.house import House, open_house
from bedside.settings import Settings
from tests.contract.test_fhir_operations import Fhir
from tests.contract.test_fhir_write import ADA, made, send

BCP47 = "urn:ietf:bcp:47"


@pytest.fixture
def fhir(tmp_path: Path) -> Iterator[Fhir]:
    opened = open_house(Settings(store_url=f"sqlite:///{tmp_path / 'ledger.db'}"))
    yield Fhir(opened)
    opened.close()


def speaks(*tags: str, preferred: str = "") -> dict[str, Any]:
    """Ada, who speaks these languages."""
    spoken = [
        {"language": {"coding": [{"system": BCP47, "code": tag}]}}
        | ({"preferred": True} if tag == preferred else {})
        for tag in tags
    ]
    return {**ADA, "communication": spoken}


def counted(house: House) -> Programme:
    """What Ada counts by."""
    (person,) = house.ledger.people()
    events = house.ledger.events(kinds=(EventKind.PROGRAMME_RECORDED,))
    return programmes_from(events).get(person.person, Programme())


def cover(subject: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Coverage",
        "status": "active",
        "beneficiary": {"reference": subject},
        "payor": [{"display": "Example Health Plan"}],
        "period": {"start": "2026-01-01"},
        **more,
    }


@pytest.mark.parametrize(
    ("patient", "language"),
    [
        (speaks("es-MX"), "es"),
        (speaks("en-US", "es", preferred="es"), "es"),
        (speaks("en", "es"), ""),
        (speaks("español"), ""),
        (ADA, ""),
    ],
    ids=["one", "the preferred of two", "two and none preferred", "no code", "not said"],
)
def test_the_language_a_patient_speaks_is_known_only_when_it_is_plain(
    fhir: Fhir, patient: dict[str, Any], language: str
) -> None:
    made(fhir, patient)
    assert counted(fhir.house) == Programme(language=language)


def test_a_patient_put_without_a_language_keeps_the_one_on_record(fhir: Fhir) -> None:
    identity = made(fhir, speaks("es"))["id"]
    assert send(fhir, "PUT", f"/fhir/Patient/{identity}", {**ADA, "id": identity}).status_code == 200
    assert counted(fhir.house) == Programme(language="es")


def test_who_pays_is_taken_once_and_taken_back_when_the_cover_ends(fhir: Fhir) -> None:
    subject = f"Patient/{made(fhir, ADA)['id']}"
    assert [send(fhir, "POST", "/fhir/Coverage", cover(subject)).status_code for _ in range(2)] == [201, 200]
    assert counted(fhir.house) == Programme(payer="Example Health Plan")
    ended = cover(subject, period={"start": "2026-01-01", "end": "2026-06-30"})
    assert send(fhir, "POST", "/fhir/Coverage", ended).status_code == 201
    assert counted(fhir.house) == Programme()


def test_the_end_of_another_payers_cover_leaves_the_one_in_force(fhir: Fhir) -> None:
    subject = f"Patient/{made(fhir, ADA)['id']}"
    send(fhir, "POST", "/fhir/Coverage", cover(subject))
    before = cover(subject, payor=[{"display": "Former Plan"}], status="cancelled")
    assert send(fhir, "POST", "/fhir/Coverage", before).status_code == 200
    assert counted(fhir.house) == Programme(payer="Example Health Plan")


def test_a_cover_that_cannot_be_understood_is_refused_with_every_reason(fhir: Fhir) -> None:
    subject = f"Patient/{made(fhir, ADA)['id']}"
    wrong = cover(subject, status="perhaps", payor=[], period={"start": "soon"})
    answer = send(fhir, "POST", "/fhir/Coverage", wrong)
    assert answer.status_code == 422
    told = {issue["expression"][0] for issue in answer.json()["issue"]}
    assert told == {"Coverage.status", "Coverage.payor", "Coverage.period.start"}
    assert counted(fhir.house) == Programme()


AREAS = "postal_code\tdeprivation\n02139\t2\nEH1 1YZ\t5\n"


@pytest.mark.parametrize(
    ("addresses", "fifth"),
    [
        ([{"postalCode": "02139"}], "2"),
        ([{"postalCode": "02139-4307", "use": "home"}, {"postalCode": "eh11yz", "use": "work"}], "2"),
        ([{"postalCode": "eh1 1yz"}], "5"),
        ([{"postalCode": "99999"}], ""),
        ([{"postalCode": "02139"}, {"postalCode": "EH1 1YZ"}], ""),
        ([{"city": "Cambridge"}], ""),
    ],
    ids=["listed", "home and not work", "in other letters", "not listed", "two homes", "no code"],
)
def test_a_plain_home_in_a_listed_area_gives_its_fifth_and_the_address_is_not_kept(
    tmp_path: Path, addresses: list[dict[str, str]], fifth: str
) -> None:
    table = tmp_path / "areas.tsv"
    table.write_text(AREAS)
    house = open_house(Settings(store_url=f"sqlite:///{tmp_path / 'ledger.db'}", areas=str(table)))
    made(Fhir(house), {**ADA, "address": addresses})
    assert counted(house) == Programme(deprivation=fifth)
    written = "".join(str(event.payload) for event in house.ledger.events()).upper()
    house.close()
    assert [word for word in ("02139", "EH1", "CAMBRIDGE") if word in written] == []


def test_a_table_of_areas_that_is_wrong_says_every_line(tmp_path: Path) -> None:
    table = tmp_path / "areas.tsv"
    table.write_text("postal_code\tdeprivation\n02139\t2\n02139\t3\n02140\t6\n\t1\n")
    with pytest.raises(IntakeError) as refused:
        fifth_of(Settings(areas=str(table)), "02139")
    assert [one.line for one in refused.value.problems] == [3, 4, 5]
