"""Finding somebody: by name, number, finding or drug, and never by anything that ends up in an address."""

from __future__ import annotations

import re

import pytest

from bedside.service.house import House
from tests.made_up_record import INGRID, TOMAS
from tests.unit.web.conftest import Pages
from tests.unit.web.read import rows, text

EVERYBODY = [
    ["Ingrid Holm", "100-23", "12 Mar 1961", "clopidogrel", "azathioprine, metformin", "2 Mar 2026"],
    ["Amara Okafor", "100-24", "1 Jul 1984", "", "citalopram", "2 Mar 2026"],
    ["Tomás Reyes", "100-25", "30 Jan 1950", "", "simvastatin", "Not tested"],
]


def found(pages: Pages, **search: str) -> list[list[str]]:
    page = pages.post("/", on="/", **search)
    assert page.status_code == 200
    return rows(page.text, "People") if "<table" in page.text else []


def test_the_list_says_how_many_people_there_are_and_which_medicines_need_a_decision(pages: Pages) -> None:
    page = pages.get("/").text
    assert rows(page, "People") == EVERYBODY
    assert "3 people have a record here." in text(page)


@pytest.mark.parametrize(
    ("search", "place"),
    [
        ({"text": "holm"}, 0),
        ({"text": "ingrid holm"}, 0),
        ({"text": TOMAS}, 2),
        ({"gene": "CYP2C19", "phenotype": "Poor Metabolizer"}, 0),
        ({"gene": "CYP2C19", "phenotype": "Normal Metabolizer"}, 1),
        ({"drug": "simvastatin"}, 2),
        ({"gene": "TPMT", "phenotype": "Normal Metabolizer", "drug": "azathioprine"}, 0),
    ],
)
def test_one_person_is_found(pages: Pages, search: dict[str, str], place: int) -> None:
    assert found(pages, **search) == [EVERYBODY[place]]


def test_a_name_nobody_has_finds_nobody_and_says_so(pages: Pages) -> None:
    assert found(pages, text="nobody of this name") == []
    assert "Nobody fits" in text(pages.post("/", on="/", text="nobody of this name").text)


def test_a_phenotype_without_its_gene_is_asked_for_and_finds_nobody(pages: Pages) -> None:
    page = pages.post("/", on="/", phenotype="Poor Metabolizer")
    assert (page.status_code, "Choose a gene and a phenotype together." in text(page.text)) == (422, True)


def test_nothing_of_a_person_stands_in_any_address(pages: Pages) -> None:
    for page in (pages.get("/"), pages.post("/", on="/", text="Holm"), pages.get(pages.address(INGRID))):
        addresses = " ".join(re.findall(r'(?:href|action|hx-post)="([^"]*)"', page.text))
        for private in ("Ingrid", "Holm", "100-23", INGRID, "clopidogrel"):
            assert private.lower() not in addresses.lower().replace("clopidogrel-and-cyp2c19", "")


def test_searches_go_by_post_so_that_no_name_is_in_a_log(pages: Pages) -> None:
    for form in re.findall(r"<form[^>]*>", pages.get("/").text + pages.get("/about").text):
        assert 'method="post"' in form


def test_a_page_beyond_the_last_is_the_last(pages: Pages) -> None:
    assert found(pages, page="99") == EVERYBODY


def test_an_empty_record_says_how_to_fill_it(tmp_path, house: House) -> None:
    from bedside.service.house import open_house
    from bedside.settings import Settings
    from bedside.web.app import create_app

    empty = open_house(Settings(store_url=f"sqlite:///{tmp_path / 'empty' / 'ledger.db'}"), pgx=house.pgx)
    try:
        page = Pages(create_app(empty), empty).get("/")
        assert (page.status_code, "No record yet." in text(page.text)) == (200, True)
        assert "Demonstration." not in text(page.text)
    finally:
        empty.close()


def test_a_demonstration_says_on_every_page_that_its_people_are_made_up(pages: Pages) -> None:
    for address in (
        "/",
        "/tasks",
        "/knowledge",
        "/about",
        pages.address(INGRID),
        pages.address(INGRID, "/prescribe"),
    ):
        assert "Every person here is made up" in text(pages.get(address).text), address
    assert "A made-up person." in text(pages.get(pages.address(INGRID, "/report")).text)
