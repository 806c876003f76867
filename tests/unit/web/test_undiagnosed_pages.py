"""Whose chart to look at, as a page: the reasons, the decision, and what may be counted for whom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bedside.genome.event import EventKind
from bedside.service.access import Permission
from bedside.service.house import House
from tests.made_up_undiagnosed import ANN, CYD, listed, open_charts
from tests.unit.web.conftest import Pages
from tests.unit.web.read import rows, text
from tests.unit.web.test_safety_of_pages import granted


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = open_charts(tmp_path)
    yield opened
    opened.close()


def test_before_the_first_round_the_page_says_how_to_make_one(pages: Pages) -> None:
    assert "No list was made yet" in text(pages.get("/undiagnosed").text)


def test_the_page_says_who_and_why_and_that_it_is_advice(pages: Pages, house: House, tmp_path: Path) -> None:
    listed(house, tmp_path, capacity=2)
    page = pages.get("/undiagnosed").text
    first, second = rows(page, "People whose chart to look at")
    assert (first[0].split()[0], second[0].split()[0]) == ("Ann", "Cyd")
    assert "first 1 Feb 2021" in first[1]
    assert "of 303 people have it" in first[1]
    assert "4 of 5 features of its profile" in first[2]
    said = text(page)
    for part in (
        "2 of 2 wait",
        "nothing is ordered by it",
        "Too few people have a known answer",
        "not the same as fair",
        "a diagnosis is known (1)",
        "snomed: 1 of 1 different codes are in no map",
        "phenotype-risk 1",
        "wait",
    ):
        assert part in said, part


def test_a_referral_and_a_reason_are_written_with_who_decided(
    pages: Pages, house: House, tmp_path: Path
) -> None:
    listed(house, tmp_path, capacity=2)
    address = {name: pages.address(name, "/undiagnosed") for name in (ANN, CYD)}
    assert pages.post(address[ANN], on="/undiagnosed", decision="referred").status_code == 303
    assert pages.post(address[CYD], on="/undiagnosed", decision="not-now", reason="").status_code == 400
    assert pages.post(address[CYD], on="/undiagnosed", decision="not-now", reason="watch").status_code == 303
    first, second = rows(pages.get("/undiagnosed").text, "People whose chart to look at")
    assert first[3].startswith("Referred")
    assert "Refer to genetics" not in first[3]
    assert second[3].startswith("Not now: wait and look again")
    decided = list(house.ledger.events(kinds=(EventKind.UNDIAGNOSED_DECIDED,)))
    assert [(one.person, one.payload["decision"], one.actor) for one in decided] == [
        (ANN, "referred", "local-operator"),
        (CYD, "not-now", "local-operator"),
    ]
    seen = [one.payload["page"] for one in house.ledger.events(kinds=(EventKind.ACCESSED,))]
    assert "undiagnosed" in seen
    assert "1 Looked at" not in text(pages.get("/undiagnosed").text)


def test_who_may_open_some_records_sees_their_lines_and_no_counts_of_everybody(
    house: House, tmp_path: Path
) -> None:
    listed(house, tmp_path, capacity=2)
    inside = granted(tmp_path, house, Permission.UNDIAGNOSED, people=f'people = ["{CYD}"]')
    page = inside.get("/undiagnosed").text
    assert [row[0].split()[0] for row in rows(page, "People whose chart to look at")] == ["Cyd"]
    assert "1 more are listed whom you may not open" in text(page)
    assert "Whom such a list misses" not in page
    assert (
        inside.post(inside.address(ANN, "/undiagnosed"), on="/undiagnosed", decision="referred").status_code
        == 403
    )
    assert list(house.ledger.events(kinds=(EventKind.UNDIAGNOSED_DECIDED,))) == []
