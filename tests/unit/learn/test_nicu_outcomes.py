"""The table of a rapid-genome programme: shares with denominators, sums with how many entered them."""

from __future__ import annotations

import pytest

from bedside.errors import PackError
from bedside.genome.nicu import CostKind, CostLine, Outcome, Yield
from bedside.knowledge.nicu import COLUMNS, load_nicu, read_outcomes
from bedside.learn.nicu_outcomes import compare, summarise


def test_the_published_table_comes_out_of_cases_made_to_its_totals() -> None:
    held = load_nicu().published["baby-bear"]
    found = summarise(held.made_up)
    compared = compare(found, held.figures, held.currency)
    assert {one.name: one.same for one in compared} == dict.fromkeys(held.figures, True)
    assert (found.children, found.yields[Yield.DIAGNOSIS].count, found.changed.count) == (184, 74, 58)
    assert found.net("USD") == (500_000, 1_200_000)
    assert "procedures avoided" in held.not_at_hand
    assert found.avoided == {}
    assert found.hospital_days.value is None


def test_a_figure_that_differs_is_said_to() -> None:
    held = load_nicu().published["baby-bear"]
    compared = compare(summarise(held.made_up[1:]), held.figures, held.currency)
    assert not next(one for one in compared if one.name == "children").same


def test_what_was_not_entered_counts_neither_way() -> None:
    dollars = CostLine(CostKind.CARE_AVOIDED, 10, 20, "USD")
    found = summarise(
        [
            Outcome(Yield.NOT_KNOWN, None),
            Outcome(Yield.DIAGNOSIS, True, 48, 10, None, {"procedures": 2}, (dollars, dollars)),
            Outcome(Yield.NONE, False, None, 20, 0, None, (CostLine(CostKind.TESTING, 5, 5, "EUR"),)),
        ]
    )
    assert (found.changed.count, found.changed.of, found.changed_not_entered) == (1, 3, 1)
    assert (found.hours_to_result.value, found.hours_to_result.cases) == (48, 1)
    assert (found.avoided_days.value, found.avoided_days.cases) == (0, 1)
    assert (found.avoided, found.avoided_cases) == ({"procedures": 2}, 1)
    assert (
        found.costs["USD"][CostKind.CARE_AVOIDED].high,
        found.costs["USD"][CostKind.CARE_AVOIDED].cases,
    ) == (40, 1)
    assert found.net("USD") is None
    assert found.net("EUR") is None


def test_every_bad_line_of_a_file_is_named() -> None:
    head = "\t".join(COLUMNS)
    bad = ["a\tcured\tyes" + "\t" * 8, "b\tnone\tperhaps" + "\t" * 8, "c\tnone\tno\t\t\t\t\t\t5\t3\tUSD"]
    with pytest.raises(PackError) as raised:
        read_outcomes("mine.tsv", "\n".join([head, *bad]).encode())
    assert [one.line for one in raised.value.problems] == [2, 3, 4]
