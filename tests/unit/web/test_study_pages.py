"""Studies as pages: the answer first, what must be read before it, and a refusal as plain as an estimate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bedside.service.access import Permission
from bedside.service.house import House
from bedside.web.app import create_app
from bedside.web.study_drawing import forest
from tests.made_up_study import open_studies
from tests.unit.web.conftest import Pages
from tests.unit.web.read import text
from tests.unit.web.test_safety_of_pages import granted


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = open_studies(tmp_path_factory.mktemp("studies"))
    yield house
    house.close()


@pytest.fixture
def shown(studied: House) -> Pages:
    return Pages(create_app(studied), studied)


def test_the_list_says_who_owns_what_and_what_came_of_it(shown: Pages) -> None:
    told = text(shown.get("/studies").text)
    assert "People whose prescriber saw a card, and arterial events" in told
    assert "Risk difference: -0." in told
    assert "Risk difference: refused: too few people with the exposure" in told
    assert told.count("Not run yet.") == 2
    assert told.count("Not registered") == 3
    assert "Owner: Bedside maintainers (evidence); awaiting biostatistician" in told
    assert "/studies" in shown.get("/programme").text


def test_an_estimated_study_answers_first(shown: Pages) -> None:
    page = shown.get("/studies/clopidogrel-card-followed").text
    told = text(page)
    answer, controls = told.index("Risk difference: -0."), told.index("Where there can be no effect")
    assert answer < controls < told.index("Table 1, and balance") < told.index("Item by item")
    assert "95 % interval" in told
    assert "19 of 21 items are filled from the study" in told
    assert "Not-asked 25" in told or "not asked 25" in told.lower()
    assert page.count('<rect class="part"') == 6
    assert "Read this first" not in told


def test_a_refused_study_that_nobody_registered_says_both_first(shown: Pages) -> None:
    told = text(shown.get("/studies/clopidogrel-guided").text)
    assert told.index("The protocol was not registered before the study was run") < told.index(
        "Not estimated"
    )
    assert "Too few people with the exposure 0 50" in told


def test_a_study_that_was_never_run_knows_nothing(shown: Pages) -> None:
    assert "Not run yet, and not registered: nothing is known." in text(
        shown.get("/studies/nsclc-external-control").text
    )
    assert shown.get("/studies/none").status_code == 404


def test_who_may_open_some_records_only_does_not_read_about_everybody(house: House, tmp_path: Path) -> None:
    inside = granted(tmp_path, house, Permission.STUDIES, people='people = ["p0001"]')
    assert "not shown to somebody who may open some records only" in text(inside.get("/studies").text)
    assert inside.get("/studies/clopidogrel-guided").status_code == 403


def test_the_drawing_stands_on_one_scale() -> None:
    figure = {"quantity": "risk ratio", "value": 0.5, "low": 0.25, "high": 1.0, "name": "main"}
    other = {"quantity": "risk difference", "value": -0.1, "low": -0.2, "high": 0.0, "name": "x"}
    drawn = forest({"main": figure, "naive": None, "sensitivity": [figure, other]})
    assert drawn is not None
    assert [line.name for line in drawn.lines] == ["main", "main"]
    assert (drawn.lines[0].low, drawn.lines[0].high, drawn.nothing) == (360.0, 980.0, 980.0)
    assert [label for _, label in drawn.ticks] == ["0.4", "0.6", "0.8", "1"]
    assert forest({"main": {"quantity": "x", "refused": []}, "naive": None, "sensitivity": []}) is None
