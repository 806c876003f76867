"""Each checklist's own examples: ready, not ready and unknown."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from bedside.act.launch_gate import Attested, Gate, readiness
from bedside.errors import PackError
from bedside.knowledge.launch import Checklist, load_checklists, read_checklist
from bedside.knowledge.provenance import parse_rule_file

TODAY = date(2026, 11, 26)
LISTS = load_checklists()
EXAMPLES = [(one, example) for one in LISTS.values() for example in one.examples]


def gate(checklist: Checklist, seen: dict[str, int], words: dict[str, str], on: date = TODAY) -> Gate:
    attested = {name: Attested(word == "yes", "Eva", on) for name, word in words.items()}
    return readiness(checklist, seen, attested, TODAY).gate


@pytest.mark.parametrize(("checklist", "example"), EXAMPLES, ids=[one["title"] for _, one in EXAMPLES])
def test_an_example_comes_out_as_it_says(checklist: Checklist, example: dict[str, Any]) -> None:
    assert gate(checklist, example["seen"], example["attested"]).value == example["gate"]


def test_every_checklist_has_an_example_of_each_kind() -> None:
    for one in LISTS.values():
        assert {example["kind"] for example in one.examples} == {"positive", "negative", "unknown"}


def test_nothing_known_is_unknown_and_each_item_is_named_as_missing() -> None:
    for one in LISTS.values():
        found = readiness(one, {}, {}, TODAY)
        assert (found.gate, len(found.missing)) == (Gate.UNKNOWN, len(one.items))


def test_a_word_that_is_too_old_no_longer_counts() -> None:
    checklist = LISTS["companion-diagnostic"]
    example = checklist.examples[0]
    old = TODAY - timedelta(days=checklist.attested_for_days + 1)
    assert gate(checklist, example["seen"], example["attested"], old) is Gate.UNKNOWN


def test_a_no_holds_against_what_events_show() -> None:
    checklist = LISTS["companion-diagnostic"]
    example = checklist.examples[0]
    words = {**example["attested"], "board-decides": "no"}
    assert gate(checklist, example["seen"], words) is Gate.NOT_READY


def test_a_checklist_without_owners_or_with_an_unknown_kind_of_event_does_not_load() -> None:
    from bedside.knowledge.provenance import DATA

    shipped = (DATA / "launch" / "companion-diagnostic.toml").read_text()
    for wrong in (
        shipped.replace('owner = "pathologist"', 'owner = " "'),
        shipped.replace("board-met", "board-ate"),
    ):
        with pytest.raises(PackError):
            read_checklist(parse_rule_file("x", wrong.encode(), "launch"))
