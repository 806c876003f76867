"""The knowledge page lists all that there is, not only what guidance comes from."""

from __future__ import annotations

from pathlib import Path

from bedside.knowledge.report import list_lines
from bedside.service import shelf
from bedside.service.house import House
from tests.demo_record import open_demo
from tests.unit.web.conftest import Pages
from tests.unit.web.read import text


def test_everything_that_bedside_knowledge_list_lists_is_on_the_page(house: House, pages: Pages) -> None:
    listed = {line.partition("@")[0] for line in list_lines() if line[0] != " "}
    assert {"1000-genomes", "cpic-cyp2d6", "alleles", "fhir-genomics", "cpic", "dpwg"} <= listed
    items = [*shelf.facts(house), *shelf.rules(house)]
    assert {item.name for item in items} == listed
    page = text(pages.get("/knowledge").text)
    assert [item.title for item in items if item.title not in page] == []


def test_a_release_of_clinvar_in_force_is_on_the_page_beside_the_one_that_waits(tmp_path: Path) -> None:
    house = open_demo(tmp_path)
    held = {item.date: item.in_use for item in shelf.facts(house) if item.name == "clinvar"}
    house.close()
    assert held == {"2016-11-02": True, "2026-02-26": False}
