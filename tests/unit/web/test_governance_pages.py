"""The pages of the programme itself: content, playbooks, decisions, one page, maturity, the report."""

from __future__ import annotations

import re

import pytest

from bedside.learn.content_standing import Fault
from bedside.service.content import content_held
from tests.unit.web.conftest import Pages
from tests.unit.web.read import text


def test_the_list_of_content_has_as_many_rows_as_it_says(pages: Pages) -> None:
    held = content_held(None, pages.house.clock().date())
    for fault in (None, Fault.ORPHAN, Fault.OVERDUE):
        page = pages.get("/programme/content" + (f"?fault={fault.name.lower()}" if fault else "")).text
        rows = len(re.findall(r'<tr role="row"><th scope="row"', page))
        assert rows == sum(fault is None or fault in one.faults for one in held)


def test_a_playbook_says_who_answers_for_what_and_specialties_without_one_are_named(pages: Pages) -> None:
    said = text(pages.get("/programme/playbooks").text)
    assert "Report within the time agreed" in said
    assert "laboratory director" in said
    assert "Obstetrics none" in said


def test_a_decision_is_written_down_on_the_page_and_then_stands_there(pages: Pages) -> None:
    answer = pages.post(
        "/programme/decide",
        what="Codeine interrupts",
        why="harms",
        role="pharmacist",
        more="a note\n\nlist",
    )
    assert answer.status_code in (200, 303)
    said = text(pages.get("/programme/decisions").text)
    assert "Codeine interrupts" in said
    assert "Considered: a note" in said
    assert "Considered: list" in said


def test_a_decision_without_a_reason_is_not_written_and_keeps_what_was_typed(pages: Pages) -> None:
    answer = pages.post("/programme/decide", what="Codeine", why=" ", role="pharmacist")
    said = text(answer.text)
    assert "says no why" in said
    assert 'value="Codeine"' in answer.text
    assert "Nothing was written down yet" in said


def test_the_one_page_tells_what_it_cannot_tell(pages: Pages) -> None:
    said = text(pages.get("/programme/executive").text)
    for panel in ("Reach", "Flow", "Decisions", "Last mile", "Money", "Trust"):
        assert panel in said
    assert "Not known: no audit of missed harm was made" in said


@pytest.mark.parametrize("address", ["/programme/maturity", "/programme/report"])
def test_what_is_not_known_is_no_level(pages: Pages, address: str) -> None:
    assert "not known" in text(pages.get(address).text)
