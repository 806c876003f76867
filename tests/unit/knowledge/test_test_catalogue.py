"""The catalogue of tests says what each sees and what it cannot, or it is not loaded."""

from __future__ import annotations

from datetime import date

import pytest

from bedside.knowledge.provenance import parse_rule_file
from bedside.knowledge.test_catalogue import KIND, Aspect, Range, load_tests, read_tests

HEADER = """kind = "tests"
name = "x"
title = "x"
owner = "x"
licence = "x"
source = "x"
retrieved = 2026-01-01
review_due = 2027-01-01
review_state = "x"
evidence_level = "local policy"
approval = { state = "awaiting", role = "x" }
"""
TEST = """
[[test]]
id = "t"
name = "T"
laboratory = "L"
code = ["a", "b", "c"]
method = "m"
range = "listed"
source = "germline"
cannot_see = ["repeats"]
indications = []
turnaround_working_days = 5
delivers = ["pdf"]
genes = [{ symbols = ["BRCA1"], aspects = ["small-variants"] }]
again = { once_per_lifetime = true, not_again_within_days = 1 }
specimen = { kind = "BLD", name = "blood", volume = "3 mL", stability = "7 days" }
regulatory = [{ since = 2020-01-01, status = "LDT", source = "x" }]
"""


def problems(test: str) -> list[str]:
    found: list = []
    list(read_tests(parse_rule_file("x", (HEADER + test).encode(), KIND), found))
    return [one.reason for one in found]


def test_the_shipped_examples_load_and_say_that_they_await_sign_off():
    tests = load_tests()
    assert sorted(tests) == ["exome", "genome", "hereditary-cancer", "pgx-basic", "pgx-full"]
    assert all("awaiting sign-off" in one.provenance.review_state for one in tests.values())
    assert tests["pgx-basic"].aspects("CYP2D6") == {Aspect.SMALL_VARIANTS}
    assert Aspect.COPY_NUMBER in tests["pgx-full"].aspects("CYP2D6")
    assert tests["exome"].aspects("ANY1") == {Aspect.SMALL_VARIANTS}
    assert tests["hereditary-cancer"].aspects("ANY1") == frozenset()
    assert tests["genome"].range is Range.GENOME


def test_regulatory_status_is_asked_by_date():
    test = load_tests()["pgx-basic"]
    days = (date(2010, 1, 1), date(2024, 1, 1), date(2024, 6, 1), date(2026, 1, 1))
    standings = [test.standing(day) for day in days]
    assert standings[0] is None
    assert len({one.status for one in standings[1:] if one is not None}) == 3


def test_a_whole_entry_has_no_problem():
    assert problems(TEST) == []


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('cannot_see = ["repeats"]', "cannot_see = []", "says nothing about what it cannot see"),
        (
            'range = "listed"',
            'range = "exome"',
            "says nothing about what it sees in the genes it does not list",
        ),
        ('delivers = ["pdf"]', "delivers = []", "does not say in which form its data come"),
        ('source = "germline"', 'source = "tumour"', "a tumour changes"),
        ('method = "m"\n', "", "method is missing"),
        ('"small-variants"', '"everything"', "cannot be read"),
        ("turnaround_working_days = 5", "turnaround_working_days = 0", "turnaround_working_days"),
    ],
)
def test_an_entry_that_leaves_something_open_is_refused(old, new, reason):
    (found,) = problems(TEST.replace(old, new, 1))
    assert reason in found
