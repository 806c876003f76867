"""A file of a measure that cannot be worked out is refused, with everything that is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedside.errors import PackError
from bedside.knowledge.measures import KIND, load_measures, read_measure
from bedside.knowledge.provenance import DATA, parse_rule_file

SHIPPED = (DATA / KIND / "order_to_result.toml").read_text(encoding="utf-8")


def reasons(text: str) -> list[str]:
    with pytest.raises(PackError) as caught:
        read_measure(parse_rule_file("measures/x.toml", text.encode(), KIND))
    return [problem.reason for problem in caught.value.problems]


def test_every_problem_of_a_file_is_told_at_once() -> None:
    wrong = (
        SHIPPED.replace('shape = "interval"', 'shape = "guess"')
        .replace('unit = "hours"', "")
        .replace(
            'event = "order-ended"\nkey = "order"\nwhere = { outcome = "cancelled" }', 'event = "nothing"'
        )
        .replace('version = "1"', 'version = "1"\nfudge = 2')
    )
    assert reasons(wrong) == [
        "event of ended is 'nothing'",
        "shape is 'guess'",
        "fudge is no word of a measure",
        "unit is missing",
        "a measure told as no-event says missing",
    ]


def test_a_measure_without_an_example_of_each_kind_does_not_load() -> None:
    assert reasons(SHIPPED.replace('kind = "unknown"', 'kind = "negative"')) == [
        "has no example of each of positive, negative, unknown"
    ]


def test_a_pattern_that_is_linked_to_nothing_does_not_load() -> None:
    unlinked = SHIPPED.replace(
        'key = "order"\nwhere = { outcome = "resulted" }', 'where = { outcome = "resulted" }'
    )
    assert reasons(unlinked) == ["a pattern of met says by what it is linked (key, or by_person)"]


def test_a_path_into_the_whole_event_leads_from_an_entry_of_a_list() -> None:
    wrong = SHIPPED.replace('where = { outcome = "resulted" }', 'where = { "@event.outcome" = "resulted" }')
    assert reasons(wrong) == ["@event. leads from an entry of a list to its event (met)"]


def test_a_sites_own_file_stands_in_place_of_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / KIND).mkdir()
    (tmp_path / KIND / "own.toml").write_text(
        SHIPPED.replace('version = "1"', 'version = "2"'), encoding="utf-8"
    )
    found = load_measures(tmp_path)
    assert (found["order-to-result"].version, len(found)) == ("2", len(load_measures()))
