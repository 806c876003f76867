"""The knowledge page lists all that there is, not only what guidance comes from."""

from __future__ import annotations

from bedside.knowledge.report import list_lines
from bedside.service import shelf
from bedside.service.house import House
from tests.unit.web.conftest import Pages
from tests.unit.web.read import text


def test_everything_that_bedside_knowledge_list_lists_is_on_the_page(house: House, pages: Pages) -> None:
    listed = {line.partition("@")[0] for line in list_lines() if line[0] != " "}
    assert {"1000-genomes", "cpic-cyp2d6", "alleles", "fhir-genomics", "cpic", "dpwg"} <= listed
    items = [*shelf.facts(house), *shelf.rules(house)]
    assert {item.name for item in items} == listed
    page = text(pages.get("/knowledge").text)
    assert [item.title for item in items if item.title not in page] == []
