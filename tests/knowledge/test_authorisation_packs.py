"""The packs of prior authorisation: every worked example comes out as it says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bedside.act.authorisation_clock import (
    NoClock,
    Running,
    answer_clock,
    appeal_clock,
    appeal_until,
)
from bedside.errors import PackError
from bedside.genome.authorisation import DenialClass, Reason
from bedside.genome.coverage import Line
from bedside.knowledge.authorisation_policy import (
    CLOCKS,
    KIND,
    ClockExample,
    load_authorisation,
    read_clocks,
)
from bedside.knowledge.provenance import DATA, parse_rule_file

POLICY = load_authorisation()


@pytest.mark.parametrize("example", POLICY.clocks.examples, ids=lambda one: one.says)
def test_the_clock_of_each_example_ends_as_it_says(example: ClockExample) -> None:
    found = answer_clock(
        POLICY.clocks,
        example.line,
        example.sent,
        POLICY.work.calendar,
        expedited=example.expedited,
        drug=example.drug,
    )
    assert (found.due.isoformat() if isinstance(found, Running) else found.value) == example.due


def test_every_answer_example_is_understood_as_it_says() -> None:
    for one in POLICY.answers.examples:
        verdict = POLICY.answers.actions.get((one["system"], one["code"]))
        assert ("not understood" if verdict is None else verdict.value) == one["verdict"], one["says"]


def test_examples_of_every_pack_are_positive_negative_and_unknown() -> None:
    assert {one.due in ("none", "not known") for one in POLICY.clocks.examples} == {True, False}
    assert {one["verdict"] for one in POLICY.answers.examples} >= {"approved", "denied", "not understood"}
    assert {one["standing"] for one in POLICY.work.examples} >= {"denied", "approved", "unknown"}


def test_a_plan_of_an_unknown_kind_has_no_clock_and_says_that_it_is_not_known() -> None:
    sent = datetime(2026, 9, 1, tzinfo=UTC)
    for line, why in ((Line.NOT_KNOWN, NoClock.NOT_KNOWN), (Line.MEDICARE, NoClock.NONE)):
        assert answer_clock(POLICY.clocks, line, sent, POLICY.work.calendar, expedited=True) is why
        assert appeal_clock(POLICY.clocks, line, 0) is None


def test_an_appeal_is_counted_from_the_day_where_the_site_is() -> None:
    clock = appeal_clock(POLICY.clocks, Line.MEDICAID, 0)
    assert clock is not None
    late_evening = datetime(2026, 9, 2, 3, 0, tzinfo=UTC)
    assert appeal_until(clock, late_evening, POLICY.work.calendar).isoformat() == "2026-10-31"


def test_a_reason_that_no_table_knows_is_not_guessed() -> None:
    assert POLICY.answers.denial(None) is DenialClass.NOT_GIVEN
    assert POLICY.answers.denial(Reason("urn:other", "investigational")) is DenialClass.NOT_CLASSED


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("expedited_hours = 72", "expedited_hours = 0", "at least an hour"),
        ('lines = ["medicare-advantage", "medicaid"]', 'lines = ["not-known"]', "nobody knows"),
        ("from = 2026-01-01", 'from = "soon"', "from is a date"),
        ('lines = ["commercial"]', 'lines = ["everybody"]', "no clocks"),
    ],
)
def test_a_pack_that_is_wrong_does_not_load(before: str, after: str, why: str) -> None:
    text = (DATA / KIND / f"{CLOCKS}.toml").read_text(encoding="utf-8")
    assert before in text
    with pytest.raises(PackError, match=why):
        read_clocks(parse_rule_file("clocks", text.replace(before, after).encode(), KIND))
