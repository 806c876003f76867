"""The page of gaps between groups: the answer first, and what could not be compared with its reason."""

from __future__ import annotations

from tests.unit.web.conftest import Pages
from tests.unit.web.read import text


def test_a_small_house_shows_no_gap_and_says_that_this_is_no_equality(pages: Pages) -> None:
    said = text(pages.get("/equity").text)
    assert "No gap between groups is shown" in said
    assert "No gap shown is not equality" in said
    assert "denial-rate : cannot be computed: no such event" in said or "denial-rate: cannot" in said


def test_a_group_that_there_is_not_is_not_found(pages: Pages) -> None:
    assert pages.get("/equity?by=language").status_code == 200
    assert pages.get("/equity?by=shoe-size").status_code == 404


def test_what_is_not_known_of_a_queue_is_said(pages: Pages) -> None:
    said = text(pages.get("/capacity").text)
    assert "Capacity and access" in said
    assert "How far people live from a site is not known." in said
